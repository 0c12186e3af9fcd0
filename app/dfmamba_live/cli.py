"""The command line: what is wanted, checked before any work, then a window or a headless run."""

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NoReturn

import tyro
from rich.console import Console

from dfmamba.console import exit_codes, log_to_stderr
from dfmamba_live.options import Options, check, make_estimator, open_source, open_weights
from dfmamba_live.signals import POLITE_KILLS, on_signals

if TYPE_CHECKING:
    from dfmamba.pipeline import HandEstimator
    from dfmamba.weights import LoadedNetwork
    from dfmamba_live.sources import Source


@exit_codes
def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code: 0, 2 for bad input, 130 after Ctrl-C."""
    try:
        options = tyro.cli(
            Options, prog="dfmamba-live", args=argv, config=(tyro.conf.FlagCreatePairsOff,)
        )
    except SystemExit as leaving:  # help, or arguments that tyro has complained about
        return int(leaving.code or 0)
    log_to_stderr("dfmamba_live", "dfmamba")
    if options.doctor:
        from dfmamba_live.doctor import run

        return run(options)
    check(options)
    return _run(options)


def _run(options: Options) -> int:
    # Here and below imports come late: help and bad arguments answer without torch and Qt.
    with closing(open_source(options)) as source:
        loaded = open_weights(options)
        with closing(make_estimator(options, loaded)) as estimator:
            if options.headless:
                return _run_headless(options, loaded, source, estimator)
            from dfmamba_live.desktop import run

            return run(options, loaded, source, estimator)


def _run_headless(
    options: Options, loaded: "LoadedNetwork", source: "Source", estimator: "HandEstimator"
) -> int:
    from dfmamba_live.headless import run

    with on_signals(_interrupt, *POLITE_KILLS):  # as Ctrl-C: what was done is written
        summary = run(source, estimator, loaded.describe(), options.export)
    Console().print(str(summary), highlight=False)
    return 0


def _interrupt() -> NoReturn:
    raise KeyboardInterrupt
