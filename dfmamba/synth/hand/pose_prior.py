"""Random hand poses: key poses, their mixtures, and anatomical limits; angles as in `key_poses`."""

from collections.abc import Callable

import torch
from torch import Tensor

from dfmamba.synth.hand.contact import overlap
from dfmamba.synth.hand.key_poses import FAMILIES, FREE, key_families, nearest_key

LOW = torch.tensor([[-25.0, -15, -25, -25]] + [[-25.0, -5, -8, -22]] * 4)
HIGH = torch.tensor([[40.0, 55, 75, 40]] + [[92.0, 112, 78, 22]] * 4)
"""What joints can do, (5, 4) angles."""
NEAR_KEY = 14.0
"""Up to this distance, degrees per angle, a pose belongs to the family of a key pose."""
TOUCH_MM = 3.5
"""How deep fingers may press into each other."""
FOLLOWS = 0.65
"""How far a finger's last joint bends of itself when the one before it bends."""
CALMER = (0.0, 0.3, 0.6, 1.0)
"""Shares of the way to the nearest key pose that are tried to untangle fingers."""


def random_angles(count: int, keys: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Angles (count, 5, 4): near a key pose, between two, split between two, or free.

    keys (K, 5, 4). Also the family (count,) of the key pose that each is nearest to, an index
    into `FAMILIES`, or `FREE`.
    """

    def randn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, device=keys.device)

    def rand(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, device=keys.device)

    family = key_families(keys)
    share = torch.tensor([*FAMILIES.values()], device=keys.device)
    weight = share[family] / (family[:, None] == family).sum(1)
    pick = torch.multinomial(weight, 2 * count, replacement=True, generator=generator)
    first, second = keys[pick].view(2, count, 5, 4)
    # The fingers up to one are as in the first pose, the others as in the second.
    finger = torch.arange(5, device=keys.device)[:, None]
    split = torch.where(finger < 1 + (4 * rand(count, 1, 1)).floor(), first, second)
    kind = rand(count, 1, 1)
    angles = torch.where(kind < 0.5, first, first.lerp(second, rand(count, 1, 1)))
    angles = torch.where(kind > 0.74, split, angles)
    angles = torch.where(kind > 0.88, _free(_chained(randn(count, 5, 4))), angles)
    noise = 4 * randn(count, 1, 4) + 6 * _chained(randn(count, 5, 4))
    noise[..., 3] *= 0.5
    angles = angles + noise * (0.3 + rand(count, 1, 1))
    # The last joint follows the one before it.
    follow = (rand(count, 1) < 0.8).expand(count, 4)
    angles[:, 1:, 2] = torch.where(follow, FOLLOWS * angles[:, 1:, 1], angles[:, 1:, 2])
    angles = angles.clamp(LOW.to(keys), HIGH.to(keys))
    distance, nearest = nearest_key(angles, keys)
    return angles, torch.where(distance < NEAR_KEY, family[nearest], FREE)


def _chained(own: Tensor) -> Tensor:
    """Standard normals (B, 5, 4) of which each finger's resemble those of the one before."""
    fingers = list(own.unbind(1))
    for finger in range(2, 5):
        fingers[finger] = 0.75 * fingers[finger - 1] + 0.66 * fingers[finger]
    return torch.stack(fingers, 1)


def _free(own: Tensor) -> Tensor:
    """Any pose (B, 5, 4) that hands may take, from standard normals."""
    middle, spread = (LOW + HIGH).to(own) / 2, (HIGH - LOW).to(own) / 3.5
    # A bent knuckle mostly comes with a bent finger.
    bend = 0.5 * own[..., :1] + 0.87 * own[..., 1:2]
    return middle + spread * torch.cat([own[..., :1], bend, bend, 0.4 * own[..., 3:]], -1)


def untangled(angles: Tensor, keys: Tensor, joints: Callable[[Tensor], Tensor]) -> Tensor:
    """Angles (B, 5, 4) moved to their nearest key pose as far as their fingers need it.

    joints: from angles (B * n, 5, 4), `n` times those of the B hands, to joints (B * n, 21, 3).
    """
    calm = keys[nearest_key(angles, keys)[1]]
    steps = torch.stack([angles.lerp(calm, share) for share in CALMER])
    deep = overlap(joints(steps.flatten(0, 1))).view(len(CALMER), -1)
    effort = torch.arange(len(CALMER), device=angles.device)[:, None]
    best = ((deep - TOUCH_MM).clamp(min=0) + 0.2 * effort).argmin(0)
    return steps[best, torch.arange(len(angles), device=angles.device)]
