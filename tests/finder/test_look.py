"""Looks at parts of frames, on the processor and on a GPU."""

import cv2
import numpy as np
import pytest
import torch

from dfmamba.finder.decode import hands_of, peaks
from dfmamba.finder.look import LOOK_SIZE, Part, ProcessorLook
from dfmamba.finder.network import FastFinder, FinderConfig, FinderMaps, FinderNetwork

SMALL = FinderConfig(widths=(16, 16, 16, 16), depths=(1, 1, 1, 1))


class BrightestCell:
    """In place of the network: a hand where a picture is brightest."""

    def __init__(self):
        self.pictures = None

    def __call__(self, pictures):
        self.pictures = pictures
        light = torch.nn.functional.avg_pool2d(pictures.float().mean(1, keepdim=True), 8)[:, 0]
        centre = torch.where(light == light.amax((1, 2), keepdim=True), 4.0, -9.0)
        two, four = (torch.zeros(len(light), n, *light.shape[1:]) for n in (2, 4))
        return FinderMaps(centre, two, four + 16.0, two + 1, torch.zeros_like(light))


@pytest.fixture
def look():
    made = ProcessorLook(FinderNetwork(SMALL))
    made._finder = BrightestCell()
    return made


def lit(height, width, x, y):
    """Grey, with a soft light."""
    rows, columns = np.indices((height, width))
    light = 60 + 180 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * 20.0**2))
    return np.repeat(light.astype(np.uint8)[..., None], 3, 2)


@pytest.mark.parametrize(("height", "width"), [(180, 320), (720, 1280), (1080, 1920), (900, 500)])
def test_what_is_found_is_in_pixels_of_the_frame(look, height, width):
    x, y = 0.3 * width, 0.6 * height
    (found,) = look(lit(height, width, x, y), [Part(0, 0, width, height)], 0.3)
    scale = max(height, width, LOOK_SIZE) / LOOK_SIZE
    np.testing.assert_allclose(found.palm, [[x, y]], atol=10 * scale)
    np.testing.assert_allclose(found.size, [32 * scale])
    assert max(look._finder.pictures.shape[2:]) == LOOK_SIZE


def test_a_part_is_seen_larger_and_is_told_where_it_lies(look):
    frame = lit(1080, 1920, 1500, 800)
    parts = [Part(0, 0, 768, 432), Part(1152, 648, 768, 432)]
    _, found = look(frame, parts, 0.3)
    np.testing.assert_allclose(found.palm, [[1500, 800]], atol=24)
    np.testing.assert_allclose(found.size, [32 * 768 / LOOK_SIZE])


def test_large_frames_are_reduced_without_aliases(look):
    stripes = np.zeros((1080, 1920, 3), np.uint8)
    stripes[::2] = 255
    look(stripes, [Part(0, 0, 1920, 1080)], 0.3)
    seen = look._finder.pictures[0, :, :180, :].float()
    assert (seen - 127.5).abs().max() < 2


@pytest.mark.gpu
def test_the_graph_finds_in_each_frame_what_the_network_does():
    from dfmamba.engine import DeviceFrames
    from dfmamba.engine.dfmamba import triton_crop
    from dfmamba.finder.graph import GraphLook

    torch.manual_seed(0)
    network, gpu = FinderNetwork().eval().to("cuda"), torch.device("cuda")
    look = GraphLook(network, DeviceFrames(gpu))
    noise = np.random.default_rng(0).integers(0, 255, (9, 16, 3), dtype=np.uint8)
    parts = [Part(0, 0, 640, 360), Part(400, 200, 640, 360)]
    squares = [(part.x + 320.0, part.y + 320.0, 640.0, 1.0) for part in parts]
    for step in range(3):
        frame = np.roll(cv2.resize(noise, (1280, 720)), 90 * step, axis=1)
        pictures = torch.zeros(2, LOOK_SIZE, LOOK_SIZE, 3, device=gpu)
        there = torch.from_numpy(frame).to(gpu)
        triton_crop.crop(there, torch.tensor(squares, device=gpu), pictures, triton_crop.AS_IT_IS)
        maps = FastFinder(network)(pictures.permute(0, 3, 1, 2))
        expected = [hands_of(rows, 0.0) for rows in peaks(maps).cpu().numpy()]
        for found, wanted, part in zip(look(frame, parts, 0.0), expected, parts, strict=True):
            np.testing.assert_allclose(found.score, wanted.score, atol=1e-3)
            palm = wanted.moved(part.scale, part.x, part.y).palm
            np.testing.assert_allclose(found.palm[0], palm[0], atol=0.1)


@pytest.mark.gpu
def test_a_frame_is_sent_once_until_it_is_forgotten():
    from dfmamba.engine import DeviceFrames

    frames = DeviceFrames(torch.device("cuda"))
    frame = np.full((6, 8, 3), 7, np.uint8)
    there = frames.send(frame)
    assert there.shape == (6, 8, 3)
    frame[:] = 9
    assert frames.send(frame)[0, 0, 0].item() == 7
    frames.forget()
    assert frames.send(frame)[0, 0, 0].item() == 9
    other = frames.send(np.full((3, 4, 3), 5, np.uint8))
    assert other.data_ptr() == there.data_ptr()
    assert (other == 5).all()
