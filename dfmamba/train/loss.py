"""The training loss of the heatmap network (Zhou et al. 2020, with terms of ours).

The maps learn as in DetNet: the heatmap by its squared error, delta and location by their squared
errors under the true heatmap. The read-out itself learns too, by its absolute error in the image
and in 3D, so that the joints are right between the heatmap's cells.

A photograph's joints are known in the image, and only roughly in space. It teaches 3D through its
shadow: the joints as the best of all cameras that face the crop sees them must lie where they are
in the picture, with bones and a palm of likely size and fingers that do not bend backwards. That
alone could be had by a hand squeezed into a stick that points at a very near camera, so the rough
joints count too: each is off by 10 mm or more, but to one side as often as to the other.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.hand import BONES, FINGERS, INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, PARENTS
from dfmamba.model import HandMaps, read_out
from dfmamba.train.batch import Batch

SIGMA_CELLS = 1.5
HEATMAP, DELTA, LOCATION, IMAGE, SPACE = 50.0, 1.0, 2.0, 20.0, 5.0
"""Weights of the five terms. Delta and location are weighted means here, not sums over cells."""
HAND, SHADOW, LIKELY, ROUGH = 0.3, 0.3, 1.0, 2.5
NEAREST = 0.3
"""The nearest camera, as one over its distance from the wrist, in palm units: some 31 cm."""

BONE_LENGTHS = (
    *(0.39, 0.34, 0.42, 0.33),
    *(0.99, 0.37, 0.28, 0.31),
    *(1.00, 0.39, 0.32, 0.31),
    *(0.96, 0.35, 0.28, 0.31),
    *(0.93, 0.25, 0.18, 0.23),
)
"""Of the mean adult, palm units, in the order of `BONES`. Numbers, as a CUDA graph must not copy a
tensor from the CPU."""
PALM_WIDTHS = {(1, 5): 0.66, (1, 17): 0.87, (5, 17): 0.69}
"""Distances of the thumb's CMC and the index and little fingers' MCP, likewise."""
LENGTH_SLACK = 0.2
"""A length's logarithm may differ by this much before it counts as unlikely."""
BEND_SLACK = 0.25
"""How far backwards, as a sine, a joint may bend before it counts as unlikely."""


def target_heatmaps(joints_px: Tensor, input_size: int, cells: int) -> Tensor:
    """Gaussians with a peak of 1 at joints (B, 21, 2) in crop pixels: (B, 21, cells, cells)."""
    centres = torch.arange(cells, device=joints_px.device) + 0.5
    distance = centres - joints_px[..., None] * (cells / input_size)
    rise = torch.exp(-0.5 * (distance / SIGMA_CELLS).square())
    return rise[..., 1, :, None] * rise[..., 0, None, :]


def hand_loss(maps: HandMaps, batch: Batch) -> dict[str, Tensor]:
    """The weighted terms by name; their sum is the loss."""
    size, cells = batch.images.shape[-1], maps.heatmap.shape[-1]
    target = target_heatmaps(batch.joints_px, size, cells) * (batch.image > 0)[:, None, None, None]
    hand = read_out(maps, size)
    inside = ((batch.joints_px > 0) & (batch.joints_px < size)).all(dim=-1, keepdim=True)
    image = (hand.joints_px - batch.joints_px).abs() * inside / size
    # A picture without a hand teaches empty heatmaps.
    heat = (maps.heatmap.float().sigmoid() - target).square()
    flat = batch.image * (1 - batch.space)
    apart = (hand.joints - batch.joints).abs()
    return {
        "heatmap": HEATMAP * _mean(heat, torch.maximum(batch.image, 1 - batch.present)),
        **_map_terms(maps, batch, target),
        "image": IMAGE * _mean(image, batch.image),
        "space": SPACE * _mean(apart, batch.space),
        "shadow": SHADOW * _mean(shadow_error(hand.joints, batch.joints_px, size), flat),
        "likely": LIKELY * _mean(unlikeliness(hand.joints), flat),
        "rough": ROUGH * _mean(apart, flat),
        "hand": HAND * _hand_term(maps.hand.float(), batch),
    }


def taught_loss(maps: HandMaps, taught: HandMaps) -> dict[str, Tensor]:
    """What a smaller network learns from a larger one's maps of the same pictures (distillation).

    Weighted as the same maps are in `hand_loss`; locations count where the teacher sees the joint.
    """
    theirs = taught.heatmap.detach().float().sigmoid()
    heat = (maps.heatmap.float().sigmoid() - theirs).square().mean()
    where = theirs.square()[:, :, None]
    apart = (maps.location.float() - taught.location.detach().float()).square()
    location = (apart * where).sum() / (3 * where.sum().clamp_min(1.0))
    return {"taught heatmap": HEATMAP * heat, "taught location": LOCATION * location}


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    """The mean of values (B, ...) with a weight for each picture (B,); 0 where all are 0."""
    return (values.reshape(len(values), -1).mean(1) * weight).sum() / weight.sum().clamp_min(1.0)


