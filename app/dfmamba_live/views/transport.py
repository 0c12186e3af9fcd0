"""The controls of a clip, as a video player has them: buttons, speed, time, and the timeline."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QPalette, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from dfmamba_live.review import SPEEDS, Overview, Thumbnails, Transport
from dfmamba_live.views.icons import icon
from dfmamba_live.views.timeline import Timeline, clock

BUTTONS = (
    ("Step back", "back"),
    ("Pause", "pause"),
    ("Step on", "on"),
    ("Previous low confidence", "low back"),
    ("Next low confidence", "low on"),
    ("Loop from here", "A"),
    ("Loop to here", "B"),
    ("Clear the loop", "Clear"),
    ("Loop", "Loop"),
)
"""The command that a button calls, and its sign, else its word."""
WORDS = ("A", "B", "Clear", "Loop")
ROOMY = 680
"""Width, px, from which all fits side by side."""


class TransportBar(QWidget):
    """Shows how a clip is played, and lets it be played otherwise; hidden while there is none.

    `speed_chosen` carries a factor; for `sought` and `held` see `Timeline`.
    """

    sought = Signal(int)
    held = Signal(bool)
    speed_chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.timeline = Timeline()
        self.timeline.sought.connect(self.sought)
        self.timeline.held.connect(self.held)
        self._buttons = {command: _button(sign) for command, sign in BUTTONS}
        self._speed = QComboBox()
        self._speed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._speed.setToolTip("Speed")
        for speed in SPEEDS:
            self._speed.addItem(f"{speed:g}×", speed)
        self._speed.activated.connect(lambda place: self.speed_chosen.emit(SPEEDS[place]))
        self._place, self._known = QLabel(), QLabel()
        self._place.setToolTip("Frames count from 0, as in an export")
        self._known.setToolTip("Frames whose estimate is settled: the same as in an export")
        for label in (self._place, self._known):
            label.setMinimumWidth(1)  # in a small window words give way, not the picture
        self._times: Sequence[float] = ()
        self._lay_out()
        self.hide()

    def text(self) -> str:
        """The place in the clip, in words."""
        return self._place.text()

    def button(self, command: str) -> QToolButton:
        """The button that calls a command."""
        return self._buttons[command]

    def connect_actions(self, actions: Mapping[str, QAction]) -> None:
        """Let the buttons call the commands of these texts."""
        for text, button in self._buttons.items():
            button.clicked.connect(actions[text].trigger)
            button.setToolTip(actions[text].toolTip())
            button.setAccessibleName(text)

    def show_clip(self, times: Sequence[float], thumbnails: Thumbnails) -> None:
        """Start on another clip, whose frames are at `times` (seconds)."""
        self._times = times
        self.timeline.show_clip(times, thumbnails)
        self.show_index(0)
        self.show()

    def show_index(self, index: int) -> None:
        """Tell which frame is shown."""
        self.timeline.show_index(index)
        end, last = clock(self._times[-1]), len(self._times) - 1
        self._place.setText(f"{clock(self._times[index])} / {end}    frame {index} / {last}")

    def show_transport(self, transport: Transport) -> None:
        """Tell how the clip is played."""
        self._playing = transport.playing
        self._draw_icons()
        loop = self._buttons["Loop"]
        loop.setChecked(transport.looping)
        for text, end in (("Loop from here", transport.a), ("Loop to here", transport.b)):
            self._buttons[text].setChecked(end is not None)
        self._speed.setCurrentIndex(SPEEDS.index(transport.speed))
        last = len(self._times) - 1 if transport.b is None else transport.b
        self.timeline.show_loop(transport.a or 0, last, transport.looping)

    def show_overview(self, overview: Overview) -> None:
        """Tell what is known of the clip."""
        self.timeline.show_overview(overview)
        settled, frames = int(overview.settled.sum()), len(overview.settled)
        self._known.setText("" if settled == frames else f"{100 * settled // frames}% settled")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Where room is scarce, do without words."""
        for label in (self._known, self._place):  # the timeline tells the place too
            label.setVisible(event.size().width() > ROOMY)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the signs in the colour of a new palette."""
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_icons()

    _playing = False

    def _draw_icons(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.ButtonText)
        for command, sign in BUTTONS:
            if sign == "pause" and not self._playing:
                sign = "play"
            if sign not in WORDS:
                self._buttons[command].setIcon(icon(sign, colour))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(3)
        for (command, _), space in zip(BUTTONS, (0, 0, 0, 8, 0, 8, 0, 0, 0), strict=True):
            row.addSpacing(space)
            row.addWidget(self._buttons[command])
        row.addSpacing(8)
        row.addWidget(self._speed)
        row.addStretch(1)
        row.addWidget(self._known)
        row.addSpacing(10)
        row.addWidget(self._place)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6, 4, 6, 2)
        whole.setSpacing(3)
        whole.addWidget(self.timeline)
        whole.addLayout(row)
        self._draw_icons()


def _button(sign: str) -> QToolButton:
    button = QToolButton()
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Space and the arrows stay the window's
    if sign in WORDS:
        button.setText(sign)
        button.setCheckable(sign != "Clear")
    return button
