"""The deformable state space layer's operator: plain torch beside a Triton kernel.

`dssm` picks the implementation; `reference` is the definition that both are tested against.
"""

from dfmamba.ops.dssm.choose import dssm, scan
from dfmamba.ops.dssm.reference import anchor_grid, token_places
from dfmamba.ops.dssm.sampling import sampling_matrix

__all__ = ["anchor_grid", "dssm", "sampling_matrix", "scan", "token_places"]
