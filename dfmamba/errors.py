"""Errors that are told to a person in one line."""


class UserError(Exception):
    """Something the user can mend. The message says what happened and what to do."""
