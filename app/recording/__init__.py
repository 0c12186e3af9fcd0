"""What the program writes: exports of the hands it found."""

from app.recording.export import Export

__all__ = ["Export"]
