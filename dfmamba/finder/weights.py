"""The finder's weights on disk: one safetensors file of halves, its shape in the metadata."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from dfmamba.errors import UserError
from dfmamba.files import written_whole
from dfmamba.finder.network import FinderConfig, FinderNetwork
from dfmamba.weights import FINDER_WEIGHTS, checked_hash

FORMAT = "dfmamba-finder-1"


def save_finder(network: FinderNetwork, path: Path) -> None:
    """Write the network; an older file is replaced only once this one is whole."""
    tensors = {
        name: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    metadata = {"format": FORMAT, "config": json.dumps(asdict(network.config))}
    with written_whole(path) as draft:
        save_file(tensors, draft, metadata=metadata)


def load_finder(path: Path = FINDER_WEIGHTS, device: torch.device | str = "cpu") -> FinderNetwork:
    """The network of a file, ready to run; the built-in one where no path is given.

    Raises:
        UserError: the file is missing, damaged, or of another kind.
    """
    try:
        checked_hash(path)
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if metadata.get("format") != FORMAT:
            raise UserError(f"{path} holds no hand finder; choose another weights file")
        shape = json.loads(metadata["config"])
        network = FinderNetwork(FinderConfig(**{k: tuple(v) for k, v in shape.items()}))
        network.load_state_dict(tensors)
    except PermissionError as error:
        raise UserError(f"{path} may not be read by you; change its permissions") from error
    except (SafetensorError, OSError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{path} is damaged or of another version; get it again") from error
    if not all(value.isfinite().all() for value in network.state_dict().values()):
        raise UserError(f"{path} is damaged: not all of its values are finite; get it again")
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_(False)
