"""`python -m dfmamba_live --help`: the program, as main.py starts it too."""

import sys

if __name__ == "__main__":
    # Imported here: the process that draws the 3D view loads this file too, and needs none of it.
    try:
        from dfmamba_live.cli import main

        sys.exit(main())
    except KeyboardInterrupt:  # so early that nothing is under way
        sys.exit(130)
