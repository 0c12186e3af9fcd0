import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from dfmamba.data.hand_fit import NEAREST, fitted_joints, shadow_error
from dfmamba.metrics import best_scaled_error, palm_units, palm_width, procrustes_error
from dfmamba.synth.hand.hand_model import HandModel
from dfmamba.synth.hand.key_poses import key_angles
from dfmamba.synth.hand.poser import Poser
from dfmamba.synth.rotations import axis_turn, random_turns

SIZE, HANDS = 64, 12


@pytest.fixture(scope="module")
def model(arrays):
    return HandModel(arrays)


@pytest.fixture(scope="module")
def hands(model):
    """Joints (HANDS, 21, 3) in palm units of posed hands of some people, turned anyhow."""
    make = torch.Generator().manual_seed(0)
    angles = key_angles(held_out=False)[torch.randint(20, (HANDS,), generator=make)]
    rotations = Poser(model.arrays.frames)(angles, torch.zeros(HANDS, 3))
    shape = 0.6 * torch.randn(HANDS, len(model.arrays.shape_heads), generator=make)
    return palm_units(model(shape, rotations, random_turns(HANDS, make, torch.device("cpu")))[1])


def seen(joints, distance=5.0, x=0.1, y=-0.2):
    """Where a camera that faces the crop sees joints, crop pixels."""
    near = joints + torch.tensor([x, y, distance])
    return 15 * distance * near[..., :2] / near[..., 2:] + SIZE / 2


def squeezed(joints):
    """Sticks that point at the camera and cast the same shadow: joints move along their ray."""
    distance = torch.tensor([0.0, 0, 4.0])
    nearer = 0.5 * joints.norm(dim=-1, keepdim=True).clamp(max=1.2)
    return (joints + distance) * (1 - nearer) - distance


def off(found, true):
    found, true = found.double().numpy(), 90 * true.double().numpy()
    return best_scaled_error(found, true).mean(), procrustes_error(found, true).mean()


@pytest.fixture(scope="module")
def rough(hands):
    """The hands as they might be told: turned and flat, with errors; and squeezed into sticks."""
    make = torch.Generator().manual_seed(1)
    tilts = 9 * torch.randn(3, HANDS, generator=make)
    turn = axis_turn(tilts[0], 0) @ axis_turn(tilts[1], 1) @ axis_turn(tilts[2], 2)
    turned = (hands * torch.tensor([1, 1, 0.75])) @ turn.mT
    turned = palm_units(turned + 0.07 * torch.randn(turned.shape, generator=make))
    return turned, palm_units(squeezed(hands))


@pytest.fixture(scope="module")
def fits(model, hands, rough):
    """Both kinds fitted, in one go as each takes no longer than both."""
    both = fitted_joints(model, seen(hands).repeat(2, 1, 1), torch.cat(rough), SIZE)
    return both.split(HANDS)


def test_fitted_joints_are_nearer_to_the_true_ones_than_the_rough_ones_are(hands, rough, fits):
    found = fits[0]
    (before, before_aligned), (after, after_aligned) = off(rough[0], hands), off(found, hands)
    assert after < 0.6 * before
    assert after_aligned < 0.6 * before_aligned
    assert not found[:, 0].any()
    assert found[:, 9].norm(dim=-1).tolist() == pytest.approx([1.0] * HANDS)


def test_a_hand_that_was_squeezed_into_a_stick_gets_its_palm_back(hands, rough, fits):
    true, before, after = (palm_width(each.double().numpy()) for each in (hands, rough[1], fits[1]))
    assert abs(after / true - 1).mean() < 0.1 < abs(before / true - 1).mean()


@given(
    scale=st.floats(0.5, 50), x=st.floats(-100, 100), y=st.floats(-100, 100), deep=st.floats(-2, 2)
)
def test_a_shadow_fits_wherever_and_however_large_and_deep_the_hand_is(hands, scale, x, y, deep):
    flat = hands[..., :2] * scale + torch.tensor([x, y])
    spread = (flat - flat.mean(1, keepdim=True)).square().sum(-1).mean(1).sqrt()
    assume(spread.min() > 1)  # a hand of a pixel casts no shadow to fit
    deeper = torch.cat([hands[..., :2], deep * hands[..., 2:]], -1)
    assert shadow_error(deeper, flat, SIZE).max() < 1e-2


@given(distance=st.floats(1.01 / NEAREST, 30), x=st.floats(-0.5, 0.5), y=st.floats(-0.5, 0.5))
def test_a_shadow_fits_however_near_the_camera_is(hands, distance, x, y):
    assert shadow_error(hands, seen(hands, distance, x, y), SIZE).max() < 1e-3


def test_another_shadow_shows_where_it_is_wrong():
    joints = palm_units(50 * torch.randn(2, 21, 3, generator=torch.Generator().manual_seed(2)))
    flat = 30 * joints[..., :2]
    moved = joints.clone()
    moved[:, 8, 0] += 0.5
    assert (shadow_error(moved, flat, SIZE).argmax(1) == 8).all()
    # A hand upside down is not the same one behind the camera.
    assert shadow_error(-joints, flat, SIZE).mean() > 0.8
