"""How good the network is: on synthetic hands with exact joints, and on real photographs."""
