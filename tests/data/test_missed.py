"""Hands that MediaPipe missed, by a finder and the hand network together."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.data.missed import Consensus
from dfmamba.finder.decode import Found
from dfmamba.hand import PALM
from dfmamba.pipeline.finder import MEAN_HAND
from dfmamba.pipeline.reader import Reading

PICTURE = np.zeros((200, 400, 3), np.uint8)
SIZE = 50.0


def hand_at(x: float) -> NDArray[np.float64]:
    hand = MEAN_HAND * SIZE
    return np.asarray(hand - hand[list(PALM)].mean(0) + (x, 100.0))


def found_at(*places: float) -> Found:
    hands = np.stack([hand_at(x) for x in places])
    count = len(places)
    return Found(
        score=np.full(count, 0.5),
        palm=hands[:, list(PALM)].mean(1),
        box=np.concatenate([hands.min(1), hands.max(1)], 1),
        direction=np.tile([0.0, -1.0], (count, 1)),
        right=np.full(count, 0.9),
    )


def consensus(places: tuple[float, ...], seen: dict[float, float]) -> Consensus:
    """A finder that finds hands at `places`, a network that is so sure of hands at each x."""

    def read(_: object, crops: list[Crop]) -> tuple[list[tuple[Reading, ...]], list[object]]:
        return [(reading(crop),) for crop in crops], []

    def reading(crop: Crop) -> Reading:
        x = min(seen, key=lambda place: abs(place - crop.x))
        sure = seen[x]
        side = 0.1 if crop.mirrored else 0.9
        return Reading(hand_at(x), np.zeros((21, 3)), np.full(21, sure), sure, side)

    finder = SimpleNamespace(found=lambda _: found_at(*places))
    return Consensus(finder, read)  # type: ignore[arg-type]


@pytest.mark.parametrize(("sure", "count", "clear"), [(0.9, 1, True), (0.6, 1, False), (0.1, 0, 0)])
def test_a_missed_hand_is_learned_only_where_the_network_is_sure(
    sure: float, count: int, clear: bool
) -> None:
    more = consensus((100.0, 300.0), {100.0: 0.9, 300.0: sure}).more(PICTURE, hand_at(100.0)[None])
    assert len(more.right) == count
    assert more.clear.tolist() == [clear] * count
    assert more.right.all()
    if count:
        assert np.allclose(more.joints_px[0], hand_at(300.0))


def test_two_places_that_the_network_reads_as_one_hand_are_one_hand() -> None:
    more = consensus((200.0, 230.0), {215.0: 0.9}).more(PICTURE, np.zeros((0, 21, 2)))
    assert len(more.right) == 1


def test_a_label_is_believed_only_where_the_network_sees_a_hand_in_the_same_place() -> None:
    both = np.stack([hand_at(100.0), hand_at(250.0)])
    checked = consensus((100.0,), {100.0: 0.9, 350.0: 0.9}).checked(PICTURE, both)
    assert checked.tolist() == [True, False]
