"""Work on frame after frame, which goes on where it fails for one of them."""

import logging
from collections.abc import Callable
from typing import TypeVar

from dfmamba.errors import NotFinite, UserError, in_one_line

T = TypeVar("T")
IN_A_ROW = 3
"""So many failures one after another are no accident."""

log = logging.getLogger(__name__)


class Attempts:
    """Does the same for frame after frame; an error costs that frame only.

    failed: how many it has cost by now.
    """

    def __init__(self, what: str, report: Callable[[str], None]) -> None:
        """`what` people are told has failed, by `report`: one line for each different error."""
        self.failed = 0
        self._what, self._report = what, report
        self._in_a_row = 0
        self._reported: set[str] = set()

    def __call__(self, index: int, work: Callable[[], T]) -> T | None:
        """What the work on the frame of this index gives; None where it failed.

        Raises:
            UserError: that of the work, or where it has failed for several frames in a row.
        """
        try:
            result = work()
        except Exception as error:
            if isinstance(error, UserError) and not isinstance(error, NotFinite):
                raise
            log.debug("frame %d failed", index, exc_info=True)
            self._fail(index, error)
            return None
        self._in_a_row = 0
        return result

    def _fail(self, index: int, error: Exception) -> None:
        self.failed += 1
        self._in_a_row += 1
        reason = in_one_line(error)
        if self._in_a_row == IN_A_ROW:
            told = f"the {self._what} stopped: {reason}; {IN_A_ROW} frames failed in a row"
            raise UserError(told) from error
        if reason not in self._reported:
            self._reported.add(reason)
            self._report(f"the {self._what} failed for frame {index} and goes on: {reason}")
