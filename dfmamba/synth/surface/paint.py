"""What objects look like: bands, printed photographs, gloss."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.raster.zbuffer import Hits
from dfmamba.synth.surface.harmonics import harmonics
from dfmamba.synth.surface.shade import display
from dfmamba.synth.things.objects import Objects
from dfmamba.synth.things.shapes import grid


@dataclass(frozen=True)
class Paint:
    """How M objects look."""

    colour: Tensor
    """(M, 2, 3): linear RGB of two bands."""
    bands: Tensor
    """(M,): how many bands there are, 0 for none."""
    photo: Tensor
    """(M,): the photograph printed on it."""
    printed: Tensor
    """(M,): how much of the photograph shows, 0 to 1."""
    gloss: Tensor
    """(M,): strength of the highlight."""


def random_paint(draw: Draw, count: int, photos: int) -> Paint:
    """Paint of `count` objects, with any of so many photographs on some."""
    grey = draw.between(0.02, 0.9, count, 1, 1)
    colourful = torch.where(draw.chance(0.5, count, 1, 1), 0.5, 0.08)
    colour = grey + colourful * draw.between(-1, 1, count, 2, 3)
    return Paint(
        colour=colour.clamp(0.01, 0.95) ** 1.5,
        bands=draw.chance(0.4, count) * (1 + draw.index(6, count)),
        photo=draw.index(photos, count),
        printed=draw.chance(0.35, count) * draw.between(0.4, 1, count),
        gloss=0.5 * draw.uniform(count) ** 2,
    )


def object_colours(
    hits: Hits,
    objects: Objects,
    paint: Paint,
    photos: Tensor,
    light: Tensor,
    lamp: Tensor,
    lamp_colour: Tensor,
) -> Tensor:
    """Colours (N, 3), 0 to 1 and display-ready, of what the rasteriser found of M objects.

    photos (P, 3, h, w): uint8. light (M, 9, 3), lamp (M, 3) and lamp_colour (M, 3) as in `Looks`.
    """
    mesh, weights = hits.mesh, hits.weights[..., None]
    triangles, uv = grid(mesh.device)
    corner = triangles[hits.triangle]
    values = torch.cat([objects.normals, objects.vertices], -1)[mesh[:, None], corner]
    values = (values * weights).sum(1)
    normal, eye = F.normalize(values[:, :3], dim=-1), -F.normalize(values[:, 3:], dim=-1)
    albedo = _albedo((uv[corner] * weights).sum(1), mesh, paint, photos)
    lamp = lamp[mesh]
    diffuse = (normal * lamp).sum(-1, keepdim=True).clamp(min=0)
    room = (harmonics(normal)[..., None] * light[mesh]).sum(1).clamp(min=0.03)
    shine = (normal * F.normalize(lamp + eye, dim=-1)).sum(-1, keepdim=True).clamp(min=0) ** 40
    rim = (1 - (normal * eye).sum(-1, keepdim=True).abs().clamp(max=1)) ** 3
    gloss = paint.gloss[mesh, None]
    lit = albedo * (room + diffuse * lamp_colour[mesh])
    return display(lit + gloss * (shine * lamp_colour[mesh] + 0.4 * rim * room))


def _albedo(uv: Tensor, mesh: Tensor, paint: Paint, photos: Tensor) -> Tensor:
    """Linear colours (N, 3) at places (N, 2) of objects (N,): bands, or a photograph."""
    band = (uv[:, 1] * (2 * paint.bands[mesh] + 1)).long() % 2
    height, width = photos.shape[2:]
    x, y = (uv[:, 0] * (width - 1)).long(), (uv[:, 1] * (height - 1)).long()
    photo = (photos[paint.photo[mesh], :, y, x].float() / 255) ** 2.2
    return torch.lerp(paint.colour[mesh, band], photo, paint.printed[mesh, None])
