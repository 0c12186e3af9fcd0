"""The network: frozen configs in, maps and joints out, and a trace of its deformable scans."""

from dfmamba.model.backbone import Backbone, Features
from dfmamba.model.confidence import confidence
from dfmamba.model.config import BackboneConfig, NetworkConfig
from dfmamba.model.contracts import Hands
from dfmamba.model.decoder import HandMaps, HandReadout, read_out
from dfmamba.model.network import HandNetwork
from dfmamba.model.trace import ScanTrace, trace

__all__ = [
    "Backbone",
    "BackboneConfig",
    "Features",
    "HandMaps",
    "HandNetwork",
    "HandReadout",
    "Hands",
    "NetworkConfig",
    "ScanTrace",
    "confidence",
    "read_out",
    "trace",
]
