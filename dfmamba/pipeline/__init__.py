"""From an image to hand poses: detect, crop, network, lift, smooth, track."""

from dfmamba.pipeline.absence import Reason
from dfmamba.pipeline.estimator import Estimate, HandEstimator

__all__ = ["Estimate", "HandEstimator", "Reason"]
