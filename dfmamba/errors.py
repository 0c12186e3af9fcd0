"""Errors that are told to a person in one line."""

from math import inf


class UserError(Exception):
    """Something the user can mend. The message says what happened and what to do."""


class NotFinite(UserError):  # noqa: N818 (it says what the values are)
    """A network gave values that are not finite."""


def in_one_line(error: BaseException) -> str:
    """An error for people: its kind, but of a `UserError`, and the first line of its text."""
    text = next(iter(str(error).splitlines()), "")
    return text if isinstance(error, UserError) else f"{type(error).__name__}: {text}".rstrip(": ")


def check_above_zero(**options: float) -> None:
    """See that the numbers of these options can be worked with.

    Raises:
        UserError: one is not above 0, or is no number.
    """
    for name, value in options.items():
        if not 0 < value < inf:
            raise UserError(f"--{name.replace('_', '-')} is {value:g}; give a number above 0")


def os_error_told(error: OSError) -> str:
    """What the system complains of, for people: a path that is too long, no permission."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}; check the name, its permissions and the free space"
