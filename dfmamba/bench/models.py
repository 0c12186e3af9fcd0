"""The backbones that ours is timed beside, from timm where it is installed."""

from collections.abc import Sequence
from importlib.util import find_spec

from torch import Tensor, nn

from dfmamba.errors import UserError
from dfmamba.model import DFMambaConfig
from dfmamba.model.backbones.dfmamba import DFMamba

OURS, BASELINE = "dfmamba", "resnet50"
MODELS = (
    OURS,
    BASELINE,
    "convnext_tiny",
    "swin_tiny_patch4_window7_224",
    "vit_small_patch16_224",
    "mambaout_tiny",
    "resnet152",
)


def check(models: Sequence[str]) -> None:
    """See that they can all be built here.

    Raises:
        UserError: one is unknown, or timm is missing.
    """
    unknown = [name for name in models if name not in MODELS]
    if unknown:
        raise UserError(f"no model {', '.join(unknown)} here; there are {', '.join(MODELS)}")
    if find_spec("timm") is None and set(models) != {OURS}:
        raise UserError(f"all models but {OURS} need timm: pip install timm, or --models {OURS}")


class Ours(nn.Module):
    """Our backbone: images (B, 3, H, W) to its last map (B, C, H / 32, W / 32)."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = DFMamba(DFMambaConfig())

    def forward(self, images: Tensor) -> Tensor:
        """The map that the hand's network reads: all of the backbone lies before it."""
        last: Tensor = self.backbone(images)[32]
        return last


class Theirs(nn.Module):
    """A network of timm's without its head: images (B, 3, H, W) to its last map."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        network.head = nn.Identity()  # some have layers after the pooling that nothing here uses
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """The layout of the map is the network's own."""
        features: Tensor = self.network.forward_features(images)  # type: ignore[operator]
        return features


def build(name: str, size: int) -> nn.Module:
    """The backbone of that name for images of size x size, with random weights."""
    if name == OURS:
        return Ours()
    import timm

    options: dict[str, int] = {}
    if name.startswith(("swin", "vit")):
        options["img_size"] = size
    if name.startswith("swin"):
        options["window_size"] = size // 32  # the smallest map is one window: 7 for 224, 8 for 256
    return Theirs(timm.create_model(name, pretrained=False, num_classes=0, **options))
