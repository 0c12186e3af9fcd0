"""DF-Mamba: 3D hands by deformable state space modelling; the library behind the live program."""

import os

# torch's threads spin for milliseconds while they wait for one another (libgomp's default), and
# where one of them has lost its core a frame takes many times as long. Spinning this little costs
# the network alone a tenth on free cores, and the window nothing. Read when torch is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
