"""The 3D scene drawn by Open3D, off the screen."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import open3d as o3d
from numpy.typing import NDArray

from app.views.hand_mesh import HandMesh, ground_lines
from app.views.orbit import FURTHEST_MM, Orbit, focal_length
from app.views.scene import BACKGROUND, GRID, HEIGHT, WIDTH


@contextmanager
def _no_display() -> Iterator[None]:
    """Without a display in sight Open3D takes EGL: no window of its own, and twice as fast."""
    names = ("DISPLAY", "WAYLAND_DISPLAY")
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


class Open3DRenderer:
    """One hidden Open3D window with one mesh whose vertices move. Use it in one thread only."""

    name = "Open3D"

    def __init__(self) -> None:
        """Raises RuntimeError where Open3D cannot draw."""
        o3d.utility.set_verbosity_level(o3d.utility.VerbosityLevel.Error)
        self._window = o3d.visualization.Visualizer()
        with _no_display():
            opened = self._window.create_window(visible=False, width=WIDTH, height=HEIGHT)
        if not opened or self._window.get_render_option() is None:
            raise RuntimeError("no OpenGL")
        options = self._window.get_render_option()
        options.background_color = np.array(BACKGROUND) / 255
        options.mesh_show_back_face = True
        options.mesh_shade_option = o3d.visualization.MeshShadeOption.Color  # smooth
        self._hands = HandMesh()
        self._mesh = o3d.geometry.TriangleMesh(
            o3d.utility.Vector3dVector(self._hands.vertices),
            o3d.utility.Vector3iVector(self._hands.triangles),
        )
        # Open3D's four lamps add up to more than one: darker, so that colours stay themselves.
        self._mesh.vertex_colors = o3d.utility.Vector3dVector(0.75 * self._hands.colours)
        self._mesh.vertex_normals = o3d.utility.Vector3dVector(self._hands.normals)
        # Open3D lights a mesh only if it has triangle normals too, though smooth shading uses none.
        triangle_normals = np.zeros(self._hands.triangles.shape)
        self._mesh.triangle_normals = o3d.utility.Vector3dVector(triangle_normals)
        self._window.add_geometry(_ground())
        self._window.add_geometry(self._mesh, reset_bounding_box=False)
        control = self._window.get_view_control()
        control.set_constant_z_near(5.0)
        control.set_constant_z_far(2 * FURTHEST_MM)
        self._camera = o3d.camera.PinholeCameraParameters()
        focal = focal_length(HEIGHT)
        self._camera.intrinsic = o3d.camera.PinholeCameraIntrinsic(
            WIDTH, HEIGHT, focal, focal, WIDTH / 2 - 0.5, HEIGHT / 2 - 0.5
        )

    def render(self, hands: Sequence[NDArray[np.float64]], orbit: Orbit) -> NDArray[np.uint8]:
        """As `Renderer.render`."""
        self._hands.update(hands)
        self._mesh.vertices = o3d.utility.Vector3dVector(self._hands.vertices)
        self._mesh.vertex_normals = o3d.utility.Vector3dVector(self._hands.normals)
        self._window.update_geometry(self._mesh)
        self._camera.extrinsic = orbit.view_matrix()
        control = self._window.get_view_control()
        control.convert_from_pinhole_camera_parameters(self._camera, allow_arbitrary=True)
        self._window.poll_events()
        picture = np.asarray(self._window.capture_screen_float_buffer(do_render=True))
        return np.ascontiguousarray(picture * 255, np.uint8)

    def close(self) -> None:
        """Close the hidden window."""
        self._window.destroy_window()


def _ground() -> o3d.geometry.LineSet:
    lines = ground_lines()
    pairs = np.arange(2 * len(lines)).reshape(-1, 2)
    ground = o3d.geometry.LineSet(
        o3d.utility.Vector3dVector(lines.reshape(-1, 3)), o3d.utility.Vector2iVector(pairs)
    )
    ground.paint_uniform_color(np.array(GRID) / 255)
    return ground
