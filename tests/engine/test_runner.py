"""Runners: what each gives of a frame's crops, and which one a network gets."""

import numpy as np
import pytest
import torch
from lively_network import lively
from spot import HAND_PX, SHAPE, SpotNetwork, picture
from stand_in import StandIn
from tiny_network import TINY

from dfmamba.camera import Crop
from dfmamba.engine.dfmamba.processor_runner import ProcessorRunner
from dfmamba.engine.runner import ModuleRunner, open_runner
from dfmamba.model import HandNetwork, Hands, NetworkConfig

CPU = torch.device("cpu")
CROPS = [Crop(80, 60, 75), Crop(50, 45, 60, mirrored=True)]


@pytest.fixture
def frame():
    return np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)


def test_a_known_network_has_a_faster_runner_and_any_other_one_runs_as_it_is():
    assert isinstance(open_runner(HandNetwork(TINY), CPU), ProcessorRunner)
    assert isinstance(open_runner(SpotNetwork(), CPU), ModuleRunner)


def test_the_faster_runner_gives_what_the_module_gives(frame):
    network = lively(HandNetwork(TINY))
    (plain, plain_scans), (fast, fast_scans) = (
        runner(network, CPU)(frame, CROPS, tracing=True)
        for runner in (ModuleRunner, ProcessorRunner)
    )
    for wanted, found in zip(plain, fast, strict=True):
        assert wanted.dtype == found.dtype == np.float32
        assert wanted.shape == found.shape
        np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert len(plain_scans) == len(fast_scans) == len(network.scan_layers)
    for wanted, found in zip(plain_scans, fast_scans, strict=True):
        for name, value in vars(wanted).items():
            np.testing.assert_allclose(getattr(found, name), value, atol=1e-4)


def test_places_are_shares_of_the_crop():
    outputs, scans = ModuleRunner(SpotNetwork(), CPU)(picture((150, 110)), [Crop(140, 120, 160)])
    shown = np.array([150 - 60, 110 - 40]) + HAND_PX / 160 * 160 * SHAPE
    assert outputs.joints_px.shape == (1, 1, 21, 2)
    assert np.abs(outputs.joints_px[0, 0] - shown / 160).mean() < 0.05
    assert scans == []


class TwoHands(StandIn):
    """Tells of two hands in each crop: their joints' peaks are 0.5 and 0.25."""

    hands = 2
    config = NetworkConfig(input_size=32)

    def forward(self, images):
        return torch.tensor([0.5, 0.25]).expand(len(images), 2)

    def read_out(self, maps, input_size=None, method=None):  # noqa: ARG002
        joints = maps[..., None].expand(-1, -1, 21)
        spread = joints[..., None]
        return Hands(
            16 * spread.expand(-1, -1, -1, 2), spread.expand(-1, -1, -1, 3), joints, maps, maps
        )


def test_a_crop_may_hold_several_hands(frame):
    runner = open_runner(TwoHands(), CPU)
    outputs, scans = runner(frame, CROPS, tracing=True)
    assert runner.hands == 2
    assert [part.shape for part in outputs] == [
        (2, 2, 21, 2), (2, 2, 21, 3), (2, 2, 21), (2, 2), (2, 2),
    ]  # fmt: skip
    np.testing.assert_array_equal(outputs.present, [[0.5, 0.25]] * 2)
    np.testing.assert_array_equal(outputs.joints_px[0, :, 0, 0], [0.25, 0.125])
    assert scans == []


def test_the_gpus_rows_are_named_without_a_copy():
    triton_readout = pytest.importorskip("dfmamba.engine.dfmamba.triton_readout")
    rows = np.arange(2 * triton_readout.NUMBERS, dtype=np.float32).reshape(2, -1)
    outputs = triton_readout.outputs_of(rows)
    assert all(np.shares_memory(part, rows) for part in outputs)
    np.testing.assert_array_equal(outputs.joints_px[0, 0, 1], [6, 7])
    np.testing.assert_array_equal(outputs.joints[0, 0, 1], [8, 9, 10])
    np.testing.assert_array_equal(outputs.peak[0, 0, :2], [5, 11])
    np.testing.assert_array_equal(outputs.present[:, 0], rows[:, 126])
    np.testing.assert_array_equal(outputs.right[:, 0], rows[:, 127])
