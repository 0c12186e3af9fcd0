"""Hands and views for the tests of the 3D viewport."""

from types import SimpleNamespace

import numpy as np

from dfmamba.camera import Intrinsics
from dfmamba.frame import Frame
from dfmamba.hand import JOINT_COUNT
from dfmamba.pose import HandPose
from dfmamba_live.views.scene.assembly import Stage
from dfmamba_live.views.scene.content import SceneView
from dfmamba_live.views.scene.look import DARK

WIDTH, HEIGHT = 320, 240


def fan():
    """Joints of a flat hand, mm from its wrist: five straight fingers that spread upwards."""
    joints = np.zeros((JOINT_COUNT, 3))
    for finger in range(5):
        way = np.array([(finger - 2) * 0.4, -1, 0])
        joints[1 + 4 * finger : 5 + 4 * finger] = way * np.linspace(50, 120, 4)[:, None]
    return joints


def make_pose(side="right", wrist=(0.0, 60.0, 500.0), confidence=1.0):
    root = None if wrist is None else np.array(wrist)
    sure = np.full(JOINT_COUNT, confidence)
    return HandPose(side, 1.0, np.zeros(4), fan()[:, :2], fan(), root, sure)


def make_result(*hands, time_s=0.0):
    frame = Frame(np.zeros((480, 640, 3), np.uint8), time_s)
    estimate = SimpleNamespace(hands=hands, camera=frame.intrinsics())
    return SimpleNamespace(frame=frame, estimate=estimate)


def make_stage(*hands):
    stage = Stage()
    stage.set_camera(Intrinsics.assumed(640, 480), 640, 480)
    stage.take(hands, 0.0)
    return stage


def make_view(orbit, *hands, look=DARK, **settings):
    scene = make_stage(*hands).scene(orbit, look, 1.0, trails=True)
    return SceneView(scene, orbit, WIDTH, HEIGHT, **settings)
