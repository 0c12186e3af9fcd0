"""What a smaller network learns from a larger one's joints in the same pictures."""

from torch import Tensor

from dfmamba.model.contracts import Hands
from dfmamba.model.targets import Batch, weighted_mean

TAUGHT_2D, TAUGHT_3D = 20.0, 5.0
"""How much the terms count: as the true joints do in the heatmap decoder's loss."""


def taught_loss(own: Hands, theirs: Hands, batch: Batch) -> dict[str, Tensor]:
    """The weighted terms by name; joints_px of both from 0 to 1 across the crop.

    Joints and not maps, whose sizes may differ; of both networks' first hand in a crop.
    """
    places = (own.joints_px - theirs.joints_px.detach()).abs()[:, 0]
    apart = (own.joints - theirs.joints.detach()).abs()[:, 0]
    return {
        "taught 2d": TAUGHT_2D * weighted_mean(places, batch.weight_2d),
        "taught 3d": TAUGHT_3D * weighted_mean(apart, batch.weight_2d),
    }
