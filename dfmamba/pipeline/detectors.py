"""The detectors that come with the package, by name."""

from dfmamba.engine import DeviceFrames
from dfmamba.pipeline.detect import Detector, DetectorName, LandmarkDetector
from dfmamba.pipeline.finder import FinderDetector


def open_detector(
    name: DetectorName, max_hands: int = 2, frames: DeviceFrames | None = None
) -> Detector:
    """The detector of that name; frames: of the GPU that the finder runs on, if there is one.

    Raises:
        UserError: the finder's weights are damaged, or MediaPipe's package is missing or another.
    """
    return FinderDetector(frames=frames) if name == "finder" else LandmarkDetector(max_hands)
