"""Whole photographs to learn from: packed with MediaPipe's joints, drawn turned, scaled, in parts.

A picture in which no hand was found is left out, as one was likely missed; a hand on which
MediaPipe's views of it do not agree is neither taught nor held against the network. With an earlier
finder, hands that MediaPipe missed are added (`missed`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor

from dfmamba.data.labelled import photograph
from dfmamba.data.labels import Labels
from dfmamba.data.missed import Consensus
from dfmamba.data.splits import split_of
from dfmamba.errors import UserError
from dfmamba.files import load_arrays, save_arrays
from dfmamba.finder.frames import MOST_HANDS, Frames, hands_of
from dfmamba.finder.scenes import CROP, LEAST_SEEN, LEAST_SIDE
from dfmamba.finder.scenes.light import lit_oddly
from dfmamba.images import Picture, read_picture, reduced
from dfmamba.synth.camera.sensor import sense
from dfmamba.synth.draw import Draw

LONGEST = 384
"""The pictures' longer side as packed, px."""
QUALITY = 78
"""Of the JPEG that they are packed as."""
LEAST_SCORE = 0.8
"""MediaPipe must be as sure of a hand's side, or the side does not count."""


@dataclass(frozen=True)
class WholePictures:
    """N pictures and the M hands in them."""

    jpeg: NDArray[np.uint8]
    """All pictures' bytes, one after another."""
    ends: NDArray[np.int64]
    """(N,): where each picture's bytes end."""
    picture: NDArray[np.int64]
    """(M,): the picture that each hand is in."""
    joints_px: NDArray[np.float64]
    """(M, 21, 2): MediaPipe's joints, pixels of the packed picture."""
    right: NDArray[np.bool_]
    """(M,): whether it is the person's right hand."""
    agreed: NDArray[np.bool_]
    """(M,): whether the label is believed; the others are places where a hand may be."""

    def save(self, path: Path) -> None:
        """Write as .npz, whole or not at all."""
        save_arrays(path, vars(self))

    @classmethod
    def load(cls, path: Path) -> "WholePictures":
        """Read what `save` wrote; UserError where it is missing or broken."""
        return cls(**load_arrays(path, cls.__dataclass_fields__))

    def decoded(self, row: int) -> NDArray[np.uint8]:
        """A picture (H, W, 3), RGB."""
        start = 0 if row == 0 else int(self.ends[row - 1])
        picture = cv2.imdecode(self.jpeg[start : int(self.ends[row])], cv2.IMREAD_COLOR)
        if picture is None:
            raise UserError("a pack of whole pictures is damaged; make it again")
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def pack_whole(
    labels: Labels, folder: Path, least_hands: int = 1, consensus: Consensus | None = None
) -> WholePictures:
    """The labelled pictures of a folder that training may see, with their hands.

    least_hands: pictures in which fewer were found are left out, as of a set in which all show two.
    consensus: asked for the hands that MediaPipe missed, and for those it is not sure of.
    """
    labels = split_of(labels, folder.name, "training")
    sure = labels.agreed & (labels.scores > LEAST_SCORE)
    jpegs: list[NDArray[np.uint8]] = []
    kept: list[_Hands] = []
    for name in track(labels.pictures.tolist(), "pictures"):
        mine = labels.files == name
        if consensus is None and not sure[mine].any():
            continue
        picture = read_picture(photograph(folder, name))
        hands = _Hands(labels.joints_px[mine], labels.sides[mine] == "right", sure[mine])
        if consensus is not None:
            hands = _completed(hands, picture, consensus)
        if len(hands.right) < least_hands or not hands.agreed.any():
            continue
        small = reduced(picture, LONGEST)
        kept.append(hands._replace(joints_px=hands.joints_px * (small.shape[1] / picture.shape[1])))
        options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
        jpegs.append(cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), options)[1])
    if not jpegs:
        raise UserError(f"no picture in {folder} is labelled well enough to learn from")
    return WholePictures(
        jpeg=np.concatenate(jpegs).ravel().astype(np.uint8),
        ends=np.cumsum([each.size for each in jpegs]),
        picture=np.repeat(np.arange(len(kept)), [len(each.right) for each in kept]),
        joints_px=np.concatenate([each.joints_px for each in kept]),
        right=np.concatenate([each.right for each in kept]),
        agreed=np.concatenate([each.agreed for each in kept]),
    )


class _Hands(NamedTuple):
    """Of a picture, as `WholePictures` has them."""

    joints_px: NDArray[np.float64]
    right: NDArray[np.bool_]
    agreed: NDArray[np.bool_]


def _completed(hands: _Hands, picture: Picture, consensus: Consensus) -> _Hands:
    """With the hands that were missed, and with those believed that the network sees as well."""
    clear = consensus.checked(picture, hands.joints_px)
    more = consensus.more(picture, hands.joints_px)
    return _Hands(
        np.concatenate([hands.joints_px, more.joints_px]),
        np.concatenate([hands.right, more.right]),
        np.concatenate([hands.agreed | clear, more.clear]),
    )


