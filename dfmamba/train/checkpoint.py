"""A training run on disk: safetensors only, so that nothing is unpickled to go on."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from dfmamba.errors import UserError
from dfmamba.files import written_whole
from dfmamba.train.recipe import Recipe


@dataclass
class Progress:
    """How far a run has come."""

    step: int = 0
    pictures: int = 0
    seconds: float = 0.0


def save_checkpoint(
    path: Path,
    recipe: Recipe,
    modules: dict[str, nn.Module],
    optimizer: Optimizer,
    progress: Progress,
) -> None:
    """Write everything a run needs to go on; an older file is replaced only by a whole one."""
    tensors = {
        f"{part}.{name}": value.contiguous()
        for part, module in modules.items()
        for name, value in module.state_dict().items()
    }
    for index, state in optimizer.state_dict()["state"].items():
        names = {f"optimizer.{index}.{key}": value for key, value in state.items()}
        tensors |= {name: value.contiguous() for name, value in names.items()}
    with written_whole(path) as draft:
        metadata = {"progress": json.dumps(vars(progress)), "recipe": recipe.to_json()}
        save_file(tensors, draft, metadata=metadata)


def load_checkpoint(
    path: Path, recipe: Recipe, modules: dict[str, nn.Module], optimizer: Optimizer
) -> Progress:
    """Put a saved run back into its modules and optimizer; returns how far it had come.

    Raises:
        UserError: the file is damaged, or of a run of other networks or with another recipe.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
        begun_with = Recipe.from_json(metadata["recipe"])
        progress = Progress(**json.loads(metadata["progress"]))
        _check_same(begun_with, recipe, path)
        _restore(path, modules, optimizer)
    except (SafetensorError, RuntimeError, LookupError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is damaged, or of a run of other networks; give another --out, or start that "
            "run as it was started"
        ) from error
    return progress


def _check_same(begun_with: Recipe, wanted: Recipe, path: Path) -> None:
    differences = begun_with.differences(wanted).items()
    if differences:
        told = ", ".join(f"{name} {old}, not {new}" for name, (old, new) in differences)
        again = " ".join(
            f"--recipe.{name.replace('_', '-')} {old}" for name, (old, _) in differences
        )
        raise UserError(
            f"the run in {path.parent} was begun with {told}; give {again} to go on with it, or"
            " another --out"
        )


def _restore(path: Path, modules: dict[str, nn.Module], optimizer: Optimizer) -> None:
    device = str(next(next(iter(modules.values())).parameters()).device)
    tensors = load_file(path, device=device)
    for part, module in modules.items():
        module.load_state_dict(_under(tensors, f"{part}."))
    state = _state(_under(tensors, "optimizer."), optimizer)
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _state(tensors: dict[str, Tensor], optimizer: Optimizer) -> dict[int, dict[str, Tensor]]:
    parameters = [each for group in optimizer.param_groups for each in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".")
        if name != "step":
            # The fused optimizer wants its averages laid out in memory as the parameter is.
            value = torch.empty_like(parameters[int(index)]).copy_(value)
        state.setdefault(int(index), {})[name] = value
    return state
