"""Hands followed from frame to frame, so that the detector rarely has to run."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import hypot, inf, log

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import CROP_SCALE, Crop
from dfmamba.hand import Side
from dfmamba.pipeline.bones import BoneLengths
from dfmamba.pipeline.detect import Detection, crop_of
from dfmamba.pipeline.reader import Reading
from dfmamba.pipeline.smooth import PoseSmoother

LEAST_SCORE = 0.35
"""A hand that is followed, but less sure than this, is not shown, and soon lost."""
NEW_SCORE = 0.5
"""A new hand must be this sure at once: what the detector took for one often is none."""
HELD = 3
"""Frames for which a hand that is not seen is still looked for in its place."""
LEAST_INSIDE = 0.5
"""Share of a hand's joints that must lie in the frame."""
LEAST_SIDE_PX = 8.0
MOST_SIDE = 1.5
"""The longest edge of a hand's box, over the longer side of the frame."""
DOUBTFUL = 0.6
"""A hand less sure than this may have been lost on a part of it, or beside it."""
SAME_BOX = 0.6
"""Share of the smaller box that lies in the larger, from which two hands of one side are one."""
SAME_JOINTS = 0.2
"""A left and a right hand may clasp or cross, and their boxes be one; but joints on the mean less
than this share of the hand's size apart are of one hand, seen as both."""
SETTLED = 3
"""Looks that a new hand gets in a row: on hands seen edge-on the detector often errs once."""
SEARCH_EVERY_S, DOUBTFUL_EVERY_S = 0.5, 0.1
UNCONFIRMED = 3
"""Looks of the detector, none of which finds a doubtful hand: it is none."""
MOST_LEAN = 9.0
"""Log odds of the side add up to no more, so that many frames of one error can be mended."""
TURNS_AT = 1.0
"""Log odds against its side from which a hand changes it: more than none, so as not to flicker."""
MOST_VOTE = 3.0
"""Log odds of one look of the detector, or of the network at a hand that is followed."""
REMEMBERED_S, STRAYED = 1.0, 1.5
"""For how long after a hand is lost one that appears no farther than so many hands' sizes from
there is taken for the same: smeared by motion, hands go and come, and hide their side."""
MOST_MEMORY = 4.0
"""The most log odds of the side that the new one gets from the lost one."""
DOUBTED_SIDE = 0.5
NEWER = 0.8
"""A new track on the place of a settled one must be clearly surer to take it."""
NETWORK_SHARE = 0.1
"""What the network's view of a frame counts, of the detector's: frames are much alike."""
NETWORK_SURE, NETWORK_MOST = 3.0, 4.6
"""Log odds, 95% and 99%, from which and up to which the network has a say in a new hand's side."""
CLEAR = 0.8
"""It has none where it is less sure than this that there is a hand: on sharp pictures it is surer
of sides than the detector and oftener right, but smeared hands deceive it."""


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
    looks: int = 0
    """How often the detector has seen it."""
    score: float = 0.0
    """The network's, 0 to 1."""
    shown: bool = False
    """Whether the network was ever sure enough of it."""
    returned: bool = False
    """Whether a hand was lost near there a moment before."""
    missed: int = 0
    """Frames since the network was last sure."""
    unconfirmed: int = 0
    """Looks of the detector that found none here, since the network was sure."""
    bones: BoneLengths = field(default_factory=BoneLengths)
    """The lengths of its bones so far."""
    smoother: PoseSmoother = field(default_factory=PoseSmoother)
    """What steadies its joints."""

    @classmethod
    def start(cls, detection: Detection) -> "Track":
        """A new track where the detector saw a hand."""
        track = cls(detection.crop, detection.joints_px, detection.side)
        track.look(detection)
        return track

    @property
    def settled(self) -> bool:
        """Whether the detector has looked often enough."""
        return self.looks >= SETTLED

    @property
    def doubtful(self) -> bool:
        """Whether the detector should say where it is."""
        return self.missed > 0 or self.score < DOUBTFUL

    @property
    def lost(self) -> bool:
        """Whether there is no point in looking for it any longer."""
        return self.missed > (HELD if self.shown else 0)

    def may_be(self, detection: Detection) -> bool:
        """Whether a detection is of this hand; where it is doubtful, of the other side too."""
        near = overlap(self.crop, detection.crop) >= SAME_BOX
        return (self.doubtful and near) or _same_hand(self, detection)

    def look(self, detection: Detection) -> None:
        """Take in what the detector says of this hand."""
        self.looks, self.unconfirmed = self.looks + 1, 0
        if self.missed or (self.doubtful and apart(self, detection) > SAME_JOINTS):
            self.crop, self.joints_px = crop_of(detection.joints_px, self.side), detection.joints_px
        self._vote(detection.side, _log_odds(detection.score, MOST_VOTE))

    def turned(self, reading: Reading, mirrored: Reading) -> bool:
        """Whether this new hand changes its side, by readings of its crop as it is and mirrored."""
        before = self.side
        own, other = (_log_odds(each.right_side, NETWORK_MOST) for each in (reading, mirrored))
        says = (own - other) / 2
        if abs(says) >= NETWORK_SURE and max(reading.score, mirrored.score) >= CLEAR:
            self._vote(self.side, says)
        return self.side != before

    def remember(self, before: "Track") -> None:
        """Take in what was known of the hand that was lost here."""
        self.returned = True
        self.lean += min(max(before.lean, -MOST_MEMORY), MOST_MEMORY)
        if self._against > 0:
            self._turn()

    def sure(self, reading: Reading) -> bool:
        """Whether the network is sure enough of a hand; of a new one it has to be surer."""
        known = self.shown or self.returned
        return reading.score >= (LEAST_SCORE if known else NEW_SCORE)

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
        self._vote(self.side, NETWORK_SHARE * _log_odds(reading.right_side, MOST_VOTE))
        return True

    def _vote(self, side: Side, log_odds: float) -> None:
        lean = self.lean + (log_odds if side == "right" else -log_odds)
        self.lean = min(max(lean, -MOST_LEAN), MOST_LEAN)
        if self._against > TURNS_AT:
            self._turn()

    @property
    def _against(self) -> float:
        """Log odds against its side."""
        return -self.lean if self.side == "right" else self.lean

    def _turn(self) -> None:
        self.side = "left" if self.side == "right" else "right"
        self.crop = replace(self.crop, mirrored=self.side == "left")
        # The pose read as the other hand is no start.
        self.bones, self.smoother = BoneLengths(), PoseSmoother()


