"""The library's commands: `python -m dfmamba --help`."""

import signal
from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Annotated, Any

import tyro

from dfmamba import bench
from dfmamba.console import exit_codes, log_to_stderr
from dfmamba.data.cli import backgrounds, crops, label, whole
from dfmamba.evaluate.cli import beside, evaluate, measure_finder
from dfmamba.finder.cli import scenes
from dfmamba.synth.cli import bake, clip, pack, sheet
from dfmamba.temporal.cli import temporal
from dfmamba.train.average import average
from dfmamba.train.cli import train
from dfmamba.train.finder import train_finder


@exit_codes
def main() -> int:
    """Run one command; returns the exit code: 0, 2 for bad input, 130 after Ctrl-C or a kill."""
    training = (bake, pack, sheet, clip, label, crops, backgrounds, beside, train, average)
    finder = (scenes, whole, train_finder, measure_finder)
    own = (*training, *finder, evaluate, temporal)
    commands = _choice({each.__name__: each for each in own})
    benches = tyro.conf.subcommand(
        "bench",
        constructor=_choice(bench.COMMANDS),
        description="Measure how fast networks, kernels and training are on this machine.",
    )
    log_to_stderr("dfmamba")
    # SIGTERM, which a cluster's scheduler sends, ends a run as Ctrl-C does: training is kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tyro.cli(commands | Annotated[Any, benches], prog="python -m dfmamba")
    return 0


def _choice(commands: dict[str, Callable[..., object]]) -> Any:
    """The type whose value tyro makes by calling the command that is named."""
    named = (tyro.conf.subcommand(name, constructor=call) for name, call in commands.items())
    return reduce(or_, (Annotated[Any, each] for each in named))
