"""Real pictures in which every hand was marked by eye: box, side, whether hands touch.

The marks are in `real_hands.json` beside this file; the pictures are in the data folder, under
real/. One half of the scenes serves to choose thresholds and weights, the other for figures.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.hand import Side
from dfmamba.images import Picture, read_picture

Half = Literal["choose", "figure"]
Kind = Literal["apart", "touching", "overlapping"]

_FILE = Path(__file__).with_name("real_hands.json")


@dataclass(frozen=True)
class MarkedHand:
    """One hand of a picture."""

    box_px: NDArray[np.float64]
    """(4,): x0, y0, x1, y1 around the visible hand, wrist to fingertips; pixels of the picture."""
    side: Side | None
    """The person's own hand; None where it cannot be recognised."""
    kind: Kind
    """How it lies to the other hand; touching: or one finger crosses it."""


@dataclass(frozen=True)
class MarkedPicture:
    """A picture with all of its hands."""

    file: str
    """Its path under real/."""
    frame: int | None
    """Of a video, from 0."""
    half: Half
    """What it serves for."""
    scene: str
    """Pictures that may look alike share it; a scene lies in one half."""
    crop: tuple[int, int, int, int] | None
    """x0, y0, x1, y1: only this part is looked at, as hands lie beside it."""
    hands: tuple[MarkedHand, ...]
    """Empty where no hand is to be seen."""

    def read(self, real: Path) -> Picture:
        """The picture (H, W, 3), RGB; real: the folder that `file` lies in.

        Raises:
            UserError: it is missing or cannot be read.
        """
        path = real / self.file
        if not path.is_file():
            raise UserError(f"{path} is missing; give the data folder that the marks are of")
        if self.frame is not None:
            from dfmamba.video import video_frames  # here: GPU tests run without PyAV

            return next(islice(video_frames(path), self.frame, None)).image
        picture = read_picture(path)
        if self.crop is None:
            return picture
        x0, y0, x1, y1 = self.crop
        return np.ascontiguousarray(picture[y0:y1, x0:x1])


def marked_pictures(half: Half | None = None) -> tuple[MarkedPicture, ...]:
    """All marked pictures, or those of one half."""
    return tuple(each for each in _pictures() if half in (None, each.half))


def there(pictures: Iterable[MarkedPicture], real: Path) -> tuple[MarkedPicture, ...]:
    """Those whose files lie in `real`, as a person may have some of the sets alone."""
    return tuple(each for each in pictures if (real / each.file).is_file())


def kept_from_training(folder: str, name: str) -> bool:
    """Whether a picture of a folder under real/ is of a scene of the marked pictures."""
    return name.startswith(tuple(_content()["kept_from_training"].get(folder, ())))


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return content


def _pictures() -> Iterator[MarkedPicture]:
    for each in _content()["pictures"]:
        crop = each.get("crop")
        yield MarkedPicture(
            file=each["file"],
            frame=each.get("frame"),
            half=each["half"],
            scene=each["scene"],
            crop=None if crop is None else (crop[0], crop[1], crop[2], crop[3]),
            hands=tuple(
                MarkedHand(
                    np.array(hand["box"], np.float64),
                    None if hand["side"] == "unknown" else hand["side"],
                    hand["kind"],
                )
                for hand in each["hands"]
            ),
        )
