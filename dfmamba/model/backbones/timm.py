"""Convolutional backbones of timm's, for comparison; needs the package timm."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from dfmamba.errors import UserError
from dfmamba.model.contracts import STRIDES, Backbone, Pyramid


@dataclass(frozen=True)
class TimmConfig:
    """A backbone of timm's with maps (B, C, H, W) of strides 4, 8, 16 and 32; random weights."""

    name: str = "resnet50"
    """As timm knows it."""


class TimmBackbone(Backbone):
    """The backbone that timm builds.

    Raises:
        UserError: timm is missing, does not know the name, or the backbone has other strides.
    """

    def __init__(self, config: TimmConfig) -> None:
        super().__init__()
        try:
            import timm
        except ImportError as error:
            raise UserError(f"the backbone {config.name} needs timm: pip install timm") from error
        if not timm.is_model(config.name):  # other names would be looked up on the network
            raise UserError(f"timm knows no backbone {config.name}; choose one that it lists")
        self.network = timm.create_model(
            config.name, pretrained=False, features_only=True, num_classes=0
        )
        info = self.network.feature_info
        found = dict(zip(info.reduction(), info.channels(), strict=True))
        if not set(STRIDES) <= set(found):
            raise UserError(
                f"the backbone {config.name} has maps of strides {sorted(found)}, and {STRIDES} are"
                " needed; choose another one"
            )
        self._strides: Sequence[int] = info.reduction()
        self.widths = {stride: found[stride] for stride in STRIDES}
        first = next(name for name, each in self.network.named_parameters() if each.dim() == 4)
        self.kept_from_muon = (first,)

    def forward(self, images: Tensor) -> Pyramid:
        """Images (B, 3, H, W), normalised, to their pyramid."""
        maps = dict(zip(self._strides, self.network(images), strict=True))
        return {stride: maps[stride] for stride in STRIDES}
