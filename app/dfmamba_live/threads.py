"""Threads that start and end together, whose errors are told for people."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from time import perf_counter

from dfmamba.errors import UserError, in_one_line

JOIN_S = 0.8
"""How long a stop waits for the threads: a driver may hang, the program may not."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What one thread does."""

    name: str
    """The thread's."""
    what: str
    """What people are told has stopped if it fails."""
    work: Callable[[], None]
    """Called once."""


class Threads:
    """A thread for each job. failed: handed a line for people by a job that ends with an error."""

    def __init__(self, jobs: list[Job], failed: Callable[[str], None]) -> None:
        self._failed = failed
        self._threads = [
            Thread(target=self._guarded, args=(job,), name=job.name, daemon=True) for job in jobs
        ]

    def start(self) -> None:
        """Start them all."""
        for thread in self._threads:
            thread.start()

    def join(self) -> bool:
        """Wait for the end of all jobs; False where one hangs and was left behind."""
        deadline = perf_counter() + JOIN_S
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - perf_counter()))
        return not any(thread.is_alive() for thread in self._threads)

    def _guarded(self, job: Job) -> None:
        try:
            job.work()
        except UserError as error:
            self._failed(str(error))
        except Exception as error:
            log.debug("a thread stopped", exc_info=True)
            self._failed(f"the {job.what} stopped: {in_one_line(error)}")
