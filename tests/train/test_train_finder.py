import json

import pytest
import torch

from dfmamba.errors import UserError
from dfmamba.finder.frames import Frames
from dfmamba.finder.network import FinderConfig, FinderNetwork
from dfmamba.finder.weights import load_finder
from dfmamba.train import finder
from dfmamba.train.finder import NAME, losses, train_finder
from dfmamba.train.recipe import Recipe
from dfmamba.train.trainer import Trainer

SMALL = FinderConfig(widths=(16, 16, 32, 32), depths=(1, 1, 1, 1))
SIZE = 64


def spots(count):
    """Frames with one bright square each, which is the hand."""
    generator = torch.Generator().manual_seed(1)
    corner = torch.randint(8, 32, (count, 2), generator=generator).float()
    images = torch.full((count, 3, SIZE, SIZE), 0.2)
    for image, (x, y) in zip(images, corner.long().tolist(), strict=True):
        image[:, y : y + 24, x : x + 24] = 0.9
    one = torch.zeros(count, 8)
    one[:, 0] = 1
    palm = torch.zeros(count, 8, 2)
    palm[:, 0] = corner + 12
    box = torch.zeros(count, 8, 4)
    box[:, 0] = torch.cat([corner, corner + 24], 1)
    along = torch.zeros(count, 8, 2)
    along[:, 0, 1] = -12
    return Frames(images, palm, box, along, one, one, torch.zeros_like(one), one)


def test_the_finder_learns_in_the_loop_of_all_training(tmp_path):
    torch.manual_seed(0)
    recipe = Recipe(minutes=60, batch=8, learning_rate=5e-3, warmup=1e-6)
    trainer = Trainer(
        recipe, [FinderNetwork(SMALL)], lambda _: spots, tmp_path, torch.device("cpu"),
        losses=losses, shown=lambda _, frames: frames,
    )  # fmt: skip
    steps = trainer.run()
    costs = [sum(next(steps).terms.values()).item() for _ in range(25)]
    steps.close()
    assert costs[-1] < 0.5 * costs[0]


def test_the_command_trains_and_writes_weights_with_a_card(tmp_path, monkeypatch, arrays):
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.cache_folder", lambda: tmp_path / "cache")
    arrays.save(tmp_path / "cache" / "hand.npz")
    monkeypatch.setattr(finder, "VALIDATION_FRAMES", 2)
    recipe = Recipe(minutes=0.02, batch=2)
    out = train_finder(tmp_path / "run", recipe=recipe, size=SIZE, device="cpu")
    network = load_finder(out / NAME)
    assert isinstance(network, FinderNetwork)
    card = json.loads((out / "finder.json").read_text())
    assert card["frames"] >= 2
    assert "hands" in card["held_out"]


def test_wrong_options_are_told(tmp_path):
    with pytest.raises(UserError, match="minutes"):
        train_finder(tmp_path, recipe=Recipe(minutes=0))


def test_a_compiled_step_is_the_step():
    """As one graph, as a GPU needs it; without the kernels that take a minute to compile."""
    torch.manual_seed(0)
    network = FinderNetwork(SMALL).eval()
    whole = torch.compile(losses, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(whole([network], spots(2)), losses([network], spots(2)))


@pytest.mark.gpu
@pytest.mark.filterwarnings("ignore")  # the compiler's own
def test_a_recorded_step_on_a_gpu_is_the_step(tmp_path):
    device = torch.device("cuda")
    torch.manual_seed(0)
    recipe = Recipe(minutes=60, batch=8, learning_rate=5e-3, warmup=1e-6)

    def on_gpu(count):
        return Frames(*(each.to(device) for each in spots(count)))

    trainer = Trainer(
        recipe, [FinderNetwork(SMALL)], lambda _: on_gpu, tmp_path, device,
        losses=losses, shown=lambda _, frames: frames,
    )  # fmt: skip
    steps = trainer.run()
    costs = [sum(next(steps).terms.values()).item() for _ in range(25)]
    steps.close()
    assert costs[-1] < 0.5 * costs[0]
