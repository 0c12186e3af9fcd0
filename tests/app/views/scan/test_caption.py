import pytest
from painted import paint
from PySide6.QtCore import QRectF

from dfmamba_live.state import ViewState
from dfmamba_live.views.scan.caption import caption, paint_caption


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ViewState(offsets=True, layer=4), ("Layer 5", "37% of its places", "hollow: negative")),
        (ViewState(offsets=True, all_tokens=True), ("every token, its strongest place",)),
        (ViewState(offsets=True, all_tokens=True, only_anchor=2), ("every token, one anchor",)),
        (ViewState(order=True), ("the order of the scan",)),
    ],
)
def test_it_says_what_is_painted(state, words):
    assert all(word in caption(state, 0.37, held=False) for word in words)


def test_it_says_nothing_of_arrows_where_there_are_none():
    assert "hollow" not in caption(ViewState(heat="dt"), 0.37, held=False)


def test_it_says_how_to_let_go():
    assert "let go" in caption(ViewState(anchors=True), 0.37, held=True)
    assert "let go" not in caption(ViewState(anchors=True), 0.37, held=False)


def test_the_line_keeps_to_its_room(qapp):
    room = QRectF(20, 10, 300, 50)
    for words in ("Layer 1", "Layer 1 " * 30):
        picture = paint(400, 60, lambda painter, w=words: paint_caption(painter, w, room))
        assert (picture[10:34, 20:100] > 120).any()
        picture[10:34, 20:320] = 0
        assert not picture.any()
