"""What stands in the 3D scene, from frame to frame."""

from collections.abc import Sequence
from math import exp

import numpy as np

from dfmamba.camera import Intrinsics
from dfmamba.hand import SIDE_COLOURS, WRIST
from dfmamba.pose import HandPose
from dfmamba_live.views.scene.content import Floats, Lines, Scene
from dfmamba_live.views.scene.hands import UNKNOWN_PLACE_MM, Trails, hand_shapes, joined, joints_of
from dfmamba_live.views.scene.look import Look, shares
from dfmamba_live.views.scene.orbit import Orbit
from dfmamba_live.views.scene.surroundings import (
    HIGHEST_GROUND_MM,
    camera_lines,
    ground_below,
    ground_lines,
    plumb_lines,
    shadows,
)

FOLLOW_S = 0.5
"""In this time the focus goes most of the way to the hands' middle."""

GROUND_S = 3.0
"""The ground stays below where hands were in this time."""


class Stage:
    """The hands with the paths of their fingertips, the camera and the ground.

    hands: the latest. focus (3,): what the view turns around, scene mm: near the hands' middle.
    reach_mm: how far from there joints are. ground_mm: the ground's y.
    """

    def __init__(self) -> None:
        self.hands: tuple[HandPose, ...] = ()
        self.focus: Floats = UNKNOWN_PLACE_MM
        self.reach_mm = 0.0
        self.ground_mm = HIGHEST_GROUND_MM
        self._time_s = self._low_s = 0.0
        self._trails = Trails()
        self._camera: tuple[Intrinsics, int, int] | None = None
        self._unseen = True

    def take(self, hands: Sequence[HandPose], time_s: float, follow: bool = True) -> None:
        """Take in a frame; with `follow` the focus goes after the hands."""
        self.hands = tuple(hands)
        self._trails.add(time_s, hands)
        joints = [joints_of(hand) for hand in hands]
        self._settle_ground(ground_below(joints), time_s)
        passed_s, self._time_s = max(time_s - self._time_s, 0.0), time_s
        if joints and (follow or self._unseen):
            share = 1.0 if self._unseen else 1 - exp(-passed_s / FOLLOW_S)
            self.focus = self.focus + share * (np.mean(joints, axis=(0, 1)) - self.focus)
            self._unseen = False
        if joints:
            self.reach_mm = float(np.linalg.norm(np.concatenate(joints) - self.focus, axis=1).max())

    def set_camera(self, camera: Intrinsics, width: int, height: int) -> None:
        """The camera whose frames these are, of so many pixels."""
        self._camera = camera, width, height

    def _settle_ground(self, wanted_mm: float, time_s: float) -> None:
        """Sink at once below the hands; rise only once they have not been so low for a while."""
        if wanted_mm >= self.ground_mm or not 0 <= time_s - self._low_s < GROUND_S:
            self.ground_mm, self._low_s = wanted_mm, time_s

    def scene(self, orbit: Orbit, look: Look, thickness: float, trails: bool) -> Scene:
        """All of it, as seen from `orbit`; thickness: of the hands, 1 as usual."""
        balls, rods = hand_shapes(self.hands, look, thickness)
        rods = joined(
            [
                rods,
                shadows(rods, self.ground_mm, look),
                *([self._trails.rods(look, thickness)] if trails else []),
            ]
        )
        wrists = np.reshape([joints_of(hand)[WRIST] for hand in self.hands], (-1, 3))
        tints = np.reshape([shares(SIDE_COLOURS[hand.side]) for hand in self.hands], (-1, 3))
        lines = [
            ground_lines(orbit, self.ground_mm, look),
            plumb_lines(wrists, self.ground_mm, look, tints),
        ]
        if self._camera is not None:
            lines.append(camera_lines(*self._camera, look))
        return Scene(
            tuple(shares(look.background).tolist()),
            balls,
            rods,
            Lines.joined(lines),
            self.hands,
            self.ground_mm,
        )
