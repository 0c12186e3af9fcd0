"""What is painted of the scan, in one line."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from dfmamba_live.state import ViewState


def caption(state: ViewState, inside: float, held: bool) -> str:
    """What the arrows mean, and how to learn more.

    inside: the share, 0 to 1, of the layer's places that lie in the crop. held: whether a token is
    held.
    """
    parts = [f"Layer {state.layer + 1}"]
    if state.offsets:
        one = state.only_anchor is not None
        if state.all_tokens:
            parts.append("every token, one anchor" if one else "every token, its strongest place")
        elif one:
            parts.append("one anchor")
        parts += [
            f"{100 * inside:.0f}% of its places lie in the crop",
            "wide: counts much",
            "hollow: negative",
        ]
    if state.order:
        parts.append("the order of the scan")
    parts.append("click again to let go" if held else "point at the hand, click to hold")
    return "  ·  ".join(parts)


def paint_caption(painter: QPainter, text: str, room: QRectF) -> None:
    """The line at the upper left of the room, cut short where that is narrow."""
    font = QFont(painter.font())
    font.setPixelSize(12)
    font.setWeight(QFont.Weight.Normal)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, round(room.width()) - 22)
    box = QRectF(room.x(), room.y(), metrics.horizontalAdvance(text) + 22, 24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(12, 14, 18, 225))
    painter.drawRoundedRect(box, 7, 7)
    painter.setPen(QColor(190, 197, 208))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
