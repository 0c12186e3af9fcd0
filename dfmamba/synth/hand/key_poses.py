"""Named poses of the hand, in families.

Angles are degrees. A finger has four: flexion at MCP, PIP and DIP (0 straight, positive to the
palm) and its direction in the palm's plane (0 parallel to the palm's axis, positive to the
thumb). The thumb has: flexion at CMC (across the palm, from rest), MCP and IP, and CMC abduction
(out of the palm, from rest).
"""

import torch
from torch import Tensor

FAMILIES = {
    "open": 0.16,
    "relaxed": 0.16,
    "point": 0.12,
    "fist": 0.16,
    "count": 0.13,
    "pinch": 0.1,
    "grasp": 0.11,
    "sign": 0.06,
}
"""The families of key poses and how often each is drawn."""
FREE = len(FAMILIES)
"""The family of hands that are near no key pose."""
STRAIGHT, HOOK, CURLED = (0, 5, 3), (20, 95, 60), (83, 97, 63)
HALF, BENT, EASY = (45, 50, 30), (75, 15, 5), (8, 10, 6)
KEY_POSES: dict[str, tuple[tuple[float, ...], ...]] = {}
"""Five rows (thumb, index, middle, ring, little) of four angles for each named pose."""
KEY_FAMILY: dict[str, str] = {}
"""The family of each named pose."""


def _pose(
    family: str, name: str, thumb: tuple[float, ...], *fingers: tuple[float, ...], fan: float = 3
) -> None:
    directions = [fan, 0, -fan, -2.2 * fan]
    # Bent knuckles hold the fingers side by side.
    rows = [
        (*flexion, way * (1 - flexion[0] / 100))
        for flexion, way in zip(fingers, directions, strict=True)
    ]
    KEY_POSES[name] = (thumb, *rows)
    KEY_FAMILY[name] = family


