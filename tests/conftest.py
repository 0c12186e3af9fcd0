import os
from importlib.util import find_spec

import pytest
import torch
from box_hand import arrays, hand_file, make  # noqa: F401  (fixtures)
from hypothesis import settings

# A machine that runs the GPU tests may lack the window's packages, trimesh and pytest's plugins.
collect_ignore = [] if find_spec("PySide6") else ["app"]
if find_spec("trimesh"):
    from solids import solids  # noqa: F401  (a fixture)

# So little is computed at a time that more threads only wait for each other.
torch.set_num_threads(1)

# Speed is for benchmarks: beside other work anything may take long.
settings.register_profile("any speed", deadline=None)
settings.load_profile("any speed")

# Without a GPU the Triton kernels run in Triton's interpreter; it must be told before the import.
if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"
# Triton and Mesa's software OpenGL carry an LLVM each; loaded in the other order they crash.
if find_spec("triton"):
    import triton  # noqa: F401


@pytest.fixture
def ctrl_c_at_tyro(tmp_path):
    """A folder for PYTHONPATH: a program that loads tyro from it meets Ctrl-C there."""
    # In a shell's background a program is started deaf to Ctrl-C.
    heard = "signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"import signal; {heard}; signal.raise_signal(signal.SIGINT)"
    (tmp_path / "tyro.py").write_text(code)
    return str(tmp_path)


def pytest_addoption(parser, pluginmanager):
    if not pluginmanager.hasplugin("timeout"):
        parser.addini("timeout", "known to a plugin that is not installed here")


def pytest_collection_modifyitems(config, items):
    if torch.cuda.is_available():
        return
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs an NVIDIA GPU"))
