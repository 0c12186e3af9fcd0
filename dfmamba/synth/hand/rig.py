"""The bones of all skinned hands: their names, how they hang together, and their rest frames."""

import torch
from torch import Tensor
from torch.nn import functional as F

FINGER_BONES = tuple(f"finger{finger}-{part}.R" for finger in range(1, 6) for part in range(1, 4))
BONE_NAMES = (
    "lowerarm02.R",
    "wrist.R",
    *(f"metacarpal{i}.R" for i in range(1, 5)),
    *FINGER_BONES,
)
"""The forearm's and the hand's bones, as in MakeHuman's rig, parents first."""
FOREARM_BONE, WRIST_BONE = BONE_NAMES.index("lowerarm02.R"), BONE_NAMES.index("wrist.R")
"""Rows of `BONE_NAMES`; joints have an order of their own (`dfmamba.hand`)."""
CHAINS = torch.tensor([BONE_NAMES.index(name) for name in FINGER_BONES]).view(5, 3)
"""The bones of each finger, thumb first, base to tip: rows of `BONE_NAMES`."""
SHAPE_DIRECTIONS = 16
"""In so many directions the shape of every hand varies."""
IDENTITY_SPREAD = 0.6
"""Of the baked shapes, which are drawn evenly from all that the body model can be made to be: a
finger's share of the palm varied by 15%, where people's vary by some 7%."""
WIDTH_SD = 0.07
"""How much broader than the mean a palm is by one standard deviation, of those that are drawn more
narrowly (`IDENTITY_SPREAD`): by some 4%, as people's. A network that knows palms of one
width alone takes a broader one for a turned one."""
PROPORTIONS = torch.tensor(
    [
        [0.385, 0.377, 0.310, 0.272],
        [0.986, 0.380, 0.252, 0.233],
        [1.000, 0.389, 0.276, 0.245],
        [0.917, 0.366, 0.280, 0.237],
        [0.850, 0.287, 0.213, 0.200],
    ]
)
"""Of each finger, thumb first, in palms: from the wrist to its base, and the bones to its tip.

Halfway between the mean hand of MANO, whose joints most data sets have, and what explains best
where MediaPipe sees joints in some 1000 photographs. Rigged hands had fingers longer than both.
"""
PAD = 0.05
"""How far within the skin's end a fingertip's joint is, in palms."""


def bone_parents() -> Tensor:
    """The row in `BONE_NAMES` of each bone's parent, -1 for the forearm."""
    return torch.tensor(
        [BONE_NAMES.index(p) if (p := _parent(name)) else -1 for name in BONE_NAMES]
    )


def joint_bones() -> Tensor:
    """The row in `BONE_NAMES` for each of the 21 joints: see `HandArrays.joint_bones`."""
    fingers = torch.cat([CHAINS, CHAINS[:, 2:]], 1)
    return torch.cat([torch.tensor([WRIST_BONE]), fingers.flatten()])


def _parent(name: str) -> str | None:
    if name == "lowerarm02.R":
        return None
    if name == "wrist.R":
        return "lowerarm02.R"
    if name.startswith("metacarpal") or name == "finger1-1.R":
        return "wrist.R"
    finger, part = int(name[6]), int(name[8])
    return f"metacarpal{finger - 1}.R" if part == 1 else f"finger{finger}-{part - 1}.R"


def hand_frame(heads: Tensor) -> Tensor:
    """Axes (B, 3, 3) as columns: the thumb's side, from the middle finger down, from the palm."""
    _, index, middle, _, little = CHAINS[:, 0].tolist()
    side = heads[:, index] - heads[:, little]
    down = F.normalize(heads[:, WRIST_BONE] - heads[:, middle], dim=-1)
    side = F.normalize(side - (side * down).sum(-1, True) * down, dim=-1)
    return torch.stack([side, down, torch.linalg.cross(side, down)], -1)


def with_palm(points: Tensor, owners: Tensor, heads: Tensor) -> Tensor:
    """Where in the palm points (P, 3) hang that belong to the bones (n, 3) by shares (P, n).

    A finger's points hang where the finger begins, all others where they are: what widens a palm
    moves fingers as a whole.
    """
    on_fingers = owners[:, CHAINS.flatten()].view(-1, 5, 3).sum(2)
    return points * (1 - on_fingers.sum(1, keepdim=True)) + on_fingers @ heads[CHAINS[:, 0]]


def with_proportions(
    vertices: Tensor, weights: Tensor, heads: Tensor, tips: Tensor, wrist: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """A hand at rest (V, 3), (V, n), (n, 3), (5, 3) with the joints of `PROPORTIONS`.

    tips: where the skin ends; the ones returned are `PAD` before. wrist (3,): the wrist's joint.
    A finger's base is moved within the palm, which stays; its bones are stretched or shortened, and
    its skin with them.
    """
    heads, bases = heads.clone(), CHAINS[:, 0]
    palm = (heads[bases[2]] - wrist).norm()
    lengths, pad = palm * PROPORTIONS.to(heads), palm * PAD
    heads[bases] = wrist + lengths[:, :1] * F.normalize(heads[bases] - wrist, dim=-1)
    starts = heads[CHAINS]
    bones = torch.cat([starts, tips[:, None]], 1).diff(dim=1)
    wanted = lengths[:, 1:].clone()
    wanted[:, 2] += pad
    growth = (wanted / bones.norm(dim=-1) - 1)[..., None] * bones

    def stretched(points: Tensor, owners: Tensor) -> Tensor:
        along = ((points[:, None, None] - starts) * bones).sum(-1) / bones.square().sum(-1)
        share = owners[:, CHAINS].sum(-1)
        return points + torch.einsum("pf,pfk,fkx->px", share, along.clamp(0, 1), growth)

    own = torch.eye(len(heads), dtype=heads.dtype)
    vertices, heads = stretched(vertices, weights), stretched(heads, own)
    last = CHAINS[:, 2]
    tips = stretched(tips, own[last])
    return vertices, heads, tips - pad * F.normalize(tips - heads[last], dim=-1)


def bone_frames(heads: Tensor, tips: Tensor) -> Tensor:
    """Columns: flexion axis, direction, their cross product, per bone (n, 3, 3)."""
    palm = torch.tensor([0.0, 0.0, -1.0], dtype=heads.dtype)
    frames = torch.eye(3, dtype=heads.dtype).repeat(len(heads), 1, 1)
    frames[:, :, 1] *= -1
    frames[:, :, 2] *= -1
    for finger in range(5):
        first = int(CHAINS[finger, 0])
        chain = torch.cat([heads[first : first + 3], tips[finger : finger + 1]])
        # The thumb's pad looks across the palm, the fingers' pads out of it.
        inward = palm if finger else torch.tensor([-1.0, 0.0, -0.15], dtype=heads.dtype)
        for part in range(3):
            along = F.normalize(chain[part + 1] - chain[part], dim=0)
            # Turning by a positive angle about `axis` takes `along` towards `inward`.
            axis = F.normalize(torch.linalg.cross(along, inward), dim=0)
            frames[first + part] = torch.stack(
                [axis, along, torch.linalg.cross(axis, along)], dim=1
            )
    return frames