def _map_terms(maps: HandMaps, batch: Batch, target: Tensor) -> dict[str, Tensor]:
    bones = torch.stack(
        [batch.joints[:, i] - batch.joints[:, max(parent, 0)] for i, parent in enumerate(PARENTS)],
        1,
    )
    target = target * batch.space[:, None, None, None]
    total = target.sum().clamp_min(1.0) * 3

    def under_heatmap(found: Tensor, true: Tensor) -> Tensor:
        error = (found.float() - true[..., None, None]).square()
        return (error * target[:, :, None]).sum() / total

    return {
        "delta": DELTA * under_heatmap(maps.delta, bones),
        "location": LOCATION * under_heatmap(maps.location, batch.joints),
    }


def _hand_term(logits: Tensor, batch: Batch) -> Tensor:
    both = torch.stack([batch.present, batch.right], dim=1)
    error = F.binary_cross_entropy_with_logits(logits, both, reduction="none")
    # Nothing is left or right about an empty picture.
    return error[:, 0].mean() + _mean(error[:, 1], batch.present)


def shadow_error(joints: Tensor, joints_px: Tensor, size: int) -> Tensor:
    """How far joints (B, 21, 3) are from casting joints_px (B, 21, 2), as shares of the hand.

    Of crops of `size` pixels. A camera that faces the crop sees a joint x, y, z beside its middle
    at u with u (1 + q z) = s (x, y) + t, where q is one over its distance: linear in q, s and t,
    which are the least squares fit. A distant camera (q = 0) cannot show how near hands look.
    Returns (B, 21).
    """
    places = joints_px - size / 2
    seen = _centred(places)
    extent = seen.square().sum(-1).mean(1).sqrt().clamp_min(1.0)[:, None, None]
    seen, cast = seen / extent, _centred(joints[..., :2])
    nearness = _centred(places / extent * joints[..., 2:])

    def product(one: Tensor, other: Tensor) -> Tensor:
        return (one * other).sum((1, 2))

    cast_cast, cast_near = product(cast, cast).clamp_min(1e-3), product(cast, nearness)
    cast_seen, near_seen = product(cast, seen), product(nearness, seen)
    free = cast_cast * product(nearness, nearness) - cast_near.square()
    q = (cast_seen * cast_near - near_seen * cast_cast) / free.clamp_min(1e-3)
    q = q.clamp(0, NEAREST)
    scale = ((cast_seen + q * cast_near) / cast_cast).clamp_min(0)
    return (_by(scale) * cast - _by(q) * nearness - seen).abs().sum(-1)


def _centred(points: Tensor) -> Tensor:
    return points - points.mean(1, keepdim=True)


def _by(factor: Tensor) -> Tensor:
    return factor[:, None, None]


def unlikeliness(joints: Tensor) -> Tensor:
    """Penalties (B, 27) of right hands (B, 21, 3) for odd sizes and for backward bends."""
    bones = torch.stack([joints[:, child] - joints[:, parent] for parent, child in BONES], 1)
    lengths = bones.norm(dim=-1).clamp_min(1e-3)
    widths = [(joints[:, one] - joints[:, other]).norm(dim=-1) for one, other in PALM_WIDTHS]
    told = [*lengths.unbind(1), *(width.clamp_min(1e-3) for width in widths)]
    pairs = zip(told, (*BONE_LENGTHS, *PALM_WIDTHS.values()), strict=True)
    odd = torch.stack([(length / likely).log() for length, likely in pairs], 1).abs() - LENGTH_SLACK
    ways = (bones / lengths[..., None]).unflatten(1, (len(FINGERS), 4))[:, 1:]
    # Out of the palm of a right hand: from little to index finger, then up along the middle one.
    across = joints[:, INDEX_MCP] - joints[:, LITTLE_MCP]
    palm = F.normalize(torch.linalg.cross(across, bones[:, MIDDLE_MCP - 1]), dim=-1)
    turns = ways[:, :, 1:] - ways[:, :, :-1]
    backward = -(turns * palm[:, None, None]).sum(-1) - BEND_SLACK
    # Only the first joint's bend shows against the palm; the others turn with the finger.
    return torch.cat([odd.relu(), backward[:, :, 0].relu()], 1)
