"""Weights on disk: one safetensors file, the large matrices as int8, checked before use.

The weights of linear and convolution layers with more than `SMALL` numbers are stored as int8 with
one float16 scale for each output channel; everything else stays float32. The network's config
travels in the file's metadata as JSON: the kinds of its backbone and decoder, as `model.registry`
knows them, with what shapes them, `input_size` and `calibration`.
A card beside each built-in file (`hand.json`) holds its SHA-256 and what it was trained on.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from dfmamba.errors import UserError
from dfmamba.files import real_path, written_whole
from dfmamba.model import HandNetwork
from dfmamba.model.stored import (
    brought_up_to_date,
    config_from_json,
    config_to_json,
    network_of,
)

FORMAT = "dfmamba-2"
OLDER_FORMAT = "dfmamba-1"
"""Of files that knew one kind of backbone and of decoder only."""
SMALL = 4096
_SCALE = ".scale"
_UNFIT = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What reading and building a config raises that is not this version's, or made up."""
_PACKAGED = Path(__file__).with_name("built_in")
_FOLDER = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[1] / "weights"
FULL_WEIGHTS = _FOLDER / "hand.safetensors"
"""The built-in weights of the full network."""
LIGHT_WEIGHTS = _FOLDER / "light.safetensors"
"""The built-in weights of the light network, for processors."""
FINDER_WEIGHTS = _FOLDER / "finder.safetensors"
"""The built-in weights of the hand finder (`finder.weights`)."""


@dataclass(frozen=True)
class LoadedNetwork:
    """A network and the file that it comes from, opened and hashed once."""

    network: HandNetwork
    """Ready to run, on `device`."""
    path: Path
    """Its weights file."""
    sha256: str
    """The file's hash, in hex."""
    device: torch.device
    """Where it runs."""

    def describe(self) -> dict[str, str]:
        """Name and SHA-256 of the weights, for exports, reports and badges."""
        return {"name": self.path.name, "sha256": self.sha256}


def quantise(weight: Tensor, axis: int = 0) -> tuple[Tensor, Tensor]:
    """A float matrix to int8 of the same shape and float16 scales along `axis`, kept as size 1."""
    weight = weight.detach().float()
    others = [each for each in range(weight.dim()) if each != axis]
    scale = (weight.abs().amax(dim=others, keepdim=True) / 127).clamp_min(1e-7).half()
    return (weight / scale.float()).round().clamp(-127, 127).to(torch.int8), scale


def dequantise(weight: Tensor, scale: Tensor) -> Tensor:
    """The float32 matrix that `quantise` stored."""
    return weight.to(torch.float32, copy=True).mul_(scale.float())  # in place: of `weight`'s shape


def save_network(network: HandNetwork, path: Path | str) -> None:
    """Write the network with its config; an older file is replaced only once this one is whole."""
    output_axis = {
        f"{name}.weight": int(isinstance(module, nn.ConvTranspose2d))
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.ConvTranspose2d)
    }
    tensors: dict[str, Tensor] = {}
    for name, value in network.state_dict().items():
        if name in output_axis and value.numel() > SMALL:
            stored, scale = quantise(value.cpu(), output_axis[name])
            tensors[name], tensors[name + _SCALE] = stored.contiguous(), scale.contiguous()
        else:
            tensors[name] = value.cpu().contiguous()
    metadata = {"format": FORMAT, "config": json.dumps(config_to_json(network.config))}
    with written_whole(Path(path)) as draft:
        save_file(tensors, draft, metadata=metadata)


def load_network(path: Path | str | None = None, device: str | torch.device = "cpu") -> HandNetwork:
    """The network of a weights file, ready to run; the built-in full one where no path is given.

    Raises:
        UserError: the file is missing, damaged, or not one of this program's.
    """
    return open_network(path, device).network


def open_network(
    path: Path | str | None = None, device: str | torch.device = "cpu"
) -> LoadedNetwork:
    """As `load_network`, with what is known of the file."""
    path = Path(path or FULL_WEIGHTS)
    try:
        hashed = checked_hash(path)
        metadata, tensors = _read(path)
    except PermissionError as error:
        raise UserError(f"{path} may not be read by you; change its permissions") from error
    try:
        stored = json.loads(metadata["config"])
        if metadata["format"] == OLDER_FORMAT:
            stored, tensors = brought_up_to_date(stored, tensors)
        network = network_of(config_from_json(stored), tensors)
    except _UNFIT as error:
        told = f"{path} does not fit this version of the network; get a newer one"
        raise UserError(told) from error
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return LoadedNetwork(network.eval().requires_grad_(False), path, hashed, torch.device(device))


def sha256(path: Path) -> str:
    """The file's SHA-256, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked_hash(path: Path) -> str:
    """The file's SHA-256, in hex; that of a built-in one must be the one of its card.

    Raises:
        UserError: the file is missing, or a built-in one is damaged.
    """
    own = FULL_WEIGHTS, LIGHT_WEIGHTS, FINDER_WEIGHTS
    built_in = real_path(path) in map(real_path, own)
    card = path.with_suffix(".json")
    if built_in and not (path.is_file() and card.is_file()):
        raise UserError(f"the built-in weights {path} are missing; install the program again")
    if not path.is_file():
        raise UserError(f"there is no weights file {path}; check its name")
    found = sha256(path)
    if not built_in:
        return found
    try:
        wanted = json.loads(card.read_text(encoding="utf-8"))["sha256"]
    except (ValueError, KeyError, TypeError):
        wanted = None
    if wanted != found:
        raise UserError(f"the built-in weights {path} are damaged; install the program again")
    return found


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """The file's metadata, and the network's numbers as they are used."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path} is damaged or not a safetensors file; get it again") from error
    if metadata.get("format") not in (FORMAT, OLDER_FORMAT):
        raise UserError(f"{path} holds no DF-Mamba hand network; choose another weights file")
    try:
        tensors = {
            name: dequantise(value, stored[name + _SCALE]) if name + _SCALE in stored else value
            for name, value in stored.items()
            if not name.endswith(_SCALE)
        }
        finite = all(value.isfinite().all() for value in tensors.values())
    except RuntimeError as error:  # scales of another shape, or numbers of an unknown kind
        raise UserError(f"{path} is damaged: its numbers make no sense; get it again") from error
    if not finite:
        raise UserError(f"{path} is damaged: not all of its values are finite; get it again")
    return metadata, tensors
