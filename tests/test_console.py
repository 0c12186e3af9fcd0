import errno
import logging

import pytest

from dfmamba.console import exit_codes, log_to_stderr
from dfmamba.errors import UserError, check_above_zero


def ending_with(error):
    @exit_codes
    def main():
        if error is not None:
            raise error
        return 0

    return main()


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (None, 0, ""),
        (KeyboardInterrupt(), 130, ""),
        (UserError("no hand; show one"), 2, "dfmamba: no hand; show one\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/tmp/x"),
            2,
            "dfmamba: /tmp/x: No space left on device; check the name, its permissions and the "
            "free space\n",
        ),
    ],
)
def test_what_goes_wrong_is_told_in_a_line_and_an_exit_code(error, code, told, capsys):
    assert ending_with(error) == code
    assert capsys.readouterr() == ("", told)


def test_errors_of_the_program_itself_are_not_hidden():
    with pytest.raises(ZeroDivisionError):
        ending_with(ZeroDivisionError())


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_absurd_numbers_are_told_by_their_option(value):
    check_above_zero(count=1, batch_size=0.5)
    with pytest.raises(UserError, match=f"--batch-size is {value:g}; give a number above 0"):
        check_above_zero(count=1, batch_size=value)


def test_progress_is_told_of_the_named_packages_and_warnings_of_all(capsys, monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    log_to_stderr("chatty")
    logging.getLogger("chatty.part").info("at work")
    logging.getLogger("other").info("secret")
    logging.getLogger("other").warning("careful")
    logging.getLogger("matplotlib").warning("no cache")
    logging.getLogger("chatty").setLevel(logging.NOTSET)
    told = capsys.readouterr()
    assert told.out == ""
    assert "at work" in told.err
    assert "careful" in told.err
    assert "secret" not in told.err
    assert "no cache" not in told.err
