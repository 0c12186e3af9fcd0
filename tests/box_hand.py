"""A small hand of boxes in place of the baked one, which takes minutes to make."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.synth.hand.hand_model import HandArrays
from dfmamba.synth.hand.rig import BONE_NAMES, FINGER_BONES, bone_frames

CUBE = torch.tensor([[x, y, z] for x in (-1.0, 1) for y in (0.0, 1) for z in (-1.0, 1)])
CUBE_TRIANGLES = torch.tensor(
    [
        *([0, 3, 1], [0, 2, 3], [4, 7, 6], [4, 5, 7]),
        *([0, 5, 4], [0, 1, 5], [2, 7, 3], [2, 6, 7]),
        *([0, 6, 2], [0, 4, 6], [1, 7, 5], [1, 3, 7]),
    ]
)
"""They look outwards where the box points upwards, along -y, as the bones do."""


def boxes(heads: torch.Tensor, tails: torch.Tensor, widths: torch.Tensor) -> torch.Tensor:
    """Corners (n * 8, 3) of one box along each bone."""
    along = (tails - heads)[:, None] * CUBE[:, 1:2]
    side = CUBE * torch.tensor([1.0, 0, 1])
    return (heads[:, None] + along + side * widths[:, None, None]).flatten(0, 1)


@pytest.fixture(scope="session")
def arrays() -> HandArrays:
    heads, tips = torch.zeros(len(BONE_NAMES), 3), torch.zeros(5, 3)
    heads[0] = torch.tensor([0.0, 150, 0])
    tails = heads - torch.tensor([0.0, 40, 0])
    tails[0] = 0
    for finger in range(5):
        x = 40.0 - 20 * finger
        base = torch.tensor([x, -30.0 if finger == 0 else -90, -5])
        step = torch.tensor([14.0, -26, -6]) if finger == 0 else torch.tensor([0.0, -28, -3])
        for part in range(3):
            row = BONE_NAMES.index(FINGER_BONES[3 * finger + part])
            heads[row] = base + part * step
            tails[row] = heads[row] + step
        tips[finger] = base + 3 * step
    widths = torch.full((len(BONE_NAMES),), 7.0)
    widths[:2] = 20
    count = len(BONE_NAMES)
    generator = torch.Generator().manual_seed(0)
    weights = torch.eye(count).repeat_interleave(8, 0)
    parents = [
        -1,
        0,
        1,
        1,
        1,
        1,
        1,
        6,
        7,
        *(v for f in range(4) for v in (2 + f, 9 + 3 * f, 10 + 3 * f)),
    ]
    joints = [1]
    for finger in range(5):
        joints += [BONE_NAMES.index(FINGER_BONES[3 * finger + min(part, 2)]) for part in range(4)]
    scale = torch.tensor([0.05, 0.01])[:, None, None]
    vertices = boxes(heads, tails, widths)
    uv = torch.rand(12 * count, 3, 2, generator=generator) * 0.1
    return HandArrays(
        vertices=vertices,
        shape_vertices=scale * vertices,
        heads=heads,
        shape_heads=scale * heads,
        tips=tips,
        shape_tips=scale * tips,
        weights=weights,
        triangles=(CUBE_TRIANGLES + 8 * torch.arange(count)[:, None, None]).flatten(0, 1),
        uv=uv,
        parents=torch.tensor(parents),
        frames=bone_frames(heads, tips),
        joint_bones=torch.tensor(joints),
        wrist_shift=torch.tensor(0.1),
    )


@pytest.fixture(scope="session")
def hand_file(arrays: HandArrays, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hand") / "hand.npz"
    arrays.save(path)
    return path


@pytest.fixture(scope="session")
def make(hand_file: Path) -> Callable[..., TrainingPictures]:
    def build(seed: int = 0, data: Path | None = None, **options: Any) -> TrainingPictures:
        config = SynthConfig(size=64, hand=hand_file, **options)
        return TrainingPictures(config, data, seed=seed)

    return build
