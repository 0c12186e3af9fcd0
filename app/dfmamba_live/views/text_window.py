"""A page of text beside the window, as the keys or the licences; it stands in nobody's way."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

MARGIN = 24


class Page(QDialog):
    """Shows HTML, as large as it needs and the screen allows; Escape closes it."""

    def __init__(self, title: str, html: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._text = QTextBrowser()
        self._text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self._text.setHtml(html)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._text)
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The size of the text, within the screen."""
        text = self._text.document()
        text.setTextWidth(text.idealWidth())
        wanted = text.size().toSize() + QSize(MARGIN, MARGIN)
        return wanted.boundedTo(self.screen().availableSize() * 0.9)

    def text(self) -> str:
        """What is written, without its marks."""
        return self._text.toPlainText()
