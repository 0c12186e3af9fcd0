"""What the program writes: recordings, and exports of the hands it found."""

from dfmamba_live.recording.draw import draw_hands
from dfmamba_live.recording.exports import FORMATS, Export, open_export
from dfmamba_live.recording.recorder import Recorder

__all__ = ["FORMATS", "Export", "Recorder", "draw_hands", "open_export"]
