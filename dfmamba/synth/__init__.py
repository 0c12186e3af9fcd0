"""Training pictures made by the program itself: hands with exact joints, drawn in batches."""

from dfmamba.synth.pair_batch import PairBatch
from dfmamba.synth.pictures import SynthConfig, TrainingBatch, TrainingPictures

__all__ = ["PairBatch", "SynthConfig", "TrainingBatch", "TrainingPictures"]
