"""A hand finder of our own: whole frames in; of each hand a box, a direction, a side, a score.

In training and measurement only so far: the program still asks MediaPipe where hands are.
"""
