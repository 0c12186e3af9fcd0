"""Video files: their frames as people are meant to see them, with numbers and times."""

from dfmamba.video.film import USUAL_RATE, Decoded, Film, unreadable, video_frames
from dfmamba.video.numbers import Numbers

__all__ = ["USUAL_RATE", "Decoded", "Film", "Numbers", "unreadable", "video_frames"]
