import json
import sys
from time import sleep
from types import SimpleNamespace

import pytest
from fake_parts import FakeEstimator, FakeScene
from soak import LoopedCamera, Sample, main, slope

from dfmamba.errors import UserError
from dfmamba_live.sources import DEMO


def test_a_clip_without_end_goes_on_at_its_own_rate():
    camera = LoopedCamera(DEMO)
    frames = [camera.read() for _ in range(5)]
    camera._start -= 9  # as if the clip, 8 s long, had been played once
    later = camera.read()
    camera.close()
    indices = [frame.index for frame in frames]
    assert indices == sorted(set(indices))
    assert later.index >= 9 * camera.rate
    assert later.time_s == pytest.approx(later.index / camera.rate)


def test_the_slope_is_that_of_the_samples():
    samples = [Sample(m / 2, 100 + 3 * m / 2, 30.0, 50.0, 9) for m in range(10)]
    assert slope(samples, lambda each: each.memory_mib) == pytest.approx(3)
    assert slope(samples, lambda each: each.frames_per_s) == pytest.approx(0)
    with pytest.raises(UserError, match="more --minutes"):
        slope(samples[:1], lambda each: each.threads)


def test_it_watches_the_window_and_tells_what_is_left(qtbot, monkeypatch, tmp_path):
    class Slow(FakeEstimator):
        def __call__(self, *args):
            sleep(0.02)
            return super().__call__(*args)

        def close(self):
            pass

    monkeypatch.setattr("soak.make_estimator", lambda *_: Slow())
    module = SimpleNamespace(SceneWidget=FakeScene)
    monkeypatch.setitem(sys.modules, "dfmamba_live.views.scene.widget", module)
    out = tmp_path / "soak.json"
    options = ["--minutes", "0.03", "--every-s", "0.3", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["soak", *options])
    assert main() == 0
    told = json.loads(out.read_text())
    assert told["threads_left"] == []
    samples = told["samples"]
    assert len(samples) >= 2
    assert all(each["memory_mib"] > 20 for each in samples)
    assert any(each["frames_per_s"] > 0 for each in samples)


def test_what_is_in_the_way_is_told_before_any_work(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("soak.make_estimator", lambda *_: pytest.fail("work was done"))
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(sys, "argv", ["soak", "--out", str(tmp_path / "file" / "soak.json")])
    assert main() == 2
    assert "file" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["soak", "--every-s", "nan"])
    assert main() == 2
    assert "--every-s is nan" in capsys.readouterr().err
    monkeypatch.setattr("dfmamba_live.options.has_display", lambda: False)
    monkeypatch.setattr(sys, "argv", ["soak", "--out", str(tmp_path / "soak.json")])
    assert main() == 2
    assert "there is no display" in capsys.readouterr().err


def test_a_soak_too_short_for_a_slope_is_refused_at_once(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["soak", "--minutes", "1", "--every-s", "30"])
    assert main() == 2
    assert "more --minutes" in capsys.readouterr().err
