"""What other processes of the program need to know."""

import os
import sys


def search_path() -> str:
    """PYTHONPATH for another process: it finds what this one finds, installed or in a checkout."""
    return os.pathsep.join(path for path in sys.path if path)
