import json
import sys

import pytest
import torch
from tiny_network import TINY

from dfmamba.bench import backbones, latency, models, ops, train
from dfmamba.bench.clock import durations, median_seconds
from dfmamba.bench.modes import MODES, precision
from dfmamba.bench.report import Report
from dfmamba.cli import main
from dfmamba.errors import UserError
from dfmamba.model import HandNetwork

CPU = torch.device("cpu")
TOY = {"batch": 2, "size": 64, "seconds": 0.01, "compile": False, "device": "cpu"}


def read(path):
    return json.loads(path.read_text())


def table(path, setting=None):
    return Report(
        path / "speeds.json",
        "Speeds, m/s",
        ("mass", "wet", "dry"),
        setting or {"machine": "abacus", "beads": "10"},
        baseline="snail",
        compared=("wet", "dry"),
        notes=("measured on a [hill]",),
    )


def test_durations_leave_the_first_calls_out():
    calls = []
    found = durations(lambda: calls.append(0), CPU, seconds=0.001)
    assert len(calls) > len(found) >= 5
    assert all(each >= 0 for each in found)
    assert median_seconds(lambda: torch.ones(2), CPU, seconds=0.001) > 0


def test_a_report_merges_what_several_calls_measured(tmp_path, capsys):
    first = table(tmp_path)
    first.put("hare", "wet", 30.0)
    first.miss("hare", "dry", "RuntimeError: asleep")
    second = table(tmp_path)
    second.put("snail", "wet", 1.5)
    second.sort(("snail", "hare"))
    found = read(tmp_path / "speeds.json")
    assert list(found["rows"]) == ["snail", "hare"]
    assert found["ratios"] == {"snail": {"wet": 1.0}, "hare": {"wet": 20.0}}
    assert found["missing"]["hare"] == {"dry": "RuntimeError: asleep"}
    second.show()
    shown = capsys.readouterr().out
    assert "20.00 x" in shown
    assert "hare, dry: RuntimeError: asleep" in shown
    assert "measured on a [hill]" in shown
    assert f"abacus, beads 10, {found['date']}" in shown
    assert "mass" not in shown  # nobody has a mass

    third = table(tmp_path)
    third.put("hare", "dry", 1234.5)
    third.show()
    shown = capsys.readouterr().out
    assert "1234" in shown
    assert "asleep" not in shown


def test_a_report_does_not_mix_settings(tmp_path):
    table(tmp_path).put("hare", "wet", 30.0)
    with pytest.raises(UserError, match=r"with beads 10; .*--out"):
        table(tmp_path, {"machine": "abacus", "beads": "12"})


@pytest.mark.parametrize("mode", MODES)
def test_precision_is_put_back(mode):
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark
    with precision(MODES[mode]):
        assert matmul.allow_tf32 == cudnn.allow_tf32 == (mode == "tf32")
    assert (matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark) == before


