import pytest


@pytest.fixture
def few_pictures(monkeypatch, arrays, tmp_path):
    """A baked hand in an empty cache, and few pictures to calibrate and to measure with."""
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.cache_folder", lambda: tmp_path / "cache")
    arrays.save(tmp_path / "cache" / "hand.npz")
    monkeypatch.setattr("dfmamba.train.calibration.PICTURES", 2)
    monkeypatch.setattr("dfmamba.train.card.BATCH", 2)
    monkeypatch.setattr("dfmamba.train.card.BATCHES", 1)
