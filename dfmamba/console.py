"""What the program and the library's commands tell on the console beside their results."""

import logging

from rich.console import Console
from rich.logging import RichHandler


def log_to_stderr(*packages: str) -> None:
    """Show what these packages log, and the warnings of all others, a plain line each."""
    handler = RichHandler(console=Console(stderr=True), show_path=False, show_time=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    for name in packages:
        logging.getLogger(name).setLevel(logging.INFO)
