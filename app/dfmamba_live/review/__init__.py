"""Going through a file at will: the playhead, what was decoded and found, comparing weights."""

from dfmamba_live.review.findings import LOW_CONFIDENCE, Overview
from dfmamba_live.review.player import Player, Transport
from dfmamba_live.review.playhead import SPEEDS
from dfmamba_live.review.thumbnails import Thumbnails

__all__ = [
    "LOW_CONFIDENCE",
    "SPEEDS",
    "Overview",
    "Player",
    "Thumbnails",
    "Transport",
]