def test_our_backbone_alone_needs_no_timm(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(models, "find_spec", lambda *_: None)
    whole = models.build

    def build(name, size):
        """The whole backbone where it is sized up, a small one where it is timed."""
        if size == backbones.GMACS_SIZE:
            return whole(name, size)
        with monkeypatch.context() as small:
            small.setattr(models, "DFMambaConfig", lambda: TINY.backbone)
            return whole(name, size)

    monkeypatch.setattr(backbones, "build", build)
    for modes in (("fp32",), ("bf16",)):
        backbones.backbones(("dfmamba",), modes, out=tmp_path, **TOY)
    found = read(tmp_path / "backbones.json")
    row = found["rows"]["dfmamba"]
    assert set(row) == {"M parameters", "GMACs", "fp32 eager", "bf16 eager"}
    assert 20 < row["M parameters"] < 40
    assert 3 < row["GMACs"] < 8
    assert min(row["fp32 eager"], row["bf16 eager"]) > 0
    assert torch.__version__.startswith(found["setting"]["torch"])
    trained = read(tmp_path / "backbones_train.json")
    assert set(trained["rows"]["dfmamba"]) == {"fp32 eager", "bf16 eager"}
    assert not found["missing"] | trained["missing"]
    shown = capsys.readouterr().out
    assert "bf16 eager" in shown
    assert found["setting"]["machine"] in shown
    with pytest.raises(UserError, match="pip install timm"):
        backbones.backbones(out=tmp_path, **TOY)


def test_a_network_that_fails_leaves_a_reason_and_the_others_their_figures(monkeypatch, tmp_path):
    def build(name, size):
        if name == "resnet50" and size == 64:
            raise RuntimeError("no such thing\nas a free lunch")
        return torch.nn.Conv2d(3, 4, 1)

    monkeypatch.setattr(backbones, "build", build)
    monkeypatch.setattr(models, "find_spec", lambda *_: "there")
    some = ("resnet152", "resnet50", "dfmamba")
    report, training = backbones.backbones(some, ("fp32",), out=tmp_path, **TOY)
    assert list(report.rows) == ["dfmamba", "resnet50", "resnet152"]
    assert report.missing["resnet50"] == {"fp32 eager": "RuntimeError: no such thing"}
    assert "fp32 eager" in report.rows["resnet152"]
    assert list(training.rows) == ["dfmamba", "resnet50"]


def test_an_unknown_model_is_told_with_the_known_ones(tmp_path):
    with pytest.raises(UserError, match=r"no model resnet51 .*resnet50"):
        backbones.backbones(("resnet51",), out=tmp_path, **TOY)


PUBLISHED_M = {
    "resnet50": 25.6,
    "convnext_tiny": 28.6,
    "swin_tiny_patch4_window7_224": 28.3,
    "vit_small_patch16_224": 22.1,
    "mambaout_tiny": 26.5,
    "resnet152": 60.2,
    "dfmamba": 26.4,
}
"""Millions of parameters, the classifiers of the first six counted in."""


@pytest.mark.filterwarnings("default")  # timm's own
@pytest.mark.parametrize("name", models.MODELS)
def test_a_model_is_of_its_published_size_and_learns_as_a_whole(name):
    if name != models.OURS:
        pytest.importorskip("timm")
    network = models.build(name, 64).eval()
    size = sum(each.numel() for each in network.parameters()) / 1e6
    assert 0.85 * PUBLISHED_M[name] < size < 1.02 * PUBLISHED_M[name]
    network(torch.rand(1, 3, 64, 64)).square().mean().backward()
    assert all(each.grad.isfinite().all() for each in network.parameters())


def test_the_training_bench(monkeypatch, arrays, tmp_path):
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.cache_folder", lambda: tmp_path)
    monkeypatch.setattr(train, "NetworkConfig", lambda: TINY)
    arrays.save(tmp_path / "hand.npz")
    train.train(batch=2, seconds=0.01, out=tmp_path / "out", device="cpu")
    rows = read(tmp_path / "out" / "train.json")["rows"]
    assert list(rows) == ["drawing", "training step", "drawing and training step"]
    assert all(row["pictures/s"] > 0 for row in rows.values())


def test_the_latency_bench(monkeypatch, tmp_path):
    def once(work, *_):
        work()
        return [0.02]

    monkeypatch.setattr(latency, "load_network", lambda *_: HandNetwork(TINY).eval())
    monkeypatch.setattr(latency, "durations", once)
    latency.latency(frames=2, others=False, out=tmp_path, device="cpu")
    rows = read(tmp_path / "latency-cpu.json")["rows"]
    alone, light, *frames = rows.values()
    assert alone == light == {"p50 ms": 20.0, "p99 ms": 20.0}
    assert len(frames) == 4
    assert all(0 < row["p50 ms"] <= row["p99 ms"] for row in frames)
    with pytest.raises(UserError, match="cannot be read as a video"):
        latency.latency(clip=tmp_path / "latency-cpu.json", out=tmp_path / "other", device="cpu")


def test_the_commands_are_found_under_bench(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["dfmamba", "bench", "backbones", "--models", "resnet51"])
    assert main() == 2
    assert "no model resnet51" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"setting": {}}'])
def test_another_file_in_the_way_is_told(content, tmp_path):
    (tmp_path / "speeds.json").write_text(content)
    with pytest.raises(UserError, match="move it away"):
        table(tmp_path)
    assert (tmp_path / "speeds.json").read_text() == content


def test_absurd_numbers_are_refused(tmp_path):
    for call in (
        lambda: latency.latency(frames=0, out=tmp_path),
        lambda: ops.ops(batch=-1, out=tmp_path),
        lambda: train.train(seconds=float("nan"), out=tmp_path),
        lambda: backbones.backbones(("dfmamba",), size=0, out=tmp_path),
    ):
        with pytest.raises(UserError, match="give a number above 0"):
            call()
    assert not list(tmp_path.iterdir())


def test_what_the_system_refuses_is_told(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("in the way")
    out = str(tmp_path / "file" / "out")
    monkeypatch.setattr(sys, "argv", ["dfmamba", "evaluate", "--out", out])
    assert main() == 2
    assert capsys.readouterr().err.startswith(f"dfmamba: {out}: Not a directory; ")
