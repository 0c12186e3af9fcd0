"""DF-Mamba: 3D hand pose with deformable state space scanning.

The names in `__all__` are the public ones; each is loaded at its first use.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

# torch's threads spin for milliseconds while they wait for one another (libgomp's default), and
# where one of them has lost its core a frame takes many times as long. Spinning this little costs
# the network alone a tenth on free cores, and the window nothing. Read when torch is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")

if TYPE_CHECKING:
    from dfmamba.camera import Crop, Intrinsics
    from dfmamba.errors import UserError
    from dfmamba.frame import Depth, Frame
    from dfmamba.model import DFMambaConfig, HandNetwork, NetworkConfig, ScanTrace, trace
    from dfmamba.pipeline import Estimate, HandEstimator, Region
    from dfmamba.pipeline.detect import Detection
    from dfmamba.pose import HandPose
    from dfmamba.weights import load_network, save_network

__version__ = "0.1.0"
__all__ = [
    "Crop",
    "DFMambaConfig",
    "Depth",
    "Detection",
    "Estimate",
    "Frame",
    "HandEstimator",
    "HandNetwork",
    "HandPose",
    "Intrinsics",
    "NetworkConfig",
    "Region",
    "ScanTrace",
    "UserError",
    "load_network",
    "save_network",
    "trace",
]
_HOMES = {
    "camera": ("Crop", "Intrinsics"),
    "errors": ("UserError",),
    "frame": ("Depth", "Frame"),
    "model": ("DFMambaConfig", "HandNetwork", "NetworkConfig", "ScanTrace", "trace"),
    "pipeline": ("Estimate", "HandEstimator", "Region"),
    "pipeline.detect": ("Detection",),
    "pose": ("HandPose",),
    "weights": ("load_network", "save_network"),
}
"""The module of each public name."""


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
