"""Backbones and decoders by the names that weights files know them by.

A kind is a name, a frozen dataclass that shapes it, and what builds it. To add one:
`BACKBONES.add("mine", MyConfig, MyBackbone)`; from then on `NetworkConfig(MyConfig())` is built,
trained, saved and loaded as any other network.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from dfmamba.errors import UserError
from dfmamba.model.backbones.dfmamba import DFMamba, DFMambaConfig
from dfmamba.model.backbones.timm import TimmBackbone, TimmConfig
from dfmamba.model.contracts import Backbone, Decoder
from dfmamba.model.decoders.heatmap import HeatmapConfig, HeatmapDecoder

Built = TypeVar("Built")


class Config(Protocol):
    """A frozen dataclass of numbers, texts, truth values and tuples of these."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True)
class _Kind(Generic[Built]):
    name: str
    config: type[Config]
    build: Callable[..., Built]


class Registry(Generic[Built]):
    """The kinds of one part of a network."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._kinds: list[_Kind[Built]] = []

    def add(self, name: str, config: type[Config], build: Callable[..., Built]) -> None:
        """Make a kind known; `build` is called with a config, and a decoder's with widths too.

        Raises:
            ValueError: the name, or the config's type, is another kind's.
        """
        if any(name == kind.name or config is kind.config for kind in self._kinds):
            raise ValueError(f"there is a {self._part} {name} or one of {config.__name__} already")
        self._kinds.append(_Kind(name, config, build))

    def build(self, config: Config, *given: object) -> Built:
        """The module that a config shapes."""
        return self._kind_of(config).build(config, *given)

    def to_json(self, config: Config) -> dict[str, Any]:
        """A config with the name of its kind, as a weights file keeps it."""
        return {"kind": self._kind_of(config).name, **asdict(config)}

    def from_json(self, stored: Mapping[str, Any]) -> Config:
        """The config that `to_json` wrote.

        Raises:
            UserError: no such kind is known here.
        """
        values = {name: _tuples(value) for name, value in stored.items() if name != "kind"}
        for kind in self._kinds:
            if kind.name == stored["kind"]:
                return kind.config(**values)
        known = ", ".join(kind.name for kind in self._kinds)
        raise UserError(
            f"the network has a {self._part} of the kind {stored['kind']!r}, and only {known} are"
            " known here; get a newer version of the program"
        )

    def _kind_of(self, config: Config) -> _Kind[Built]:
        for kind in self._kinds:
            if type(config) is kind.config:
                return kind
        raise TypeError(f"{type(config).__name__} is the config of no {self._part}; `add` it")


def _tuples(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


BACKBONES: Registry[Backbone] = Registry("backbone")
BACKBONES.add("df-mamba", DFMambaConfig, DFMamba)
BACKBONES.add("timm", TimmConfig, TimmBackbone)

DECODERS: Registry[Decoder[Any]] = Registry("decoder")
DECODERS.add("heatmap", HeatmapConfig, HeatmapDecoder)
