"""Made-up labels for tests that learn from them."""

import torch

from dfmamba.metrics import palm_units
from dfmamba.model.targets import Batch


def known(images, joints_px, joints):
    """Pictures (B, 3, S, S) of right hands of which everything is known."""
    one = torch.ones(len(images))
    every = torch.ones(len(images), 21)
    return Batch(images, joints_px, every, joints, every, one, one, one, one)


def random_batch(count, size, seed=0):
    """Random pictures, and joints that have nothing to do with a real hand, in the middle."""
    make = torch.Generator().manual_seed(seed)
    joints = palm_units(torch.randn(count, 21, 3, generator=make) * 50)
    joints_px = (torch.rand(count, 21, 2, generator=make) * 0.6 + 0.2) * size
    return known(torch.rand(count, 3, size, size, generator=make), joints_px, joints)
