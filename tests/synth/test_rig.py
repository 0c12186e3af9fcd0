import torch

from dfmamba.synth.rig import BONE_NAMES, CHAINS, with_palm


def test_what_widens_a_palm_moves_each_finger_as_a_whole():
    make = torch.Generator().manual_seed(0)
    heads = torch.randn(len(BONE_NAMES), 3, generator=make)
    own = torch.eye(len(BONE_NAMES))
    points = torch.randn(len(BONE_NAMES), 3, generator=make)
    placed = with_palm(points, own, heads)
    for finger in CHAINS:
        assert torch.equal(placed[finger], heads[finger[0]].expand(3, 3))
    palm = [bone for bone in range(len(BONE_NAMES)) if bone not in CHAINS]
    assert torch.equal(placed[palm], points[palm])
    # Between palm and finger: in between, by its shares.
    half = 0.5 * (own[1] + own[CHAINS[1, 2]])
    torch.testing.assert_close(
        with_palm(points[:1], half[None], heads)[0], 0.5 * (points[0] + heads[CHAINS[1, 0]])
    )
