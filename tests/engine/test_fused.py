"""The fused network against the one that was trained, and its crop against OpenCV's.

On the CPU the kernels run in Triton's interpreter, with a tiny network.
"""

import numpy as np
import pytest
import torch
from lively_network import lively

from dfmamba.camera import Crop
from dfmamba.model import DFMambaConfig, HandNetwork, HeatmapConfig, NetworkConfig, trace

pytest.importorskip("triton")
from dfmamba.engine.dfmamba import triton_crop, triton_layer
from dfmamba.engine.dfmamba.fused import FusedNetwork
from dfmamba.ops.dssm import triton_scan

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SIZE = 64
TINY = DFMambaConfig(
    stem_width=8, widths=(16, 24, 16, 16, 32, 32), depths=(1,) * 6, anchors=1, d_state=4
)

# Triton's interpreter warns about numpy's own changes.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def wide_tiles(monkeypatch):
    """The interpreter takes as long for a small tile as for a large one: few of them are faster."""
    if DEVICE == "cpu":
        monkeypatch.setattr(triton_layer, "tile", lambda *_: (256, 64, 512, 4, 1))
        monkeypatch.setattr(triton_scan, "NARROW", triton_scan.WIDE)


def normalised(network, images):
    pictures = (images - network.mean) / network.std
    return pictures.permute(0, 2, 3, 1).contiguous()


@torch.inference_mode()
def check(network, size, tolerance_px):
    images = torch.rand(2, 3, size, size, device=DEVICE)
    expected = network.read_out(network(images), size)
    dtype = torch.float32 if DEVICE == "cpu" else torch.float16
    found = FusedNetwork(network, dtype)(normalised(network, images).to(dtype))
    found, hand = found[:, :126].unflatten(1, (21, 6)), found[:, 126:]
    joints = found[..., 2:5] - found[:, :1, 2:5]
    assert (found[..., :2] * size - expected.joints_px[:, 0]).abs().mean() < tolerance_px
    assert (joints - expected.joints[:, 0]).abs().mean() < tolerance_px / size
    assert (found[..., 5] - expected.peak[:, 0]).abs().max() < tolerance_px / 10
    assert (hand - torch.cat([expected.present, expected.right], 1)).abs().max() < tolerance_px / 10


@pytest.mark.usefixtures("wide_tiles")
@pytest.mark.parametrize(("blocks", "size"), [("CCDGDG", 96), ("CCGGGG", SIZE)])
def test_fused_network_is_the_network(blocks, size):
    torch.manual_seed(0)
    backbone = DFMambaConfig(**{**TINY.__dict__, "blocks": blocks})
    network = lively(HandNetwork(NetworkConfig(backbone, HeatmapConfig(16), size))).to(DEVICE)
    check(network, size, 1e-3 if DEVICE == "cpu" else 0.5)


@pytest.mark.usefixtures("wide_tiles")
def test_scan_without_deformation():
    torch.manual_seed(0)
    backbone = DFMambaConfig(**{**TINY.__dict__, "deformable": False})
    network = lively(HandNetwork(NetworkConfig(backbone, HeatmapConfig(16), SIZE))).to(DEVICE)
    check(network, SIZE, 1e-3 if DEVICE == "cpu" else 0.5)


def test_tiles_are_as_large_as_fills_the_gpu():
    programs = []
    for pixels in (1, 64, 1024, 16384, 262144):
        rows, columns, *_ = triton_layer.tile(pixels, 256, 1)
        programs.append(-(-pixels // rows) * -(-256 // columns))
        assert programs[-1] >= 80 or (rows, columns) == (16, 16)
    assert programs == sorted(programs)


@pytest.mark.parametrize(
    "crop", [Crop(30, 20, 40), Crop(60, 10, 90, mirrored=True), Crop(30, 20, 130, mirrored=True)]
)
def test_crop_is_opencvs(crop):
    make = np.random.default_rng(0)
    coarse = make.integers(0, 255, (10, 14, 3)).astype(np.float32)
    frame = np.kron(coarse, np.ones((5, 5, 1), np.float32)).astype(np.uint8)
    expected = crop.extract(frame, 32).astype(np.float64)
    out = torch.zeros(1, 32, 32, 3, device=DEVICE)
    told = [[crop.x, crop.y, crop.side, -1.0 if crop.mirrored else 1.0]]
    triton_crop.crop(torch.from_numpy(frame).to(DEVICE), torch.tensor(told, device=DEVICE), out)
    bytes_ = (out.cpu() * torch.tensor([0.229, 0.224, 0.225])
              + torch.tensor([0.485, 0.456, 0.406])) * 255  # fmt: skip
    difference = np.abs(bytes_[0].numpy() - expected)
    assert difference.mean() < 0.5
    assert difference.max() < 8  # OpenCV rounds places to 1/32 pixel


def test_a_picture_may_stay_as_it_is():
    frame = torch.arange(12, dtype=torch.uint8, device=DEVICE).view(2, 2, 3)
    out = torch.zeros(1, 2, 2, 3, device=DEVICE)
    whole = torch.tensor([[1.0, 1.0, 2.0, 1.0]], device=DEVICE)
    triton_crop.crop(frame, whole, out, triton_crop.AS_IT_IS)
    torch.testing.assert_close(out[0], frame / 255)


@pytest.mark.gpu
def test_graphs_give_the_networks_joints():
    from dfmamba.engine.dfmamba.graphs import GraphRunner
    from dfmamba.weights import load_network

    network = load_network(device=DEVICE)
    make = np.random.default_rng(0)
    frames = [make.integers(0, 255, (240, 320, 3), dtype=np.uint8) for _ in range(3)]
    crops = [Crop(160, 120, 150), Crop(100, 90, 120, mirrored=True)]
    runner = GraphRunner(network, torch.device(DEVICE))
    size = network.config.input_size
    for frame in frames:
        for count in (1, 2):
            pictures = np.stack([crop.extract(frame, size) for crop in crops[:count]])
            images = torch.from_numpy(pictures).to(DEVICE).permute(0, 3, 1, 2).float() / 255
            with torch.inference_mode():
                expected = network.read_out(network(images)).joints_px[:, 0].cpu().numpy()
            outputs, scans = runner(frame, crops[:count], tracing=True)
            assert np.median(np.abs(outputs.joints_px[:, 0] * size - expected)) < 0.5
            with torch.inference_mode(), trace(network) as told:
                network(images)
            for layer, scan in enumerate(scans):
                for name in ("anchors", "offsets", "weights", "step", "order"):
                    wanted = getattr(told[layer].numpy(), name)
                    difference = np.abs(getattr(scan, name) - wanted)
                    assert np.median(difference) < 0.02, (layer, name)


@pytest.mark.gpu
def test_pictures_of_many_sizes_take_no_more_memory():
    from dfmamba.engine.dfmamba.graphs import KEPT, GraphRunner

    torch.manual_seed(0)
    network = HandNetwork(NetworkConfig(TINY, HeatmapConfig(16), SIZE))
    runner = GraphRunner(network, torch.device(DEVICE))
    crops = [Crop(60, 50, 70)]

    def look(size):
        frame = np.random.default_rng(size).integers(0, 255, (size, size, 3), dtype=np.uint8)
        return runner(frame, crops)[0].joints.copy()

    def held():
        torch.cuda.empty_cache()
        return torch.cuda.memory_reserved()

    first = look(100)
    for size in range(101, 101 + KEPT):
        look(size)
    before = held()
    for size in range(120, 120 + 3 * KEPT):
        look(size)
    assert held() < before + 10 * 2**20
    np.testing.assert_allclose(look(100), first, atol=1e-3)
