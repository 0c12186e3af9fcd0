"""Bake Anny's right hand and forearm into one array file that needs no Anny to use."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dfmamba.errors import UserError
from dfmamba.synth.hand.hand_model import HandArrays, baked_hand
from dfmamba.synth.hand.rig import (
    BONE_NAMES,
    CHAINS,
    SHAPE_DIRECTIONS,
    WIDTH_SD,
    WRIST_BONE,
    bone_frames,
    bone_parents,
    hand_frame,
    joint_bones,
    with_palm,
    with_proportions,
)

log = logging.getLogger(__name__)

LOCAL_CHANGES = {
    "r-hand-fingers-length-incr": 0.6,
    "r-hand-scale-incr": 0.4,
    "r-hand-fingers-diameter-incr": 0.7,
    "r-hand-fingers-distance-incr": 0.5,
    "measure-wrist-circ-incr": 0.5,
    "r-lowerarm-fat-incr": 0.7,
    "r-lowerarm-muscle-incr": 0.7,
}
"""Anny's local shape controls that touch the hand, and how far (-x to x) identities use them."""
PEOPLE = 800
WRIST_SHIFT = 0.13
"""Anny's wrist bone begins further up the arm than where hand data sets see the wrist."""
KNUCKLE_SHIFT = 0.03
"""Anny's fingers begin beyond their knuckles: moved by this share of the way to the wrist bone, the
middle one begins halfway to where MediaPipe sees it on made hands (0.06)."""
THUMB_SHIFT = 0.19
"""Anny's thumb bends before its knuckle, which MediaPipe sees by this share of the way to the next
joint farther out."""


def bake(out: Path | None = None) -> Path:
    """Sample `PEOPLE` bodies from Anny and write their hands' mean and how they vary.

    Anny's first use prepares its own cache for a few minutes. Returns the file written
    (None: the one in the user's cache).
    """
    try:
        from anny import Anny
    except ImportError as error:
        raise UserError("baking needs Anny; run pip install 'dfmamba-live[train]'") from error
    path = out or baked_hand()
    log.info("preparing Anny; the first time takes minutes")
    model = Anny(rig="makehuman", topology="makehuman", local_changes="all", phenotypes="all")
    _bake(model).save(path)
    log.info("wrote %s", path)
    return path


def _bake(model: Any) -> HandArrays:
    labels: list[str] = model.bone_labels
    rows = torch.tensor([labels.index(name) for name in BONE_NAMES])
    weights, kept = _skinning(model, rows, labels)
    triangles, uv = _triangles(model, kept)
    vertices, heads, tips = _people(model, kept, rows)
    mean, axes = _principal(torch.cat([vertices, heads, tips], 1))
    first, last = vertices.shape[1], vertices.shape[1] + heads.shape[1]
    wrist = mean[first + WRIST_BONE].lerp(mean[first + CHAINS[2, 0]], WRIST_SHIFT)
    mean = torch.cat(with_proportions(mean[:first], weights, mean[first:last], mean[last:], wrist))
    mean_heads, mean_tips = mean[first:last], mean[last:]
    own = torch.eye(len(BONE_NAMES), dtype=mean.dtype)
    owners = torch.cat([weights, own, own[CHAINS[:, 2]]])
    # All of Anny's palms are nearly as wide for their length.
    axes = torch.cat([axes, torch.zeros_like(mean)[None]])
    axes[-1, :, 0] = WIDTH_SD * with_palm(mean, owners, mean_heads)[:, 0]
    return HandArrays(
        vertices=mean[:first].float(),
        shape_vertices=axes[:, :first].float(),
        heads=mean_heads.float(),
        shape_heads=axes[:, first:last].float(),
        tips=mean_tips.float(),
        shape_tips=axes[:, last:].float(),
        weights=weights.float(),
        triangles=triangles,
        uv=uv.float(),
        parents=bone_parents(),
        frames=bone_frames(mean_heads, mean_tips).float(),
        joint_bones=joint_bones(),
        wrist_shift=torch.tensor(WRIST_SHIFT),
    )


