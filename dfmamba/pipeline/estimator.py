"""Image in, hand poses out."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from math import inf
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.camera import ASSUMED_FOV_DEG, Crop, Intrinsics
from dfmamba.engine import DeviceFrames
from dfmamba.frame import Frame
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.model import HandNetwork
from dfmamba.pipeline.absence import Absence
from dfmamba.pipeline.detect import USUAL, Detector, DetectorName
from dfmamba.pipeline.detectors import open_detector
from dfmamba.pipeline.estimate import STAGES, Estimate, Region
from dfmamba.pipeline.lift import lift
from dfmamba.pipeline.reader import HandReader, Reading
from dfmamba.pipeline.search import open_search
from dfmamba.pipeline.shared_crops import SharedCrop, crops_to_read
from dfmamba.pipeline.track import Track
from dfmamba.pipeline.tracker import Tracker
from dfmamba.pose import HandPose


class HandEstimator:
    """Finds, follows and poses the hands of one camera or clip. Close it after use.

    tracing: whether estimates hold traces of the deformable layers; they take a little time.
    reader: the network on single crops, without tracks or smoothing.
    fov_deg: the field of view across the longer side, assumed of frames without intrinsics.
    settings: what its results depend on, beside the network.
    """

    def __init__(
        self,
        network: HandNetwork,
        device: str | torch.device = "cpu",
        max_hands: int = 2,
        smooth: bool = True,
        detector: Detector | DetectorName = USUAL,
        background: bool = False,
        fov_deg: float = ASSUMED_FOV_DEG,
    ) -> None:
        """Prepare the network and the detector.

        detector: the finder of this package, MediaPipe's, or another one. With `background` one
        that takes its time runs beside the tracking, and what it finds counts from a later frame
        on: for live views. Without, or with the finder, every run of a clip gives the same.

        Raises:
            UserError: the finder's weights are damaged, or MediaPipe's package is missing or
                another version.
        """
        self.tracing = False
        self.fov_deg = fov_deg
        name = detector if isinstance(detector, str) else type(detector).__name__
        self.settings: dict[str, float | str] = {"fov_deg": fov_deg, "detector": name}
        device = torch.device(device)
        frames = DeviceFrames.on(device)
        self.reader = HandReader(network, device, frames)
        if isinstance(detector, str):
            detector = open_detector(detector, max_hands, frames)
        self._detector = detector
        self._search = open_search(self._detector, background)
        self._max_hands = max_hands
        self._smooth = smooth
        self._tracker = Tracker(max_hands)
        self._absence = Absence()
        self._time_s = -inf
        self._size: tuple[int, ...] = ()

    def __call__(self, frame: Frame) -> Estimate:
        """The hands in a frame.

        Tracks start afresh where it does not follow the last one, its time is earlier, or its size
        is another.
        """
        time_s, size = frame.time_s, frame.image.shape
        if not frame.follows or time_s < self._time_s or size != self._size:
            self.reset()
        self._time_s, self._size = time_s, size
        image = np.ascontiguousarray(frame.image)  # OpenCV takes no flipped views
        height, width = image.shape[:2]
        stage_ms = dict.fromkeys(STAGES, 0.0)
        with _timed(stage_ms, "detect"):
            detected = self._search.ask(image, time_s, self._tracker)
            found = self._search.answer(time_s)
            if found is not None:
                self._tracker.take_in(found, time_s)
        if found is not None:
            self._absence.search(bool(found), image)
        with _timed(stage_ms, "network"):
            crops = self._read(image, time_s)
        read = {
            track: reading
            for shared in crops
            for track, reading in zip(shared.tracks, shared.readings, strict=True)
        }
        tracks = self._tracker.tracks
        kept = self._tracker.follow([read[track] for track in tracks], (width, height))
        seen = [tracks[i] for i in kept]
        for shared in crops:
            for track in shared.tracks:
                if track not in seen:
                    self._absence.lose(track, shared.crop, read[track], image, time_s)
        camera = frame.intrinsics(self.fov_deg)
        poses = [
            tuple(
                self._pose(track, shared.crop, read[track], camera, stage_ms)
                for track in shared.tracks
                if track in seen
            )
            for shared in crops
        ]
        return Estimate(
            regions=tuple(
                Region(shared.crop, shared.traces, hands)
                for shared, hands in zip(crops, poses, strict=True)
                if hands
            ),
            camera=camera,
            stage_ms=stage_ms,
            detected=detected,
            missing=self._absence.reasons([track.side for track in seen], time_s),
            traced=self.tracing,
        )

    def reset(self) -> None:
        """Forget all tracks."""
        self._tracker = Tracker(self._max_hands)
        self._absence = Absence()
        self._search.forget()
        self._time_s = -inf

    def beside(self) -> "HandEstimator":
        """Another run over a clip, on the same network and detector, without `background`.

        Use both from one thread, and close this one alone.
        """
        other = copy(self)
        other._search = open_search(self._detector, background=False)
        other.reset()
        return other

    def close(self) -> None:
        """Free the detector."""
        self._search.close()

    def _read(self, image: NDArray[np.uint8], time_s: float) -> list[SharedCrop]:
        """Read all crops; a hand that no track has yet starts one."""
        crops = crops_to_read(self._tracker.tracks, self.reader.hands)
        readings, traces = self.reader(image, [each.crop for each in crops], self.tracing)
        spares = []
        for shared, each, scans in zip(crops, readings, traces, strict=True):
            shared.traces = scans
            spares += [(shared, spare) for spare in shared.give(each)]
        for shared, spare in spares:
            followed = [reading for each in crops for reading in each.readings]
            track = self._tracker.start(spare, followed, time_s)
            if track is not None:
                shared.add(track, spare)
        if self.reader.hands == 1:
            self._try_mirrored(image, crops)
        else:
            for shared in crops:
                shared.choose_sides()
        return crops

    def _try_mirrored(self, image: NDArray[np.uint8], crops: list[SharedCrop]) -> None:
        """Look at each new hand mirrored too; of one that turns, what was seen is replaced.

        The pose of a hand that is taken for the other one is wrong all over.
        """
        new = [shared for shared in crops if shared.tracks[0].undecided]
        mirrored = [replace(each.crop, mirrored=not each.crop.mirrored) for each in new]
        others = zip(*self.reader(image, mirrored, self.tracing), strict=True)
        for shared, crop, ((reading,), traces) in zip(new, mirrored, others, strict=True):
            if shared.tracks[0].turned(shared.readings[0], reading):
                shared.crop, shared.readings, shared.traces = crop, [reading], traces

    def _pose(
        self,
        track: Track,
        crop: Crop,
        reading: Reading,
        camera: Intrinsics,
        stage_ms: dict[str, float],
    ) -> HandPose:
        joints = reading.joints @ crop.facing(camera)
        joints_px, joints_mm = reading.joints_px, joints * WRIST_TO_MIDDLE_MCP_MM
        with _timed(stage_ms, "lift"):
            root_mm = lift(joints_mm, joints_px, camera)
        if self._smooth:
            with _timed(stage_ms, "smooth"):
                # After the lift, which fits the pixels best with joints as they were read.
                joints = track.bones(joints, reading.confidence)
                joints_mm = joints * WRIST_TO_MIDDLE_MCP_MM
                joints_px, joints_mm, root_mm = track.smoother(
                    joints_px, joints_mm, root_mm, self._time_s
                )
        return HandPose(
            side=track.side,
            score=track.score,
            box_px=np.concatenate([joints_px.min(axis=0), joints_px.max(axis=0)]),
            joints_px=joints_px,
            joints_mm=joints_mm,
            root_mm=root_mm,
            confidence=reading.confidence,
            raw_px=reading.joints_px,
        )


@contextmanager
def _timed(stage_ms: dict[str, float], stage: str) -> Iterator[None]:
    start = perf_counter()
    yield
    stage_ms[stage] += (perf_counter() - start) * 1000
