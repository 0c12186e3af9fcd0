import shutil
from dataclasses import replace

import numpy as np
import pytest
from labelled_photograph import PICTURE, label_one

from dfmamba.data import cli
from dfmamba.data.crops import Crops
from dfmamba.data.labels import Labels
from dfmamba.errors import UserError
from dfmamba.metrics import palm_units


@pytest.fixture
def photographs(tmp_path):
    """A folder with one photograph, and its labels' file."""
    folder, labels = tmp_path / "photos", tmp_path / "labels" / "photos.npz"
    label_one(folder, labels)
    return folder, labels


def as_training(folder, labels):
    """The labels of the folder's picture, now of a recording to train on."""
    seen = Labels.load(labels)
    replace(seen, files=np.array(["1_a.png"]), pictures=np.array(["1_a.png"])).save(labels)
    shutil.copy(folder / PICTURE, folder / "1_a.png")
    return seen


def test_photographs_full_of_hands_give_no_backgrounds(photographs, tmp_path):
    folder, labels = photographs
    as_training(folder, labels)
    with pytest.raises(UserError, match="has room beside its hands"):
        cli.backgrounds(folder, labels, tmp_path / "bg")


def test_packs_to_train_on_hold_joints_of_the_hand_model(
    photographs, tmp_path, hand_file, monkeypatch
):
    folder, labels = photographs
    seen = as_training(folder, labels)
    missing = tmp_path / "no" / "hand.npz"
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.baked_hand", lambda: missing)
    with pytest.raises(UserError, match="dfmamba bake"):
        cli.crops(folder, labels, tmp_path / "pack.npz")
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.baked_hand", lambda: hand_file)
    monkeypatch.setattr("dfmamba.data.hand_fit.STEPS", 20)  # all of them are of the hand model
    cli.crops(folder, labels, tmp_path / "pack.npz", size=48)
    pack = Crops.load(tmp_path / "pack.npz")
    fingers = [
        np.linalg.norm(each[0, 6:9] - each[0, 5:8], axis=-1)
        for each in (pack.joints, palm_units(seen.joints_mm))
    ]
    assert fingers[0].max() < 0.6  # of a hand
    assert fingers[1].max() > 0.6  # of these labels, which are of none


def test_absurd_numbers_are_refused(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    with pytest.raises(UserError, match="--size is 0"):
        cli.crops(a, a, b, size=0)
    with pytest.raises(UserError, match="--margin is nan"):
        cli.crops(a, a, b, margin=float("nan"))
    with pytest.raises(UserError, match="--count is -3"):
        cli.backgrounds(a, a, b, count=-3)


def test_label_tells_what_it_found(photographs, tmp_path, capsys):
    cli.label(*photographs)
    assert "1 hands in 1 of 1 pictures, 1 of them agreed upon" in capsys.readouterr().out


def test_packs_hold_their_half_of_the_scenes(photographs, tmp_path, capsys):
    folder, labels = photographs
    cli.crops(folder, labels, tmp_path / "pack.npz", split="validation", size=48)
    assert len(Crops.load(tmp_path / "pack.npz")) == 1
    assert "1 hands" in capsys.readouterr().out
    with pytest.raises(UserError, match="no hand"):
        cli.crops(folder, labels, tmp_path / "none.npz")
