"""The batches that the network learns from: made pictures, and photographs where there are any."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

import torch

from dfmamba.data.batch import MakeBatch, joined, synthetic
from dfmamba.data.photographs import Photographs
from dfmamba.model.targets import Batch
from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.train.recipe import Recipe

B = TypeVar("B", bound=tuple[Any, ...])

PIXELS_AT_ONCE = 100_000_000
"""That a GPU draws: it takes ten thousand kernels, however many they are."""


def drawer(
    recipe: Recipe,
    data: Path | None,
    photographs: Sequence[Path],
    size: int,
    device: torch.device,
    seed: int,
) -> MakeBatch:
    """The function that draws a batch of so many pictures; its arguments are `train`'s."""
    config = SynthConfig(size=size, absent=recipe.absent, showings=recipe.showings)
    made = TrainingPictures(config, data, device, seed)
    real = Photographs(photographs, size, device, seed) if photographs else None

    def draw(count: int) -> Batch:
        if real is None:
            return synthetic(made.batch(count))
        share = ceil(recipe.photographs * count)
        return joined([synthetic(made.batch(count - share)), real.batch(share)])

    if device.type != "cuda":
        return draw
    return in_parts(ahead(draw), drawn_at_once(size), recipe.uses)


def drawn_at_once(size: int) -> int:
    """How many pictures of `size` pixels a GPU draws at once."""
    return PIXELS_AT_ONCE // size**2


def in_parts(draw: Callable[[int], B], at_once: int, uses: int) -> Callable[[int], B]:
    """A function that draws `at_once` pictures, or more, and hands them out in random parts.

    A batch is a named tuple of tensors with a row for each picture.

    All of them come once before one comes again, up to `uses` times each.
    """
    whole: B | None = None
    order = torch.empty(0, dtype=torch.int64)

    def part(count: int) -> B:
        nonlocal whole, order
        if whole is None or len(order) < count:
            whole = draw(max(count, at_once // count * count))
            first = whole[0]
            rounds = [torch.randperm(len(first), device=first.device) for _ in range(uses)]
            order = torch.cat(rounds)
        rows, order = order[:count], order[count:]
        return type(whole)(*(each[rows] for each in whole))

    return part


def ahead(draw: Callable[[int], B]) -> Callable[[int], B]:
    """A function that draws on the GPU too, the next batch while the last one is in use.

    In a thread and on a stream of its own: between learning's kernels there is room for it.
    """
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())  # for what `draw` was made of
    thread = ThreadPoolExecutor(1, "drawing")
    coming: dict[int, Future[B]] = {}

    def drawn(count: int) -> B:
        with torch.cuda.device(stream.device), torch.cuda.stream(stream):
            batch = draw(count)
        stream.synchronize()
        return batch

    def next_batch(count: int) -> B:
        batch = (coming.pop(count, None) or thread.submit(drawn, count)).result()
        coming[count] = thread.submit(drawn, count)
        for each in batch:  # not to be overwritten before the caller's stream has read it
            each.record_stream(torch.cuda.current_stream())
        return batch

    return next_batch
