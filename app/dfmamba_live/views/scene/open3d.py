"""3D pictures drawn by Open3D, off the screen."""

import os
from typing import Any

import cv2
import numpy as np

from dfmamba_live.views.scene.content import Lines, Picture, RenderError, SceneView
from dfmamba_live.views.scene.mesh import Mesh, mesh_of
from dfmamba_live.views.scene.orbit import FURTHEST_MM, focal_length

LAMPS = 0.78
"""Open3D's four lamps add up to more than one: colours are darkened by this to stay themselves."""


ASLANT = np.array([0.0, -0.6, -0.8])
"""A direction in the viewer's axes in which no lamp shines back."""
MOST_WINDOWS = 4
"""One for each of the scales that a picture of one size goes through, and one to spare."""


class Open3DRenderer:
    """Hidden Open3D windows with one geometry that changes. Use it in one thread only.

    It hides the display from the whole process: Open3D then takes EGL, opens no window of its own,
    and is twice as fast. So it belongs in a process by itself.
    """

    name = "Open3D"
    ready = True

    def __init__(self) -> None:
        """Raises RenderError where Open3D is not installed."""
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            os.environ.pop(name, None)
        try:
            import open3d
        except (ImportError, OSError) as error:
            raise RenderError(f"Open3D cannot be loaded: {error}") from error
        self._o3d = open3d
        open3d.utility.set_verbosity_level(open3d.utility.VerbosityLevel.Error)
        self._windows: dict[tuple[int, int], Any] = {}  # by size, the last used last
        self._mesh = open3d.geometry.TriangleMesh()
        self._lines = open3d.geometry.LineSet()

    def render(self, view: SceneView) -> Picture:
        """As `Renderer.render`."""
        size = round(view.width * view.scale), round(view.height * view.scale)
        light = view.orbit.rotation().T @ ASLANT
        self._fill_mesh(mesh_of(view.scene.balls, view.scene.rods, light))
        self._fill_lines(view.scene.lines)
        window = self._windows.pop(size, None) or self._open(*size)
        self._windows[size] = window
        window.update_geometry(self._mesh)
        window.update_geometry(self._lines)
        options = window.get_render_option()
        options.background_color = np.array(view.scene.background)
        options.line_width = max(1.0, view.scale)
        window.get_view_control().convert_from_pinhole_camera_parameters(
            self._camera(view, *size), allow_arbitrary=True
        )
        drawn = np.asarray(window.capture_screen_float_buffer(do_render=True))
        if view.scale > 1:
            drawn = cv2.resize(drawn, (view.width, view.height), interpolation=cv2.INTER_AREA)
        return np.asarray(drawn * 255 + 0.5, np.uint8)

    def close(self) -> None:
        """Close the hidden windows."""
        while self._windows:
            self._windows.popitem()[1].destroy_window()

    def _open(self, width: int, height: int) -> Any:
        """A window of another size: Open3D's cannot be resized, and a new one takes 0.1 s."""
        if len(self._windows) == MOST_WINDOWS:
            self._windows.pop(next(iter(self._windows))).destroy_window()
        window = self._o3d.visualization.Visualizer()
        opened = window.create_window(visible=False, width=width, height=height)
        if not opened or window.get_render_option() is None:
            raise RenderError("Open3D finds no OpenGL")
        window.get_render_option().mesh_shade_option = self._o3d.visualization.MeshShadeOption.Color
        window.add_geometry(self._lines)
        window.add_geometry(self._mesh, reset_bounding_box=False)
        window.get_view_control().set_constant_z_near(5.0)
        window.get_view_control().set_constant_z_far(3 * FURTHEST_MM)
        return window

    def _camera(self, view: SceneView, width: int, height: int) -> Any:
        camera = self._o3d.camera.PinholeCameraParameters()
        focal = focal_length(height)
        camera.intrinsic = self._o3d.camera.PinholeCameraIntrinsic(
            width, height, focal, focal, width / 2 - 0.5, height / 2 - 0.5
        )
        camera.extrinsic = view.orbit.view_matrix()
        return camera

    def _fill_mesh(self, mesh: Mesh) -> None:
        vectors, target = self._o3d.utility, self._mesh
        target.vertices = vectors.Vector3dVector(mesh.vertices)
        target.vertex_normals = vectors.Vector3dVector(mesh.normals)
        target.vertex_colors = vectors.Vector3dVector(LAMPS * mesh.colours)
        target.triangles = vectors.Vector3iVector(mesh.triangles)
        # Open3D lights a mesh only if it has triangle normals too, though smooth shading uses none.
        target.triangle_normals = vectors.Vector3dVector(np.zeros(mesh.triangles.shape))

    def _fill_lines(self, lines: Lines) -> None:
        vectors, target = self._o3d.utility, self._lines
        target.points = vectors.Vector3dVector(lines.ends.reshape(-1, 3))
        pairs = np.arange(2 * len(lines.ends), dtype=np.int32).reshape(-1, 2)
        target.lines = vectors.Vector2iVector(pairs)
        target.colors = vectors.Vector3dVector(lines.colours)
