"""The tests that need a GPU run on a machine with few other packages, see CONTRIBUTING.md."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ABSENT = (
    *("PySide6", "av", "matplotlib", "mediapipe", "open3d", "platformdirs", "pyqtgraph"),
    *("scipy", "tensorboard", "trimesh", "tyro"),
)


def test_they_need_no_other_packages():
    files = [str(path) for path in (ROOT / "tests").rglob("test_*.py") if marked(path)]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({ABSENT}))\n"
        "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, "--collect-only", "-q", "-m", "gpu", *files],
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "/test_triton.py::" in run.stdout


def marked(path):
    return path != Path(__file__) and "@pytest.mark.gpu" in path.read_text("utf-8")
