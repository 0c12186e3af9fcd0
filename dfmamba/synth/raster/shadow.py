"""Cast shadows of a lamp far away: a depth map seen from the lamp for each picture."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.raster.keys import EMPTY
from dfmamba.synth.raster.zbuffer import zbuffer

MAP_SIZE = 128
DEEP = 4.0
"""What is farther than this many radii from the map's middle, along the light, casts no shadow."""
BIAS_MM, OFFSET_MM = 2.0, 3.0
"""A surface must be this much behind another one; it is taken to lie so far out along its normal.
Without them the map's steps would shade what faces the lamp (shadow acne)."""


class Caster(NamedTuple):
    """M meshes that throw shadows."""

    vertices: Tensor
    """(M, V, 3): mm, camera frame."""
    picture: Tensor
    """(M,): the picture of each."""
    triangles: Tensor
    """(F, 3)."""


class ShadowMaps(NamedTuple):
    """What a lamp sees in B pictures."""

    nearness: Tensor
    """(B, MAP_SIZE, MAP_SIZE): larger is nearer to the lamp, 0 where there is nothing."""
    axes: Tensor
    """(B, 3, 3): rows are the map's x, y and the way to the lamp."""
    middle: Tensor
    """(B, 3): of what the maps show, mm, camera frame."""
    radius: Tensor
    """(B,): how far they show from there, mm."""


def shadow_maps(
    casters: Sequence[Caster], lamp: Tensor, middle: Tensor, radius: Tensor
) -> ShadowMaps:
    """Maps of B pictures; lamp (B, 3): unit vectors to it; the maps show middle +- radius."""
    count = len(lamp)
    sideways = torch.where(
        (lamp[:, 1:2].abs() < 0.9), lamp.new_tensor([0.0, 1, 0]), lamp.new_tensor([1.0, 0, 0])
    )
    x = F.normalize(torch.linalg.cross(sideways, lamp), dim=-1)
    axes = torch.stack([x, torch.linalg.cross(lamp, x), lamp], 1)
    maps = ShadowMaps(lamp.new_zeros(0), axes, middle, radius)
    keys = torch.full((count * MAP_SIZE**2,), EMPTY, device=lamp.device)
    for caster in casters:
        places, nearness = _seen(maps, caster.vertices, caster.picture[:, None])
        found = zbuffer(places, nearness, caster.picture, caster.triangles, count, MAP_SIZE)
        keys = torch.maximum(keys, found)
    bits = (keys >> 32).int().view(torch.float32)
    nearest = torch.where(keys == EMPTY, 0.0, bits).view(count, MAP_SIZE, MAP_SIZE)
    return maps._replace(nearness=nearest)


def lamp_light(maps: ShadowMaps, position: Tensor, normal: Tensor, picture: Tensor) -> Tensor:
    """How much of the lamp reaches N points, 0 to 1: (N,).

    position (N, 3), mm; normal (N, 3): unit, outwards; picture (N,). Shadows end softly, over one
    cell of the map.
    """
    places, nearness = _seen(maps, position + OFFSET_MM * normal, picture)
    nearness = nearness + BIAS_MM / (2 * DEEP * maps.radius[picture])
    corner = places - 0.5
    low = corner.floor()
    share = corner - low
    lit = torch.zeros_like(nearness)
    flat = maps.nearness.flatten()
    for right in (0, 1):
        for down in (0, 1):
            x, y = (low + low.new_tensor([right, down])).long().clamp(0, MAP_SIZE - 1).unbind(-1)
            nearest = flat[(picture * MAP_SIZE + y) * MAP_SIZE + x]
            across = share[:, 0] if right else 1 - share[:, 0]
            along = share[:, 1] if down else 1 - share[:, 1]
            lit += across * along * (nearness >= nearest)
    outside = ((places < 0) | (places > MAP_SIZE)).any(-1)
    return torch.where(outside, 1.0, lit)


def _seen(maps: ShadowMaps, points: Tensor, picture: Tensor) -> tuple[Tensor, Tensor]:
    """Map pixels (..., 2) and nearness (...) of points (..., 3) in pictures (...)."""
    away = (points - maps.middle[picture]) / maps.radius[picture][..., None]
    seen = (maps.axes[picture] @ away[..., None])[..., 0]
    return (seen[..., :2] + 1) * (MAP_SIZE / 2), ((seen[..., 2] + DEEP) / (2 * DEEP)).clamp(min=0)
