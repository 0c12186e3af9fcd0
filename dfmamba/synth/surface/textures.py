"""The things that scenes are made of: skins, backgrounds, light, further hands; or made up."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dfmamba.errors import UserError
from dfmamba.files import load_arrays, save_arrays
from dfmamba.images import AnyDepth, read_texture
from dfmamba.synth.hand.gltf import read_hand, texture_box
from dfmamba.synth.hand.hand_model import HandArrays
from dfmamba.synth.resize import resized
from dfmamba.synth.surface.harmonics import irradiance

SKIN_SIZE = 256
BACKGROUND_SIZE = (288, 432)
DROPPED = ("special_suit", "2560067", "36444540")
"""A glove-like suit; the interior that shows people; a drawing."""


NAKED = tuple(
    f"{people}_baseColor.jpg"
    for people in ("african", "african_realistic", "caucasian", "caucasian_realistic")
)
GLOVES = (
    *("cleaning_glove_baseColor.jpg", "labglove_baseColor.jpg"),
    *("glove_african_dark_camo.jpg", "glove_caucasian_green_camo.jpg"),
)
RIGGED = {
    "hand": ("xr_tools/hand_r.gltf", NAKED),
    "nails": ("xr_tools/Hand_Nails_R.gltf", NAKED),
    "glove": ("xr_tools/Hand_Glove_R.gltf", GLOVES),
    "generic": ("webxr/right.glb", ()),
}
"""The rigged hands of a data folder's hands/, and their pictures; without any, skin is made up."""
PACKED = ("skins", "backgrounds", "light")


@dataclass(frozen=True)
class RiggedHand:
    """A hand besides the baked one."""

    arrays: HandArrays
    """The skinned mesh, with uv from 0 to 1."""
    skins: Tensor
    """(K, 3, 256, 256): RGB, uint8."""


@dataclass(frozen=True)
class Textures:
    """What scenes are made of, besides the baked hand."""

    skins: Tensor
    """(K, 3, 256, 512): RGB, uint8; the left half is the hand, the right half the forearm."""
    backgrounds: Tensor
    """(N, 3, 288, 432): RGB, uint8."""
    light: Tensor
    """(L, 9, 3): spherical harmonics of irradiance over pi, mean brightness 1, for directions x
    right, y down, z away.
    """
    hands: dict[str, RiggedHand]
    """Further hands, by their names in `RIGGED`."""

    @classmethod
    def load(cls, data: Path | None, arrays: HandArrays, device: torch.device | str) -> "Textures":
        """From a pack file, a folder with skins/ and bg/, or made up where `data` is None."""
        if data is None:
            made = procedural()
        elif data.is_file():
            made = _unpacked(data)
        elif (data / "skins").is_dir() and (data / "bg").is_dir():
            made = from_folder(data, arrays)
        else:
            raise UserError(f"no skins/ and bg/ in {data}; give the data folder or a pack file")
        hands = {
            name: RiggedHand(hand.arrays.to(device), hand.skins.to(device))
            for name, hand in made.hands.items()
        }
        return cls(**{k: getattr(made, k).to(device) for k in PACKED}, hands=hands)

    def save(self, path: Path) -> None:
        """Write a pack file."""
        parts = {k: getattr(self, k) for k in PACKED}
        for name, hand in self.hands.items():
            parts[f"{name}/skins"] = hand.skins
            for field in fields(HandArrays):
                parts[f"{name}/{field.name}"] = getattr(hand.arrays, field.name)
        save_arrays(path, {k: v.cpu().numpy() for k, v in parts.items()})


def _unpacked(path: Path) -> Textures:
    parts = {name: torch.from_numpy(each) for name, each in load_arrays(path).items()}
    if missing := set(PACKED) - set(parts):
        raise UserError(
            f"{path} is no pack of textures, without {', '.join(sorted(missing))}; make one by "
            "`python -m dfmamba pack`"
        )
    hands = {}
    for name in RIGGED:
        if f"{name}/skins" in parts:
            arrays = HandArrays(**{f.name: parts[f"{name}/{f.name}"] for f in fields(HandArrays)})
            hands[name] = RiggedHand(arrays, parts[f"{name}/skins"])
    return Textures(**{k: parts[k] for k in PACKED}, hands=hands)


def atlas_uv(arrays: HandArrays) -> tuple[Tensor, list[NDArray[np.float32]]]:
    """Texture coordinates (F, 3, 2) in the two-part skin, and the boxes (u0, v0, u1, v1)."""
    forearm = arrays.weights[:, 0][arrays.triangles].amin(1) > 0.5
    uv, boxes = arrays.uv.clone(), []
    for part, rows in enumerate((~forearm, forearm)):
        low, high = uv[rows].amin((0, 1)) - 0.004, uv[rows].amax((0, 1)) + 0.004
        uv[rows] = (uv[rows] - low) / (high - low) * torch.tensor([0.5, 1.0]).to(uv)
        uv[rows] += torch.tensor([0.5 * part, 0.0]).to(uv)
        boxes.append(torch.cat([low, high]).cpu().numpy())
    uv[..., 1] = 1 - uv[..., 1]
    return uv, boxes


