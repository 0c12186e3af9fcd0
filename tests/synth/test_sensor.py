import torch

from dfmamba.synth.draw import Draw
from dfmamba.synth.sensor import sense


def test_stays_a_picture():
    draw = Draw(0, "cpu")
    seen = sense(draw.uniform(8, 3, 32, 32), draw)
    assert seen.shape == (8, 3, 32, 32)
    assert seen.isfinite().all()
    assert seen.min() >= 0
    assert seen.max() <= 1


def test_keeps_what_is_where():
    """Whatever is done to colours, a bright square stays brighter than its dark ground."""
    images = torch.full((64, 3, 32, 32), 0.15)
    images[:, :, 8:24, 8:24] = 0.8
    seen = sense(images, Draw(1, "cpu")).mean(1)
    inner, outer = seen[:, 12:20, 12:20].mean((1, 2)), seen[:, :4].mean((1, 2))
    assert (inner > outer + 0.1).all()


def test_each_picture_is_changed_in_its_own_way():
    image = Draw(2, "cpu").uniform(1, 3, 32, 32).expand(4, 3, 32, 32)
    seen = sense(image, Draw(3, "cpu"))
    assert (seen[0] - seen[1]).abs().mean() > 0.01
