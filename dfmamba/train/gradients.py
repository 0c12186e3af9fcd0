"""The gradients of one step: forward, loss and backward; on a GPU compiled, and one CUDA graph.

A step is thousands of small kernels. torch.compile joins many of them, as most read and write
maps that no cache holds. Started one by one the rest would keep the processor busy for longer than
the GPU; as a graph they take one call.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from dfmamba.data.batch import sized
from dfmamba.model import HandNetwork
from dfmamba.model.contracts import Hands
from dfmamba.model.targets import Batch
from dfmamba.train.distillation import taught_loss

STRAY = 0.05
"""What an anchor costs for each token that it lies beyond the picture."""
WARM_UPS = 3
"""Runs before a graph is recorded, in which libraries choose their kernels."""


Losses: TypeAlias = Callable[[Sequence[Any], Any], dict[str, Tensor]]
"""From networks, and what they are shown, to the terms of the loss by name."""


class _Step(NamedTuple):
    """A recorded step: what it reads, a tuple of tensors, and the terms that it writes."""

    graph: torch.cuda.CUDAGraph
    batch: Any
    terms: dict[str, Tensor]


class Gradients:
    """Called with a batch, it fills `flat` with the gradients of the networks' summed loss.

    losses: of the networks and what `shown` makes of a batch, a named tuple of tensors. flat: all
    gradients one after another; each parameter's `grad` is its part of it, laid out as the
    parameter is.
    """

    def __init__(
        self,
        networks: Sequence[nn.Module],
        device: torch.device,
        losses: Losses,
        shown: Callable[[Sequence[Any], Any], Any],
    ) -> None:
        self.networks, self.device, self._shown = networks, device, shown
        self._losses = torch.compile(losses, fullgraph=True) if device.type == "cuda" else losses
        self.flat = _flat_gradients([p for each in networks for p in each.parameters()])
        self._step: _Step | None = None

    def __call__(self, batch: Any) -> dict[str, Tensor]:
        """The terms of the loss by name, to be read before the next call."""
        if self.device.type != "cuda":
            return self._compute(batch)
        step = self._step = self._step or self._recorded(batch)
        for kept, new in zip(step.batch, batch, strict=True):
            kept.copy_(new)
        step.graph.replay()
        return step.terms

    def _recorded(self, batch: Any) -> _Step:
        batch = type(batch)(*(each.clone() for each in batch))
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(WARM_UPS):
                self._compute(batch)
        torch.cuda.current_stream().wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        # Other threads, which draw pictures, may go on meanwhile.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            terms = self._compute(batch)
        return _Step(graph, batch, terms)

    def _compute(self, batch: Any) -> dict[str, Tensor]:
        self.flat.zero_()
        terms = self._losses(self.networks, self._shown(self.networks, batch))
        torch.stack(list(terms.values())).sum().backward()
        return {name: term.detach() for name, term in terms.items()}


def own_sizes(networks: Sequence[HandNetwork], batch: Batch) -> list[Batch]:
    """The same pictures of each network's size."""
    return [sized(batch, network.config.input_size) for network in networks]


def hand_losses(networks: Sequence[HandNetwork], batches: Sequence[Batch]) -> dict[str, Tensor]:
    """The loss terms of the first network, and of those that it teaches, numbered from 2.

    batches: the same pictures, of each network's size.
    """
    maps = _maps(networks, batches)
    teacher, *others = networks
    terms = teacher.loss(maps[0], batches[0]) | _stray(teacher)
    return terms | _taught(others, maps[1:], teacher.read_out(maps[0], 1), batches[1:])


class Teacher:
    """A network that stays as it is; what others lose beside its joints, for `Gradients`."""

    def __init__(self, network: HandNetwork, device: torch.device) -> None:
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network.eval().requires_grad_(False)

    def shown(self, networks: Sequence[HandNetwork], batch: Batch) -> list[Batch]:
        """The same pictures of the teacher's size, and of each network's."""
        return own_sizes([self.network, *networks], batch)

    def losses(
        self, networks: Sequence[HandNetwork], batches: Sequence[Batch]
    ) -> dict[str, Tensor]:
        """The loss terms of the networks, numbered from 2. batches: as `shown` makes them."""
        with torch.no_grad():
            (theirs,) = _maps([self.network], batches[:1])
        own = batches[1:]
        return _taught(networks, _maps(networks, own), self.network.read_out(theirs, 1), own)


def _maps(networks: Sequence[HandNetwork], batches: Sequence[Batch]) -> list[Any]:
    kind = batches[0].images.device.type
    with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
        return [n(batch.images) for n, batch in zip(networks, batches, strict=True)]


def _taught(
    networks: Sequence[HandNetwork], maps: Sequence[Any], theirs: Hands, batches: Sequence[Batch]
) -> dict[str, Tensor]:
    """The terms of networks beside whose joints lie `theirs`; the networks count from 2."""
    terms: dict[str, Tensor] = {}
    for number, (network, own, batch) in enumerate(zip(networks, maps, batches, strict=True), 2):
        taught = taught_loss(network.read_out(own, 1), theirs, batch)
        learned = network.loss(own, batch) | taught | _stray(network)
        terms |= {f"{name} {number}": term for name, term in learned.items()}
    return terms


def _stray(network: HandNetwork) -> dict[str, Tensor]:
    """What the scans of the last pass cost for places that lie where nothing is read.

    No other gradient would bring them back, and a scan whose anchors have all left reads nothing.
    """
    found = []
    for layer in network.scan_layers:
        if layer.stray is not None:
            found.append(layer.stray)
            layer.stray = None  # or it would keep the pass's maps
    return {"stray": STRAY * torch.stack(found).mean()} if found else {}


def _flat_gradients(parameters: Sequence[nn.Parameter]) -> Tensor:
    """Zeros, of which each parameter's gradient becomes its part."""
    sizes = [parameter.numel() for parameter in parameters]
    flat = torch.zeros(sum(sizes), device=parameters[0].device)
    for parameter, part in zip(parameters, torch.split(flat, sizes), strict=True):
        parameter.grad = part.as_strided(parameter.shape, parameter.stride())
    return flat
