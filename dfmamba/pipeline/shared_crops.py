"""Which crops of a frame the network reads, and whose hand each of its readings is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import numpy as np

from dfmamba.camera import CROP_SCALE, Crop
from dfmamba.pipeline.place import Place
from dfmamba.pipeline.reader import Reading, Traces
from dfmamba.pipeline.track import Track


@dataclass
class SharedCrop:
    """A crop that the network reads, and the tracks whose hands it is read for."""

    crop: Crop
    """What the network sees."""
    tracks: list[Track]
    """One, or more of a network that reads several hands of a crop."""
    readings: list[Reading] = field(default_factory=list)
    """Of `tracks`, in their order, each turned to its track's side."""
    traces: Traces = ()
    """What each deformable layer did with the crop, where that is wanted."""

    def add(self, track: Track, reading: Reading) -> None:
        """One more track, and what was read of its hand."""
        self.tracks.append(track)
        self.readings.append(self._turned(reading, track))

    def give(self, readings: Sequence[Reading]) -> list[Reading]:
        """Give each track the reading that fits it best; the readings that are left.

        readings: of the crop, at least one for each track.
        """
        choices = permutations(readings, len(self.tracks))
        own = min(choices, key=self._misfit)
        self.readings = [self._turned(*pair) for pair in zip(own, self.tracks, strict=True)]
        return [each for each in readings if not any(each is given for given in own)]

    def choose_sides(self) -> None:
        """Let new hands be of the sides that a network tells that reads several hands of a crop."""
        for place, (track, reading) in enumerate(zip(self.tracks, self.readings, strict=True)):
            if track.undecided and track.turned(reading, reading.other_side):
                self.readings[place] = reading.other_side

    def _misfit(self, readings: Sequence[Reading]) -> float:
        """How badly readings fit the tracks: joints that lie apart, wrong sides, no hand at all."""
        pairs = [(self._turned(*pair), pair[1]) for pair in zip(readings, self.tracks, strict=True)]
        return sum(
            track.place.gap(Place.of(reading.joints_px))
            + (1 - reading.right_side)
            + (1 - reading.present)
            for reading, track in pairs
        )

    def _turned(self, reading: Reading, track: Track) -> Reading:
        """The reading, telling how sure the network is of the track's side."""
        return reading if self.crop.mirrored == (track.side == "left") else reading.other_side


def crops_to_read(tracks: Sequence[Track], hands: int) -> list[SharedCrop]:
    """The crops to read for some tracks with a network that reads `hands` hands of a crop.

    A network that reads one hand gets a crop for each track, mirrored for left hands. Others get
    crops as they are, and one for hands whose boxes touch.
    """
    if hands == 1:
        return [SharedCrop(track.crop, [track]) for track in tracks]
    groups: list[list[Track]] = []
    for track in tracks:
        for group in groups:
            touches = any(_touch(track.crop, other.crop) for other in group)
            if touches and len(group) < hands:
                group.append(track)
                break
        else:
            groups.append([track])
    return [SharedCrop(_around(group), group) for group in groups]


def _around(tracks: Sequence[Track]) -> Crop:
    if len(tracks) == 1:
        return replace(tracks[0].crop, mirrored=False)
    return Crop.around(np.concatenate([track.joints_px for track in tracks]), CROP_SCALE)


def _touch(one: Crop, other: Crop) -> bool:
    """Whether the boxes of two hands touch, as squares without the crops' margin."""
    reach = (one.side + other.side) / 2 / CROP_SCALE
    return max(abs(one.x - other.x), abs(one.y - other.y)) < reach
