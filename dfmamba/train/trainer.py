"""The training loop: pictures made on the device, mixed precision, EMA, a cosine over the clock."""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from dfmamba.train.checkpoint import Progress, load_checkpoint, save_checkpoint
from dfmamba.train.gradients import Gradients, Losses, hand_losses, own_sizes
from dfmamba.train.group import Group
from dfmamba.train.optimizer import optimizer
from dfmamba.train.recipe import Recipe

log = logging.getLogger(__name__)

Network = TypeVar("Network", bound=nn.Module)

CHECKPOINT_MINUTES = 3.0
"""How often the checkpoint is written while a run goes on."""
RANK_SEEDS = 10**9
"""How far apart the seeds of two processes are: more than those of runs from other weights are."""


def clip(gradients: Tensor, norm: float) -> Tensor:
    """Scale a flat tensor of gradients down to `norm` at most; one that is not finite to zeros.

    One broken picture must not end the run, and nothing waits for the GPU to tell. Returns whether
    they were broken, still on the device.
    """
    length = gradients.norm()
    broken: Tensor = ~length.isfinite()
    gradients.mul_((norm / length).clamp(max=1.0))
    gradients.nan_to_num_(0.0, 0.0, 0.0)
    return broken


@dataclass(frozen=True)
class StepReport:
    """What a step tells the console and the log.

    terms: the loss's. broken: how many steps since the start had gradients that were not finite.
    Both are still on the device.
    """

    progress: Progress
    done: float
    rate: float
    terms: dict[str, Tensor]
    broken: Tensor


class Trainer(Generic[Network]):
    """One run in one folder; started again on the same folder, it goes on from its checkpoint.

    recipe: how the run goes; of a run that goes on, the one that it was begun with.
    networks: what to train; they are changed. make_pictures: from a seed to the function that draws
    a batch of so many pictures. group: the processes that train together, each on its own pictures.
    more_seed: added to the recipe's seed. losses, shown: what `Gradients` takes; by default those
    of hand networks, of which the first one, whose crops are the largest, teaches the others.
    Raises UserError where the folder's checkpoint is damaged, or of a run with other networks or
    another recipe.
    """

    def __init__(
        self,
        recipe: Recipe,
        networks: Sequence[Network],
        make_pictures: Callable[[int], Callable[[int], Any]],
        folder: Path,
        device: torch.device,
        group: Group | None = None,
        more_seed: int = 0,
        losses: Losses = hand_losses,
        shown: Callable[[Sequence[Any], Any], Any] = own_sizes,
    ) -> None:
        torch.manual_seed(recipe.seed + more_seed)
        torch.backends.cudnn.benchmark = True
        self.recipe, self.device, self.group = recipe, device, group or Group()
        self.networks = nn.ModuleList(networks).requires_grad_(True)
        self.networks.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = AveragedModel(
            self.networks, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema), use_buffers=True
        )
        self.optimizer = optimizer(self.networks, recipe.weight_decay, fused=device.type == "cuda")
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "checkpoint.safetensors"
        self.progress = Progress()
        if self.path.is_file():
            self.progress = load_checkpoint(self.path, recipe, self._modules, self.optimizer)
            log.info("going on from step %d", self.progress.step)
        self.group.share(self.networks)
        self.gradients = Gradients(networks, device, losses, shown)
        self.broken = torch.zeros((), device=device)
        # A run that goes on draws new pictures, not the first ones again; so does each process.
        seed = recipe.seed + more_seed + self.progress.step + RANK_SEEDS * self.group.rank
        torch.manual_seed(seed)
        self.pictures = make_pictures(seed)

    @property
    def _modules(self) -> dict[str, nn.Module]:
        return {"network": self.networks, "average": self.average}

    @property
    def averaged(self) -> list[Network]:
        """The networks with averaged (EMA) weights: the ones to keep."""
        networks = self.average.module
        assert isinstance(networks, nn.ModuleList)
        return [cast(Network, network) for network in networks]

    @property
    def done(self) -> float:
        """The share of the run's time that is spent, 0 to 1."""
        return min(self.progress.seconds / (self.recipe.minutes * 60), 1.0)

    def save(self) -> None:
        """Write the checkpoint."""
        if self.group.leads:
            save_checkpoint(self.path, self.recipe, self._modules, self.optimizer, self.progress)

    def run(self, stop_after: float | None = None) -> Generator[StepReport, None, None]:
        """Train to the end of the run, or for `stop_after` minutes of it; yields after each step.

        The checkpoint is written at intervals, at the end, and when the loop is left early.
        """
        self.networks.train()
        until = self.progress.seconds + (stop_after or self.recipe.minutes) * 60
        with self._saved_at_the_end():
            saved = self.progress.seconds
            counts = False  # the first step compiles: its time would hurry the learning rate
            while self.done < 1 and self.progress.seconds < until:
                started = time.perf_counter()
                report = self._step()
                yield report
                spent = self.group.agreed(time.perf_counter() - started)
                self.progress.seconds += counts * spent
                counts = True
                if self.progress.seconds - saved > CHECKPOINT_MINUTES * 60:
                    self.save()
                    saved = self.progress.seconds

    @contextmanager
    def _saved_at_the_end(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.save()
            if self.group.leads:
                log.info("kept at step %d in %s", self.progress.step, self.path)

    def _step(self) -> StepReport:
        rate = self.recipe.rate(self.done)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["share_of_rate"]
        terms = self.gradients(self.pictures(self.recipe.batch))
        self.group.average(self.gradients.flat)
        self.broken += clip(self.gradients.flat, self.recipe.clip)
        self.optimizer.step()
        self.average.update_parameters(self.networks)
        self.progress.step += 1
        self.progress.pictures += self.recipe.batch * self.group.size
        return StepReport(self.progress, self.done, rate, terms, self.broken)
