"""What a deformable layer did with a picture: anchors, offsets, weights and scan order.

Nothing is kept, and nothing costs, unless a `trace` is open.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from torch import Tensor


@dataclass(frozen=True)
class ScanTrace:
    """One layer's deformable scan over B pictures of height x width tokens, with K anchors.

    Token t lies at (t // width, t % width). Anchor k of token t reads the place
    (row_t, column_t) + anchors[k] + offsets[b, t, k], in token units. L is height * width.
    """

    height: int
    """Rows of tokens."""
    width: int
    """Columns of tokens."""
    anchors: Tensor
    """(K, 2): row and column."""
    offsets: Tensor
    """(B, L, K, 2): row and column."""
    weights: Tensor
    """(B, L, K): of what is read at the places."""
    step: Tensor
    """(B, L): the scan's dt, its mean over channels."""
    order: Tensor
    """(L,): the tokens in scan order."""

    def numpy(self) -> "ScanTrace":
        """The same with NumPy arrays in place of tensors."""
        names = ("anchors", "offsets", "weights", "step", "order")
        arrays: dict[str, Any] = {name: getattr(self, name).cpu().numpy() for name in names}
        return ScanTrace(self.height, self.width, **arrays)

    def picture(self, index: int) -> "ScanTrace":
        """One picture of the batch, without the batch dimension."""
        return replace(
            self,
            offsets=self.offsets[index],
            weights=self.weights[index],
            step=self.step[index],
        )


class ScanLayer(Protocol):
    """A deformable layer."""

    on_trace: Callable[[ScanTrace], None] | None
    """Called in each pass, unless it is None."""
    stray: Tensor | None
    """After a training pass: how far its places lie outside the picture, in tokens, on the mean."""


class HasScans(Protocol):
    """A network or a backbone, with deformable layers or without."""

    @property
    def scan_layers(self) -> Sequence[ScanLayer]:
        """The deformable layers in the order in which they run."""


@contextmanager
def trace(network: HasScans, layers: Sequence[int] | None = None) -> Iterator[dict[int, ScanTrace]]:
    """Collect the traces of the given layers (0-based; all by default), renewed by each forward."""
    collected: dict[int, ScanTrace] = {}
    chosen = range(len(network.scan_layers)) if layers is None else layers
    hooked = [network.scan_layers[i] for i in chosen]
    for index, layer in zip(chosen, hooked, strict=True):
        layer.on_trace = lambda scan, index=index: collected.__setitem__(index, scan)
    try:
        yield collected
    finally:
        for layer in hooked:
            layer.on_trace = None
