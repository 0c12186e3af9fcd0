"""The hands of a clip: which detection is of which hand, which are new, which are one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import inf

from dfmamba.hand import Side
from dfmamba.pipeline.detect import Detection, crop_of
from dfmamba.pipeline.place import SAME, SAME_JOINTS, Place, joints_apart
from dfmamba.pipeline.reader import Reading, log_odds
from dfmamba.pipeline.track import MOST_VOTE, Track

REACH = 0.6
"""A detection no farther from a hand than this may be of it: hands move from look to look."""
SIDE_GAP = 0.15
"""What being of the other side counts there: where hands cross, the sides tell them apart."""
SEARCH_EVERY_S, DOUBTFUL_EVERY_S = 0.5, 0.1
"""Between looks of a detector that does not look at every frame."""
UNCONFIRMED = 3
"""Looks of the detector, so far apart as doubtful ones, none of which finds a doubtful hand: it is
none."""
REMEMBERED_S, STRAYED = 1.0, 1.5
"""For how long after a hand is lost one that appears no farther than so many hands' sizes from
there is taken for the same: smeared by motion, hands go and come, and hide their side."""
NEWER = 0.8
"""A new track on the place of a settled one must be clearly surer to take it."""
NEW_AT_ONCE = 2
"""New hands that are tried in a frame of a clip; in its first one there is time for all."""
AGAIN_S, SLOWER, LATEST_S = 1 / 60, 4, 1.0
"""After how long what was no hand is tried again, how many times as long each time, and at most."""
FORGOTTEN_S = 2.0
"""After how long a place is new again in which there was none."""


@dataclass(eq=False)
class Refusal:
    """A place where the network saw no hand though the detector did."""

    place: Place
    """Where."""
    again_s: float
    """When it is tried again."""
    wait_s: float
    """How long that is after the last time."""


class Tracker:
    """The tracks of a clip, at most `max_hands` of which are shown."""

    def __init__(self, max_hands: int) -> None:
        self._max_hands = max_hands
        self._searched_s = -inf
        self._lost: list[tuple[Track, float]] = []
        self._refused: list[Refusal] = []
        self.tracks: list[Track] = []

    @property
    def full(self) -> bool:
        """Whether as many hands are seen as are wanted."""
        return sum(track.shown and not track.missed for track in self.tracks) >= self._max_hands

    def search_due(self, time_s: float) -> bool:
        """Whether a slow detector should look: a hand is new or not seen, or one may have come."""
        if any(track.missed or not track.settled for track in self.tracks):
            return True
        doubtful = any(track.doubtful for track in self.tracks)
        if self.full and not doubtful:
            return False
        every = DOUBTFUL_EVERY_S if doubtful else SEARCH_EVERY_S
        return not self.tracks or time_s - self._searched_s >= every

    def take_in(self, detections: Sequence[Detection], time_s: float) -> None:
        """Tell known hands what was seen of them; start tracks for new ones, the likeliest first.

        A doubtful hand that the detector does not find is dropped.
        """
        first, elapsed_s = not self.tracks, time_s - self._searched_s
        self._searched_s = time_s
        places = [Place.of(each.joints_px) for each in detections]
        own = self._matched(detections, places)
        new = [
            detection
            for index, (detection, place) in enumerate(zip(detections, places, strict=True))
            if index not in own.values()
            and all(track.place.gap(place) >= SAME for track in self.tracks)
        ]
        for track in self.tracks:
            if track in own:
                track.look(detections[own[track]], elapsed_s)
            elif track.doubtful:
                track.unconfirmed += min(elapsed_s / DOUBTFUL_EVERY_S, 1.0)
        self._drop([track for track in self.tracks if track.unconfirmed >= UNCONFIRMED])
        if not self.full:
            due = [each for each in new if self._due(each, time_s)]
            due.sort(key=lambda each: -each.found)
            for detection in due if first else due[:NEW_AT_ONCE]:
                self.tracks.append(self._remembering(Track.start(detection), time_s))

    def start(self, reading: Reading, followed: Sequence[Reading], time_s: float) -> Track | None:
        """Follow a hand that the network read beside others in a crop that is not mirrored.

        None where it is not sure of it, where it is one of those `followed`, as they were read in
        this frame, and where these are enough.
        """
        side: Side = "right" if reading.right_side >= 0.5 else "left"
        track = Track(crop_of(reading.joints_px, side), reading.joints_px, side)
        known = any(track.place.gap(Place.of(each.joints_px)) < SAME for each in followed)
        if not track.sure(reading) or known or len(self.tracks) >= self._max_hands:
            return None
        track.lean = log_odds(reading.right_side, MOST_VOTE)
        self.tracks.append(self._remembering(track, time_s))
        return track

    def follow(self, readings: Sequence[Reading], frame_size: tuple[int, int]) -> list[int]:
        """Move each track to where the network found its hand; drop lost and doubled tracks.

        readings: one for each of `tracks`. frame_size: width, height. Returns the places, in the
        given order, of the tracks whose hands are seen.
        """
        before = self.tracks
        pairs = enumerate(zip(before, readings, strict=True))
        seen = [index for index, (track, reading) in pairs if track.read(reading, frame_size)]
        doubled = self._doubled(seen, readings)
        self.tracks = [track for index, track in enumerate(before) if index not in doubled]
        self._drop([track for track in self.tracks if track.lost])
        self._drop(sorted(self.tracks, key=_worth)[: -self._max_hands])
        return [index for index in seen if before[index] in self.tracks]

    def _matched(
        self, detections: Sequence[Detection], places: Sequence[Place]
    ) -> dict[Track, int]:
        """The place in the list of the detection that each hand has, the nearest pairs first."""
        gaps = {
            (track, index): track.place.gap(places[index])
            + SIDE_GAP * (track.side != detections[index].side)
            for track, index in product(self.tracks, range(len(detections)))
        }
        own: dict[Track, int] = {}
        for track, index in sorted(gaps, key=lambda pair: gaps[pair]):
            near = gaps[track, index] <= REACH
            if near and track not in own and index not in own.values():
                own[track] = index
        return own

    def _due(self, detection: Detection, time_s: float) -> bool:
        """Whether a hand may begin there: it does not where there was none a moment before."""
        self._refused = [each for each in self._refused if time_s - each.again_s <= FORGOTTEN_S]
        place = Place.of(detection.joints_px)
        return all(
            time_s >= each.again_s or each.place.gap(place) >= SAME for each in self._refused
        )

    def _drop(self, gone: Sequence[Track]) -> None:
        """Follow these no longer, but remember them, and the places of what was no hand."""
        self.tracks = [track for track in self.tracks if track not in gone]
        self._lost += [(track, self._searched_s) for track in gone if track.shown]
        for track in gone:
            if not track.shown:
                self._refuse(track.place)

    def _refuse(self, place: Place) -> None:
        near = [each for each in self._refused if each.place.gap(place) < SAME]
        waited_s = max((each.wait_s for each in near), default=AGAIN_S / SLOWER)
        wait_s = min(SLOWER * waited_s, LATEST_S)
        self._refused = [each for each in self._refused if each not in near]
        self._refused.append(Refusal(place, self._searched_s + wait_s, wait_s))

    def _remembering(self, track: Track, time_s: float) -> Track:
        """A new track, which now knows of a hand that was lost near there a moment ago."""
        self._lost = [each for each in self._lost if time_s - each[1] <= REMEMBERED_S]
        missed = [each for each in self.tracks if each.missed and each.shown]
        gone = [each for each, _ in self._lost] + missed
        near = [each for each in gone if track.place.gap(each.place) <= STRAYED]
        if near:
            track.remember(max(near, key=lambda each: abs(each.lean)))
        return track

    def _doubled(self, seen: list[int], readings: Sequence[Reading]) -> set[int]:
        """Of two tracks on one hand, the less sure one, of its side too."""

        def worth(index: int) -> float:
            known = 1.0 if self.tracks[index].settled else NEWER
            return known * readings[index].score * readings[index].right_side

        def one_hand(pair: tuple[int, int]) -> bool:
            one, other = (self.tracks[index] for index in pair)
            if one.side != other.side and min(readings[i].right_side for i in pair) > 0.5:
                # The network believes in a left and in a right hand: they clasp or cross.
                return joints_apart(one.joints_px, other.joints_px) < SAME_JOINTS
            return one.place.gap(other.place) < SAME

        return {min(pair, key=worth) for pair in combinations(seen, 2) if one_hand(pair)}


def _worth(track: Track) -> tuple[bool, bool, float]:
    """What speaks for showing a hand rather than others."""
    return not track.missed, track.settled, track.score
