"""A hand's surface, painted: skin with veins, hair and creases, and what is worn on it."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.hand.hand_model import HandArrays
from dfmamba.synth.hand.rig import CHAINS
from dfmamba.synth.mesh import vertex_normals
from dfmamba.synth.raster.zbuffer import Hits
from dfmamba.synth.surface.looks import Looks

NOISE_CELLS, NOISE_MM = 48, 60.0
"""The cells of the noise block, and half its edge on the hand."""


@dataclass(frozen=True)
class Surface:
    """A hand's skin at rest: V vertices, F triangles, K skins."""

    triangles: Tensor
    """(F, 3)."""
    uv: Tensor
    """(F, 3, 2), v down, in the skins."""
    skins: Tensor
    """(K, 3, h, w): RGB, uint8."""
    points: Tensor
    """(V, 6): rest position, mm; along the finger, 0 at its first joint, 1 and 2 at the next, 3 at
    the tip, -1 off the fingers; across it, in half widths; how much it looks away from the palm, -1
    to 1.
    """
    finger: Tensor
    """(F,): 0 thumb to 4 little, -1 none."""
    means: Tensor
    """(K, 3): logarithms of the skins' colours."""
    noise: Tensor
    """(1, 3, n, n, n), 0 to 1: coarse, middling, fine."""

    @classmethod
    def of(cls, arrays: HandArrays, uv: Tensor, skins: Tensor) -> "Surface":
        """The surface of a hand with texture coordinates (F, 3, 2), v down."""
        height, width = skins.shape[2:]
        spot = (uv.mean(1) * torch.tensor([width, height]).to(uv)).long().to(skins.device)
        x, y = spot[:, 0].clamp(0, width - 1), spot[:, 1].clamp(0, height - 1)
        colours = (skins[:, :, y, x].float() / 255) ** 2.2
        points, finger = _coordinates(arrays)
        return cls(
            triangles=arrays.triangles,
            uv=uv,
            skins=skins,
            points=points,
            finger=finger,
            means=colours.mean(2).clamp(min=1e-3).log(),
            noise=_noise_block().to(arrays.vertices.device),
        )


