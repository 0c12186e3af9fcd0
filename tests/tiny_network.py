"""The smallest network that has a block of each kind, for tests that train or time one."""

from dfmamba.model import BackboneConfig, NetworkConfig

TINY = NetworkConfig(
    BackboneConfig(stem_width=8, depths=(1,) * 6, widths=(8, 16, 16, 16, 32, 32), d_state=4),
    input_size=64,
    decoder_width=16,
)
