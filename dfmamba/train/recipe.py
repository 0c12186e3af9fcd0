"""All that decides what a training run does, but for its pictures and where it begins."""

import json
from dataclasses import asdict, dataclass, fields
from math import cos, pi

LAST_RATE = 0.01
"""The learning rate at the end of a run, of the highest one."""


@dataclass(frozen=True)
class Recipe:
    """How a run goes. It is kept in the checkpoint, and a run goes on by its own recipe only."""

    minutes: float = 30.0
    """Training time over all resumed parts, validation counted in; the learning rate follows it."""
    batch: int = 256
    """Pictures a step, on each GPU."""
    learning_rate: float = 1e-3
    """The highest one."""
    warmup: float = 0.02
    """Share of the time over which the rate rises."""
    weight_decay: float = 0.05
    """Of matrices, each step, times the rate."""
    clip: float = 1.0
    """Longer gradients, all of a step together, are made as short."""
    ema: float = 0.999
    """Decay of the averaged weights a step."""
    seed: int = 0
    """Another seed gives other pictures and other weights to begin with."""
    absent: float = 0.12
    """Share of the made pictures without a hand. Most are parts of photographs: with fewer of them
    than of photographs of hands, whatever looks like a photograph is taken for a hand."""
    mirrored: float = 0.1
    """Share of all pictures that are shown as the wrong hand, for the network to notice."""
    photographs: float = 0.2
    """Share of photographs in a batch, with and without hands, where there are any."""
    showings: int = 3
    """Pictures made of each drawn hand: drawing takes as long as learning."""
    uses: int = 2
    """How often a GPU learns from each picture it has drawn: drawing takes a third of the time."""

    def rate(self, done: float) -> float:
        """The learning rate after a share `done` (0 to 1) of the run: up, then half a cosine."""
        if done < self.warmup:
            return self.learning_rate * done / self.warmup
        fall = (min(done, 1.0) - self.warmup) / (1 - self.warmup)
        return self.learning_rate * (LAST_RATE + (1 - LAST_RATE) * (1 + cos(pi * fall)) / 2)

    def to_json(self) -> str:
        """All fields by name."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """The recipe that `to_json` wrote; TypeError or ValueError where it is none."""
        return cls(**json.loads(text))

    def differences(self, other: "Recipe") -> dict[str, tuple[object, object]]:
        """What differs by name: here, and in the other one."""
        pairs = {
            each.name: (getattr(self, each.name), getattr(other, each.name))
            for each in fields(self)
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
