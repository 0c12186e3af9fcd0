"""3D pictures drawn by Open3D, off the screen."""

import os

import cv2
import numpy as np

from app.views.scene.content import Lines, Picture, RenderError, View
from app.views.scene.mesh import Mesh, mesh_of
from app.views.scene.orbit import FURTHEST_MM, focal_length

LAMPS = 0.78
"""Open3D's four lamps add up to more than one: colours are darkened by this to stay themselves."""


class Open3DRenderer:
    """One hidden Open3D window whose geometry changes. Use it in one thread only.

    It hides the display from the whole process: Open3D then takes EGL, opens no window of its own,
    and is twice as fast. So it belongs in a process by itself.
    """

    name = "Open3D"

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
        self._window = None
        self._size = (0, 0)
        self._mesh = open3d.geometry.TriangleMesh()
        self._lines = open3d.geometry.LineSet()

    def render(self, view: View) -> Picture:
        """As `Renderer.render`."""
        size = round(view.width * view.scale), round(view.height * view.scale)
        self._fill_mesh(mesh_of(view.scene.balls, view.scene.rods))
        self._fill_lines(view.scene.lines)
        if size != self._size:
            self._open(*size)
        else:
            self._window.update_geometry(self._mesh)
            self._window.update_geometry(self._lines)
        options = self._window.get_render_option()
        options.background_color = np.array(view.scene.background)
        options.line_width = max(1.0, view.scale)
        self._window.get_view_control().convert_from_pinhole_camera_parameters(
            self._camera(view, *size), allow_arbitrary=True
        )
        drawn = np.asarray(self._window.capture_screen_float_buffer(do_render=True))
        if view.scale > 1:
            drawn = cv2.resize(drawn, (view.width, view.height), interpolation=cv2.INTER_AREA)
        return np.asarray(drawn * 255 + 0.5, np.uint8)

    def close(self) -> None:
        """Close the hidden window."""
        if self._window is not None:
            self._window.destroy_window()
            self._window, self._size = None, (0, 0)

    def _open(self, width: int, height: int) -> None:
        """A window of another size: Open3D's cannot be resized."""
        self.close()
        window = self._o3d.visualization.Visualizer()
        opened = window.create_window(visible=False, width=width, height=height)
        if not opened or window.get_render_option() is None:
            raise RenderError("Open3D finds no OpenGL")
        self._window, self._size = window, (width, height)
        window.get_render_option().mesh_shade_option = self._o3d.visualization.MeshShadeOption.Color
        window.add_geometry(self._lines)
        window.add_geometry(self._mesh, reset_bounding_box=False)
        window.get_view_control().set_constant_z_near(5.0)
        window.get_view_control().set_constant_z_far(3 * FURTHEST_MM)

    def _camera(self, view: View, width: int, height: int) -> "object":
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
