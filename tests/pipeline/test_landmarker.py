import locale
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from shutil import which
from types import SimpleNamespace

import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba.pipeline import landmarker
from dfmamba.pipeline.landmarker import Landmarker, model_bundle


def test_the_bundle_holds_both_models_unpacked():
    with zipfile.ZipFile(BytesIO(model_bundle())) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert len(archive.namelist()) == 2


def test_other_models_are_refused(tmp_path, monkeypatch):
    spec = SimpleNamespace(origin=str(tmp_path / "mediapipe" / "__init__.py"))
    monkeypatch.setattr(landmarker, "find_spec", lambda _: spec)
    with pytest.raises(UserError, match="is not MediaPipe"):
        model_bundle()


def test_missing_mediapipe_is_told(monkeypatch):
    monkeypatch.setattr(landmarker, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"dfmamba-live\[detect\]"):
        model_bundle()


START = """
import locale
from dfmamba.pipeline.landmarker import Landmarker
before = locale.setlocale(locale.LC_CTYPE)
assert before == "{0}", before
with Landmarker():
    assert locale.setlocale(locale.LC_CTYPE) == before
"""


def test_it_starts_in_a_language_with_another_i(tmp_path):
    language, name = "tr_TR", "tr_TR.UTF-8"  # az_AZ and ku_TR have its letters
    if not which("localedef") or not Path("/usr/share/i18n/locales", language).is_file():
        pytest.skip("makes a locale with glibc's tools")
    make = ["localedef", "-i", language, "-f", "UTF-8", str(tmp_path / name)]
    subprocess.run(make, capture_output=True, check=True)
    words = {"LOCPATH": str(tmp_path), "LC_ALL": name, "PYTHONPATH": os.pathsep.join(sys.path)}
    start = [sys.executable, "-c", START.format(name)]
    ended = subprocess.run(start, env=os.environ | words, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_the_locale_is_put_back_where_the_graph_fails(monkeypatch):
    vision = pytest.importorskip("mediapipe.tasks.python").vision
    before, seen = locale.setlocale(locale.LC_CTYPE), []

    def fail(_):
        seen.append(locale.setlocale(locale.LC_CTYPE))
        raise ValueError("no graph")

    monkeypatch.setattr(vision.HandLandmarker, "create_from_options", fail)
    with pytest.raises(ValueError, match="no graph"):
        Landmarker()
    assert seen == ["C"]
    assert locale.setlocale(locale.LC_CTYPE) == before


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_hand_in_a_plain_picture():
    with Landmarker() as find:
        assert find(np.full((120, 160, 3), 90, np.uint8)) == []
