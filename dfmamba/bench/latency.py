"""`python -m dfmamba bench latency`: from a crop or a frame to the joints, one at a time."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.bench.clock import durations
from dfmamba.bench.report import Report, setting
from dfmamba.camera import Crop
from dfmamba.device import DeviceName, open_device
from dfmamba.engine import open_runner
from dfmamba.engine.dfmamba.processor import ProcessorNetwork
from dfmamba.errors import check_above_zero
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.model import HandNetwork, NetworkConfig, TimmConfig
from dfmamba.pipeline.landmarker import Landmarker
from dfmamba.video import video_frames
from dfmamba.weights import FULL_WEIGHTS, LIGHT_WEIGHTS, load_network

P50, P99, MEAN_ERROR = "p50 ms", "p99 ms", "mean error mm"
FRAME, CLIP_FRAMES = (720, 1280), 60
CROPS = (Crop(500, 350, 400), Crop(830, 360, 400, mirrored=True))
"""In the built-in clip the first one shows a hand all the time."""
SIZES = (128, 256)
"""Of the crops that networks alone are timed with on a GPU, pixels, besides the network's own."""
RESNET = NetworkConfig(TimmConfig("resnet50"))


def latency(
    frames: int = 3000,
    clip: Path = Path(__file__).parents[2] / "assets" / "demo.mp4",
    others: bool = True,
    out: Path = Path("runs/bench"),
    device: DeviceName = "auto",
) -> Report:
    """Time the way from one crop, and from one 1280 x 720 frame, to the joints of a hand.

    Of a network alone the GPU's time counts; of a frame, the time from the frame in the
    processor's memory to the joints in it, by the network that the window takes there. Nothing is
    detected.

    Args:
        frames: how many frames to time.
        clip: a video for the frames, resized to 1280 x 720.
        others: on a GPU also ResNet-50 with the same decoder (needs timm), on a CPU also
            MediaPipe's landmarker.
        out: the folder for latency-cpu.json or latency-cuda.json.
        device: where it runs; auto: the GPU if there is one.
    """
    check_above_zero(frames=frames)
    target = open_device(device)
    report = Report(
        out / f"latency-{target.type}.json",
        "Latency, one at a time",
        (P50, P99, MEAN_ERROR),
        setting(target, frames=frames),
    )
    pictures = _frames(clip)
    network = load_network(FULL_WEIGHTS if target.type == "cuda" else LIGHT_WEIGHTS, target)
    if target.type == "cuda":
        _networks_on_gpu(report, network, target, others)
        _error(report, network, pictures, target)
    else:
        _networks_on_cpu(report, pictures, others)
    runner = open_runner(network, target)
    for hands in range(1, len(CROPS) + 1):

        def read(index: int, tracing: bool, count: int = hands) -> None:
            runner(pictures[index % len(pictures)], CROPS[:count], tracing)

        plain, traced = _walls([partial(read, tracing=each) for each in (False, True)], frames, 10)
        name = f"frame to joints, {hands} hand{'s' * (hands > 1)}"
        _put(report, name, plain)
        _put(report, f"{name}, all layers traced", traced)
    report.show()
    return report


def _frames(clip: Path) -> list[NDArray[np.uint8]]:
    """The first second or two of a video, resized to `FRAME`."""
    return [
        np.asarray(cv2.resize(frame.image, FRAME[::-1]), np.uint8)
        for frame in islice(video_frames(clip), CLIP_FRAMES)
    ]


def _walls(works: Sequence[Callable[[int], object]], count: int, warm_up: int) -> list[list[float]]:
    """The times of each work's calls; they take turns, so that a busy machine hits all alike."""
    times: list[list[float]] = [[] for _ in works]
    for index in range(-warm_up, count):
        for work, spent in zip(works, times, strict=True):
            start = time.perf_counter()
            work(index)
            spent.append(time.perf_counter() - start)
    return [spent[warm_up:] for spent in times]


def _put(report: Report, name: str, seconds: list[float]) -> None:
    report.put(name, P50, 1e3 * float(np.percentile(seconds, 50)))
    report.put(name, P99, 1e3 * float(np.percentile(seconds, 99)))


def _replays(work: Callable[[], object]) -> Callable[[], None]:
    """The work as a CUDA graph."""
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    with torch.cuda.stream(stream):
        for _ in range(3):
            work()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


@torch.inference_mode()
def _networks_on_gpu(
    report: Report, network: HandNetwork, device: torch.device, others: bool
) -> None:
    from dfmamba.engine.dfmamba.fused import FusedNetwork

    fused = FusedNetwork(network, torch.float16)
    sizes = sorted({*SIZES, network.config.input_size})
    for size in sizes:
        for hands in (1, 2):
            shape = (hands, size, size, 4)
            pictures = torch.rand(shape, dtype=torch.float16, device=device)
            seconds = durations(_replays(lambda p=pictures: fused(p)), device)  # type: ignore[misc]
            _put(report, f"network, {hands} x {size} x {size}", seconds)
    if not others:
        return
    resnet = HandNetwork(RESNET).to(device, torch.float16, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    for name, run in (("", resnet), (" compiled", torch.compile(resnet))):
        for size in sizes:
            images = torch.rand(1, 3, size, size, dtype=torch.float16, device=device)
            images = images.contiguous(memory_format=torch.channels_last)
            work = _replays(lambda i=images, r=run, s=size: resnet.read_out(r(i), s))  # type: ignore[misc]
            _put(
                report,
                f"ResNet-50{name}, same decoder, 1 x {size} x {size}",
                durations(work, device),
            )


@torch.inference_mode()
def _error(
    report: Report,
    network: HandNetwork,
    pictures: list[NDArray[np.uint8]],
    device: torch.device,
) -> None:
    """How far half precision moves the joints, against the module in float32."""
    runner, size, errors = open_runner(network, device), network.config.input_size, []
    for picture in pictures:
        crop = torch.from_numpy(CROPS[0].extract(picture, size)).to(device)
        images = crop[None].permute(0, 3, 1, 2).float() / 255
        expected = network.read_out(network(images)).joints[:, 0].cpu().numpy()
        found = runner(picture, CROPS[:1])[0].joints[:, 0]
        errors.append(np.linalg.norm(found - found[:, :1] - expected, axis=-1))
    error_mm = WRIST_TO_MIDDLE_MCP_MM * float(np.mean(errors))
    report.put("float16 graph against float32 module", MEAN_ERROR, error_mm)


@torch.inference_mode()
def _networks_on_cpu(report: Report, pictures: list[NDArray[np.uint8]], others: bool) -> None:
    cpu = torch.device("cpu")
    for name, path in (("network", FULL_WEIGHTS), ("light network", LIGHT_WEIGHTS)):
        network = load_network(path)
        size = network.config.input_size
        images = torch.rand(1, 3, size, size)
        run = ProcessorNetwork(network)
        work = durations(lambda n=network, r=run, i=images: n.read_out(r(i)), cpu, 5.0)  # type: ignore[misc]
        _put(report, f"{name}, 1 x {size} x {size}, {torch.get_num_threads()} threads", work)
    if others:
        with Landmarker() as landmarker:
            (seconds,) = _walls([lambda i: landmarker(pictures[i % len(pictures)])], 60, 3)
        _put(report, "MediaPipe's landmarker, a whole frame, 2 hands", seconds)
