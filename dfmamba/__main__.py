"""The library's commands: `python -m dfmamba --help`."""

import sys

import tyro

from dfmamba.bench import bench
from dfmamba.errors import UserError
from dfmamba.evaluate.cli import evaluate, label
from dfmamba.synth.cli import bake, clip, pack, sheet
from dfmamba.train.cli import train


def main() -> int:
    """Run one command; returns the exit code."""
    commands = {
        each.__name__: each for each in (bake, pack, sheet, clip, train, evaluate, label, bench)
    }
    try:
        tyro.extras.subcommand_cli_from_dict(commands, prog="python -m dfmamba")
    except UserError as error:
        sys.stderr.write(f"dfmamba: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
