from dfmamba_live.views.status import StatusLine


def test_a_message_takes_the_sources_place_before_the_window_is_shown_too(qtbot):
    line = StatusLine("CPU", "light.safetensors", gpu=False)
    qtbot.addWidget(line)
    line.show_source("a.mp4")
    line.say("welcome", lasting=True)
    line.show()
    source = line._labels["source"]
    assert line.currentMessage() == "welcome"
    assert not source.isVisible()
    line.show_source("b.mp4")
    assert source.isVisible()
    assert line.text("source") == "b.mp4"
    assert line.text("device") == "CPU · light"
