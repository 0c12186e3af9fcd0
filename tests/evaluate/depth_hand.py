"""A hand whose joints lie on a slope of skin, as a depth camera and MediaPipe might tell it."""

from dataclasses import replace

import numpy as np

from dfmamba.evaluate.depth import CAMERA, DepthHand
from dfmamba.pipeline.landmarker import SeenHand

HEIGHT, WIDTH = 480, 640
PIXELS = np.random.default_rng(0).uniform([200, 150], [400, 300], (21, 2)).round()


def slope():
    """Skin that leans: nearer to the camera on the left."""
    return np.tile(np.linspace(400, 500, WIDTH, dtype=np.float32), (HEIGHT, 1))


def on_skin(pixels, skin):
    columns, rows = pixels.astype(int).T
    return CAMERA.unproject(pixels, skin[rows, columns].astype(np.float64))


def a_hand(side="right", mask=None):
    skin = slope()
    joints = on_skin(PIXELS, skin)
    hand = DepthHand(
        "a.png",
        np.zeros((HEIGHT, WIDTH, 3), np.uint8),
        skin,
        np.ones_like(skin, bool) if mask is None else mask,
        SeenHand(side, 0.9, PIXELS, joints - joints[0]),
    )
    # As MediaPipe tells them: by a camera that faces the hand.
    facing = (joints - joints[0]) @ hand.crop.facing(CAMERA).T
    return hand._replace(seen=replace(hand.seen, joints_mm=facing))
