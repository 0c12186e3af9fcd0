import zipfile
from io import BytesIO
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


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_hand_in_a_plain_picture():
    with Landmarker() as find:
        assert find(np.full((120, 160, 3), 90, np.uint8)) == []
