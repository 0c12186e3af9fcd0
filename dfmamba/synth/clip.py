"""The built-in clip: a right hand, later joined by a left one, before a webcam."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dfmamba.files import written_whole
from dfmamba.synth.hand.key_poses import FREE, key_angles
from dfmamba.synth.pictures import FINE, HandKit, SynthConfig, TrainingPictures
from dfmamba.synth.rotations import axis_turn
from dfmamba.synth.scene import Hands, View
from dfmamba.synth.surface.looks import NOWHERE, Looks, random_looks
from dfmamba.synth.things.objects import no_objects

WIDTH, HEIGHT, RATE, SECONDS = 640, 480, 30, 8.0
FOCAL_PX = 620.0
SEED = 4


@dataclass(frozen=True)
class Act:
    """What one hand does in the clip."""

    side: float
    """1 for a right hand and -1 for a left one."""
    poses: tuple[str, ...]
    """Key poses, evenly through the clip."""
    place: tuple[float, float, float]
    """Where it is, mm, camera frame."""
    enters: float
    """When it comes in, s."""


ACTS = (
    Act(
        1.0,
        ("open", "rest", "fist", "point", "victory", "ok", "open", "claw", "thumbs up", "spread"),
        (-95.0, 75.0, 640.0),
        -1.0,
    ),
    Act(
        -1.0,
        ("rest", "open", "rest", "open", "four", "open", "pinch", "open", "love", "open"),
        (125.0, 85.0, 660.0),
        3.6,
    ),
)


def render_clip(out: Path, data: Path | None, hand: Path | None) -> None:
    """Render `SECONDS` of video as H.264 in MP4; data and hand as for training pictures."""
    config = SynthConfig(size=WIDTH, hand=hand)
    pictures = TrainingPictures(config, data, seed=SEED)
    looks = soft_looks(pictures)
    wall = background(WIDTH, HEIGHT, SEED)
    noise = np.random.default_rng(SEED)
    with written_whole(out) as draft, av.open(str(draft), "w", format="mp4") as container:
        stream = container.add_stream("libx264", RATE, options={"crf": "24", "preset": "slow"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(int(SECONDS * RATE)):
            image = _frame(pictures, looks, wall, index / RATE)
            grain = noise.normal(0, 1.5, image.shape[:2])[..., None]
            image = np.clip(image + grain, 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


def soft_looks(pictures: TrainingPictures) -> Looks:
    """One person's two hands in soft daylight from the upper left."""
    kit = pictures.kits[0]
    one = random_looks(pictures.draw, 1, kit.surface.means, kit.skin_choice[-1:], pictures.light)
    room = torch.zeros_like(one.light)
    room[:, 0] = 2.1
    room[:, 1] = -0.5
    none = torch.zeros(1)
    plain = replace(
        one,
        shift=torch.zeros_like(one.shift),
        mottled=none + 0.1,
        veined=none,
        hairy=none,
        creased=none + 0.2,
        tattooed=none,
        nails=torch.tensor([[0.62, 0.42, 0.38, 0.3]]),
        ring=none - 2,
        watch=none + NOWHERE,
        glove=none + NOWHERE,
        sleeve=none + 75.0,
        cloth=torch.tensor([[[0.05, 0.09, 0.16], [0.07, 0.11, 0.19]]]),
        stripe=none + 6.0,
        gloss=none + 0.06,
        light=room,
        lamp=F.normalize(torch.tensor([[-0.5, -0.6, -0.6]]), dim=-1),
        lamp_colour=torch.tensor([[0.55, 0.52, 0.47]]),
    )
    return plain.rows(torch.zeros(len(ACTS), dtype=torch.long))


def _frame(
    pictures: TrainingPictures, looks: Looks, wall: NDArray[np.float32], time_s: float
) -> NDArray[np.float32]:
    """The picture (HEIGHT, WIDTH, 3), 0 to 255, at a time."""
    hands = [hand_at(pictures.kits[0], act, time_s) for act in ACTS]
    both = Hands(*(torch.cat(pair) for pair in zip(*hands, strict=True)))
    edge = WIDTH * FINE
    view = View(torch.tensor([FOCAL_PX * FINE]), torch.full((1, 2), edge / 2))
    picture = torch.zeros(len(ACTS), dtype=torch.long)
    canvas, _ = pictures.render(pictures.kits[0], both, view, picture, looks, no_objects())
    return over(wall, canvas)