def from_folder(data: Path, arrays: HandArrays) -> Textures:
    """Read, crop and shrink the pictures of a data folder."""
    boxes = atlas_uv(arrays)[1]
    skins = [_skin(path, boxes) for path in _files(data / "skins", "*.jpg")]
    interiors = [_resized(read_texture(path)) for path in _files(data / "bg" / "interior", "*.jpg")]
    panoramas = [read_texture(path) for path in _files(data / "bg" / "hdri", "*.hdr")]
    photographs = (data / "bg" / "photos").glob("*.png")
    interiors += [_resized(read_texture(path)) for path in sorted(photographs)]
    views = [_resized(_tone(panorama[:, i : i + 512])) for panorama in panoramas for i in (0, 512)]
    return Textures(
        _stack(skins),
        _stack(interiors + views),
        torch.from_numpy(np.stack([irradiance(p) for p in panoramas])),
        {name: _rigged(data / "hands", *parts) for name, parts in RIGGED.items()}
        if (data / "hands").is_dir()
        else {},
    )


def _rigged(folder: Path, mesh: str, pictures: tuple[str, ...]) -> RiggedHand:
    path = folder / mesh
    box = np.array(texture_box(path))
    skins = [_cut(read_texture(path.parent / name), box) for name in pictures]
    return RiggedHand(read_hand(path), _stack(skins) if skins else _plain_skins())


def _plain_skins() -> Tensor:
    """Skins (6, 3, 256, 256) without any detail but grain."""
    grain = cloud(6, 3, SKIN_SIZE, torch.Generator().manual_seed(0))
    return _grained(torch.tensor([[185.0, 135, 110]]), grain)


def _grained(tones: Tensor, grain: Tensor) -> Tensor:
    """Skins (N, 3, h, w), uint8, of tones (N or 1, 3), 0 to 255, with grain (N, 3, h, w)."""
    grain = grain.mean(1, keepdim=True) * 0.8 + 0.2 * grain
    return (tones[:, :, None, None] * (0.85 + 0.3 * grain)).clamp(0, 255).byte()


def _files(folder: Path, pattern: str) -> list[Path]:
    found = [p for p in sorted(folder.glob(pattern)) if not any(d in p.name for d in DROPPED)]
    if not found:
        raise UserError(f"no {pattern} in {folder}; see the README for the training data")
    return found


def _resized(image: AnyDepth) -> NDArray[np.uint8]:
    height, width = BACKGROUND_SIZE
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _tone(image: AnyDepth) -> NDArray[np.uint8]:
    exposed = image / np.percentile(image, 85) * 0.7
    return np.asarray(255 * np.clip(exposed, 0, 1) ** (1 / 2.2), np.uint8)


def _skin(path: Path, boxes: list[NDArray[np.float32]]) -> NDArray[np.uint8]:
    image = read_texture(path)
    return np.asarray(np.hstack([_cut(image, box) for box in boxes]), np.uint8)


def _cut(image: AnyDepth, box: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """The part of a picture in a box (u0, v0, u1, v1), v up, made square."""
    height, width = image.shape[:2]
    u0, v0, u1, v1 = box
    part = image[int((1 - v1) * height) : int((1 - v0) * height), int(u0 * width) : int(u1 * width)]
    small = cv2.resize(part, (SKIN_SIZE, SKIN_SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _stack(images: list[NDArray[np.uint8]]) -> Tensor:
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()


def procedural() -> Textures:
    """Skins, backgrounds and lights made of noise, for use without any data."""
    generator = torch.Generator().manual_seed(0)
    tones = torch.tensor([[233.0, 194, 172], [205, 155, 125], [168, 115, 85], [95, 60, 44]])
    skins = _grained(tones, cloud(len(tones), 3, SKIN_SIZE, generator).repeat(1, 1, 1, 2))
    light = torch.zeros(8, 9, 3)
    light[:, 0] = 1 / 0.282095
    light[:, 1:4] = 0.9 * torch.randn(8, 3, 1, generator=generator)
    grounds = F.interpolate(cloud(16, 3, 96, generator), BACKGROUND_SIZE, mode="bilinear")
    return Textures(skins, (255 * grounds).byte(), light, {})


def cloud(count: int, channels: int, size: int, generator: torch.Generator) -> Tensor:
    """Smooth noise (count, channels, size, size) in 0 to 1, a sum of octaves."""
    total = torch.zeros(count, channels, size, size, device=generator.device)
    for octave in range(2, 7):
        coarse = torch.rand(
            count, channels, 2**octave, 2**octave, generator=generator, device=generator.device
        )
        total += resized(coarse, size, "bicubic") / 1.5**octave
    low, high = total.amin((2, 3), keepdim=True), total.amax((2, 3), keepdim=True)
    return (total - low) / (high - low)
