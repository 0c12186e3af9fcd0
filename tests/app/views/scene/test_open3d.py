import os
from pathlib import Path

import pytest
from scene_parts import make_pose, make_view

from dfmamba_live.views.scene.content import RenderError
from dfmamba_live.views.scene.open3d import MOST_WINDOWS, Open3DRenderer
from dfmamba_live.views.scene.orbit import Orbit

TASKS, FILES = Path("/proc/self/task"), Path("/proc/self/fd")


@pytest.fixture
def renderer(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # put back what opening takes away
    made = Open3DRenderer()
    try:
        made.render(make_view(Orbit()))
    except RenderError as error:
        pytest.skip(f"Open3D cannot draw here: {error}")
    yield made
    made.close()


def test_it_keeps_only_some_windows(renderer):
    for step in range(2 * MOST_WINDOWS):
        view = make_view(Orbit(), make_pose(), scale=0.3 + 0.1 * step)
        renderer.render(view)
    assert len(renderer._windows) == MOST_WINDOWS


@pytest.mark.skipif(not TASKS.exists(), reason="counts what Linux tells")
def test_opening_and_closing_leaves_nothing_behind(renderer):
    def cycle(times):
        for _ in range(times):
            renderer.render(make_view(Orbit(), make_pose(), scale=0.3))
            renderer.close()
        return len(list(TASKS.iterdir())), len(list(FILES.iterdir())), memory_mb()

    before = cycle(3)
    after = cycle(20)
    assert after[0] <= before[0]
    assert after[1] <= before[1]
    assert after[2] - before[2] < 20


def memory_mb():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6
