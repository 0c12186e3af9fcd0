"""`python -m dfmamba bench`: how fast all of this is here, and beside what else there is."""

from collections.abc import Callable

from dfmamba.bench import backbones, train

COMMANDS: dict[str, Callable[..., object]] = {
    "backbones": backbones.backbones,
    "train": train.train,
}
