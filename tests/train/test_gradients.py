import pytest
import torch
from tiny_network import TINY
from training_batch import random_batch

from dfmamba.model import HandNetwork
from dfmamba.model.targets import Batch
from dfmamba.train.drawing import ahead
from dfmamba.train.gradients import Gradients, Teacher, hand_losses, own_sizes


def pictures(seed, device="cpu", count=4, size=64):
    """Random pictures; the last one is a photograph, known in the image only."""
    batch = random_batch(count, size, seed)
    batch.weight_3d[-1] = 0
    return Batch(*(each.to(device) for each in batch))


def networks(device="cpu", count=1):
    torch.manual_seed(0)
    made = [HandNetwork(TINY) for _ in range(count)]
    return [each.to(device, memory_format=torch.channels_last).train() for each in made]


def of(learning, device="cpu"):
    return Gradients(learning, torch.device(device), hand_losses, own_sizes)


def test_all_gradients_are_parts_of_one_tensor():
    learning = networks(count=2)
    gradients = of(learning)
    terms = gradients(pictures(0))
    parameters = [p for network in learning for p in network.parameters()]
    assert sum(p.grad.square().sum() for p in parameters) == pytest.approx(
        gradients.flat.square().sum().item(), rel=1e-4
    )
    gradients.flat.zero_()
    assert all((p.grad == 0).all() for p in parameters)
    assert all(p.grad.stride() == p.stride() for p in parameters)
    assert {"joints 3d", "joints 3d 2", "taught 3d 2"} <= set(terms)


def test_gradients_of_a_batch_owe_nothing_to_the_one_before():
    first, again = networks()[0], networks()[0]
    used, fresh = (of([each]) for each in (first, again))
    used(pictures(0))
    first.load_state_dict(again.state_dict())
    used(pictures(1))
    fresh(pictures(1))
    assert torch.equal(used.flat, fresh.flat)


def test_anchors_that_have_left_the_picture_are_brought_back():
    (network,) = networks()
    gradients = of([network])
    assert gradients(pictures(0))["stray"] == 0
    layer = network.scan_layers[0]
    with torch.no_grad():
        layer.to_offsets.bias += 50
    before = gradients(pictures(0))["stray"]
    assert before > 1
    with torch.no_grad():
        layer.to_offsets.bias -= 100 * layer.to_offsets.bias.grad
    assert 0 < gradients(pictures(0))["stray"] < before
    assert layer.stray is None


def test_a_compiled_step_is_the_step():
    """As one graph, as a GPU needs it; without the kernels that take a minute to compile."""
    plain, compiled = (of(networks(count=2)) for _ in range(2))
    compiled._losses = torch.compile(hand_losses, fullgraph=True, backend="aot_eager")
    wanted, terms = plain(pictures(0)), compiled(pictures(0))
    torch.testing.assert_close(terms, wanted)
    torch.testing.assert_close(compiled.flat, plain.flat, rtol=1e-4, atol=1e-6)


def test_a_teacher_that_stays_teaches_as_one_that_learns():
    (teacher,), learning = networks(), networks(count=2)
    whole = [teacher, *learning]
    kept = {name: value.clone() for name, value in teacher.state_dict().items()}
    teacher.eval()
    wanted = hand_losses(whole, own_sizes(whole, pictures(0)))
    frozen = Teacher(teacher, torch.device("cpu"))
    gradients = Gradients(learning, torch.device("cpu"), frozen.losses, frozen.shown)
    terms = gradients(pictures(0))
    assert terms.keys() == {name for name in wanted if name[-1] in "23"}
    torch.testing.assert_close(terms, {name: wanted[name] for name in terms})
    assert all(each.grad is None for each in teacher.parameters())
    assert all(torch.equal(value, kept[name]) for name, value in teacher.state_dict().items())
    gradients._losses = torch.compile(frozen.losses, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(gradients(pictures(0)), terms)


@pytest.mark.gpu
@pytest.mark.filterwarnings("ignore")  # the compiler's own
def test_a_replayed_step_is_the_step():
    gpu = torch.device("cuda")
    gradients = of(networks(gpu), gpu)
    gradients(pictures(0, gpu))
    for seed in (1, 2):
        terms = {name: term.clone() for name, term in gradients(pictures(seed, gpu)).items()}
        replayed = gradients.flat.clone()
        wanted = gradients._compute(pictures(seed, gpu))
        error = (replayed - gradients.flat).norm() / gradients.flat.norm()
        assert error < 2e-2
        for name, term in wanted.items():
            assert terms[name].item() == pytest.approx(term.item(), rel=2e-2, abs=1e-3), name


@pytest.mark.gpu
def test_drawing_ahead_draws_the_same():
    def drawer():
        generator = torch.Generator("cuda").manual_seed(0)

        def draw(count):
            images = torch.rand(count, 3, 64, 64, device="cuda", generator=generator)
            return Batch(images, *(images[:, 0, 0, 0] for _ in Batch._fields[1:]))

        return draw

    plain, before = drawer(), ahead(drawer())
    for _ in range(5):
        assert torch.equal(plain(64).images, before(64).images)