def over(behind: NDArray[np.float32], canvas: Tensor) -> NDArray[np.float32]:
    """A square canvas (1, 4, E, E), as `TrainingPictures.render` draws, in front of a picture.

    behind (H, W, 3): 0 to 255, as wide as the canvas shows; the result is as large.
    """
    height, width = behind.shape[:2]
    margin = (width - height) // 2
    shown = F.avg_pool2d(canvas, FINE)[0, :, margin : margin + height].permute(1, 2, 0).numpy()
    return np.asarray(behind * (1 - shown[..., 3:]) + 255 * shown[..., :3], np.float32)


def hand_at(kit: HandKit, act: Act, time_s: float) -> Hands:
    """One hand, posed and placed in the camera frame, mm, at a time."""
    angles = _between(key_angles(list(act.poses)), time_s / SECONDS)
    sway = [math.sin(time_s * rate + act.side) for rate in (0.9, 1.3, 0.7, 1.1)]
    wrist = torch.tensor([[8.0 * sway[0], 5.0 * sway[1], 0.0]])
    turn = (
        axis_turn(torch.tensor([6 * act.side + 9.0 * sway[1]]), 2)
        @ axis_turn(torch.tensor([10.0 * sway[2] - 6]), 0)
        @ axis_turn(torch.tensor([32.0 * sway[0]]), 1)
    )
    mirror = torch.diag(torch.tensor([act.side, 1.0, 1.0]))
    rotations = kit.poser(angles[None], wrist)
    shape = torch.zeros(1, len(kit.arrays.shape_heads))
    vertices, joints = kit.model(shape, rotations, turn @ mirror)
    x, y, z = act.place
    rise = float(np.clip((time_s - act.enters) / 0.8, 0, 1))
    below = 420 * (1 - rise * rise * (3 - 2 * rise))
    shift = torch.tensor([x + 14 * sway[3], y + 10 * sway[1] + below, z + 25 * sway[2]])
    side, family = torch.tensor([act.side]), torch.tensor([FREE])
    return Hands(vertices + shift, joints + shift, side, family)


def _between(keys: Tensor, share: float) -> Tensor:
    """Ease from key to key; each is held for a moment."""
    place = share * (len(keys) - 1)
    index = min(int(place), len(keys) - 2)
    step = float(np.clip((place - index - 0.2) / 0.6, 0, 1))
    return keys[index].lerp(keys[index + 1], step * step * (3 - 2 * step))


def background(width: int, height: int, seed: int) -> NDArray[np.float32]:
    """A made-up room, out of focus: wall, window, shelf, books, lamp light; (H, W, 3) to 255."""
    random = np.random.default_rng(seed)
    shade = np.outer(np.linspace(1, 0.9, height), np.linspace(1.05, 0.8, width))
    room = np.asarray(shade[..., None] * np.array([186.0, 180.0, 170.0]), np.float64)
    cv2.rectangle(room, (20, 20), (170, 230), (222.0, 230.0, 238.0), -1)
    cv2.rectangle(room, (20, 20), (170, 230), (120.0, 112.0, 102.0), 7)
    cv2.line(room, (95, 20), (95, 230), (120.0, 112.0, 102.0), 5)
    cv2.rectangle(room, (400, 170), (width, 184), (110.0, 84.0, 62.0), -1)
    left = 415
    while left < width - 12:
        thick, tall = int(random.integers(9, 22)), int(random.integers(55, 105))
        colour = tuple(float(c) for c in random.uniform(45, 190, 3))
        cv2.rectangle(room, (left, 170 - tall), (left + thick, 170), colour, -1)
        left += thick + 2
    cv2.rectangle(room, (0, 430), (width, height), (128.0, 104.0, 84.0), -1)
    return np.asarray(cv2.GaussianBlur(room, (0, 0), 5.0), np.float32)
