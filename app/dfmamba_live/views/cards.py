"""The two hands in words: which are there and how sure, and why one is not."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from dfmamba.hand import FINGER_COLOURS, FINGERS, Side
from dfmamba.pipeline import Estimate, Reason
from dfmamba.pose import HandPose
from dfmamba_live.views.elided import ElidedLabel
from dfmamba_live.views.painting import painting

ADVICE: dict[Reason, str] = {
    "blurred": "blurred: hold still, or add light",
    "too dark": "too dark: add light",
    "too small": "too small: come closer",
    "low score": "low score: turn the hand, or clear the view",
    "out of the picture": "out of the picture: move it back in",
    "none found": "none found: hold it up to the camera",
}


class HandCards(QWidget):
    """A card for the left hand and one for the right, as the person has them."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._cards: dict[Side, HandCard] = {"left": HandCard("left"), "right": HandCard("right")}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(5)
        for card in self._cards.values():
            layout.addWidget(card)

    def card(self, side: Side) -> "HandCard":
        """The card of one side."""
        return self._cards[side]

    def show_estimate(self, estimate: Estimate | None) -> None:
        """Tell what a frame holds; of two hands of one side, the surer one."""
        for side, card in self._cards.items():
            hands = [hand for hand in estimate.hands if hand.side == side] if estimate else []
            if hands:
                card.show_hand(max(hands, key=lambda hand: hand.score))
            else:
                card.show_missing(estimate.missing.get(side) if estimate else None)


class HandCard(QFrame):
    """One hand: its score and distance, and how sure the network is of each finger."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name, self._score, self._note = QLabel(side), QLabel(), ElidedLabel()
        self._name.setObjectName("card-side")
        self._score.setObjectName("card-score")
        self._note.setObjectName("card-note")
        self._fingers = FingerBars()
        words = QVBoxLayout()
        words.setSpacing(0)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._name)
        top.addWidget(self._score)
        top.addStretch()
        words.addLayout(top)
        words.addWidget(self._note)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 5, 10, 5)
        layout.addLayout(words, 1)
        layout.addWidget(self._fingers)
        self.show_missing(None)

    @property
    def text(self) -> str:
        """All that is written on the card."""
        words = (self._name.text(), self._score.text(), self._note.words)
        return " ".join(filter(None, words))

    def show_hand(self, hand: HandPose) -> None:
        """Tell of a hand that is there."""
        self._score.setText(f"{hand.score:.2f}")
        self._note.show_words(_distance(hand))
        self._fingers.show_confidence([float(each) for each in finger_confidence(hand)])

    def show_missing(self, reason: Reason | None) -> None:
        """Tell why there is no hand; None: nothing is known yet."""
        self._score.setText("")
        self._note.show_words(ADVICE[reason] if reason else "looking")
        self._fingers.show_confidence([])


class FingerBars(QWidget):
    """A bar for each finger, in its colour, as high as its joints are sure."""

    def __init__(self) -> None:
        super().__init__()
        self._shares: list[float] = []
        self.setToolTip("How sure the network is of " + ", ".join(FINGERS))
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for five bars."""
        return QSize(54, 32)

    def show_confidence(self, shares: Sequence[float]) -> None:
        """Show shares (5,), 0 to 1, thumb first; none at all for no hand."""
        self._shares = list(shares)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw the bars over their full heights."""
        with painting(self) as painter:
            painter.setPen(Qt.PenStyle.NoPen)
            step, height = self.width() / len(FINGERS), float(self.height())
            for finger, colour in enumerate(FINGER_COLOURS):
                share = self._shares[finger] if self._shares else 0.0
                left = finger * step + 1
                painter.fillRect(QRectF(left, 0, step - 3, height), QColor(128, 128, 128, 45))
                rise = height * min(max(share, 0.0), 1.0)
                painter.fillRect(QRectF(left, height - rise, step - 3, rise), QColor(*colour))


def finger_confidence(hand: HandPose) -> np.typing.NDArray[np.float64]:
    """The mean confidence (5,) of each finger's joints, thumb first."""
    return np.asarray(hand.confidence[1:].reshape(len(FINGERS), -1).mean(axis=1), np.float64)


def _distance(hand: HandPose) -> str:
    if hand.root_mm is None:
        return "distance unknown"
    return f"about {hand.root_mm[2] / 10:.0f} cm from the camera"
