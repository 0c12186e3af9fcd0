"""Training pictures made by the program itself: hands with exact joints, drawn in batches."""

from dfmamba.synth.pictures import SynthConfig, TrainingBatch, TrainingPictures

__all__ = ["SynthConfig", "TrainingBatch", "TrainingPictures"]
