import numpy as np
import pytest
import torch
from solids import BOX, CAN, HAMMER

from dfmamba.errors import UserError
from dfmamba.synth.things.shapes import ROWS, Shapes


def test_a_file_keeps_the_shapes(solids, tmp_path):
    path = tmp_path / "made" / "objects.npz"
    solids.save(path)
    again = Shapes.load(path)
    assert torch.equal(again.vertices, solids.vertices)
    assert torch.equal(again.normals, solids.normals)


def test_without_a_file_there_are_none(tmp_path):
    assert Shapes.load(tmp_path / "objects.npz") is None


@pytest.mark.parametrize("arrays", [{"vertices": np.zeros((2, 9, 3))}, {"other": np.zeros(1)}])
def test_a_file_on_another_grid_says_what_to_do(tmp_path, arrays):
    path = tmp_path / "objects.npz"
    np.savez(path, **arrays)
    with pytest.raises(UserError, match="dfmamba bake"):
        Shapes.load(path)


def test_half_sizes_are_the_true_ones(solids):
    torch.testing.assert_close(
        solids.half[[CAN, BOX]], torch.tensor([[33.0, 33, 50], [15, 30, 80]]), atol=0.3, rtol=0
    )


def test_exponents_tell_round_from_boxy(solids):
    assert solids.around[CAN] == pytest.approx(2, abs=0.1)
    assert solids.around[BOX] > 8


def test_reach_is_that_of_the_rows_on_both_sides(solids):
    assert solids.reach.shape == (len(solids.half), ROWS - 1, 2, 2)
    torch.testing.assert_close(solids.reach[CAN], torch.ones(ROWS - 1, 2, 2), atol=0.01, rtol=0)
    handle = solids.reach[HAMMER, ROWS // 2 - 1] * solids.half[HAMMER, :2]
    torch.testing.assert_close(handle, torch.full((2, 2), 10.0), atol=0.3, rtol=0)