OUT, ACROSS, ALONG = (-10, 0, -5, -5), (5, 50, 67, -5), (0, 5, 5, -15)
FOLDED, ASIDE, GUN = (23, 49, 70, -25), (9, 51, 66, -16), (-20, -5, -10, 0)
S, H, C, M, B, E = STRAIGHT, HOOK, CURLED, HALF, BENT, EASY
_pose("open", "open", OUT, S, S, S, S, fan=7)
_pose("open", "spread", (-20, -5, -10, -5), S, S, S, S, fan=12)
_pose("open", "flat", ALONG, S, S, S, S, fan=1)
_pose("open", "stretched", (-5, 0, 0, 5), (-8, 3, 2), (-8, 3, 2), (-8, 3, 2), (-8, 3, 2), fan=9)
_pose("open", "four", FOLDED, S, S, S, S, fan=10)
_pose("open", "letter b", FOLDED, S, S, S, S, fan=1)
_pose("relaxed", "rest", (5, 10, 15, 5), (15, 25, 15), (22, 30, 18), (27, 33, 20), (30, 35, 20))
_pose("relaxed", "easy", (-3, 5, 5, 0), E, (10, 14, 8), (11, 15, 9), (10, 14, 8), fan=4)
_pose("relaxed", "loose", (2, 12, 18, 2), (30, 38, 20), (38, 45, 25), (42, 48, 27), (42, 46, 25))
_pose("relaxed", "droop", (3, 8, 12, 5), (10, 20, 12), (15, 24, 14), (18, 26, 15), (20, 28, 16))
_pose("relaxed", "wave", OUT, M, (20, 20, 10), (12, 15, 8), (8, 12, 6), fan=6)
_pose("relaxed", "typing", (8, 12, 15, 18), (28, 38, 22), (26, 42, 25), (27, 42, 25), (30, 38, 22))
_pose("relaxed", "mouse", (2, 8, 12, 8), (22, 28, 15), (24, 32, 17), (32, 40, 22), (35, 42, 22))
_pose("fist", "fist", ACROSS, C, C, C, C, fan=0)
_pose("fist", "soft fist", ALONG, (60, 80, 48), (64, 84, 50), (67, 86, 50), (68, 84, 50), fan=1)
_pose("fist", "thumbs up", (-15, -5, -15, -5), C, C, C, C, fan=0)
_pose("fist", "letter a", ALONG, C, C, C, C, fan=0)
_pose("fist", "letter s", (7, 27, 61, -13), C, C, C, C, fan=0)
_pose("fist", "thumb in", (27, 42, 29, 11), (60, 80, 45), (64, 82, 45), (68, 86, 50), (72, 88, 52))
_pose("fist", "hook", ALONG, H, H, H, H, fan=1)
_pose("point", "point", ACROSS, S, C, C, C, fan=0)
_pose("point", "gun", GUN, S, C, C, C, fan=0)
_pose("point", "point along", ALONG, (5, 8, 5), (70, 90, 52), (74, 92, 54), (76, 90, 52), fan=1)
_pose("point", "pointing", (8, 26, 35, -25), E, (55, 70, 40), (62, 78, 45), (65, 80, 45), fan=2)
_pose("point", "tapping", (5, 18, 25, 12), (28, 20, 12), (48, 58, 34), (56, 66, 38), (58, 68, 38))
_pose("point", "letter g", ALONG, (35, 8, 4), C, C, C, fan=0)
_pose("point", "letter x", ACROSS, (10, 80, 55), C, C, C, fan=0)
_pose("count", "victory", ASIDE, S, S, C, C, fan=17)
_pose("count", "letter u", ACROSS, S, S, C, C, fan=0)
_pose("count", "two", (20, 42, 50, 0), E, (5, 10, 6), (70, 85, 50), (75, 85, 50), fan=10)
_pose("count", "gun of two", GUN, S, S, C, C, fan=1)
_pose("count", "three", OUT, S, S, C, C, fan=12)
_pose("count", "letter w", FOLDED, S, S, S, C, fan=12)
_pose("count", "thumb and three", OUT, E, E, E, (70, 75, 45), fan=8)
_pose("count", "letter i", ACROSS, C, C, C, S, fan=2)
_pose("pinch", "ok", (1, 34, 47, 10), (50, 55, 30), (10, 15, 8), (6, 10, 5), (0, 8, 4), fan=6)
_pose("pinch", "pinch", (13, 32, 43, 16), (50, 50, 30), (58, 55, 30), (65, 60, 35), (68, 60, 35))
_pose("pinch", "closed pinch", (5, 34, 47, 10), M, (75, 85, 50), (80, 92, 55), (82, 95, 58), fan=1)
_pose(
    "pinch", "precision", (29, 18, 17, 10), (52, 42, 22), (54, 42, 22), (56, 44, 24), (58, 46, 24)
)
_pose("pinch", "middle pinch", (8, 36, 47, 9), E, (54, 57, 33), (20, 25, 12), (14, 18, 9), fan=5)
_pose("pinch", "ring pinch", (21, 37, 45, 5), E, (12, 15, 8), (57, 58, 33), (25, 30, 15), fan=4)
_pose("pinch", "little pinch", (33, 45, 51, -2), E, E, (20, 24, 12), (57, 52, 30), fan=4)
_pose(
    "pinch", "card", (13, 21, 25, 0), (42, 47, 23), (50, 58, 34), (60, 68, 40), (66, 72, 42), fan=1
)
_pose(
    "pinch", "key", (6, 1, 49, -22), (50, 70, 40), (65, 85, 50), (75, 90, 55), (80, 90, 55), fan=0
)
_pose(
    "pinch", "snap", (17, 31, 36, 5), (35, 40, 22), (55, 47, 28), (75, 88, 52), (78, 88, 52), fan=1
)
_pose("pinch", "letter o", (5, 31, 44, 9), (48, 52, 35), (50, 54, 35), (52, 54, 35), (54, 54, 35))
_pose("grasp", "pen", (18, 28, 37, 14), (50, 45, 20), (55, 60, 30), (65, 80, 40), (65, 85, 45))
_pose("grasp", "cylinder", (10, 15, 20, 30), (45, 55, 30), (48, 57, 32), (50, 60, 32), (52, 60, 30))
_pose(
    "grasp", "cup", (8, 15, 22, 25), (40, 62, 36), (45, 68, 40), (52, 72, 42), (55, 72, 42), fan=2
)
_pose("grasp", "power", (13, 42, 61, 18), (65, 75, 45), (68, 77, 45), (72, 80, 45), (75, 80, 45))
_pose(
    "grasp", "ball", (0, 10, 15, 25), (25, 40, 25), (28, 42, 25), (28, 42, 25), (25, 40, 25), fan=11
)
_pose("grasp", "phone", (5, 10, 15, 28), (30, 38, 22), (34, 44, 25), (36, 46, 26), (38, 46, 25))
_pose("grasp", "claw", (-5, 15, 35, 10), (0, 60, 45), (0, 60, 45), (0, 60, 45), (0, 60, 45), fan=9)
_pose("grasp", "letter c", (0, 10, 20, 30), (30, 50, 35), (32, 52, 35), (34, 52, 35), (34, 50, 35))
_pose("grasp", "table", ALONG, B, B, B, B, fan=1)
_pose("grasp", "puppet", (10, 10, 10, 30), B, B, B, B, fan=0)
_pose("sign", "horns", ACROSS, S, C, C, S, fan=6)
_pose("sign", "love", OUT, S, C, C, S, fan=6)
_pose("sign", "call", GUN, C, C, C, S, fan=6)
_pose("sign", "middle", ACROSS, C, S, C, C, fan=0)
_pose(
    "sign",
    "beckon",
    (8, 26, 35, -25),
    (55, 25, 12),
    (70, 75, 45),
    (75, 85, 50),
    (78, 88, 50),
    fan=1,
)
_pose("sign", "letter d", (11, 35, 40, 8), S, (58, 60, 35), (60, 62, 36), (62, 62, 36), fan=2)
_pose("sign", "letter e", (19, 31, 33, -10), (47, 108, 67), *[(50, 100, 60)] * 3, fan=1)
_pose("sign", "letter k", (10, 20, 15, 5), S, (42, 12, 6), C, C, fan=6)
_pose("sign", "letter r", ACROSS, (4, 8, 5), (0, 5, 3), C, C, fan=-6)
_pose("sign", "letter t", (-7, 37, 75, -25), (50, 75, 40), C, C, C, fan=0)
HELD_OUT_POSES = ("three", "pen", "letter x", "horns", "letter o")
"""Poses that training never draws as keys."""


def key_angles(names: list[str] | None = None, held_out: bool | None = None) -> Tensor:
    """Angles (K, 5, 4) of the named poses; by default all, the held-out, or the others."""
    if names is None:
        names = [k for k in KEY_POSES if held_out is None or (k in HELD_OUT_POSES) == held_out]
    return torch.tensor([KEY_POSES[name] for name in names], dtype=torch.float32)


def key_families(keys: Tensor) -> Tensor:
    """The family (K,) of each of some key poses (K, 5, 4), an index into `FAMILIES`."""
    names = list(FAMILIES)
    table = torch.tensor([names.index(f) for f in KEY_FAMILY.values()], device=keys.device)
    return table[nearest_key(keys, key_angles().to(keys))[1]]


def nearest_key(angles: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """The distance (B,), degrees per angle, to the nearest key pose, and its row (B,)."""
    apart = torch.cdist(angles.flatten(1), keys.flatten(1)) / keys[0].numel() ** 0.5
    distance, row = apart.min(1)
    return distance, row
