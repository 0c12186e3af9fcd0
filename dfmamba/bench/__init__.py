"""`python -m dfmamba bench`: how fast all of this is here, and beside what else there is."""

from collections.abc import Callable

from dfmamba.bench import backbones, latency, ops, train

COMMANDS: dict[str, Callable[..., object]] = {
    "ops": ops.ops,
    "backbones": backbones.backbones,
    "latency": latency.latency,
    "train": train.train,
}
