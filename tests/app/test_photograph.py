import numpy as np
import pytest
import torch
from fake_parts import MODEL, FakeEstimator, FakeScene, FakeSource

from dfmamba.errors import UserError
from dfmamba_live.photograph import RATE, WIDTH, Film, write_film
from dfmamba_live.play.session import Session
from dfmamba_live.window import MainWindow


def test_it_films_one_setting_after_another(qtbot, no_thread_left, monkeypatch, tmp_path):
    monkeypatch.setattr("dfmamba_live.photograph.AFTER_S", 0.2)
    monkeypatch.setattr("dfmamba_live.photograph.SECONDS", 1.0)
    monkeypatch.setattr("dfmamba_live.photograph.SCENES", ((0.0, {}), (0.5, {"anchors": True})))
    window = MainWindow(
        Session(FakeSource(), FakeEstimator()), FakeScene(), torch.device("cpu"), MODEL
    )
    qtbot.addWidget(window)
    window.show()
    film = Film(window, tmp_path / "film.webp")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert film.taken
    assert window.store.state.anchors
    assert (tmp_path / "film.webp").read_bytes()[8:12] == b"WEBP"


def test_a_film_holds_every_picture(tmp_path):
    path = tmp_path / "film.webp"
    write_film([np.full((64, WIDTH, 3), 20 * i, np.uint8) for i in range(RATE)], path)
    assert path.read_bytes().count(b"ANMF") == RATE


def test_a_film_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UserError, match="could not be written"):
        write_film([np.zeros((64, WIDTH, 3), np.uint8)], tmp_path / "none" / "film.webp")


def test_a_film_that_cannot_be_written_ends_the_run(qtbot, no_thread_left, monkeypatch, tmp_path):
    monkeypatch.setattr("dfmamba_live.photograph.AFTER_S", 0.1)
    monkeypatch.setattr("dfmamba_live.photograph.SECONDS", 0.5)
    window = MainWindow(
        Session(FakeSource(), FakeEstimator()), FakeScene(), torch.device("cpu"), MODEL
    )
    qtbot.addWidget(window)
    window.show()
    film = Film(window, tmp_path / "none" / "film.webp")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not film.taken
