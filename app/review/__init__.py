"""Going through a file at will: the playhead, what was decoded and found, comparing weights."""

from app.review.comparison import Difference, HandDifference
from app.review.findings import LOW_CONFIDENCE, Lane
from app.review.player import Player, Transport, View
from app.review.playhead import SPEEDS
from app.review.thumbnails import Thumbnails

__all__ = [
    "LOW_CONFIDENCE",
    "SPEEDS",
    "Difference",
    "HandDifference",
    "Lane",
    "Player",
    "Thumbnails",
    "Transport",
    "View",
]
