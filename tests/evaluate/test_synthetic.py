from types import SimpleNamespace

import numpy as np
import pytest
import torch
from knowing_network import CELL, SIZE, Knowing, joints_on_cells

from dfmamba.evaluate.synthetic import BATCH, measure, synthetic_figures
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.metrics import palm_length

COUNT = BATCH + 6
MM = np.random.default_rng(0).normal(0, 40, (COUNT, 21, 3)) + np.array([0, 0, 500])
PALMS = palm_length(MM)[:, None, None]
UNITS = (MM - MM[:, :1]) / PALMS
PIXELS = joints_on_cells(COUNT)


class Prepared:
    """Pictures without content, with prepared joints; joint 1 is hidden in all of them."""

    def __init__(self):
        self.given = 0

    def batch(self, count):
        chosen = slice(self.given, self.given + count)
        self.given += count
        visible = torch.ones(count, 21, dtype=torch.bool)
        visible[:, 1] = False
        return SimpleNamespace(
            images=torch.zeros(count, 3, SIZE, SIZE),
            joints_px=torch.as_tensor(PIXELS[chosen]),
            joints_mm=torch.as_tensor(MM[chosen]),
            visible=visible,
            family=torch.arange(self.given - count, self.given) % 3,
            tone=torch.arange(self.given - count, self.given) / COUNT,
        )


def figures(network):
    return synthetic_figures(measure(network, Prepared(), COUNT))


def test_a_perfect_network_has_no_error():
    found = figures(Knowing(PIXELS, UNITS))
    assert found.pictures == COUNT
    assert found.mpjpe_mm == pytest.approx(0, abs=1e-3)
    assert found.pa_mpjpe_mm == pytest.approx(0, abs=1e-3)
    assert found.mean_px == pytest.approx(0, abs=1e-3)
    assert found.auc_0_50 >= 0.99  # the threshold of 0 mm forgives no rounding
    assert found.auc_20_50_palm_scaled == pytest.approx(1)


def test_the_assumed_palm_shows_in_its_own_figure_only():
    found = figures(Knowing(PIXELS, UNITS))
    scale = np.abs(WRIST_TO_MIDDLE_MCP_MM / PALMS - 1)[..., 0]
    expected = (np.linalg.norm(MM - MM[:, :1], axis=-1) * scale).mean()
    assert found.mpjpe_assumed_palm_mm == pytest.approx(expected, rel=1e-4)


def test_the_network_is_not_forgiven_its_own_palm_error():
    found = figures(Knowing(PIXELS, UNITS * 1.1))
    expected = 0.1 * np.linalg.norm(MM - MM[:, :1], axis=-1).mean()
    assert found.mpjpe_mm == pytest.approx(expected, rel=1e-3)
    assert found.best_scaled_mpjpe_mm == pytest.approx(0, abs=1e-3)


def test_image_errors_are_pixels_and_shares():
    wrong = PIXELS.copy()
    wrong[:, 1] += [2 * CELL, 0]  # the hidden joint
    found = figures(Knowing(wrong, UNITS))
    assert found.mean_px == pytest.approx(2 * CELL / 21, rel=1e-4)
    assert found.mean_px_visible == pytest.approx(0, abs=1e-4)
    sides = np.ptp(PIXELS, axis=1).max(axis=1)
    assert found.box_share == pytest.approx((2 * CELL / 21 / sides).mean(), rel=1e-4)
