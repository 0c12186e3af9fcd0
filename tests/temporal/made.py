"""Recordings of made hands, read with noise: what a network would give, without one."""

import numpy as np

from dfmamba.pose import HandPose
from dfmamba.temporal.motion import MOVING_SIDES, RATE, Motion
from dfmamba.temporal.record import Recording, Series

SHAPE = np.random.default_rng(7).uniform(-80, 80, (21, 3)) * [1, 1, 0.3]


def made(count=60):
    """Two hands that sway, the right one three times as fast."""
    times = np.arange(count) / RATE
    joints = []
    for hand, speed in enumerate((3.0, 1.0)):
        sway = np.stack([np.sin(2 * np.pi * 0.5 * speed * times), 0 * times, 0 * times], axis=-1)
        joints.append(SHAPE + 60 * sway[:, None] + [200 * hand - 100, 0, 600])
    joints_mm = np.stack(joints, axis=1)
    joints_px = 310 * joints_mm[..., :2] / joints_mm[..., 2:] + [160, 120]
    return Motion(np.zeros((count, 2, 2, 3), np.uint8), joints_px, joints_mm)


def read(motion, noise=0.3, seed=0):
    """A recording of all its hands in all frames."""
    rng = np.random.default_rng(seed)
    hands = []
    for hand, side in enumerate(MOVING_SIDES):
        series = Series()
        pairs = zip(motion.joints_px[:, hand], motion.joints_mm[:, hand], strict=True)
        for index, (pixels, joints) in enumerate(pairs):
            told = pixels + rng.normal(0, noise, (21, 2))
            shape = joints - joints[0] + rng.normal(0, 10 * noise, (21, 3))
            series.add(index, index / RATE, pose(told, shape - shape[0], joints[0], side))
        hands.append(series)
    return Recording(tuple(hands), (len(hands),) * len(motion.joints_px))


def pose(joints_px, joints_mm=SHAPE, root_mm=None, side="right"):
    box = np.concatenate([joints_px.min(axis=0), joints_px.max(axis=0)])
    sure = np.full(21, 0.9)
    return HandPose(side, 0.9, box, joints_px, joints_mm, root_mm, sure, raw_px=joints_px)
