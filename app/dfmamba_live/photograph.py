"""The window photographed: a picture of it, or some seconds as an animated one."""

from fractions import Fraction
from pathlib import Path
from time import perf_counter

import av
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QPixmap

from dfmamba.errors import UserError
from dfmamba.files import draft_of
from dfmamba_live.state import Changes
from dfmamba_live.window import MainWindow

AFTER_S = 30.0
"""Until then the window goes through its file, so that it plays smoothly."""
RATE, WIDTH, QUALITY = 8, 960, 60
SCENES: tuple[tuple[float, Changes], ...] = (
    (0.0, {}),
    (2.0, {"anchors": True, "offsets": True}),
    (4.0, {"layer": 2}),
    (5.5, {"layer": 5}),
    (7.0, {"anchors": False, "offsets": False, "heat": "offset"}),
    (9.0, {"heat": ""}),
)
"""What is set after how many seconds."""
SECONDS = 10.0


SCREENSHOT_AFTER_S = 5.0
SCREENSHOT_PATIENCE_S = 12.0
"""How long a screenshot waits where no hand comes."""


def photograph_of(window: MainWindow, path: Path) -> "Photograph | Film":
    """What takes a film for .webp, else a picture, and then closes the window."""
    return Film(window, path) if path.suffix.lower() == ".webp" else Photograph(window, path)


class Photograph:
    """Turns the scan overlay on and, some seconds of results later, saves the window and closes it.

    taken: whether the picture has been saved.
    """

    def __init__(self, window: MainWindow, path: Path) -> None:
        self.taken = False
        self._window, self._path = window, path
        self._start = perf_counter()
        window.store.change(anchors=True, offsets=True)
        self._timer = QTimer(interval=200)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        session = self._window.session
        hands = session.latest is not None and session.latest.estimate.hands
        patience_s = SCREENSHOT_AFTER_S if hands else SCREENSHOT_PATIENCE_S
        if session.failure is None and perf_counter() - self._start <= patience_s:
            return
        self._timer.stop()
        self.taken = session.failure is None and _saved(self._window.grab(), self._path)
        self._window.close()


class Film:
    """Sets the window to one thing after another, films it, and closes it.

    taken: whether the film has been written.
    """

    def __init__(self, window: MainWindow, path: Path) -> None:
        self.taken = False
        self._window, self._path = window, path
        self._pictures: list[NDArray[np.uint8]] = []
        self._scenes = list(SCENES)
        self._start = perf_counter() + AFTER_S
        self._timer = QTimer(interval=round(1000 / RATE))
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        now = perf_counter() - self._start
        if self._window.session.failure is not None or now > SECONDS:
            self._timer.stop()
            if self._pictures and self._window.session.failure is None:
                self.taken = self._write()
            self._window.close()
        elif now >= 0:
            while self._scenes and self._scenes[0][0] <= now:
                self._window.store.change(**self._scenes.pop(0)[1])
            self._pictures.append(_small(self._window.grab().toImage()))

    def _write(self) -> bool:
        try:
            write_film(self._pictures, self._path)
        except UserError:  # an error may not leave a slot; whoever asked sees that none was taken
            return False
        return True


def write_film(pictures: list[NDArray[np.uint8]], path: Path) -> None:
    """Write RGB pictures (H, W, 3) as an animated WebP that starts over at its end.

    Raises:
        UserError: it cannot be written.
    """
    height, width = pictures[0].shape[:2]
    try:
        with (
            draft_of(path) as draft,
            av.open(str(draft.absolute()), "w", format="webp", options={"loop": "0"}) as container,
        ):
            stream = container.add_stream("libwebp_anim", RATE, options={"quality": str(QUALITY)})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for index, picture in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(picture, "rgb24")
                frame.pts, frame.time_base = index, Fraction(1, RATE)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    except (av.FFmpegError, OSError) as error:
        raise UserError(f"{path} could not be written: {error}") from error


def _saved(picture: QPixmap, path: Path) -> bool:
    try:
        with draft_of(path) as draft:
            if not picture.save(str(draft), "PNG"):
                raise OSError("Qt says no more")
    except OSError:  # an error may not leave a slot
        return False
    return True


def _small(image: QImage) -> NDArray[np.uint8]:
    """The picture (H, W, 3), RGB, `WIDTH` wide and with an even height."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    image = image.scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[: image.height() // 2 * 2, : 3 * WIDTH].reshape(-1, WIDTH, 3).copy()
