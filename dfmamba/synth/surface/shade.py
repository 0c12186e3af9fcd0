"""Light on the pixels that the rasteriser found, from a room and a lamp."""

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.raster.shadow import ShadowMaps, lamp_light
from dfmamba.synth.raster.zbuffer import Hits
from dfmamba.synth.surface.harmonics import harmonics
from dfmamba.synth.surface.looks import Looks
from dfmamba.synth.surface.skins import Surface, paint


def shade(
    hits: Hits,
    looks: Looks,
    attributes: Tensor,
    surface: Surface,
    shadows: ShadowMaps,
    picture: Tensor,
) -> Tensor:
    """Colours (N, 3), 0 to 1 and display-ready, of the hits.

    attributes (M, V, 6): normal, and position in camera, mm. shadows: of the pictures (M,) that
    the meshes are in.
    """
    mesh, weights = hits.mesh, hits.weights[..., None]
    corner = surface.triangles[hits.triangle] + mesh[:, None] * attributes.shape[1]
    values = (attributes.flatten(0, 1)[corner] * weights).sum(1)
    normal, eye = F.normalize(values[:, :3], dim=-1), -F.normalize(values[:, 3:6], dim=-1)
    albedo, gloss = paint(hits, looks, surface)

    lamp = looks.lamp[mesh]
    reach = lamp_light(shadows, values[:, 3:6], normal, picture[mesh])[:, None]
    lamp_colour = looks.lamp_colour[mesh] * reach
    facing = (normal * lamp).sum(-1, keepdim=True)
    # Light bleeds through skin past the terminator, red furthest.
    wrap = torch.tensor([0.35, 0.18, 0.12], device=normal.device)
    diffuse = ((facing + wrap) / (1 + wrap)).clamp(min=0)
    room = (harmonics(normal)[..., None] * looks.light[mesh]).sum(1).clamp(min=0.03)
    half = F.normalize(lamp + eye, dim=-1)
    shine = (normal * half).sum(-1, keepdim=True).clamp(min=0) ** 24
    rim = (1 - (normal * eye).sum(-1, keepdim=True).abs().clamp(max=1)) ** 3
    lit = albedo * (room * (1 - 0.25 * rim) + diffuse * lamp_colour)
    lit = lit + gloss[:, None] * (shine * lamp_colour + 0.3 * rim * room)
    return display(lit)


def display(linear: Tensor) -> Tensor:
    """Linear light to display values: a soft shoulder, then gamma."""
    return (linear / (1 + 0.15 * linear)).clamp(0, 1) ** (1 / 2.2)
