"""The hands as balls and rods, and the paths of their fingertips."""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

import numpy as np

from dfmamba.hand import BONES, JOINT_COLOURS, JOINT_COUNT, SIDE_COLOURS, TIPS, WRIST
from dfmamba.pose import HandPose
from dfmamba_live.views.scene.content import Balls, Floats, Rods, no_balls, no_rods
from dfmamba_live.views.scene.look import Look, faded, shares

JOINT_MM = np.full(JOINT_COUNT, 6.6)
JOINT_MM[list(TIPS)] = 5.8
JOINT_MM[WRIST] = 8.5
BONE_SHARE = 0.74
"""The radius of a bone over that of the joint at its end."""
KNUCKLES = ((1, 5), (5, 9), (9, 13), (13, 17))
"""Rods across the palm, in the colour of the side."""
PALM_MM = 3.4
UNSURE = 0.25
"""How much is left of the colour of a joint of no confidence."""
UNKNOWN_PLACE_MM = np.array([0.0, 0.0, 450.0])
"""Where a hand is shown whose distance cannot be told."""

TRAIL_S = 1.0
TRAIL_MM = 2.5
LEAP_MM, FASTEST_MM_S = 40.0, 3000.0
"""A fingertip that goes further, and faster, from one frame to the next is another hand's."""


def joints_of(hand: HandPose) -> Floats:
    """The joints (21, 3) where they are shown, scene mm."""
    return hand.camera_mm if hand.root_mm is not None else hand.joints_mm + UNKNOWN_PLACE_MM


def hand_shapes(hands: Sequence[HandPose], look: Look, thickness: float) -> tuple[Balls, Rods]:
    """Joints and bones; the paler, the less sure. thickness: 1 for the usual one."""
    if not hands:
        return no_balls(), no_rods()
    parts = [_shapes(hand, look, thickness) for hand in hands]
    balls, rods = [ball for ball, _ in parts], [rod for _, rod in parts]
    return (
        Balls(
            np.concatenate([ball.centres for ball in balls]),
            np.concatenate([ball.radii for ball in balls]),
            np.concatenate([ball.colours for ball in balls]),
        ),
        joined(rods),
    )


def joined(parts: Iterable[Rods]) -> Rods:
    """All rods of the parts."""
    rods = [no_rods(), *parts]
    return Rods(
        np.concatenate([rod.ends for rod in rods]),
        np.concatenate([rod.radii for rod in rods]),
        np.concatenate([rod.colours for rod in rods]),
    )


def _shapes(hand: HandPose, look: Look, thickness: float) -> tuple[Balls, Rods]:
    joints = joints_of(hand)
    tint = shares(SIDE_COLOURS[hand.side])
    colours = np.array(JOINT_COLOURS) / 255
    colours[WRIST] = tint
    sure = UNSURE + (1 - UNSURE) * np.clip(hand.confidence, 0, 1)
    colours = faded(colours, look.background, sure)
    radii = thickness * JOINT_MM
    pairs = np.array(BONES)
    children = pairs[:, 1]
    bones = Rods(
        joints[pairs],
        BONE_SHARE * np.minimum(radii[pairs], radii[children][:, None]),
        colours[children][:, None].repeat(2, axis=1),
    )
    palm = np.array(KNUCKLES)
    edges = Rods(
        joints[palm],
        np.full((len(palm), 2), thickness * PALM_MM),
        faded(np.broadcast_to(tint, (len(palm), 2, 3)), look.background, 0.75 * sure[palm]),
    )
    return Balls(joints, radii, colours), joined([bones, edges])


class Trails:
    """Where the fingertips were in the last second of the source's time."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, dict[str, Floats]]] = deque()

    def add(self, time_s: float, hands: Sequence[HandPose]) -> None:
        """Take in a frame; an earlier one than the last begins anew, the same takes its place."""
        if self._past and time_s < self._past[-1][0]:
            self._past.clear()
        if self._past and time_s == self._past[-1][0]:
            self._past.pop()
        ordered = sorted(hands, key=lambda hand: hand.side)
        tips = {
            f"{side}{number}": joints_of(hand)[list(TIPS)]
            for side, group in groupby(ordered, key=lambda hand: hand.side)
            for number, hand in enumerate(group)
        }
        self._past.append((time_s, tips))
        while self._past[0][0] < time_s - TRAIL_S:
            self._past.popleft()

    def rods(self, look: Look, thickness: float) -> Rods:
        """Thinner and paler the longer ago."""
        past = list(self._past)
        parts, fresh = [], []
        for (before_s, before), (time_s, after) in pairwise(past):
            furthest = LEAP_MM + FASTEST_MM_S * (time_s - before_s)
            for hand in before.keys() & after.keys():
                steps = np.stack([before[hand], after[hand]], axis=1)
                near = np.linalg.norm(steps[:, 1] - steps[:, 0], axis=-1) < furthest
                parts.append(np.where(near[:, None, None], steps, steps[:, 1:]))
                fresh.append(1 - (past[-1][0] - time_s) / TRAIL_S)
        if not parts:
            return no_rods()
        share = np.repeat(fresh, len(TIPS))
        colours = np.tile(np.array(JOINT_COLOURS)[list(TIPS)] / 255, (len(parts), 1))
        colours = faded(colours, look.background, share)
        radii = thickness * TRAIL_MM * (0.25 + 0.75 * share)
        return Rods(
            np.concatenate(parts),
            radii[:, None].repeat(2, axis=1),
            colours[:, None].repeat(2, axis=1),
        )
