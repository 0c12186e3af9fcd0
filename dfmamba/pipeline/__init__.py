"""From an image to hand poses: detect, crop, network, lift, smooth, track."""

from dfmamba.pipeline.absence import Reason
from dfmamba.pipeline.estimate import STAGES, Estimate, Region
from dfmamba.pipeline.estimator import HandEstimator

__all__ = ["STAGES", "Estimate", "HandEstimator", "Reason", "Region"]
