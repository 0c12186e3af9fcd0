"""DF-Mamba Live: `python main.py --help`."""

import sys

if __name__ == "__main__":
    from app.cli import main  # here, for a process beside this one imports this file without need

    sys.exit(main())
