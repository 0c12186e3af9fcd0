"""`python -m dfmamba --help`."""

import sys

if __name__ == "__main__":
    try:
        from dfmamba.cli import main

        sys.exit(main())
    except KeyboardInterrupt:  # so early that nothing is under way
        sys.exit(130)
