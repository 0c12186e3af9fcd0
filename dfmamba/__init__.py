"""DF-Mamba: 3D hands by deformable state space modelling; the library behind the live program."""
