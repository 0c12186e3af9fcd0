import pytest
import torch

from dfmamba.finder.decode import decoded
from dfmamba.finder.frames import MOST_HANDS, hands_of
from dfmamba.finder.loss import finder_loss, targets
from dfmamba.finder.network import STRIDE, FinderMaps

SIZE = 128
CELLS = SIZE // STRIDE


def hand_at(x, y, size=40.0, turn=0.0):
    """Joints (21, 2) of a flat hand; the fingers point up where it is not turned."""
    rays = torch.linspace(-0.5, 0.5, 5)
    lengths = torch.linspace(0.5, 1.0, 4)
    joints = torch.stack([rays[:, None] * lengths, -lengths.expand(5, 4)], -1).flatten(0, 1)
    joints = torch.cat([torch.zeros(1, 2), joints]) * size
    c, s = torch.tensor(turn).cos(), torch.tensor(turn).sin()
    joints = joints @ torch.stack([torch.stack([c, s]), torch.stack([-s, c])])
    return joints + torch.tensor([x, y])


def frame_of(*joints, right=None, counts=None, ignored=None):
    """One frame with these hands."""
    laid = torch.zeros(1, MOST_HANDS, 21, 2)
    many = len(joints)
    for row_of, each in enumerate(joints):
        laid[0, row_of] = each

    def row(values):
        whole = torch.zeros(1, MOST_HANDS)
        whole[0, :many] = torch.as_tensor(values, dtype=torch.float32)
        return whole

    return hands_of(
        laid,
        row([1.0] * many if right is None else right),
        row([1.0] * many if counts is None else counts),
        row([0.0] * many if ignored is None else ignored),
        SIZE,
    )


def maps_of(hands):
    """Maps that tell these hands exactly in every cell that counts for one."""
    target = targets(hands, CELLS, CELLS)
    centre = torch.logit(target.centre.clamp(1e-4, 1 - 1e-4))
    owner = target.here.argmax(1)

    def of_owner(values):
        """Values (1, K, n) of each cell's owner, as maps (1, n, h, w)."""
        rows = owner.flatten(1)[..., None].expand(-1, -1, values.shape[-1])
        return values.gather(1, rows).mT.view(1, -1, CELLS, CELLS)

    middle = STRIDE * (torch.arange(CELLS) + 0.5)
    x, y = torch.meshgrid(middle, middle, indexing="xy")
    offset = (of_owner(hands.palm) - torch.stack([x, y])) / STRIDE
    reach = torch.cat([hands.palm - hands.box[..., :2], hands.box[..., 2:] - hands.palm], -1)
    right = of_owner(hands.right[..., None])[:, 0]
    sides = torch.where(right > 0.5, 9.0, -9.0)
    return FinderMaps(centre, offset, of_owner(reach), of_owner(hands.along), sides)


def test_maps_that_tell_the_truth_cost_little_and_others_much():
    hands = frame_of(hand_at(50, 70), hand_at(100, 100, 20.0), right=[1, 0])
    exact = finder_loss(maps_of(hands), hands)
    assert exact.keys() == {"centre", "offset", "box", "direction", "side"}
    # The focal loss of a true peak's flank is not 0.
    assert all(exact[name] < 1e-3 for name in ("offset", "box", "direction", "side"))
    other = frame_of(hand_at(20, 40, turn=2.0), hand_at(60, 120, 35.0), right=[0, 1])
    wrong = finder_loss(maps_of(other), hands)
    assert wrong["centre"] > 3 * exact["centre"]


def test_what_the_maps_tell_is_decoded():
    hands = frame_of(hand_at(50, 70, turn=0.4), hand_at(100, 100, 20.0), right=[1, 0])
    (found,) = decoded(maps_of(hands))
    order = found.palm[:, 0].argsort()
    torch.testing.assert_close(torch.tensor(found.palm[order]).float(), hands.palm[0, :2])
    torch.testing.assert_close(
        torch.tensor(found.box[order]).float(), hands.box[0, :2], rtol=1e-3, atol=1e-2
    )
    assert (found.right[order] > 0.5).tolist() == [True, False]
    along = hands.along[0, :2] / hands.along[0, :2].norm(dim=-1, keepdim=True)
    torch.testing.assert_close(torch.tensor(found.direction[order]).float(), along)


def test_clasped_hands_keep_two_peaks():
    """Their boxes are nearly the same; their palms lie a quarter of a hand apart."""
    hands = frame_of(hand_at(56, 90, 64.0, turn=-0.1), hand_at(72, 90, 64.0, turn=0.1))
    (found,) = decoded(maps_of(hands))
    assert len(found.score) == 2


def test_two_peaks_of_one_hand_become_one():
    hands = frame_of(hand_at(56, 90, 90.0))
    maps = maps_of(hands)
    peak = maps.centre[0].argmax()
    maps.centre.view(-1)[peak + 2] = maps.centre.max() - 0.1
    assert len(decoded(maps)[0].score) == 1


def test_an_ignored_hand_costs_nothing_whatever_is_found_there():
    joints = hand_at(50, 70)
    unsure = frame_of(joints, counts=[0], ignored=[1])
    nothing = finder_loss(maps_of(frame_of()), unsure)
    found = finder_loss(maps_of(frame_of(joints)), unsure)
    assert found["centre"] == pytest.approx(float(nothing["centre"]), rel=0.2, abs=1e-3)
    plain = frame_of()
    assert finder_loss(maps_of(frame_of(joints)), plain)["centre"] > 5 * nothing["centre"]


def test_every_hand_counts_alike_however_large_it_is():
    hands = frame_of(hand_at(60, 100, 70.0), hand_at(110, 40, 12.0))
    total = targets(hands, CELLS, CELLS).here.sum((2, 3))[0]
    torch.testing.assert_close(total[:2], torch.ones(2))
    assert (total[2:] == 0).all()


def test_a_palm_beyond_the_frame_is_taught_at_its_edge():
    hands = frame_of(hand_at(64, SIZE + 30, 80.0))
    peak = targets(hands, CELLS, CELLS).centre[0].argmax()
    assert peak // CELLS == CELLS - 1


def test_a_frame_without_hands_has_a_loss_without_nan():
    terms = finder_loss(maps_of(frame_of()), frame_of())
    assert all(term.isfinite() for term in terms.values())
    assert terms["box"] == 0
