"""One hand followed from frame to frame."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.hand import Side
from dfmamba.pipeline.bones import BoneLengths
from dfmamba.pipeline.detect import Detection, crop_of
from dfmamba.pipeline.place import SAME_JOINTS, Place, joints_apart
from dfmamba.pipeline.reader import Reading, log_odds
from dfmamba.pipeline.smooth import PoseSmoother

LEAST_SCORE = 0.35
"""A hand that is followed, but less sure than this, is not shown, and soon lost."""
NEW = 0.5
"""Log odds from which a new hand is shown: the detector's and the network's (`Reading.is_hand`)
together, as either finds hands in what is none."""
HELD = 3
"""Frames for which a hand that is not seen is still looked for in its place."""
LEAST_INSIDE = 0.5
"""Share of a hand's joints that must lie in the frame."""
LEAST_SIDE_PX = 8.0
MOST_SIDE = 1.5
"""The longest edge of a hand's box, over the longer side of the frame."""
DOUBTFUL = 0.6
"""A hand less sure than this may have been lost on a part of it, or beside it."""
SETTLED = 3
"""Looks of the detector, and readings both ways, that a new hand gets in a row: on hands seen
edge-on either often errs once."""
MOST_LEAN = 9.0
"""Log odds of the side add up to no more, so that many frames of one error can be mended."""
TURNS_AT = 1.0
"""Log odds against its side from which a hand that is shown changes it: more than none, so as not
to flicker."""
MOST_VOTE = 3.0
"""Log odds of one look of the detector, or of the network at a hand that is followed."""
MOST_MEMORY = 4.0
"""The most log odds of the side that a new hand gets from one that was lost there."""
ALIKE_S = 1 / 3
"""Frames nearer than this are much alike: what the detector says again counts so much less."""
NETWORK_SHARE = 0.1
"""What the network's view of a frame counts, of a look of the detector a while after the last."""


@dataclass(eq=False)
class Track:
    """One hand over time."""

    crop: Crop
    """Where the network looks for it next."""
    joints_px: NDArray[np.float64]
    """(21, 2): where it was last, frame pixels."""
    side: Side
    """The person's own hand, as far as is known."""
    lean: float = 0.0
    """Log odds that it is a right hand, from all that detector and network said."""
    found: float = 0.5
    """0 to 1, how likely the detector took it for a hand when it was new."""
    looks: int = 0
    """How often the detector has seen it."""
    tried: int = 0
    """How often the network has read it both ways."""
    score: float = 0.0
    """The network's, 0 to 1."""
    shown: bool = False
    """Whether the network was ever sure enough of it."""
    returned: bool = False
    """Whether a hand was lost near there a moment before."""
    missed: int = 0
    """Frames since the network was last sure."""
    unconfirmed: float = 0.0
    """Looks of the detector that found none here, since the network was sure."""
    bones: BoneLengths = field(default_factory=BoneLengths)
    """The lengths of its bones so far."""
    smoother: PoseSmoother = field(default_factory=PoseSmoother)
    """What steadies its joints."""

    @classmethod
    def start(cls, detection: Detection) -> "Track":
        """A new track where the detector saw a hand."""
        track = cls(detection.crop, detection.joints_px, detection.side, found=detection.found)
        track.look(detection)
        return track

    @property
    def place(self) -> Place:
        """Where it was last."""
        return Place.of(self.joints_px)

    @property
    def settled(self) -> bool:
        """Whether the detector has looked often enough."""
        return self.looks >= SETTLED

    @property
    def undecided(self) -> bool:
        """Whether the network should read it both ways, to tell its side."""
        return self.tried < SETTLED

    @property
    def doubtful(self) -> bool:
        """Whether the detector should say where it is."""
        return self.missed > 0 or self.score < DOUBTFUL

    @property
    def lost(self) -> bool:
        """Whether there is no point in looking for it any longer."""
        return self.missed > (HELD if self.shown else 0)

    def look(self, detection: Detection, elapsed_s: float = ALIKE_S) -> None:
        """Take in what the detector says of this hand; elapsed_s: since its last look."""
        share = min(elapsed_s / ALIKE_S, 1.0) if self.settled else 1.0
        self.looks, self.unconfirmed = self.looks + 1, 0
        away = joints_apart(self.joints_px, detection.joints_px)
        if self.missed or (self.doubtful and away > SAME_JOINTS):
            self.crop = replace(detection.crop, mirrored=self.side == "left")
            self.joints_px = detection.joints_px
        self._vote(detection.side, share * log_odds(detection.score, MOST_VOTE), TURNS_AT)

    def turned(self, reading: Reading, mirrored: Reading) -> bool:
        """Whether this new hand changes its side, by readings of its crop as it is and mirrored.

        A hand read as the other one is hardly a hand to the network, and its joints are anywhere.
        """
        before = self.side
        self.tried += 1
        self._vote(self.side, reading.fits - mirrored.fits, 0.0)
        return self.side != before

    def remember(self, before: "Track") -> None:
        """Take in what was known of the hand that was lost here."""
        self.returned = True
        self._vote("right", min(max(before.lean, -MOST_MEMORY), MOST_MEMORY), 0.0)

    def sure(self, reading: Reading) -> bool:
        """Whether the network is sure enough of a hand; of a new one it has to be surer."""
        if self.shown or self.returned:
            return reading.score >= LEAST_SCORE
        return log_odds(self.found) + reading.is_hand >= NEW

    def read(self, reading: Reading, frame_size: tuple[int, int]) -> bool:
        """Take in what the network saw in the crop; False where the hand is not seen.

        frame_size: width, height.
        """
        if not (self.sure(reading) and _plausible(reading.joints_px, frame_size)):
            self.missed += 1
            return False
        crop = crop_of(reading.joints_px, self.side)
        self.joints_px, self.score = reading.joints_px, reading.score
        self.shown, self.missed = True, 0
        if self.doubtful:
            # Whoever follows doubtful joints to their size ends on a knuckle.
            self.crop = replace(crop, side=self.crop.side)
        else:
            self.crop, self.unconfirmed = crop, 0
        self._vote(self.side, NETWORK_SHARE * log_odds(reading.right_side, MOST_VOTE), TURNS_AT)
        return True

    def _vote(self, side: Side, odds: float, turns_at: float) -> None:
        """Take in log odds that it is of a side; it turns where more than `turns_at` is against."""
        lean = self.lean + (odds if side == "right" else -odds)
        self.lean = min(max(lean, -MOST_LEAN), MOST_LEAN)
        if (-self.lean if self.side == "right" else self.lean) > turns_at:
            self._turn()

    def _turn(self) -> None:
        self.side = "left" if self.side == "right" else "right"
        self.crop = replace(self.crop, mirrored=self.side == "left")
        # The pose read as the other hand is no start.
        self.bones, self.smoother = BoneLengths(), PoseSmoother()


def _plausible(joints_px: NDArray[np.float64], frame_size: tuple[int, int]) -> bool:
    if not np.isfinite(joints_px).all():
        return False
    side = float(np.ptp(joints_px, axis=0).max())
    inside = share_inside(joints_px, frame_size) >= LEAST_INSIDE
    return inside and LEAST_SIDE_PX <= side <= MOST_SIDE * max(frame_size)


def share_inside(joints_px: NDArray[np.float64], frame_size: tuple[int, int]) -> float:
    """The share, 0 to 1, of joints (21, 2) that lie in a frame of that width and height."""
    return float(((joints_px >= 0) & (joints_px <= frame_size)).all(axis=1).mean())
