"""The colours of the 3D view that are not the hands' own."""

from dataclasses import dataclass

import numpy as np

from dfmamba_live.views.scene.content import Floats

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """The colours of the 3D view, RGB, 0 to 255."""

    background: Colour
    """Of the picture."""
    grid: Colour
    """Of the ground."""
    camera: Colour
    """Of the camera and its rays."""
    faint: Colour
    """Of words that stand back."""
    words: Colour
    """Of those that do not."""
    shade: float
    """How much of the background a shadow leaves, 0 to 1."""

    def legible(self, colour: Colour) -> Colour:
        """A colour for words: on a light ground a bright one is darkened."""
        if sum(self.background) < 3 * 128:
            return colour
        red, green, blue = (part * 6 // 10 for part in colour)
        return red, green, blue


DARK = Look((20, 23, 28), (74, 83, 98), (160, 172, 188), (126, 137, 152), (232, 235, 240), 0.55)
LIGHT = Look((246, 247, 249), (186, 193, 203), (92, 102, 116), (112, 121, 134), (32, 37, 44), 0.86)


def faded(colours: Floats, background: Colour, strength: Floats | float) -> Floats:
    """Colours (..., 3), 0 to 1, mixed with the background: of strength 0 nothing is left."""
    paper = np.array(background) / 255
    share = np.asarray(strength, np.float64)[..., None]
    return np.asarray(paper + share * (colours - paper))


def shares(colour: Colour) -> Floats:
    """A colour (3,) from 0 to 1."""
    return np.array(colour) / 255
