"""What the estimator says of a frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from dfmamba.camera import Crop, Intrinsics
from dfmamba.hand import Side
from dfmamba.pipeline.absence import Reason
from dfmamba.pipeline.reader import Traces
from dfmamba.pose import HandPose

STAGES = ("detect", "network", "lift", "smooth")


@dataclass(frozen=True)
class Region:
    """A part of the frame that the network read at once, and the hands that it found there."""

    crop: Crop
    """What the network saw."""
    traces: Traces
    """What each deformable layer did with the crop while `HandEstimator.tracing`; else empty, and
    always so of a network without such layers."""
    hands: tuple[HandPose, ...]
    """One, or more of a network that reads several hands of a crop."""


@dataclass(frozen=True)
class Estimate:
    """What one frame holds."""

    regions: tuple[Region, ...]
    """Where hands are seen."""
    camera: Intrinsics
    """The camera that millimetres were computed with: the frame's own, or an assumed one."""
    stage_ms: dict[str, float]
    """Milliseconds of each of `STAGES`; of a detector in the background, only what it held up."""
    detected: bool
    """Whether the detector ran, or began to run, on this frame."""
    missing: Mapping[Side, Reason] = field(default_factory=dict)
    """Why a side has no hand, as far as that is known."""
    traced: bool = False
    """Whether traces were asked for: without deformable layers there are none all the same."""

    @property
    def hands(self) -> tuple[HandPose, ...]:
        """The hands of all regions."""
        return tuple(chain.from_iterable(region.hands for region in self.regions))
