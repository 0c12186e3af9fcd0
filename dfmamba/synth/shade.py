"""Colour for the pixels that the rasteriser found: skin or sleeve, lit by a room and a lamp."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.raster import Hits
from dfmamba.synth.textures import harmonics


@dataclass(frozen=True)
class Looks:
    """How M hands look. All tensors have the leading dimension M.

    skin: index of the skin. tint (3,): its factors. sleeve: distance from the wrist, mm, where
    cloth starts. cloth (2, 3): its two colours. stripe: its pattern's period, mm.
    gloss: strength of the highlight. light (9, 3): the room. lamp (3,): unit vector to the lamp.
    lamp_colour (3,). relief: how deep creases are.
    """

    skin: Tensor
    tint: Tensor
    sleeve: Tensor
    cloth: Tensor
    stripe: Tensor
    gloss: Tensor
    light: Tensor
    lamp: Tensor
    lamp_colour: Tensor
    relief: Tensor


def random_looks(draw: Draw, count: int, skins: Tensor, light: Tensor) -> Looks:
    """Looks of `count` hands; skins: the indices (K,) to choose from; light (L, 9, 3)."""
    warmth, brightness = draw.normal(count, 1), draw.between(0.65, 1.3, count, 1)
    tint = brightness * (1 + warmth * torch.tensor([0.06, 0.0, -0.07], device=draw.device))
    room = light[draw.index(len(light), count)]
    # Half of the rooms are close to even light, as a cloudy window or many lamps give.
    contrast = draw.between(0.3, 1.1, count, 1, 1)
    room = torch.cat([room[:, :1], room[:, 1:] * contrast], 1)
    white = 1 + 0.12 * draw.normal(count, 1, 3)
    lamp = F.normalize(
        draw.normal(count, 3) + torch.tensor([0, -0.6, -0.6], device=draw.device), dim=-1
    )
    strength = draw.between(0, 0.9, count, 1) * (draw.uniform(count, 1) < 0.7)
    long_sleeve = draw.uniform(count) < 0.45
    start = torch.where(long_sleeve, draw.between(-5, 90, count), draw.between(90, 300, count))
    cloth = draw.uniform(count, 1, 3) * (1 + 0.25 * draw.normal(count, 1, 3))
    return Looks(
        skin=skins[draw.index(len(skins), count)],
        tint=tint * (1 + 0.03 * draw.normal(count, 3)),
        sleeve=start,
        cloth=(cloth + 0.3 * draw.normal(count, 2, 3) * draw.uniform(count, 1, 1)).clamp(0.02, 1),
        stripe=draw.between(4, 60, count),
        gloss=draw.between(0, 0.35, count) * draw.uniform(count),
        light=room * (white * draw.between(0.45, 1.05, count, 1, 1)),
        lamp=lamp,
        lamp_colour=strength * (1 + 0.12 * draw.normal(count, 3)),
        relief=draw.between(0.0, 1.0, count),
    )


def vertex_normals(vertices: Tensor, triangles: Tensor) -> Tensor:
    """Unit normals (M, V, 3), outwards, of meshes (M, V, 3) with triangles (F, 3)."""
    corners = vertices[:, triangles]
    face = torch.linalg.cross(
        corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0]
    )
    normals = torch.zeros_like(vertices)
    for corner in range(3):
        normals.index_add_(1, triangles[:, corner], face)
    return F.normalize(normals, dim=-1)


def shade(
    hits: Hits, looks: Looks, attributes: Tensor, triangles: Tensor, uv: Tensor, skins: Tensor
) -> Tensor:
    """Colours (N, 3), 0 to 1 and display-ready, of the hits.

    attributes (M, V, 9): normal, position in camera, mm, and rest position. uv (F, 3, 2) in the
    skins (K, 3, h, w), uint8.
    """
    mesh, weights = hits.mesh, hits.weights[..., None]
    corner = triangles[hits.triangle] + mesh[:, None] * attributes.shape[1]
    values = (attributes.flatten(0, 1)[corner] * weights).sum(1)
    normal, eye = F.normalize(values[:, :3], dim=-1), -F.normalize(values[:, 3:6], dim=-1)
    rest = values[:, 6:]
    where = (uv[hits.triangle] * weights).sum(1)
    albedo = _skin_colour(where, looks.skin[mesh], skins)
    albedo = (albedo * looks.tint[mesh]).clamp(max=0.95)
    albedo, is_cloth = _sleeved(albedo, rest, looks, mesh)

    lamp = looks.lamp[mesh]
    facing = (normal * lamp).sum(-1, keepdim=True)
    # Light bleeds through skin past the terminator, red furthest.
    wrap = torch.tensor([0.35, 0.18, 0.12], device=normal.device)
    diffuse = ((facing + wrap) / (1 + wrap)).clamp(min=0)
    room = (harmonics(normal)[..., None] * looks.light[mesh]).sum(1).clamp(min=0.03)
    half = F.normalize(lamp + eye, dim=-1)
    shine = (normal * half).sum(-1, keepdim=True).clamp(min=0) ** 24
    rim = (1 - (normal * eye).sum(-1, keepdim=True).abs().clamp(max=1)) ** 3
    gloss = looks.gloss[mesh][:, None] * ~is_cloth[:, None]
    lit = albedo * (room * (1 - 0.25 * rim) + diffuse * looks.lamp_colour[mesh])
    lit = lit + gloss * (shine * looks.lamp_colour[mesh] + 0.3 * rim * room)
    return _display(lit)


def _skin_colour(uv: Tensor, skin: Tensor, skins: Tensor) -> Tensor:
    """Linear colours (N, 3): bilinear look-up in skins (K, 3, h, w) at uv (N, 2)."""
    height, width = skins.shape[2:]
    flat = skins.permute(0, 2, 3, 1).reshape(-1, 3)
    x = (uv[:, 0] * width - 0.5).clamp(0, width - 1.001)
    y = (uv[:, 1] * height - 0.5).clamp(0, height - 1.001)
    left, top = x.floor(), y.floor()
    across, down = (x - left)[:, None], (y - top)[:, None]
    first = (skin * height + top.long()) * width + left.long()
    upper = torch.lerp(flat[first].float(), flat[first + 1].float(), across)
    lower = torch.lerp(flat[first + width].float(), flat[first + width + 1].float(), across)
    return (torch.lerp(upper, lower, down) / 255) ** 2.2


def _sleeved(albedo: Tensor, rest: Tensor, looks: Looks, mesh: Tensor) -> tuple[Tensor, Tensor]:
    """Put cloth on the forearm beyond the sleeve's start; also says where."""
    along = rest[:, 1]
    is_cloth = along > looks.sleeve[mesh] + 2 * torch.sin(rest[:, 0] / 6)
    phase = (along + 0.4 * looks.relief[mesh] * rest[:, 0]) / looks.stripe[mesh]
    blend = (0.5 + 2 * torch.sin(6.28 * phase)).clamp(0, 1)[:, None]
    cloth = torch.lerp(looks.cloth[mesh, 0], looks.cloth[mesh, 1], blend)
    # A hem: the first millimetres are darker.
    hem = (along - looks.sleeve[mesh] < 4)[:, None]
    cloth = cloth * torch.where(hem, 0.7, 1.0)
    return torch.where(is_cloth[:, None], cloth, albedo), is_cloth


def _display(linear: Tensor) -> Tensor:
    """Linear light to display values: a soft shoulder, then gamma."""
    return (linear / (1 + 0.15 * linear)).clamp(0, 1) ** (1 / 2.2)
