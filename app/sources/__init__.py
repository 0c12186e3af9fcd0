"""Where frames come from: cameras, videos, folders of pictures."""

from app.sources.base import Frame, Kind, Source
from app.sources.opening import DEMO, open_source

__all__ = ["DEMO", "Frame", "Kind", "Source", "open_source"]
