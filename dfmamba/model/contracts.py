"""What a network is made of: any backbone serves any decoder.

A backbone makes of pictures a pyramid of maps, a decoder of the pyramid maps of its own, of these
hands, and of these and the truth a loss. `registry` names both, so that a weights file can tell of
what its network is made.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from torch import Tensor, nn

from dfmamba.model.targets import Batch
from dfmamba.model.trace import ScanLayer

STRIDES = (4, 8, 16, 32)
"""Of a pyramid's maps: how many pixels of the picture one of their cells spans."""

Pyramid: TypeAlias = Mapping[int, Tensor]
"""Maps (B, C, H / stride, W / stride) by stride, one for each of `STRIDES`."""

Maps = TypeVar("Maps")
"""What a decoder makes of a pyramid; only the decoder itself looks into it."""


class Hands(NamedTuple):
    """What a network reads of B crops, H hands to a crop."""

    joints_px: Tensor
    """(B, H, 21, 2): x and y in pixels of the crop."""
    joints: Tensor
    """(B, H, 21, 3): relative to the wrist, in palm units, facing the crop (`Crop.facing`)."""
    peak: Tensor
    """(B, H, 21): how sure the network is of each joint, 0 to 1, before it is calibrated."""
    present: Tensor
    """(B, H): the probability that there is a hand."""
    right: Tensor
    """(B, H): the probability that it is shown as a right hand."""


class Backbone(nn.Module):
    """Images (B, 3, H, W), normalised, to a `Pyramid`; H and W are multiples of 32."""

    widths: Mapping[int, int]
    """Channels of the pyramid's maps, by stride."""
    kept_from_muon: Sequence[str] = ()
    """Parts of the names of matrices that the optimizer must not make orthogonal: the first layer,
    and others that are not hidden layers' weights."""

    @abstractmethod
    def forward(self, images: Tensor) -> Pyramid:
        """The pyramid of the images."""

    @property
    def scan_layers(self) -> Sequence[ScanLayer]:
        """The deformable layers in the order in which they run, for a `trace`; most have none."""
        return ()


class Decoder(nn.Module, Generic[Maps]):
    """A pyramid to maps, and what to make of them."""

    hands: int = 1
    """How many hands it reads of a crop."""
    read_outs: Sequence[str] = ("only",)
    """The names of its ways to read maps out, the usual one first."""
    kept_from_muon: Sequence[str] = ()
    """As of a backbone; most often the last layers."""

    @abstractmethod
    def forward(self, pyramid: Pyramid) -> Maps:
        """The maps of a pyramid whose widths it was made for."""

    @abstractmethod
    def read_out(self, maps: Maps, input_size: int, method: str | None = None) -> Hands:
        """The hands in crops of `input_size` pixels, by one of `read_outs` (None: the first)."""

    @abstractmethod
    def loss(self, maps: Maps, batch: Batch) -> dict[str, Tensor]:
        """The weighted terms of the loss by name, each (); their sum is the loss."""
