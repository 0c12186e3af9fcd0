import pytest
from painted import paint
from PySide6.QtCore import QPointF

from app.state import ViewState
from app.views.scan.caption import caption, paint_caption


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ViewState(offsets=True, layer=4), ("Layer 5", "hollow: negative")),
        (ViewState(offsets=True, all_tokens=True), ("every token, its strongest place",)),
        (ViewState(offsets=True, all_tokens=True, only_anchor=2), ("every token, one anchor",)),
        (ViewState(order=True), ("the order of the scan",)),
    ],
)
def test_it_says_what_is_painted(state, words):
    assert all(word in caption(state, held=False) for word in words)


def test_it_says_nothing_of_arrows_where_there_are_none():
    assert "hollow" not in caption(ViewState(heat="dt"), held=False)


def test_it_says_how_to_let_go():
    assert "let go" in caption(ViewState(anchors=True), held=True)
    assert "let go" not in caption(ViewState(anchors=True), held=False)


def test_the_line_starts_at_its_corner(qapp):
    picture = paint(400, 60, lambda painter: paint_caption(painter, "Layer 1", QPointF(20, 10)))
    assert not picture[:9].any()
    assert not picture[:, :19].any()
    assert (picture[10:34, 20:100] > 120).any()
