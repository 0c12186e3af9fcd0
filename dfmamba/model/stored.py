"""A network's config as the JSON that a weights file keeps, and the network that a file asks for.

What a file says is not trusted: it may have been made to fill the memory.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import get_ident
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from dfmamba.model.config import NetworkConfig
from dfmamba.model.network import HandNetwork
from dfmamba.model.registry import BACKBONES, DECODERS

LARGEST = 4096
"""No number of a config is larger, be it a count, a width or the edge of a crop."""


def config_to_json(config: NetworkConfig) -> dict[str, Any]:
    """The config for a file: backbone and decoder by their kinds, input_size, calibration."""
    return {
        "backbone": BACKBONES.to_json(config.backbone),
        "decoder": DECODERS.to_json(config.decoder),
        "input_size": config.input_size,
        "calibration": config.calibration,
    }


def config_from_json(stored: dict[str, Any]) -> NetworkConfig:
    """The config that `config_to_json` wrote.

    Raises:
        UserError: a kind is not known here.
        ArithmeticError, AttributeError, LookupError, TypeError, ValueError: it is no config.
    """
    _check_numbers(stored)
    return NetworkConfig(
        BACKBONES.from_json(stored["backbone"]),
        DECODERS.from_json(stored["decoder"]),
        stored["input_size"],
        tuple(stored["calibration"]),
    )


def brought_up_to_date(
    stored: dict[str, Any], tensors: Mapping[str, Tensor]
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Config and numbers of a file that knew one kind of backbone and of decoder, as of a new one.

    The layer between the two has become the decoder's own.
    """
    config = {
        "backbone": {"kind": "df-mamba", **stored["backbone"]},
        "decoder": {"kind": "heatmap", "width": stored["decoder_width"]},
        "input_size": stored["input_size"],
        "calibration": stored["calibration"],
    }
    moved = {name: f"decoder.{name}" for name in tensors if name.startswith("level.")}
    return config, {moved.get(name, name): value for name, value in tensors.items()}


def network_of(config: NetworkConfig, tensors: Mapping[str, Tensor]) -> HandNetwork:
    """The network of a config with these numbers.

    Raises:
        UserError: what the config needs is not installed.
        ValueError: the network is larger than its numbers; no memory was taken for it.
        RuntimeError: the numbers are another network's.
    """
    with _no_larger_than(tensors):
        network = HandNetwork(config)
    network.load_state_dict(tensors)
    return network


def _check_numbers(config: Any) -> None:
    """Refuse a number that no part of a network could have; `config` is what JSON holds."""
    if isinstance(config, dict | list):
        for each in config.values() if isinstance(config, dict) else config:
            _check_numbers(each)
    elif isinstance(config, int | float) and not abs(config) <= LARGEST:
        raise ValueError(f"{config} is too large")


@contextmanager
def _no_larger_than(tensors: Mapping[str, Tensor]) -> Iterator[None]:
    """A network built here may have no more parameters than these; its memory is untouched before.

    Raises:
        ValueError: it has more, in number or in size.
    """
    count, size = len(tensors), sum(value.numel() for value in tensors.values())
    builder = get_ident()

    def count_down(_module: nn.Module, _name: str, parameter: nn.Parameter | None) -> None:
        nonlocal count, size
        if parameter is not None and get_ident() == builder:
            count, size = count - 1, size - parameter.numel()
            if min(count, size) < 0:
                raise ValueError("the network is larger than its file")

    handle = register_module_parameter_registration_hook(count_down)
    try:
        yield
    finally:
        handle.remove()