class Tracker:
    """The tracks of a clip, at most `max_hands`."""

    def __init__(self, max_hands: int) -> None:
        self._max_hands = max_hands
        self._searched_s = 0.0
        self._lost: list[tuple[Track, float]] = []
        self.tracks: list[Track] = []

    def search_due(self, time_s: float) -> bool:
        """Whether the detector should run: a hand is new or not seen, or another may have come."""
        if any(track.missed or not track.settled for track in self.tracks):
            return True
        doubtful = any(track.doubtful for track in self.tracks)
        if len(self.tracks) == self._max_hands and not doubtful:
            return False
        every = DOUBTFUL_EVERY_S if doubtful else SEARCH_EVERY_S
        return not self.tracks or time_s - self._searched_s >= every

    def take_in(self, detections: Sequence[Detection], time_s: float) -> None:
        """Tell known hands what was seen of them; start tracks for new ones, the surest first.

        A hand that is not seen any more gives way to a new one, and a doubtful one that the
        detector does not find is dropped.
        """
        self._searched_s = time_s
        waiting, new = list(self.tracks), []
        for detection in sorted(detections, key=self._farness):
            same = [track for track in self.tracks if track.may_be(detection)]
            own = [track for track in same if track in waiting]
            if own:
                nearest = min(own, key=lambda track: apart(track, detection))
                nearest.look(detection)
                waiting.remove(nearest)
            elif not same:
                new.append(detection)
        for track in waiting:
            track.unconfirmed += track.doubtful
        self._drop([track for track in self.tracks if track.unconfirmed >= UNCONFIRMED])
        for detection in sorted(new, key=lambda each: -each.score):
            gone = [track for track in self.tracks if track in waiting and track.missed]
            if len(self.tracks) == self._max_hands and gone:
                self._drop(gone[:1])
            if len(self.tracks) < self._max_hands:
                self.tracks.append(self._remembering(Track.start(detection), time_s))

    def start(self, reading: Reading, time_s: float) -> Track | None:
        """Follow a hand that the network read beside others in a crop that is not mirrored.

        None where it is not sure of it, where it is one of those that are followed, and where
        these are enough.
        """
        side: Side = "right" if reading.right_side >= 0.5 else "left"
        track = Track(crop_of(reading.joints_px, side), reading.joints_px, side)
        known = any(_same_hand(track, other) for other in self.tracks)
        if reading.score < NEW_SCORE or known or len(self.tracks) == self._max_hands:
            return None
        track.lean = _log_odds(reading.right_side, MOST_VOTE)
        self.tracks.append(self._remembering(track, time_s))
        return track

    def _drop(self, gone: Sequence[Track]) -> None:
        """Follow these no longer, but remember them for a while."""
        self.tracks = [track for track in self.tracks if track not in gone]
        self._lost += [(track, self._searched_s) for track in gone if track.shown]

    def _remembering(self, track: Track, time_s: float) -> Track:
        """A new track, which now knows of a hand that was lost near there a moment ago."""
        self._lost = [each for each in self._lost if time_s - each[1] <= REMEMBERED_S]
        missed = [each for each in self.tracks if each.missed and each.shown]
        gone = [each for each, _ in self._lost] + missed
        near = [each for each in gone if _strayed(each, track) <= STRAYED]
        if near:
            track.remember(max(near, key=lambda each: abs(each.lean)))
        return track

    def _farness(self, detection: Detection) -> float:
        return min((apart(track, detection) for track in self.tracks), default=inf)

    def follow(self, readings: Sequence[Reading], frame_size: tuple[int, int]) -> list[int]:
        """Move each track to where the network found its hand; drop lost and doubled tracks.

        readings: one for each of `tracks`. frame_size: width, height. Returns the places, in the
        given order, of the tracks whose hands are seen.
        """
        pairs = enumerate(zip(self.tracks, readings, strict=True))
        seen = [index for index, (track, reading) in pairs if track.read(reading, frame_size)]
        doubled = self._doubled(seen, readings)
        self.tracks = [track for index, track in enumerate(self.tracks) if index not in doubled]
        self._drop([track for track in self.tracks if track.lost])
        return [index for index in seen if index not in doubled]

    def _doubled(self, seen: list[int], readings: Sequence[Reading]) -> set[int]:
        """Of two tracks on one hand, the less sure one, of its side too."""

        def worth(index: int) -> float:
            known = 1.0 if self.tracks[index].settled else NEWER
            return known * readings[index].score * readings[index].right_side

        def one_hand(pair: tuple[int, int]) -> bool:
            one, other = (self.tracks[index] for index in pair)
            # Of a left and a right hand on one spot the network must believe in both.
            doubted = min(readings[index].right_side for index in pair) <= DOUBTED_SIDE
            near = overlap(one.crop, other.crop) >= SAME_BOX
            return (doubted and near) or _same_hand(one, other)

        return {min(pair, key=worth) for pair in combinations(seen, 2) if one_hand(pair)}


