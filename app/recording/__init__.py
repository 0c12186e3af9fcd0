"""What the program writes: recordings, and exports of the hands it found."""

from app.recording.draw import draw_hands
from app.recording.exports import FORMATS, Export, open_export
from app.recording.recorder import Recorder

__all__ = ["FORMATS", "Export", "Recorder", "draw_hands", "open_export"]
