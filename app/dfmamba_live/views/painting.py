"""Painters that end, and paint events that let no error out; otherwise Qt crashes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QPaintDevice, QPainter
from PySide6.QtWidgets import QWidget

from dfmamba.errors import in_one_line

log = logging.getLogger(__name__)
_reported: set[type[QWidget]] = set()


@contextmanager
def painter_on(device: QPaintDevice) -> Iterator[QPainter]:
    """A painter that ends however painting goes; Qt crashes where it outlives what it paints on."""
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()


@contextmanager
def painting(widget: QWidget) -> Iterator[QPainter]:
    """A painter for the paint event of a widget.

    An error ends the painting and is logged, the first one of each kind of widget.
    """
    try:
        with painter_on(widget) as painter:
            yield painter
    except Exception as error:
        kind = type(widget)
        log.debug("%s cannot be painted", kind.__name__, exc_info=True)
        if kind not in _reported:
            _reported.add(kind)
            log.warning("%s cannot be painted: %s", kind.__name__, in_one_line(error))
