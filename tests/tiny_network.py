"""The smallest network that has a block of each kind, for tests that train or time one."""

from dfmamba.model import DFMambaConfig, HeatmapConfig, NetworkConfig

TINY = NetworkConfig(
    DFMambaConfig(stem_width=8, depths=(1,) * 6, widths=(8, 16, 16, 16, 32, 32), d_state=4),
    input_size=64,
    decoder=HeatmapConfig(16),
)
