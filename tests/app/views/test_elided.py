from dfmamba_live.views.elided import ElidedLabel


def test_words_that_have_no_room_end_in_dots(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.resize(400, 20)
    label.show()
    label.show_words("hold it up to the camera")
    assert label.text() == "hold it up to the camera"
    label.resize(60, 20)
    assert label.text().endswith("…")
    assert label.toolTip() == label.words == "hold it up to the camera"
    label.resize(400, 20)
    assert label.text() == "hold it up to the camera"
