"""The DF-Mamba backbone: convolutions, deformable scans and gated convolutions."""

from dfmamba.model.backbones.dfmamba.backbone import DFMamba
from dfmamba.model.backbones.dfmamba.config import DFMambaConfig

__all__ = ["DFMamba", "DFMambaConfig"]
