"""What a 3D picture is made of, and the contract of what draws it.

All places and sizes are mm in the scene, which is the camera frame: x right, y down, z away.
Colours are RGB, 0 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from dfmamba.pose import HandPose
from dfmamba_live.views.scene.orbit import Orbit

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Balls:
    """Balls in the scene."""

    centres: Floats
    """(N, 3), mm."""
    radii: Floats
    """(N,), mm."""
    colours: Floats
    """(N, 3), 0 to 1."""


@dataclass(frozen=True, eq=False)
class Rods:
    """Round rods from one end to another."""

    ends: Floats
    """(N, 2, 3), mm."""
    radii: Floats
    """(N, 2), mm, at both ends."""
    colours: Floats
    """(N, 2, 3), 0 to 1, at both ends."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Thin lines."""

    ends: Floats
    """(N, 2, 3), mm."""
    colours: Floats
    """(N, 3), 0 to 1."""

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All lines of the parts."""
        return cls(
            np.concatenate([np.zeros((0, 2, 3)), *(part.ends for part in parts)]),
            np.concatenate([np.zeros((0, 3)), *(part.colours for part in parts)]),
        )


def no_balls() -> Balls:
    """None at all."""
    return Balls(np.zeros((0, 3)), np.zeros(0), np.zeros((0, 3)))


def no_rods() -> Rods:
    """None at all."""
    return Rods(np.zeros((0, 2, 3)), np.zeros((0, 2)), np.zeros((0, 2, 3)))


def no_lines() -> Lines:
    """None at all."""
    return Lines.joined([])


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything there is to draw."""

    background: tuple[float, float, float] = (0.08, 0.09, 0.11)
    """RGB."""
    balls: Balls = field(default_factory=no_balls)
    """Joints."""
    rods: Rods = field(default_factory=no_rods)
    """Bones, shadows and trails."""
    lines: Lines = field(default_factory=no_lines)
    """The ground and the camera."""
    hands: tuple[HandPose, ...] = ()
    """What the words over the picture are about; not drawn themselves."""
    ground_mm: float = 0.0
    """The ground's y, for the words."""


@dataclass(frozen=True, eq=False)
class SceneView:
    """A scene as seen from somewhere."""

    scene: Scene
    """What there is to draw."""
    orbit: Orbit
    """Where it is seen from."""
    width: int
    """Pixels of the picture."""
    height: int
    """Pixels of the picture."""
    scale: float = 1.0
    """The picture is drawn so many times larger and then reduced, which smooths its edges; below 1
    it comes smaller than asked for, but sooner. A renderer whose edges are smooth and whose time
    does not depend on the size need not look at it."""


EMPTY = SceneView(Scene(), Orbit(), 64, 48)
"""What a renderer that works can draw at least."""


class RenderError(Exception):
    """A renderer cannot draw here, or no longer."""


class Renderer(Protocol):
    """Draws views, in one thread. `name` is told in the status line."""

    name: str

    @property
    def ready(self) -> bool:
        """Whether it draws at once; one that is still starting does not."""

    def render(self, view: SceneView) -> Picture:
        """The picture, RGB (height, width, 3); smaller by the view's scale if that is below 1.

        Raises:
            RenderError: this renderer cannot draw; another one should.
        """

    def close(self) -> None:
        """Free what drawing took; from any thread, more than once does no harm."""
