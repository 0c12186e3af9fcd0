"""The flesh about a hand's bones, as balls: what touches what."""

import torch
from torch import Tensor

from dfmamba.hand import BONES, INDEX_MCP, LITTLE_MCP, finger_of

BALLS = 4
"""Along each bone."""
THICKNESS_MM = (13.0, 13, 10, 8, *(9, 9, 8, 6.5) * 3, 9, 7.5, 6.5, 5.5)
"""Radius of the flesh about each bone of a common hand, in the order of the child joints."""
KNUCKLES_MM = 68.0
"""From the index finger's knuckle to the little finger's, of a common hand."""


def flesh(joints: Tensor) -> tuple[Tensor, Tensor]:
    """Balls that fill the fingers and the palm of hands with joints (B, 21, 3), mm.

    Returns centres (B, 80, 3), `BALLS` along each of the 20 bones, and radii (B, 80).
    """
    parents, children = zip(*BONES, strict=True)
    share = (torch.arange(BALLS, device=joints.device) + 0.4) / BALLS
    start, end = joints[:, list(parents), None], joints[:, list(children), None]
    centres = start.lerp(end, share[:, None]).flatten(1, 2)
    size = (joints[:, INDEX_MCP] - joints[:, LITTLE_MCP]).norm(dim=-1) / KNUCKLES_MM
    thick = torch.tensor(THICKNESS_MM, device=joints.device).repeat_interleave(BALLS)
    return centres, thick * size[:, None]


def overlap(joints: Tensor) -> Tensor:
    """How deep (B,), mm, fingers of hands (B, 21, 3) go into each other or into the palm."""
    centres, radii = flesh(joints)
    deep = radii[:, :, None] + radii[:, None] - torch.cdist(centres, centres)
    finger = torch.tensor([finger_of(child) for _, child in BONES], device=joints.device)
    part = torch.arange(len(BONES), device=joints.device) % 4
    apart = part[:, None] + part >= 3  # bones side by side or one after the other always touch
    own = (finger[:, None] == finger) & ((part[:, None] - part).abs() < 3)
    counted = (apart & ~own).repeat_interleave(BALLS, 0).repeat_interleave(BALLS, 1)
    return (deep * counted).flatten(1).amax(1)
