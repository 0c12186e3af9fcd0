"""DF-Mamba Live from a checkout: `python main.py --help`."""

import sys
from pathlib import Path
from runpy import run_module

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent / "app"))  # this checkout's, not an installed one
    run_module("dfmamba_live", run_name="__main__", alter_sys=False)
