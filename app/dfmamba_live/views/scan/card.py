"""The numbers of one token, beside the picture."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen

from dfmamba.hand import JOINTS
from dfmamba_live.views.scan.arrows import anchor_colours
from dfmamba_live.views.scan.field import TracedRegion
from dfmamba_live.views.scan.focus import Focus
from dfmamba_live.views.scan.places import scan_places

NEIGHBOURS: dict[tuple[float, float], str] = {
    (-1, -1): "↖", (-1, 0): "↑", (-1, 1): "↗",
    (0, -1): "←", (0, 0): "•", (0, 1): "→",
    (1, -1): "↙", (1, 0): "↓", (1, 1): "↘",
}  # fmt: skip
WIDTH, ROW, MARGIN = 270, 17, 11
GROUND, TEXT, FAINT = QColor(12, 14, 18, 235), QColor(232, 235, 240), QColor(150, 158, 170)
COLUMNS = ((42, "anchor"), (100, "tokens"), (152, "pixels"), (210, "weight"), (270, "in crop"))
"""Where each column ends on the right, from the card's inner left."""


@dataclass(frozen=True)
class TokenCard:
    """What one token reads."""

    title: str
    """The joint, and the token's place."""
    note: str
    """The hand, the layer and the token's dt."""
    rows: tuple[tuple[str, float, float, float, float], ...]
    """For each of its K places: the anchor's name, how far it moved in tokens and in frame pixels,
    its weight, and the share of the sample in the crop."""


def token_card(region: TracedRegion, layer: int, token: int, focus: Focus) -> TokenCard:
    """The numbers of a token of a layer (0-based)."""
    trace = region.trace
    places = scan_places(trace, region.crop).of(np.array([token]))
    row, column = divmod(token, trace.width)
    what = f"token in row {row + 1}, column {column + 1}"
    joint = focus.joint
    edge = region.crop.side / trace.width
    anchors = np.asarray(trace.anchors).tolist()
    return TokenCard(
        title=what.capitalize() if joint is None else f"{JOINTS[joint].capitalize()}: {what}",
        note=f"{focus.side} hand, layer {layer + 1}, dt {trace.step[token]:.4f}",
        rows=tuple(
            (anchor_name(*anchor), moved, moved * edge, weight, inside)
            for anchor, moved, weight, inside in zip(
                anchors, places.moved[0], places.weights[0], places.inside[0], strict=True
            )
        ),
    )


def anchor_name(row: float, column: float) -> str:
    """An arrow for a neighbouring token, else its row and column."""
    return NEIGHBOURS.get((row, column), f"{row:g},{column:g}")


def card_size(card: TokenCard) -> tuple[float, float]:
    """Width and height in pixels."""
    return WIDTH + 2 * MARGIN, (len(card.rows) + 3) * ROW + 2 * MARGIN + 4


def paint_card(painter: QPainter, card: TokenCard, corner: QPointF) -> None:
    """The card with its upper left at `corner`."""
    width, height = card_size(card)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(QRectF(corner.x(), corner.y(), width, height), 8, 8)
    font = QFont(painter.font())
    font.setPixelSize(12)
    left, y = corner.x() + MARGIN, corner.y() + MARGIN

    def write(text: str, colour: QColor, right: float | None = None) -> None:
        painter.setPen(colour)
        if right is None:
            painter.drawText(QPointF(left, y + 12), text)
        else:
            box = QRectF(left + right - 80, y, 80, ROW)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    write(card.title, TEXT)
    font.setWeight(QFont.Weight.Normal)
    painter.setFont(font)
    y += ROW
    write(card.note, FAINT)
    y += ROW + 4
    for right, name in COLUMNS:
        write(name, FAINT, right)
    colours = anchor_colours(len(card.rows))
    for colour, (name, moved, pixels, weight, inside) in zip(colours, card.rows, strict=True):
        y += ROW
        hollow = weight < 0
        painter.setPen(QPen(colour, 1.0))
        painter.setBrush(QBrush() if hollow else QBrush(colour))
        painter.drawEllipse(QPointF(left + 7, y + ROW / 2), 4.0, 4.0)
        shade = TEXT if inside > 0 else FAINT
        texts = (name, f"{moved:.2f}", f"{pixels:.0f}", f"{weight:+.2f}", f"{100 * inside:.0f}%")
        for (right, _), text in zip(COLUMNS, texts, strict=True):
            write(text, shade, right)
