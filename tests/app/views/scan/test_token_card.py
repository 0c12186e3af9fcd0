from dataclasses import replace

import numpy as np
from fake_parts import make_estimate, make_hand, make_trace
from painted import paint
from PySide6.QtCore import QPointF

from dfmamba.hand import JOINTS
from dfmamba_live.views.scan.card import anchor_name, card_size, paint_card, token_card
from dfmamba_live.views.scan.field import traced_regions
from dfmamba_live.views.scan.focus import Focus


def make_card(joint=None, **trace):
    region = traced_regions(make_estimate((make_hand(),), make_trace(**trace)), 4)[0]
    return token_card(region, 4, 19, Focus("right", joint, (0.5, 0.5), (0.0, 0.0))), region.crop


def test_it_tells_the_token_and_its_joint():
    card, _ = make_card()
    assert card.title == "Token in row 3, column 4"
    assert card.note == "right hand, layer 5, dt 1.0000"
    card, _ = make_card(JOINTS.index("ring tip"))
    assert card.title == "Ring tip: token in row 3, column 4"


def test_it_tells_how_far_each_place_moved_and_what_it_counts():
    card, crop = make_card(offset=1.5)
    names, moved, pixels, weights, inside = zip(*card.rows, strict=True)
    assert "".join(names) == "↖↑↗←•→↙↓↘"
    np.testing.assert_allclose(moved, 1.5)
    np.testing.assert_allclose(pixels, 1.5 * crop.side / 8)
    np.testing.assert_allclose(weights, 1 / 9)
    np.testing.assert_allclose(inside, 1)


def test_what_lies_outside_is_told():
    card, _ = make_card(offset=40.0)
    assert [row[4] for row in card.rows] == [0.0] * 9


def test_anchors_far_from_the_token_have_numbers():
    assert anchor_name(-1.0, 0.0) == "↑"
    assert anchor_name(-2.0, 1.0) == "-2,1"


def test_the_card_keeps_within_its_size(qapp):
    card, _ = make_card(JOINTS.index("middle mcp"))
    card = replace(card, rows=tuple((*row[:3], -1.0, row[4]) for row in card.rows))
    width, height = (round(each) for each in card_size(card))
    picture = paint(400, 300, lambda painter: paint_card(painter, card, QPointF(20, 30)))
    assert (picture[30 : 30 + height, 20 : 20 + width] > 140).any(axis=-1).sum() > 500  # its text
    picture[30 : 30 + height, 20 : 20 + width] = 0
    assert not picture.any()
