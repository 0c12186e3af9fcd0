from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from knowing_network import CELL, SIZE, Knowing, joints_on_cells

from dfmamba.evaluate.reliability import reliability
from dfmamba.evaluate.synthetic import BATCH, measure
from dfmamba.model import HandMaps
from dfmamba.model.confidence import RIGHT_WITHIN
from dfmamba.train import calibration
from dfmamba.train.calibration import calibrate

COUNT = 4 * BATCH


class Boasting(Knowing):
    """Its heatmaps' peaks are 0.5 to 0.99; of the joints told with `p` it gets `p` cubed right."""

    def __init__(self, true_px):
        make = np.random.default_rng(1)
        self_told = make.uniform(0.5, 0.99, true_px.shape[:2])
        wrong = make.uniform(size=self_told.shape) > self_told**3
        super().__init__(true_px + wrong[..., None] * [3 * CELL, 0])
        self.peaks = torch.as_tensor(self_told)

    def forward(self, images):
        peaks = self.peaks[self.told : self.told + len(images)]
        maps = super().forward(images)
        top = peaks.logit().float()[..., None, None]
        return HandMaps(torch.where(maps.heatmap > 0, top, maps.heatmap), *maps[1:])


class Pictures:
    """The same pictures from the start each time."""

    def __init__(self, true_px):
        self.true_px, self.given = torch.as_tensor(true_px), 0

    def batch(self, count):
        chosen = slice(self.given, self.given + count)
        self.given += count
        return SimpleNamespace(
            images=torch.zeros(count, 3, SIZE, SIZE),
            joints_px=self.true_px[chosen],
            joints_mm=torch.ones(count, 21, 3),
            visible=torch.ones(count, 21, dtype=torch.bool),
            family=torch.zeros(count, dtype=torch.long),
            tone=torch.zeros(count),
        )


@pytest.fixture
def true_px(monkeypatch):
    monkeypatch.setattr(calibration, "PICTURES", COUNT)
    return joints_on_cells(COUNT)


def miscalibration(network, true_px):
    network.told = 0
    found = measure(network, Pictures(true_px), COUNT)
    return reliability(found.confidence, found.shares < RIGHT_WITHIN).error


def test_confidence_means_a_probability_afterwards(true_px):
    network = Boasting(true_px)
    assert miscalibration(network, true_px) > 0.2
    network.told = 0
    calibrate(network, Pictures(true_px))
    assert miscalibration(network, true_px) < 0.03


def test_an_older_calibration_does_not_matter(true_px):
    found = []
    for older in ((1.0, 0.0), (3.0, -2.0)):
        network = Boasting(true_px)
        network.config = replace(network.config, calibration=older)
        calibrate(network, Pictures(true_px))
        found.append(network.config)
    assert found[0] == found[1]
    assert replace(found[0], calibration=(1.0, 0.0)) == Knowing.config
