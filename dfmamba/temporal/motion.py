"""A made video of two hands, at rest and in motion, whose joints are known exactly."""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.camera import Intrinsics
from dfmamba.files import load_arrays, save_arrays
from dfmamba.frame import Frame
from dfmamba.hand import Side
from dfmamba.synth.clip import background, over, soft_looks
from dfmamba.synth.hand.hand_model import baked_hand
from dfmamba.synth.hand.key_poses import FREE, key_angles
from dfmamba.synth.pictures import FINE, HandKit, SynthConfig, TrainingPictures
from dfmamba.synth.rotations import axis_turn
from dfmamba.synth.scene import Hands, View
from dfmamba.synth.things.objects import no_objects

WIDTH, HEIGHT, RATE = 320, 240, 30
FOCAL_PX = 310.0
CAMERA = Intrinsics(FOCAL_PX, FOCAL_PX, WIDTH / 2, HEIGHT / 2)
MOVING, RESTING, AWAY = 75, 60, 15
"""How many frames hands move, rest, and are away."""
MOVING_SIDES: tuple[Side, Side] = ("right", "left")
"""The hands that move: the quick one, and the one a third as fast."""
GRAIN, JPEG_QUALITY = 2.5, 85
"""What a webcam does to every frame: noise, of 255 levels, and compression frame by frame."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Motion:
    """T frames of N hands, those of `MOVING_SIDES`, without noise; `RATE` frames a second."""

    frames: NDArray[np.uint8]
    """(T, H, W, 3): RGB."""
    joints_px: NDArray[np.float64]
    """(T, N, 21, 2): frame pixels."""
    joints_mm: NDArray[np.float64]
    """(T, N, 21, 3): mm, camera frame."""

    def at_rest(self, count: int = RESTING) -> "Motion":
        """The first frame again and again."""
        return Motion(*(np.repeat(part[:1], count, axis=0) for part in vars(self).values()))

    def leaving(self) -> NDArray[np.uint8]:
        """Frames of hands at rest, of an empty room, and of the hands again, `AWAY` of each."""
        empty = wall().astype(np.uint8)
        return np.repeat([self.frames[0], empty, self.frames[0]], AWAY, axis=0)


def webcam(pictures: NDArray[np.uint8]) -> Iterator[Frame]:
    """Pictures (T, H, W, 3) as frames of `CAMERA`, with fresh noise and compression in each."""
    noise = np.random.default_rng(0)
    for index, picture in enumerate(pictures):
        yield Frame(_sensed(picture, noise), index / RATE, CAMERA, index=index)


def made_motion() -> Motion:
    """Two hands that wave and close, the right one three times as fast as the left one.

    Rendered once for a baked hand, in some minutes on a processor, and kept in the user's cache.
    """
    hand = baked_hand()
    path = hand.with_name("motion.npz")
    if path.exists() and not (hand.exists() and hand.stat().st_mtime > path.stat().st_mtime):
        return Motion(**load_arrays(path, Motion.__dataclass_fields__))
    log.info("rendering %d frames, once", MOVING)
    motion = render_motion(TrainingPictures(SynthConfig(size=WIDTH)), MOVING)
    save_arrays(path, vars(motion))
    return motion


@torch.no_grad()
def render_motion(pictures: TrainingPictures, count: int) -> Motion:
    """The first `count` frames; the pictures' size is the frame's width."""
    kit, looks = pictures.kits[0], soft_looks(pictures)
    behind = wall()
    picture = torch.zeros(len(MOVING_SIDES), dtype=torch.long)
    fine = View(torch.tensor([FOCAL_PX * FINE]), torch.full((1, 2), WIDTH * FINE / 2))
    frames, joints = [], []
    for index in range(count):
        hands = hands_at(kit, index / RATE)
        canvas, _ = pictures.render(kit, hands, fine, picture, looks, no_objects())
        frames.append(np.clip(over(behind, canvas), 0, 255).astype(np.uint8))
        joints.append(hands.joints)
    joints_mm = torch.stack(joints).double().numpy()
    return Motion(np.stack(frames), CAMERA.project(joints_mm), joints_mm)


def wall() -> NDArray[np.float32]:
    """The empty room (HEIGHT, WIDTH, 3), 0 to 255."""
    large = background(2 * WIDTH, 2 * HEIGHT, seed=0)
    return np.asarray(cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float32)


def hands_at(kit: HandKit, time_s: float) -> Hands:
    """Both hands, those of `MOVING_SIDES`, in the camera frame, mm, at a time."""
    both = [_hand_at(kit, 1.0, time_s), _hand_at(kit, -1.0, time_s / 3)]
    return Hands(*(torch.cat(pair) for pair in zip(*both, strict=True)))


def _hand_at(kit: HandKit, side: float, phase_s: float) -> Hands:
    """A hand that waves once a second, turns, closes halfway, and wanders."""

    def swing(hertz: float, start: float = 0.0) -> float:
        return math.sin(2 * math.pi * hertz * phase_s + start)

    opened, closed = key_angles(["open", "fist"])
    rotations = kit.poser(opened.lerp(closed, 0.3 - 0.3 * swing(0.8, 1.2))[None], torch.zeros(1, 3))
    turn = (
        axis_turn(torch.tensor([22.0 * swing(1.0)]), 2)
        @ axis_turn(torch.tensor([-8 + 10 * swing(0.6)]), 0)
        @ axis_turn(torch.tensor([30.0 * swing(0.5, 0.6)]), 1)
        @ torch.diag(torch.tensor([side, 1.0, 1.0]))
    )
    vertices, joints = kit.model(torch.zeros(1, len(kit.arrays.shape_heads)), rotations, turn)
    place = torch.tensor([-120.0 * side, 60.0, 600.0])
    shift = place + torch.tensor([40 * swing(0.7), 25 * swing(0.9, 0.8), 40 * swing(0.4)])
    sides, family = torch.tensor([side]), torch.tensor([FREE])
    return Hands(vertices + shift, joints + shift, sides, family)


def _sensed(frame: NDArray[np.uint8], noise: np.random.Generator) -> NDArray[np.uint8]:
    grainy = np.clip(frame + noise.normal(0, GRAIN, frame.shape), 0, 255).astype(np.uint8)
    blue_first = np.ascontiguousarray(grainy[..., ::-1])
    _, packed = cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.ascontiguousarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1])