def _coordinates(arrays: HandArrays) -> tuple[Tensor, Tensor]:
    """`Surface.points` and `Surface.finger` of a hand."""
    rest, weights = arrays.vertices, arrays.weights
    rows = CHAINS.flatten().to(rest.device)
    chain = torch.cat([arrays.heads[rows].view(5, 3, 3), arrays.tips[:, None]], 1)
    on_bones = weights[:, rows]
    bone = on_bones.argmax(1)
    head, tail = chain[:, :-1].flatten(0, 1)[bone], chain[:, 1:].flatten(0, 1)[bone]
    axes = arrays.frames[rows][bone]
    length = (tail - head).norm(dim=1)
    share = ((rest - head) * axes[..., 1]).sum(1) / length
    on_finger = on_bones.sum(1) > 0.5
    along = torch.where(on_finger, bone % 3 + share.clamp(-0.4, 1.2), -1.0)
    across = ((rest - head) * axes[..., 0]).sum(1) * on_finger
    widest = torch.zeros(5, device=rest.device)
    widest.scatter_reduce_(0, bone // 3, across.abs() * (along > 2.3), "amax")
    normals = vertex_normals(rest[None], arrays.triangles)[0]
    outwards = torch.where(on_finger[:, None], -axes[..., 2], torch.eye(3).to(rest)[2])
    up = (normals * outwards).sum(1)
    across = across / widest[bone // 3].clamp(min=1.0)
    owner = torch.where(on_finger, bone // 3, -1)[arrays.triangles]
    points = torch.cat([rest, torch.stack([along, across, up], 1)], 1)
    return points, owner.median(1).values


def _noise_block() -> Tensor:
    """Noise (1, 3, n, n, n), 0 to 1, of three grains: n / 8, n / 4 and n cells."""
    generator = torch.Generator().manual_seed(0)
    grains = []
    for cells in (NOISE_CELLS // 8, NOISE_CELLS // 4, NOISE_CELLS):
        coarse = torch.rand(1, 1, cells, cells, cells, generator=generator)
        grains.append(F.interpolate(coarse, [NOISE_CELLS] * 3, mode="trilinear"))
    return torch.cat(grains, 1)


def paint(hits: Hits, looks: Looks, surface: Surface) -> tuple[Tensor, Tensor]:
    """Linear colours (N, 3) of what the hits show, and how glossy (N,) it is."""
    mesh, weights = hits.mesh, hits.weights[..., None]
    points = (surface.points[surface.triangles[hits.triangle]] * weights).sum(1)
    where = (surface.uv[hits.triangle] * weights).sum(1)
    grains = _noise(points[:, :3], looks.place[mesh], surface.noise)
    albedo = _skin_colour(where, looks.skin[mesh], surface.skins)
    # Palms have little melanin: recolouring changes them less.
    palm = (-points[:, 5:]).clamp(0, 1)
    albedo = (albedo * torch.exp(looks.shift[mesh] * (1 - 0.4 * palm))).clamp(max=0.9)
    albedo = _detailed(albedo, points, grains, looks, mesh)
    albedo, gloss = _adorned(albedo, points, hits, looks, surface)
    gloved = (points[:, 1] < looks.glove[mesh] + 3 * grains[:, 0])[:, None]
    fabric = looks.fabric[mesh] * (0.8 + 0.4 * grains[:, 1:2])
    albedo = torch.where(gloved, fabric, albedo)
    gloss = torch.where(gloved[:, 0], looks.sheen[mesh], gloss)
    return _sleeved(albedo, gloss, points, looks, mesh)


def _noise(rest: Tensor, place: Tensor, block: Tensor) -> Tensor:
    """The three grains (N, 3) at rest positions (N, 3), mm; the block repeats mirrored."""
    grid = (rest / NOISE_MM + place)[None, :, None, None]
    sampled = F.grid_sample(block, grid, padding_mode="reflection", align_corners=False)
    return sampled[0, :, :, 0, 0].T


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


def _detailed(albedo: Tensor, points: Tensor, grains: Tensor, looks: Looks, mesh: Tensor) -> Tensor:
    """Blotches, veins, hair, creases over the joints, and tattoos, on skin."""
    coarse, middling, fine = grains.unbind(1)
    along, up = points[:, 3], points[:, 5].clamp(0, 1)
    off_fingers = (along < 0.3).float()
    vein = (1 - 9 * (middling - 0.5).abs()).clamp(0, 1) * up * off_fingers
    streaks = torch.sin(2.2 * points[:, 0] + 0.5 * points[:, 1] + 7 * fine + 9 * middling)
    hair = (streaks - 0.2).clamp(0, 1) * up * (fine + 0.3) * off_fingers
    joint = (along - along.round()) / 0.13
    crease = torch.exp(-joint * joint) * up * (1 - 0.5 * off_fingers)
    blotch = looks.mottled[mesh] * (coarse + 0.5 * fine - 0.75)
    dark = looks.veined[mesh] * vein + looks.hairy[mesh] * hair + looks.creased[mesh] * crease
    # Blood shows as less green and blue.
    hue = torch.tensor([0.5, 1.2, 1.1], device=albedo.device)
    albedo = albedo * (1 - blotch[:, None] * hue) * (1 - dark[:, None]).clamp(min=0.3)
    lines = 1 - 14 * ((middling + 0.15 * fine) % 0.3 - 0.15).abs()
    ink = (lines.clamp(0, 1) * ((coarse - 0.45) * 9).clamp(0, 1) * looks.tattooed[mesh])[:, None]
    return torch.lerp(albedo, albedo * albedo.new_tensor([0.2, 0.25, 0.35]), ink)


def _adorned(
    albedo: Tensor, points: Tensor, hits: Hits, looks: Looks, surface: Surface
) -> tuple[Tensor, Tensor]:
    """Nails, a ring, a watch or bracelet; also the gloss (N,)."""
    mesh, gloss = hits.mesh, looks.gloss[hits.mesh]
    x, y, along, across, up = points[:, 0], points[:, 1], *points[:, 3:].unbind(1)
    oval = 1 - (across / 0.75) ** 4 - ((along - 2.72) / 0.27) ** 2
    nail = (5 * oval).clamp(0, 1) * (5 * (up - 0.3)).clamp(0, 1)
    polish = looks.nails[mesh]
    albedo = torch.lerp(albedo, polish[:, :3], nail[:, None] * polish[:, 3:])
    gloss = gloss + 0.3 * nail * polish[:, 3]

    ring = (surface.finger[hits.triangle] == looks.ring[mesh]) & ((along - 0.62).abs() < 0.05)
    from_band = y - looks.watch[mesh]
    dial = looks.dial[mesh]
    around = (x * x + from_band * from_band).sqrt()
    band = from_band.abs() < 0.6 * dial
    face = (around < dial) & (up > 0.4) & (dial > 5)
    metal = ring | (face & (around > 0.85 * dial))
    albedo = torch.where(band[:, None], looks.strap[mesh], albedo)
    albedo = torch.where(face[:, None], 0.3 * looks.strap[mesh], albedo)
    albedo = torch.where(metal[:, None], looks.metal[mesh], albedo)
    return albedo, torch.where(metal | face, 0.7, torch.where(band, 0.1, gloss))


def _sleeved(
    albedo: Tensor, gloss: Tensor, points: Tensor, looks: Looks, mesh: Tensor
) -> tuple[Tensor, Tensor]:
    """Put cloth, without gloss, on the forearm beyond the sleeve's start."""
    across, along = points[:, 0], points[:, 1]
    is_cloth = along > looks.sleeve[mesh] + 2 * torch.sin(across / 6)
    phase = (along + 0.4 * looks.relief[mesh] * across) / looks.stripe[mesh]
    blend = (0.5 + 2 * torch.sin(6.28 * phase)).clamp(0, 1)[:, None]
    cloth = torch.lerp(looks.cloth[mesh, 0], looks.cloth[mesh, 1], blend)
    # A hem: the first millimetres are darker.
    hem = (along - looks.sleeve[mesh] < 4)[:, None]
    cloth = cloth * torch.where(hem, 0.7, 1.0)
    return torch.where(is_cloth[:, None], cloth, albedo), gloss * ~is_cloth
