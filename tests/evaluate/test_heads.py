import numpy as np
import pytest
import torch
from stand_in import StandIn

from dfmamba.evaluate.heads import heads
from dfmamba.evaluate.predict import predict_crops
from dfmamba.model import HandMaps, NetworkConfig

SIZE = 32


class Bright(StandIn):
    """Takes what is bright for a hand, and one brighter on its left half for a right one."""

    config = NetworkConfig(input_size=SIZE)

    def __init__(self):
        super().__init__()
        self.anything = torch.nn.Parameter(torch.zeros(1))

    def forward(self, images):
        left, right = (half.mean((1, 2, 3)) for half in images.chunk(2, dim=3))
        logits = 20 * torch.stack([(left + right) / 2 - 0.25, left - right], 1)
        empty = torch.zeros(len(images), 21, 8, 8)
        spread = torch.zeros(len(images), 21, 3, 8, 8)
        return HandMaps(empty, spread, spread, logits)


def asked(hands, parts):
    network = Bright()
    return heads(network, hands, predict_crops(network, hands), parts)


def half_bright(side, count):
    images = np.zeros((count, SIZE, SIZE, 3), np.uint8)
    images[:, :, : SIZE // 2] = 250 if side == "right" else 100
    images[:, :, SIZE // 2 :] = 100 if side == "right" else 250
    return images


def test_hands_are_told_and_their_sides_mirrored_too():
    found = asked(half_bright("right", 3), np.zeros((2, SIZE, SIZE, 3), np.uint8))
    assert (found.hands, found.parts) == (3, 2)
    assert (found.found, found.sided, found.mistaken) == (1, 1, 0)


def test_mistakes_count():
    hands = np.concatenate([half_bright("left", 1), np.zeros((3, SIZE, SIZE, 3), np.uint8)])
    found = asked(hands, half_bright("left", 4))
    assert found.found == 0.25
    assert found.sided == pytest.approx(3 / 8)  # even counts as left: the mirror images of three
    assert found.mistaken == 1


def test_without_parts_nothing_is_mistaken():
    found = asked(half_bright("right", 1), np.zeros((0, SIZE, SIZE, 3), np.uint8))
    assert found.parts == 0
    assert found.mistaken is None
