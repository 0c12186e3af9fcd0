"""Signals by which the system or a person ends the program."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POLITE_KILLS = ("SIGTERM", "SIGHUP")
"""A polite kill and a closed terminal."""


@contextmanager
def on_signals(act: Callable[[], object], *names: str) -> Iterator[None]:
    """Call `act` when one of these signals comes, as far as the system has them."""
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: act()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
