"""MediaPipe's hand landmarker, put together from the models its package carries."""

import hashlib
import locale
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.hand import WRIST, Side

_PARTS = (
    (
        "hand_detector.tflite",
        "modules/palm_detection/palm_detection_full.tflite",
        "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
    ),
    (
        "hand_landmarks_detector.tflite",
        "modules/hand_landmark/hand_landmark_full.tflite",
        "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
    ),
)
"""Name inside the bundle, path inside the mediapipe package, SHA-256."""


@dataclass(frozen=True)
class SeenHand:
    """One hand as MediaPipe sees it: an estimate, not the truth."""

    side: Side
    """The person's own hand."""
    score: float
    """How sure it is of the side, 0.5 to 1; the only score it gives per hand."""
    joints_px: NDArray[np.float64]
    """(21, 2): frame pixels."""
    joints_mm: NDArray[np.float64]
    """(21, 3): relative to the wrist, along the camera's axes."""


def model_bundle() -> bytes:
    """The .task file MediaPipe wants, an uncompressed zip of its package's own models.

    Raises UserError where mediapipe is missing or its models are not the known ones.
    """
    spec = find_spec("mediapipe")
    if spec is None or spec.origin is None:
        raise UserError("MediaPipe is not installed; run pip install 'dfmamba-live[detect]'")
    package = Path(spec.origin).parent
    bundle = BytesIO()
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as archive:
        for name, path, digest in _PARTS:
            archive.writestr(name, _checked(package / path, digest))
    return bundle.getvalue()


def _checked(path: Path, digest: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise UserError(f"{path.name} is not MediaPipe 0.10.21's; install mediapipe==0.10.21")
    return content


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Nothing reaches stderr, not even from native code.

    MediaPipe logs half a dozen lines at its start and at its first picture that mean nothing to a
    person, and no setting of its own stops them.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


_LOCALE = Lock()


@contextmanager
def _plain_letters() -> Iterator[None]:
    """The C library's letters are ASCII's, whatever the person's language.

    MediaPipe checks the names in its graph letter by letter with the C library; under a Turkish,
    Azerbaijani or Kurdish locale they do not come out as names, and it starts no graph. The setting
    is the whole process's: one thread at a time changes it, and puts it back. Python reads it at
    its own start only.
    """
    with _LOCALE:
        before = locale.setlocale(locale.LC_CTYPE)
        locale.setlocale(locale.LC_CTYPE, "C")
        try:
            yield
        finally:
            locale.setlocale(locale.LC_CTYPE, before)


class Landmarker:
    """Finds hands in single pictures; keeps nothing from one to the next. Close it after use."""

    def __init__(self, max_hands: int = 2) -> None:
        bundle = model_bundle()
        from mediapipe.tasks import python as tasks

        options = tasks.vision.HandLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_buffer=bundle), num_hands=max_hands
        )
        with _silent_stderr(), _plain_letters():
            self._landmarker = tasks.vision.HandLandmarker.create_from_options(options)
            self._look(np.zeros((64, 64, 3), np.uint8), 0)

    def __call__(self, image: NDArray[np.uint8]) -> list[SeenHand]:
        """The hands in an RGB picture (H, W, 3), not mirrored.

        The palm model misses hands that fill the picture: where it finds none, it looks once
        more with a border around.
        """
        return self._look(image, 0) or self._look(image, max(image.shape[:2]) // 2)

    def close(self) -> None:
        """Free the models."""
        self._landmarker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def _look(self, image: NDArray[np.uint8], border: int) -> list[SeenHand]:
        import mediapipe as mp

        sides = (border,) * 4
        wide = np.asarray(cv2.copyMakeBorder(image, *sides, cv2.BORDER_REPLICATE), np.uint8)
        height, width = wide.shape[:2]
        found = self._landmarker.detect(mp.Image(mp.ImageFormat.SRGB, wide))
        return [
            SeenHand(
                side="left" if side[0].category_name == "Left" else "right",
                score=float(side[0].score),
                joints_px=np.array([(p.x * width - border, p.y * height - border) for p in points]),
                joints_mm=_wrist_relative_mm(world),
            )
            for side, points, world in zip(
                found.handedness, found.hand_landmarks, found.hand_world_landmarks, strict=True
            )
        ]


def _wrist_relative_mm(world: Any) -> NDArray[np.float64]:
    points = np.array([(p.x * 1000, p.y * 1000, p.z * 1000) for p in world], np.float64)
    return np.asarray(points - points[WRIST], np.float64)
