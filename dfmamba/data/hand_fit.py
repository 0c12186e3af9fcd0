"""The hand model fitted to joints that are known well in the image and badly in space.

Training needs a photographed hand's joints in 3D, which nobody knows. With bones of likely
lengths and fingers that bend as fingers do, a hand can cast the joints in the image in a few ways
only; of these it takes one near the rough joints. As SPIN does for bodies (Kolotouros et al. 2019).
"""

import torch
from rich.progress import track
from torch import Tensor, nn
from torch.nn import functional as F

from dfmamba.hand import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, WRIST
from dfmamba.metrics import palm_units
from dfmamba.synth.hand.hand_model import HandModel
from dfmamba.synth.hand.pose_prior import FOLLOWS, HIGH, LOW
from dfmamba.synth.hand.poser import Poser
from dfmamba.synth.hand.rig import IDENTITY_SPREAD

STEPS, RATE = 400, 0.05
UNIT = 30.0
"""Of angles, degrees, so that all that is fitted moves alike."""
IMAGE, SPACE = 0.06, 0.375
"""How far off a joint commonly is: in the image, of the hand's size there, and in space, in palm
units. The latter are off together, as a hand that is turned wrongly: each one says little."""
BEYOND, UNLIKE = 3.57, 28.6
"""How far angles commonly go beyond `LOW` and `HIGH`, and the last joints from following the ones
before them, degrees."""
NEAREST = 0.3
"""The nearest camera, as one over its distance from the wrist, in palm units: some 31 cm."""


def fitted_joints(model: HandModel, joints_px: Tensor, rough: Tensor, size: int) -> Tensor:
    """Joints (N, 21, 3) of right hands, wrist-relative, palm units, facing the crop.

    joints_px (N, 21, 2): where they are in crops of `size` pixels. rough (N, 21, 3): as returned.
    """
    hands = _Hands(model, rough)
    optimizer = torch.optim.Adam(hands.parameters(), RATE)
    for step in track(range(STEPS), "fitting hands", transient=True):
        done = step / STEPS
        optimizer.param_groups[0]["lr"] = RATE * min(1.0, 2.02 - 2 * done)
        # At first the rough joints alone count: from afar the image leads astray.
        trust = min(1.0, 4 * done)
        joints = hands()
        image = shadow_error(joints, joints_px, size).sum() / IMAGE
        space = (joints - rough).norm(dim=-1).sum() / SPACE
        optimizer.zero_grad()
        (trust * image + (8 - 7 * trust) * space + hands.oddness()).backward()
        optimizer.step()
    found: Tensor = hands().detach()
    return found


class _Hands(nn.Module):
    """N hands and all that can be changed about them, begun with palms as those of rough joints."""

    def __init__(self, model: HandModel, rough: Tensor) -> None:
        super().__init__()
        self.model, self.poser = model.skeleton(), Poser(model.arrays.frames)
        count = len(rough)
        self.wrist = rough.new_zeros(count, 3)
        self.shape = nn.Parameter(rough.new_zeros(count, len(model.arrays.shape_heads)))
        self.angles = nn.Parameter((self.poser.rest / UNIT).repeat(count, 1, 1))
        self.turn = nn.Parameter(torch.eye(3, 2).to(rough).repeat(count, 1, 1))
        self.turn.data = _turn_onto(self().detach(), rough)[..., :2]

    def forward(self) -> Tensor:
        """The joints (N, 21, 3)."""
        rotations = self.poser(UNIT * self.angles, self.wrist)
        shape = IDENTITY_SPREAD * self.shape
        return palm_units(self.model(shape, rotations, _turns(self.turn))[1])

    def oddness(self) -> Tensor:
        """What unlikely shapes and angles cost, of all the hands together ()."""
        angles = UNIT * self.angles
        beyond = (angles - HIGH.to(angles)).relu() + (LOW.to(angles) - angles).relu()
        unlike = angles[:, 1:, 2] - FOLLOWS * angles[:, 1:, 1]
        parts = self.shape, beyond / BEYOND, unlike / UNLIKE
        return torch.stack([part.square().sum() for part in parts]).sum()


def _turns(columns: Tensor) -> Tensor:
    """Rotations (N, 3, 3) from two columns (N, 3, 2) of any length and angle."""
    first = F.normalize(columns[..., 0], dim=-1)
    along = (first * columns[..., 1]).sum(-1, keepdim=True) * first
    second = F.normalize(columns[..., 1] - along, dim=-1)
    return torch.stack([first, second, torch.linalg.cross(first, second)], -1)


def _turn_onto(joints: Tensor, rough: Tensor) -> Tensor:
    """The rotations (N, 3, 3) that bring the palms of hands onto those of others (Kabsch)."""
    palm = [WRIST, INDEX_MCP, MIDDLE_MCP, LITTLE_MCP]
    u, _, v = torch.linalg.svd(rough[:, palm].mT @ joints[:, palm])
    kept = torch.ones_like(u[:, :1])
    kept[..., 2] = torch.linalg.det(u @ v)[:, None]
    turns: Tensor = u * kept @ v
    return turns


def shadow_error(joints: Tensor, joints_px: Tensor, size: int) -> Tensor:
    """How far joints (B, 21, 3) are from casting joints_px (B, 21, 2), as shares of the hand.

    Of crops of `size` pixels. A camera that faces the crop sees a joint x, y, z beside its middle
    at u with u (1 + q z) = s (x, y) + t, where q is one over its distance: linear in q, s and t,
    which are the least squares fit. A distant camera (q = 0) cannot show how near hands look.
    Returns (B, 21).
    """
    places = joints_px - size / 2
    seen = _centred(places)
    extent = seen.square().sum(-1).mean(1).sqrt().clamp_min(1.0)[:, None, None]
    seen, cast = seen / extent, _centred(joints[..., :2])
    nearness = _centred(places / extent * joints[..., 2:])

    def product(one: Tensor, other: Tensor) -> Tensor:
        return (one * other).sum((1, 2))

    cast_cast, cast_near = product(cast, cast).clamp_min(1e-3), product(cast, nearness)
    cast_seen, near_seen = product(cast, seen), product(nearness, seen)
    free = cast_cast * product(nearness, nearness) - cast_near.square()
    q = (cast_seen * cast_near - near_seen * cast_cast) / free.clamp_min(1e-3)
    q = q.clamp(0, NEAREST)
    scale = ((cast_seen + q * cast_near) / cast_cast).clamp_min(0)
    return (_by(scale) * cast - _by(q) * nearness - seen).abs().sum(-1)


def _centred(points: Tensor) -> Tensor:
    return points - points.mean(1, keepdim=True)


def _by(factor: Tensor) -> Tensor:
    return factor[:, None, None]
