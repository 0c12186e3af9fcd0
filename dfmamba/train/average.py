"""`python -m dfmamba average`: the mean of several weights of one network.

Weights that come from each other lie in one valley of the loss, and their mean is often better than
each (Wortsman et al. 2022, "Model soups").
"""

from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console

from dfmamba.device import DeviceName, open_device
from dfmamba.errors import UserError, check_above_zero
from dfmamba.model import HandNetwork
from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.train.card import write_weights
from dfmamba.weights import load_network, sha256

SEED = 2


def average(
    weights: tuple[Path, ...],
    out: Path,
    shares: tuple[float, ...] = (),
    data: Path | None = None,
    device: DeviceName = "auto",
) -> None:
    """Write the mean of several weights of one network, its confidence fitted anew, in minutes.

    Args:
        weights: files of which each was trained on from another, or all from one.
        out: the mean's file, .safetensors; crops of the size that the first one reads.
        shares: how much each file counts; all alike where they are left out.
        data: the folder with skins and backgrounds, or a pack; without it textures are made up.
        device: where it runs; auto: the GPU if there is one.
    """
    shares = shares or (1.0,) * len(weights)
    if len(weights) < 2 or len(shares) != len(weights):
        raise UserError(
            f"{len(weights)} weights and {len(shares)} shares; give two or more weights, and to"
            " each one its share, or none"
        )
    for share in shares:
        check_above_zero(shares=share)
    target = open_device(device)
    network = mean_network([load_network(path, target) for path in weights], shares)
    parts = zip(shares, weights, strict=True)
    mixed = ", ".join(f"{share:g} of {path.name}, {sha256(path)[:12]}" for share, path in parts)
    out.parent.mkdir(parents=True, exist_ok=True)
    config = SynthConfig(size=network.config.input_size, held_out=True)
    pictures = TrainingPictures(config, data, target, SEED)
    console = Console()
    with console.status("fitting the confidence and writing the weights; minutes on a processor"):
        write_weights(network, out, pictures, {"trained_on": f"the mean of {mixed}"})
    console.print(f"the mean of {mixed}: {out}")


def mean_network(networks: list[HandNetwork], shares: tuple[float, ...]) -> HandNetwork:
    """The first network with the mean of all numbers, running means of batch norms among them.

    Raises:
        UserError: they are not of one shape.
    """
    first = networks[0]
    shapes = [replace(each.config, input_size=32, calibration=(0, 0)) for each in networks]
    if any(shape != shapes[0] for shape in shapes):
        raise UserError("the weights are of different networks; give those of one, light or full")
    states = [each.state_dict() for each in networks]
    for name, kept in first.state_dict().items():
        parts = torch.stack([state[name].double() for state in states])
        share = parts.new_tensor(shares) / sum(shares)
        kept.copy_(torch.tensordot(share, parts, 1))
    return first
