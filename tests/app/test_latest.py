from threading import Thread

from manual_clock import ManualClock

from dfmamba_live.latest import Latest


def test_it_holds_the_newest():
    latest = Latest()
    assert latest.take() is None
    assert latest.put(1)
    assert not latest.put(2)
    assert latest.take() == 2
    assert latest.take() is None


def test_what_belongs_to_an_older_request_is_dropped_whichever_way_it_comes():
    latest = Latest()
    latest.put("new", 3)
    latest.put("old", 2)
    assert latest.take() == "new"
    latest.put("old", 2)
    assert latest.take() is None
    latest.put("same", 3)
    assert latest.take() == "same"


def test_it_tells_how_long_nothing_came_or_went():
    clock = ManualClock()
    latest = Latest(clock)
    clock.advance(2)
    assert latest.quiet_s == 2
    latest.put(1)
    clock.advance(1)
    assert latest.quiet_s == 1
    latest.take()
    assert latest.quiet_s == 0


def test_closing_wakes_who_waits_and_lets_go_of_the_rest():
    latest = Latest()
    thread = Thread(target=lambda: latest.take(timeout=None))
    thread.start()
    latest.close()
    thread.join(5)
    assert not thread.is_alive()
    latest.put(1)
    assert latest.take() is None
