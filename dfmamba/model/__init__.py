"""The network: frozen configs in, maps and hands out, and a trace of its deformable scans."""

from dfmamba.model.backbones.dfmamba import DFMambaConfig
from dfmamba.model.backbones.timm import TimmConfig
from dfmamba.model.confidence import confidence
from dfmamba.model.config import NetworkConfig
from dfmamba.model.contracts import Backbone, Decoder, Hands, Pyramid
from dfmamba.model.decoders.heatmap import HandMaps, HeatmapConfig
from dfmamba.model.network import HandNetwork
from dfmamba.model.registry import BACKBONES, DECODERS
from dfmamba.model.targets import Batch
from dfmamba.model.trace import HasScans, ScanTrace, trace

__all__ = [
    "BACKBONES",
    "DECODERS",
    "Backbone",
    "Batch",
    "DFMambaConfig",
    "Decoder",
    "HandMaps",
    "HandNetwork",
    "Hands",
    "HasScans",
    "HeatmapConfig",
    "NetworkConfig",
    "Pyramid",
    "ScanTrace",
    "TimmConfig",
    "confidence",
    "trace",
]
