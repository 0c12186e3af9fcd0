"""What the deformable layers do: painted over the hand, and in a panel beside it."""