class WholeFrames:
    """Draws frames from packs of whole pictures, all of them on the device."""

    def __init__(
        self,
        packs: Sequence[Path],
        size: int,
        behind: Callable[[int], Tensor],
        device: torch.device,
        seed: int = 0,
    ) -> None:
        """Load the packs; behind: draws so many frames (B, 3, S, S) to lay pictures on."""
        self.size, self.behind, self.draw = size, behind, Draw(seed, device)
        loaded = [WholePictures.load(path) for path in packs]
        pictures = [each.decoded(row) for each in loaded for row in range(len(each.ends))]
        laid = np.zeros((len(pictures), LONGEST, LONGEST, 3), np.uint8)
        for row, picture in enumerate(pictures):
            laid[row, : picture.shape[0], : picture.shape[1]] = picture
        shapes = np.array([each.shape[1::-1] for each in pictures], np.float32)
        joints = np.zeros((len(pictures), MOST_HANDS, 21, 2), np.float32)
        facts = np.zeros((3, len(pictures), MOST_HANDS), np.float32)
        before = 0
        for pack in loaded:
            many = np.zeros(len(pack.ends), np.int64)
            for hand, picture in enumerate(pack.picture):
                row, slot = before + picture, many[picture]
                many[picture] += 1
                if slot < MOST_HANDS:
                    joints[row, slot] = pack.joints_px[hand]
                    facts[:, row, slot] = pack.right[hand], pack.agreed[hand], 1
            before += len(pack.ends)
        # A pack of four times as many pictures is drawn from twice as often.
        likely = np.concatenate(
            [np.full(len(each.ends), len(each.ends) ** -0.5) for each in loaded]
        )
        self.likely = torch.from_numpy(likely).to(device)
        self.pictures = torch.from_numpy(laid).to(device)
        self.shapes = torch.from_numpy(shapes).to(device)
        self.joints = torch.from_numpy(joints).to(device)
        self.right, self.agreed, self.there = torch.from_numpy(facts).to(device)

    @torch.no_grad()
    def batch(self, count: int) -> Frames:
        """`count` photographs: mirrored, turned, scaled and moved, degraded, with their hands."""
        draw, size = self.draw, self.size
        rows = self.likely.multinomial(count, replacement=True, generator=draw.generator)
        mirrored = draw.chance(0.5, count)
        to_frame, middle = self._moves(rows, mirrored)
        axis = torch.arange(size, device=draw.device) + 0.5
        places = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).view(1, -1, 2)
        seen = (places - size / 2) @ to_frame.inverse().mT + middle[:, None]
        inside = ((seen >= 0) & (seen < self.shapes[rows][:, None])).all(-1)
        grid = (seen * (2 / LONGEST) - 1).view(count, size, size, 2)
        pictures = self.pictures[rows].permute(0, 3, 1, 2).float() / 255
        pictures = torch.nn.functional.grid_sample(
            pictures, grid, padding_mode="border", align_corners=False
        )
        cover = inside.view(count, 1, size, size)
        images = torch.where(cover, pictures, self.behind(count))
        joints = (self.joints[rows] - middle[:, None, None]) @ to_frame[:, None].mT + size / 2
        within = ((joints >= 0) & (joints < size)).all(-1).float().mean(-1)
        longest = (joints.amax(2) - joints.amin(2)).amax(-1)
        there = self.there[rows]
        fine = there * (within >= LEAST_SEEN) * (longest >= LEAST_SIDE)
        found = fine * self.agreed[rows]
        ignored = there * (within > 0) * (1 - found)
        right = torch.where(mirrored[:, None], 1 - self.right[rows], self.right[rows])
        hands = hands_of(joints, right * there, found, ignored, size)
        return Frames(sense(lit_oddly(images, draw), draw, CROP), *hands)

    def _moves(self, rows: Tensor, mirrored: Tensor) -> tuple[Tensor, Tensor]:
        """From packed pixels about a middle (B, 2) to frame pixels about the frame's: (B, 2, 2)."""
        draw, count = self.draw, len(rows)
        shape = self.shapes[rows]
        zoom = torch.exp(0.4 * draw.normal(count) - 0.05).clamp(0.35, 2.5)
        scale = zoom * self.size / shape.amax(1)
        turn = 0.2 * draw.normal(count)
        c, s = scale * turn.cos(), scale * turn.sin()
        flip = torch.where(mirrored, -1.0, 1.0)
        linear = torch.stack([torch.stack([flip * c, -s], 1), torch.stack([flip * s, c], 1)], 1)
        # A small picture lies anywhere in the frame; of a large one any part is looked at.
        room = (self.size / scale[:, None] - shape).abs() / 2 + 0.1 * shape
        middle = shape / 2 + room * draw.between(-1, 1, count, 2)
        return linear, middle
