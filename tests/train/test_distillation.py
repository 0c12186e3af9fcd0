import torch
from training_batch import random_batch

from dfmamba.model import Hands
from dfmamba.train.distillation import taught_loss

BATCH = random_batch(3, 64)


def read(seed):
    """What a network might read, in shares of the crop."""
    make = torch.Generator().manual_seed(seed)
    one = torch.ones(3, 1)
    return Hands(
        torch.rand(3, 1, 21, 2, generator=make),
        torch.randn(3, 1, 21, 3, generator=make),
        torch.ones(3, 1, 21),
        one,
        one,
    )


def test_the_teachers_own_joints_cost_nothing_and_others_do():
    assert all(term == 0 for term in taught_loss(read(0), read(0), BATCH).values())
    assert all(term > 0.05 for term in taught_loss(read(0), read(1), BATCH).values())


def test_a_teacher_teaches_nothing_where_there_are_no_joints():
    batch = BATCH._replace(weight_2d=torch.zeros(3, 21))
    assert all(term == 0 for term in taught_loss(read(0), read(1), batch).values())


def test_the_teacher_learns_nothing_of_it():
    own, theirs = read(0), read(1)
    own.joints.requires_grad_()
    theirs.joints.requires_grad_()
    sum(taught_loss(own, theirs, BATCH).values()).backward()
    assert own.joints.grad.abs().sum() > 0
    assert theirs.joints.grad is None
