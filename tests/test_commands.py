"""The library's commands, as a person starts them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dfmamba import cli

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_while_the_commands_are_loaded(ctrl_c_at_tyro, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ctrl_c_at_tyro)
    command = [sys.executable, "-m", "dfmamba", "--help"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_polite_kill_is_as_ctrl_c(monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("tyro.cli", lambda *_, **__: signal.raise_signal(signal.SIGTERM))
    try:
        assert cli.main() == 130
    finally:
        signal.signal(signal.SIGTERM, before)
