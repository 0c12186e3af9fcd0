"""Random hand poses: named key poses, their mixtures, and anatomical limits.

Angles are degrees. A finger has four: flexion at MCP, PIP and DIP (0 straight, positive to the
palm) and its direction in the palm's plane (0 parallel to the palm's axis, positive to the
thumb). The thumb has: flexion at CMC (across the palm, from rest), MCP and IP, and CMC abduction
(out of the palm, from rest).
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.bake import BONES, FINGER_BONES

STRAIGHT, HOOK, CURLED = (0, 5, 3), (20, 95, 60), (85, 100, 65)
HALF, BENT = (45, 50, 30), (75, 15, 5)
KEY_POSES: dict[str, tuple[tuple[float, ...], ...]] = {}
"""Five rows (thumb, index, middle, ring, little) of four angles for each named pose."""


def _pose(name: str, thumb: tuple[float, ...], *fingers: tuple[float, ...], fan: float = 3) -> None:
    directions = [fan, 0, -fan, -2.2 * fan]
    rows = [(*flexion, way) for flexion, way in zip(fingers, directions, strict=True)]
    KEY_POSES[name] = (thumb, *rows)


OUT, ACROSS, ALONG = (-10, 0, -5, -5), (2, 43, 60, -11), (0, 5, 5, -15)
FOLDED = (14, 42, 70, -25)
S, H, C, M, B = STRAIGHT, HOOK, CURLED, HALF, BENT
_pose("open", OUT, S, S, S, S, fan=5)
_pose("spread", (-20, -5, -10, -5), S, S, S, S, fan=14)
_pose("flat", ALONG, S, S, S, S, fan=1)
_pose("rest", (5, 10, 15, 5), (15, 25, 15), (22, 30, 18), (27, 33, 20), (30, 35, 20))
_pose("fist", ACROSS, C, C, C, C, fan=0)
_pose("thumbs up", (-15, -5, -15, -5), C, C, C, C, fan=0)
_pose("letter a", ALONG, C, C, C, C, fan=0)
_pose(
    "letter e", (13, 29, 33, -19), (50, 100, 60), (50, 100, 60), (50, 100, 60), (50, 100, 60), fan=1
)
_pose("point", ACROSS, S, C, C, C, fan=0)
_pose("gun", (-20, -5, -10, 0), S, C, C, C, fan=0)
_pose("victory", ACROSS, S, S, C, C, fan=12)
_pose("letter u", ACROSS, S, S, C, C, fan=0)
_pose("three", OUT, S, S, C, C, fan=10)
_pose("letter w", FOLDED, S, S, S, C, fan=10)
_pose("four", FOLDED, S, S, S, S, fan=9)
_pose("horns", ACROSS, S, C, C, S, fan=6)
_pose("love", OUT, S, C, C, S, fan=6)
_pose("call", (-20, -5, -10, 0), C, C, C, S, fan=6)
_pose("letter i", ACROSS, C, C, C, S, fan=2)
_pose("middle", ACROSS, C, S, C, C, fan=0)
_pose("ok", (1, 34, 47, 10), (50, 55, 30), (10, 15, 8), (6, 10, 5), (0, 8, 4), fan=6)
_pose("pinch", (13, 32, 43, 16), (50, 50, 30), (58, 55, 30), (65, 60, 35), (68, 60, 35), fan=2)
_pose("precision", (29, 18, 17, 10), (52, 42, 22), (54, 42, 22), (56, 44, 24), (58, 46, 24), fan=0)
_pose("pen", (18, 28, 37, 14), (50, 45, 20), (55, 60, 30), (65, 80, 40), (65, 85, 45), fan=1)
_pose("cylinder", (10, 15, 20, 30), (45, 55, 30), (48, 57, 32), (50, 60, 32), (52, 60, 30), fan=1)
_pose("power", (13, 42, 61, 18), (65, 75, 45), (68, 77, 45), (72, 80, 45), (75, 80, 45), fan=0)
_pose("ball", (0, 10, 15, 25), (25, 40, 25), (28, 42, 25), (28, 42, 25), (25, 40, 25), fan=11)
_pose("claw", (-5, 15, 35, 10), (0, 60, 45), (0, 60, 45), (0, 60, 45), (0, 60, 45), fan=9)
_pose("hook", ALONG, H, H, H, H, fan=1)
_pose("key", (6, 1, 49, -22), (50, 70, 40), (65, 85, 50), (75, 90, 55), (80, 90, 55), fan=0)
_pose("letter c", (0, 10, 20, 30), (30, 50, 35), (32, 52, 35), (34, 52, 35), (34, 50, 35), fan=1)
_pose("letter o", (5, 31, 44, 9), (48, 52, 35), (50, 54, 35), (52, 54, 35), (54, 54, 35), fan=0)
_pose("letter x", ACROSS, (10, 80, 55), C, C, C, fan=0)
_pose("table", ALONG, B, B, B, B, fan=1)
_pose("puppet", (10, 10, 10, 30), B, B, B, B, fan=0)
_pose("relaxed wave", OUT, M, (20, 20, 10), (12, 15, 8), (8, 12, 6), fan=6)

LOW = torch.tensor([[-25.0, -15, -25, -25]] + [[-25.0, -5, -8, -22]] * 4)
HIGH = torch.tensor([[40.0, 55, 75, 40]] + [[92.0, 112, 78, 22]] * 4)
HELD_OUT_POSES = ("three", "pen", "letter x", "horns", "letter o")
"""Poses that training never draws as keys."""


def key_angles(names: list[str] | None = None, held_out: bool | None = None) -> Tensor:
    """Angles (K, 5, 4) of the named poses; by default all, the held-out, or the others."""
    if names is None:
        names = [k for k in KEY_POSES if held_out is None or (k in HELD_OUT_POSES) == held_out]
    return torch.tensor([KEY_POSES[name] for name in names], dtype=torch.float32)


def random_angles(count: int, keys: Tensor, generator: torch.Generator) -> Tensor:
    """Angles (count, 5, 4): near a key pose, between two, mixed by finger, or free."""
    device = keys.device

    def rand(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, device=device)

    def randn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, device=device)

    pick = torch.randint(len(keys), (2, count), generator=generator, device=device)
    first, second = keys[pick[0]], keys[pick[1]]
    between = first.lerp(second, rand(count, 1, 1))
    by_finger = torch.where(rand(count, 5, 1) < 0.5, first, second)
    kind = rand(count, 1, 1)
    angles = torch.where(kind < 0.4, first, between)
    angles = torch.where(kind > 0.65, by_finger, angles)
    angles = torch.where(kind > 0.8, _free(rand(count, 5, 4), rand(count, 1, 4)), angles)
    # Noise that neighbours share in part: fingers do not move alone.
    noise = 5 * randn(count, 1, 4) + 6 * randn(count, 5, 4)
    noise[..., 3] *= 0.5
    angles = angles + noise * (0.3 + rand(count, 1, 1))
    # The last joint follows the one before it.
    follow = (rand(count, 1) < 0.8).expand(count, 4)
    angles[:, 1:, 2] = torch.where(follow, 0.65 * angles[:, 1:, 1], angles[:, 1:, 2])
    return angles.clamp(LOW.to(device), HIGH.to(device))


def _free(own: Tensor, shared: Tensor) -> Tensor:
    """Anything within the limits, neighbours half alike; uniform (B, 5, 4) and (B, 1, 4) in."""
    low, high = LOW.to(own.device), HIGH.to(own.device)
    return low + (high - low) * (0.5 * own + 0.5 * shared)


class Poser:
    """Angles to the rotations that the hand model takes, from the rest frames of its bones."""

    def __init__(self, frames: Tensor) -> None:
        self.frames = frames
        rows = [BONES.index(name) for name in FINGER_BONES]
        self.bones = torch.tensor(rows, device=frames.device)
        self.rest = self._rest(frames[self.bones].reshape(5, 3, 3, 3))

    @staticmethod
    def _rest(frames: Tensor) -> Tensor:
        """The angles (5, 4) that the hand at rest has."""
        along = frames[..., 1]
        rest = torch.zeros(5, 4, device=frames.device)
        rest[:, 0] = torch.asin(-along[:, 0, 2])
        bend = torch.linalg.cross(along[:, :-1], along[:, 1:])
        rest[:, 1:3] = torch.asin((bend * frames[:, :-1, :, 0]).sum(-1))
        rest[:, 3] = torch.atan2(along[:, 0, 0], -along[:, 0, 1])
        rest[0, [0, 3]] = 0
        return rest.rad2deg()

    def __call__(self, angles: Tensor, wrist: Tensor) -> Tensor:
        """Finger angles (B, 5, 4) and wrist angles (B, 3) to rotations (B, n, 3, 3).

        The wrist's: flexion, deviation to the thumb, and twist of the forearm, degrees.
        """
        turns = angles - self.rest
        flexion = axis_turn(turns[..., :3], 0)
        direction = axis_turn(-turns[..., 3], 2)
        local = torch.cat([(direction @ flexion[:, :, 0])[:, :, None], flexion[:, :, 1:]], 2)
        frames = self.frames[self.bones]
        rotations = torch.eye(3, device=angles.device).repeat(len(angles), len(self.frames), 1, 1)
        rotations[:, self.bones] = frames @ local.flatten(1, 2) @ frames.mT
        hand = axis_turn(wrist[:, 1], 2) @ axis_turn(wrist[:, 0], 0)
        rotations[:, BONES.index("wrist.R")] = hand
        rotations[:, 0] = axis_turn(wrist[:, 2], 1)
        return rotations


def axis_turn(degrees: Tensor, axis: int) -> Tensor:
    """Rotations (..., 3, 3) about coordinate axis 0, 1 or 2 by angles (...)."""
    c, s = torch.cos(degrees.deg2rad()), torch.sin(degrees.deg2rad())
    zero, one = torch.zeros_like(c), torch.ones_like(c)
    cells = [[c, -s, zero], [s, c, zero], [zero, zero, one]]
    order = [(i + 2 - axis) % 3 for i in range(3)]
    rows = [torch.stack([cells[i][j] for j in order], -1) for i in order]
    return torch.stack(rows, -2)


def random_turns(count: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """Rotations (count, 3, 3), uniform over all."""
    quaternion = torch.randn(count, 4, generator=generator, device=device)
    w, x, y, z = F.normalize(quaternion, dim=-1).unbind(-1)
    cells = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return torch.stack([torch.stack(row, -1) for row in cells], -2)