def _skinning(model: Any, rows: Tensor, labels: list[str]) -> tuple[Tensor, Tensor]:
    """Weights (V, n) of the kept bones, and the indices (V,) of the kept vertices."""
    dense = torch.zeros(len(model.template_vertices), len(labels), dtype=torch.float64)
    dense.scatter_add_(1, model.vertex_bone_indices, model.vertex_bone_weights)
    # The upper half of the forearm stays as the arm that sleeves and picture borders need.
    upper = dense[:, labels.index("lowerarm01.R")]
    weights = dense[:, rows]
    weights[:, 0] += upper
    inside = weights.sum(1) > 0.5
    used = model.faces[inside[model.faces].all(1)]  # helper points have no faces
    kept = used.unique()
    weights = weights[kept]
    return weights / weights.sum(1, keepdim=True), kept


def _triangles(model: Any, kept: Tensor) -> tuple[Tensor, Tensor]:
    """Triangles (F, 3) on the kept vertices and their texture coordinates (F, 3, 2)."""
    new = torch.full((len(model.template_vertices),), -1)
    new[kept] = torch.arange(len(kept))
    quads = new[model.faces]
    inside = (quads >= 0).all(1)
    quads, uv = quads[inside], model.texture_coordinates[model.face_texture_coordinate_indices]
    halves = torch.tensor([[0, 1, 2], [0, 2, 3]])
    return quads[:, halves].flatten(0, 1), uv[inside][:, halves].flatten(0, 1)


def _people(model: Any, kept: Tensor, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Vertices, bone heads and fingertips of random people at rest, in the hand's frame, mm."""
    generator = torch.Generator().manual_seed(0)
    phenotypes = {
        label: torch.rand(PEOPLE, generator=generator, dtype=torch.float64)
        for label in model.phenotype_labels
    }
    # Mostly adults; below 0.3 Anny makes small children.
    phenotypes["age"] = 0.3 + 0.7 * phenotypes["age"]
    changes = {
        label: reach * (2 * torch.rand(PEOPLE, generator=generator, dtype=torch.float64) - 1)
        for label, reach in LOCAL_CHANGES.items()
    }
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    for start in range(0, PEOPLE, 50):
        chunk = slice(start, start + 50)
        rest = model.get_rest_model(
            model.get_phenotype_blendshape_coefficients(
                local_changes={k: v[chunk] for k, v in changes.items()},
                **{k: v[chunk] for k, v in phenotypes.items()},
            )
        )
        heads = 1000 * rest["rest_bone_heads"][:, rows]
        middle, (_, bend, end) = CHAINS[2, 0], CHAINS[0]
        heads[:, middle] = heads[:, middle].lerp(heads[:, WRIST_BONE], KNUCKLE_SHIFT)
        heads[:, bend] = heads[:, bend].lerp(heads[:, end], THUMB_SHIFT)
        tips = 1000 * rest["rest_bone_tails"][:, rows[CHAINS[:, 2]]]
        frame, origin = hand_frame(heads), heads[:, WRIST_BONE, None]
        vertices = 1000 * rest["rest_vertices"][:, kept]
        moved = [((points - origin) @ frame) for points in (vertices, heads, tips)]
        parts.append((moved[0], moved[1], moved[2]))
    return tuple(torch.cat(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]


def _principal(points: Tensor) -> tuple[Tensor, Tensor]:
    """The mean of points (N, P, 3), and all but one of the shape directions (S - 1, P, 3).

    The principal ones, scaled to one standard deviation.
    """
    flat = points.flatten(1)
    mean = flat.mean(0)
    _, scale, axes = torch.linalg.svd(flat - mean, full_matrices=False)
    axes = (axes * scale[:, None] / np.sqrt(len(flat)))[: SHAPE_DIRECTIONS - 1]
    return mean.view(points.shape[1:]), axes.view(-1, *points.shape[1:])
