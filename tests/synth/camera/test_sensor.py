import torch

from dfmamba.synth.camera.sensor import sense, smeared
from dfmamba.synth.draw import Draw


def test_stays_a_picture():
    draw = Draw(0, "cpu")
    seen = sense(draw.uniform(8, 3, 32, 32), draw)
    assert seen.shape == (8, 3, 32, 32)
    assert seen.isfinite().all()
    assert seen.min() >= 0
    assert seen.max() <= 1


def squares(count, size=32):
    images = torch.full((count, 3, size, size), 0.15)
    images[:, :, size // 4 : -size // 4, size // 4 : -size // 4] = 0.8
    return images


def test_keeps_what_is_where():
    """Whatever is done to colours, a bright square stays brighter than its dark ground."""
    seen = sense(squares(128), Draw(1, "cpu")).mean(1)
    inner, outer = seen[:, 12:20, 12:20].mean((1, 2)), seen[:, :4].mean((1, 2))
    assert (inner > outer + 0.04).all()
    assert (inner > 1.5 * outer).float().mean() > 0.9


def test_each_picture_is_changed_in_its_own_way():
    image = Draw(2, "cpu").uniform(1, 3, 32, 32).expand(4, 3, 32, 32)
    seen = sense(image, Draw(3, "cpu"))
    assert (seen[0] - seen[1]).abs().mean() > 0.01


def test_most_pictures_change_little_and_a_few_much():
    images = squares(128)
    change = (sense(images, Draw(4, "cpu")) - images).abs().mean((1, 2, 3))
    assert change.median() < 0.09
    assert change.max() > 0.15


def test_blur_keeps_the_middle_in_place():
    """Motion and lenses blur to all sides alike: what is seen stays where its labels say."""
    seen = sense(squares(256), Draw(5, "cpu")).mean(1)
    seen = (seen - seen[:, :4].mean((1, 2))[:, None, None]).clamp(min=0)
    axis = torch.arange(32) + 0.5
    middle = (seen.sum(1) @ axis) / seen.sum((1, 2))
    assert (middle - 16).abs().max() < 0.7


def test_any_size_and_any_count():
    for count, size in ((1, 64), (3, 128)):
        assert sense(squares(count, size), Draw(6, "cpu")).shape == (count, 3, size, size)


def test_a_few_pictures_are_grey_or_of_another_colour():
    skin = torch.tensor([0.75, 0.55, 0.45])[:, None, None].expand(512, 3, 32, 32)
    seen = sense(skin, Draw(7, "cpu")).mean((2, 3))
    spread = seen.amax(1) - seen.amin(1)
    assert 0.03 < (spread < 0.004).float().mean() < 0.13
    coloured = seen[spread > 0.02]
    other = (coloured.argmax(1) != 0).float().mean()
    assert 0.01 < other < 0.15


def test_a_share_is_smeared_along_a_line_and_keeps_its_light():
    images = torch.zeros(8, 4, 65, 65)
    images[:, :, 30:35, 30:35] = 1
    seen = smeared(images, 0.5, Draw(0, "cpu"))
    moved = (seen != images).flatten(1).any(1)
    assert moved.sum() == 4
    torch.testing.assert_close(seen.sum((2, 3)), images.sum((2, 3)))
    for each in seen[moved]:
        y, x = torch.nonzero(each[0] > 0.05, as_tuple=True)
        spread = torch.linalg.eigvalsh(torch.cov(torch.stack([x, y]).float()))
        assert spread[1] > spread[0]
