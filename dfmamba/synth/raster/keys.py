"""What the z-buffer's keys mean, for the reference and for the kernel.

A key's upper 32 bits are the bits of the nearness at the pixel's centre, the lower ones
mesh * F + triangle: positive floats sort like their bits, so the largest key is the nearest.
"""

FLAT = 1e-9
"""Triangles of a smaller area, square pixels, are seen edge-on."""
EMPTY = -1
"""The key of a pixel that nothing covers."""
