"""What the program and the library's commands tell on the console beside their results."""

import logging
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from rich.console import Console
from rich.logging import RichHandler

from dfmamba.errors import UserError, os_error_told

P = ParamSpec("P")


def log_to_stderr(*packages: str) -> None:
    """Show what these packages log, and the warnings of all others, a plain line each."""
    handler = RichHandler(console=Console(stderr=True), show_path=False, show_time=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    # MediaPipe loads it; that it finds no place for its cache is of no concern here.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    for name in packages:
        logging.getLogger(name).setLevel(logging.INFO)


def exit_codes(main: Callable[P, int]) -> Callable[P, int]:
    """A command's `main` that tells what went wrong in one line; 2 then, and 130 after Ctrl-C."""

    @wraps(main)
    def run(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return main(*args, **kwargs)
        except UserError as error:
            told = str(error)
        except OSError as error:
            told = os_error_told(error)
        except KeyboardInterrupt:
            return 130
        sys.stderr.write(f"dfmamba: {told}\n")
        return 2

    return run
