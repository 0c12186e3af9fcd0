"""What a deformable layer did with a picture: anchors, offsets, weights and scan order.

Nothing is kept, and nothing costs, unless a `trace` is open.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    from dfmamba.model.network import HandNetwork


@dataclass(frozen=True)
class ScanTrace:
    """One layer's deformable scan over a grid of height x width tokens.

    Token t lies at (t // width, t % width). Anchor k of token t reads the place
    (row_t, column_t) + anchors[k] + offsets[b, t, k], in token units.

    anchors (K, 2), offsets (B, L, K, 2), both (row, column); weights (B, L, K); step (B, L): dt,
    the mean over channels; order (L,): the tokens in scan order.
    """

    height: int
    width: int
    anchors: Tensor
    offsets: Tensor
    weights: Tensor
    step: Tensor
    order: Tensor

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


@contextmanager
def trace(
    network: "HandNetwork", layers: Sequence[int] | None = None
) -> Iterator[dict[int, ScanTrace]]:
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
