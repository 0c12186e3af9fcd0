"""What a runner reads of each crop."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Outputs(NamedTuple):
    """The hands of C crops, H hands to a crop; arrays may be views that the next call fills again.

    How many hands a crop has is the network's: `Runner.hands`. A crop without a hand has as many
    rows as any other; `present` says whether they mean something.
    """

    joints_px: Floats
    """(C, H, 21, 2): x and y from 0 to 1 across the crop."""
    joints: Floats
    """(C, H, 21, 3): palm units, in the axes of a camera that faces the crop (`Crop.facing`). They
    need not be relative to the wrist."""
    peak: Floats
    """(C, H, 21): how sure the network is of each joint, 0 to 1, before it is calibrated."""
    present: Floats
    """(C, H): the probability that there is a hand."""
    right: Floats
    """(C, H): the probability that it is shown as a right hand."""