def _log_odds(probability: float, most: float) -> float:
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return min(max(log(inside / (1 - inside)), -most), most)


def _plausible(joints_px: NDArray[np.float64], frame_size: tuple[int, int]) -> bool:
    if not np.isfinite(joints_px).all():
        return False
    side = float(np.ptp(joints_px, axis=0).max())
    inside = share_inside(joints_px, frame_size) >= LEAST_INSIDE
    return inside and LEAST_SIDE_PX <= side <= MOST_SIDE * max(frame_size)


def share_inside(joints_px: NDArray[np.float64], frame_size: tuple[int, int]) -> float:
    """The share, 0 to 1, of joints (21, 2) that lie in a frame of that width and height."""
    return float(((joints_px >= 0) & (joints_px <= frame_size)).all(axis=1).mean())


def _same_hand(one: Track | Detection, other: Track | Detection) -> bool:
    same_side = one.side == other.side
    same_box = overlap(one.crop, other.crop) >= SAME_BOX
    return (same_side and same_box) or apart(one, other) < SAME_JOINTS


def overlap(one: Crop, other: Crop) -> float:
    """Share of the smaller hand's box in the larger one's, as squares without the crops' margin."""
    a, b = one.side / CROP_SCALE, other.side / CROP_SCALE
    width, height = (
        max(0.0, min(p + a / 2, q + b / 2) - max(p - a / 2, q - b / 2))
        for p, q in ((one.x, other.x), (one.y, other.y))
    )
    return width * height / min(a, b) ** 2


def _strayed(one: Track, other: Track) -> float:
    """The distance of two hands' middles, over the larger one's size."""
    size = max(one.crop.side, other.crop.side) / CROP_SCALE
    return hypot(one.crop.x - other.crop.x, one.crop.y - other.crop.y) / size


def apart(one: Track | Detection, other: Track | Detection | Reading) -> float:
    """The mean distance of two hands' joints, over their mean size."""
    size = sum(float(np.ptp(hand.joints_px, axis=0).max()) for hand in (one, other)) / 2
    return float(np.linalg.norm(one.joints_px - other.joints_px, axis=1).mean()) / max(size, 1.0)
