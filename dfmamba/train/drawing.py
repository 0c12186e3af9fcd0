"""The batches that the network learns from: made pictures, and photographs where there are any."""

from collections.abc import Sequence
from pathlib import Path

import torch

from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.train.batch import Batch, MakeBatch, joined, synthetic
from dfmamba.train.photographs import Photographs

ABSENT = 0.08
"""Share of the made pictures without a hand."""
SHOWINGS = 2
"""Pictures made of each drawn hand: drawing takes as long as learning."""
REAL_SHARE = 0.15
"""Share of photographs in a batch."""


def drawer(
    data: Path | None,
    photographs: Sequence[Path],
    size: int,
    device: torch.device,
    seed: int,
) -> MakeBatch:
    """The function that draws a batch of so many pictures; its arguments are `train`'s."""
    config = SynthConfig(size=size, absent=ABSENT, showings=SHOWINGS)
    made = TrainingPictures(config, data, device, seed)
    real = Photographs(photographs, size, device, seed) if photographs else None

    def draw(count: int) -> Batch:
        if real is None:
            return synthetic(made.batch(count))
        share = round(REAL_SHARE * count)
        return joined([synthetic(made.batch(count - share)), real.batch(share)])

    return draw
