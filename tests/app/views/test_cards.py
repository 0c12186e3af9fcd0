from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from fake_parts import make_estimate, make_hand

from dfmamba.hand import FINGER_COLOURS
from dfmamba.pipeline import Reason
from dfmamba_live.views.cards import ADVICE, HandCards, finger_confidence


@pytest.fixture
def cards(qtbot):
    cards = HandCards()
    qtbot.addWidget(cards)
    cards.resize(600, 60)
    return cards


def test_each_hand_has_its_card_and_says_how_sure_it_is(cards):
    cards.show_estimate(make_estimate([make_hand("left"), replace(make_hand(), root_mm=None)]))
    assert cards.card("left").text == "left 0.97 about 50 cm from the camera"
    assert cards.card("right").text == "right 0.97 distance unknown"


@pytest.mark.parametrize("reason", get_args(Reason))
def test_a_missing_hand_says_why_and_what_to_do(cards, reason):
    estimate = replace(make_estimate([make_hand("left")]), missing={"right": reason})
    cards.show_estimate(estimate)
    assert cards.card("right").text == f"right {ADVICE[reason]}"
    assert reason in ADVICE[reason]
    assert "0.97" in cards.card("left").text


def test_before_anything_is_known_it_looks(cards):
    cards.show_estimate(None)
    assert cards.card("left").text == "left looking"


def test_of_two_hands_of_one_side_the_surer_is_told(cards):
    unsure = replace(make_hand(), score=0.41)
    cards.show_estimate(make_estimate([unsure, make_hand()]))
    assert "0.97" in cards.card("right").text


def test_fingers_are_as_sure_as_their_joints():
    confidence = np.concatenate([[0.0], np.repeat([0.1, 0.2, 0.3, 0.4, 0.5], 4)])
    hand = replace(make_hand(), confidence=confidence)
    np.testing.assert_allclose(finger_confidence(hand), [0.1, 0.2, 0.3, 0.4, 0.5])


def test_a_bar_is_as_high_as_its_finger_is_sure(cards):
    bars = cards.card("left")._fingers

    def colour(finger, height):
        x = int((finger + 0.4) * bars.width() / 5)
        pixel = bars.grab().toImage().pixelColor(x, int((1 - height) * bars.height()))
        return pixel.getRgb()[:3]

    bars.show_confidence([1.0, 0.5, 0.5, 0.5, 0.5])
    assert colour(0, 0.9) == FINGER_COLOURS[0]
    assert colour(1, 0.9) != FINGER_COLOURS[1]
    assert colour(1, 0.3) == FINGER_COLOURS[1]
    bars.show_confidence([])
    assert colour(0, 0.9) != FINGER_COLOURS[0]
