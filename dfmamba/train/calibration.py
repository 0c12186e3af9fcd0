"""The confidence of a network set so that it means a probability."""

from dataclasses import replace

from dfmamba.evaluate.synthetic import measure
from dfmamba.model import HandNetwork
from dfmamba.model.confidence import RIGHT_WITHIN, UNCALIBRATED, fit
from dfmamba.synth import TrainingPictures

PICTURES = 2048


def calibrate(network: HandNetwork, pictures: TrainingPictures) -> None:
    """Fit the network's calibration to pictures that it did not learn from."""
    network.config = replace(network.config, calibration=UNCALIBRATED)
    measured = measure(network, pictures, PICTURES)
    found = fit(measured.confidence, measured.shares < RIGHT_WITHIN)
    network.config = replace(network.config, calibration=found)
