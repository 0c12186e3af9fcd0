import torch

from dfmamba.synth.hand.rig import (
    BONE_NAMES,
    CHAINS,
    PAD,
    PROPORTIONS,
    WRIST_BONE,
    with_palm,
    with_proportions,
)


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


def lengths(heads, tips, wrist):
    """As `PROPORTIONS`, of a hand at rest."""
    bones = torch.cat([wrist.expand(5, 1, 3), heads[CHAINS], tips[:, None]], 1).diff(dim=1)
    found = bones.norm(dim=-1)
    return found / found[2, 0]


def test_all_hands_get_the_same_proportions_and_keep_their_directions(arrays):
    wrist = arrays.heads[WRIST_BONE] - torch.tensor([0.0, 10, 0])
    rest = arrays.vertices, arrays.weights, arrays.heads, arrays.tips
    _, heads, tips = with_proportions(*rest, wrist)
    torch.testing.assert_close(lengths(heads, tips, wrist), PROPORTIONS, atol=1e-4, rtol=0)
    torch.testing.assert_close(heads[CHAINS[2, 0]], arrays.heads[CHAINS[2, 0]])
    for finger, chain in enumerate(CHAINS):
        before = torch.cat([arrays.heads[chain], arrays.tips[finger, None]]).diff(dim=0)[1:]
        after = torch.cat([heads[chain], tips[finger, None]]).diff(dim=0)[1:]
        assert (torch.cosine_similarity(before, after) > 0.99).all()


def beyond(skin, head, tip):
    """How far skin reaches beyond a fingertip, along its bone."""
    return ((skin - tip) @ torch.nn.functional.normalize(tip - head, dim=0)).max()


def test_skin_goes_with_its_bones_and_ends_beyond_the_fingertips(arrays):
    wrist = arrays.heads[WRIST_BONE]
    rest = arrays.vertices, arrays.weights, arrays.heads, arrays.tips
    vertices, heads, tips = with_proportions(*rest, wrist)
    palm = (heads[CHAINS[2, 0]] - wrist).norm()
    fingers = arrays.weights[:, CHAINS.flatten()].sum(1) > 0
    assert torch.equal(vertices[~fingers], arrays.vertices[~fingers])
    for finger, bone in enumerate(CHAINS[:, 2]):
        before, after = (
            beyond(skin[arrays.weights[:, bone] > 0.5], bones[bone], ends[finger])
            for skin, bones, ends in (
                (arrays.vertices, arrays.heads, arrays.tips),
                (vertices, heads, tips),
            )
        )
        torch.testing.assert_close(after, before + PAD * palm, atol=0.01, rtol=0)
