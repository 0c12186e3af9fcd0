import pytest
import torch

from dfmamba.finder.frames import MOST_HANDS
from dfmamba.finder.scenes import LEAST_SIDE, SceneConfig, Scenes
from dfmamba.finder.scenes.cast import (
    ANY,
    FACING,
    OWN,
    People,
    arms,
    people,
    placed,
    reaching,
    together,
)
from dfmamba.hand import PALM
from dfmamba.synth.draw import Draw
from dfmamba.synth.scene import View, pose_hands

SIZE = 64


@pytest.fixture
def scenes(hand_file):
    def build(seed=0, **options):
        return Scenes(SceneConfig(size=SIZE, hand=hand_file, **options), seed=seed)

    return build


def test_frames_have_pictures_and_the_hands_in_them(scenes):
    frames = scenes().batch(12)
    assert frames.images.shape == (12, 3, SIZE, SIZE)
    assert frames.images.min() >= 0
    assert frames.images.max() <= 1
    hands = frames.hands
    assert hands.counts.shape == (12, MOST_HANDS)
    assert 1 < hands.counts.sum() < 6 * 12
    assert not (hands.counts * hands.ignored).any()
    here = hands.counts > 0
    assert ((hands.palm[here] >= 0) & (hands.palm[here] <= SIZE)).all()
    assert (hands.side[here] >= LEAST_SIDE).all()
    inside = (hands.palm >= hands.box[..., :2] - 1e-3) & (hands.palm <= hands.box[..., 2:] + 1e-3)
    assert inside[here].all()
    assert set(hands.right[here].tolist()) == {0.0, 1.0}


def test_a_seed_repeats_frames_and_another_draws_others(scenes):
    first, again, other = (scenes(seed).batch(2).images for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_scene_is_shown_several_times_each_in_another_way(scenes):
    frames = scenes(showings=2).batch(4)
    assert not torch.equal(frames.images[0], frames.images[2])


def cast_of(kind, arrays, count=24, two=True):
    from dfmamba.synth.hand.hand_model import HandModel
    from dfmamba.synth.hand.key_poses import key_angles
    from dfmamba.synth.hand.poser import Poser

    draw = Draw(0, "cpu")
    every = People(
        scene=torch.arange(count),
        kind=torch.full((count,), kind),
        two=torch.full((count,), two),
        yaw=torch.zeros(count),
        size=torch.ones(count),
    )
    held = arms(draw, every)
    model, poser = HandModel(arrays), Poser(arrays.frames)
    shape = torch.zeros(len(held.side), len(arrays.shape_heads))
    hands = pose_hands(model, poser, draw, shape, key_angles(), held.side)
    far = arrays.vertices[:, 1].topk(4).indices
    return draw, every, held, reaching(hands, held, every, far, draw), far


def test_hands_hang_on_their_forearms(arrays):
    _, _, held, hands, far = cast_of(FACING, arrays)
    torch.testing.assert_close(hands.joints[:, 0], held.wrist, atol=1e-3, rtol=0)
    forearm = hands.joints[:, 0] - hands.vertices[:, far].mean(1)
    cosine = torch.nn.functional.cosine_similarity(forearm, held.way)
    assert cosine.min() > 0.999


def test_a_wearers_right_hand_comes_from_the_right_and_an_opposite_ones_from_the_left(arrays):
    for kind, sign in ((OWN, 1), (FACING, -1)):
        _, _, held, _, _ = cast_of(kind, arrays)
        assert (held.shoulder[:, 0] * held.side * sign > 0).all()


def test_some_pairs_touch(arrays):
    draw, every, held, hands, _ = cast_of(FACING, arrays)
    hands = together(hands, held, every, draw)
    palms = hands.joints[:, list(PALM)].mean(1)
    count = len(every.scene)
    apart = (palms[:count] - palms[count:]).norm(dim=1)
    assert 0.2 < (apart < 145).float().mean() < 0.8


def test_a_clasped_hand_is_a_hand_of_the_other_side(arrays):
    """Mirrored, not copied: the thumb of a left hand is where a left hand has it."""
    draw, every, held, hands, _ = cast_of(FACING, arrays)
    hands = together(hands, held, every, draw)
    up = hands.joints[:, 9] - hands.joints[:, 0]
    across = hands.joints[:, 5] - hands.joints[:, 17]
    # A bent thumb or finger is on the palm's side.
    bent = hands.joints[:, [8, 12, 16, 20]].mean(1) - hands.joints[:, [5, 9, 13, 17]].mean(1)
    out = torch.linalg.cross(across, up) * held.side[:, None]
    towards = (torch.nn.functional.cosine_similarity(out, bent) > 0).float()
    count = len(every.scene)
    assert abs(towards[:count].mean() - towards[count:].mean()) < 0.35


def test_most_people_are_placed_so_that_their_hands_are_in_the_frame(arrays):
    for kind in (FACING, OWN, ANY):
        draw, every, held, hands, _ = cast_of(kind, arrays)
        view = View(torch.full((24,), 40.0), torch.full((24, 2), SIZE / 2))
        hands, move = placed(hands, held, every, view, draw)
        assert move.shape == (24, 3)
        assert (hands.vertices[..., 2] > 100).all()
        palms = view.rows(every.scene[held.person]).project(hands.joints[:, list(PALM)]).mean(1)
        inside = ((palms > 0) & (palms < SIZE)).all(1)
        assert inside.float().mean() > 0.5


def test_scenes_have_people_of_all_kinds():
    every = people(Draw(0, "cpu"), 200)
    assert set(every.kind.tolist()) == {FACING, OWN, ANY}
    assert every.scene.max() < 200
    assert torch.bincount(every.scene).max() <= 3
