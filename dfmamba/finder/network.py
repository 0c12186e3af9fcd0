"""The network of the hand finder: a whole frame in, one map of hands at an eighth of it out.

It has no anchors and no boxes to match (CenterNet, Zhou et al. 2019; FCOS, Tian et al. 2019): each
cell says whether the middle of a palm lies in it, and what that hand's box, direction and side are.
The middle of the palm, not of the box: where two hands clasp, boxes coincide and palms do not.

What is fast on two cores chose the shape. Dense 3 x 3 convolutions of 32 to 128 channels run at 140
to 150 billion multiplications a second there. A depthwise and a pointwise one take half the time of
a dense one and have a seventh of its weights. So the layers are few, dense and plain: in training
each has a 1 x 1 branch and an identity beside it (RepVGG, Ding et al. 2021), which become part of
the one kernel in use (`FastFinder`). One map of stride 8 serves near and far hands: coarse maps,
whose cells see the whole frame, are added into it, so that no hand has to be looked for in two.
A frame of 320 x 192 pixels takes 0.21 billion multiplications, one of 320 x 256 takes 0.29.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dfmamba.engine.dfmamba.folding import folded

STRIDE = 8
"""Pixels of the picture along a cell of the output."""
COARSEST = 32
"""Pictures' sides are multiples of it."""
UNLIKELY = -4.6
"""The logit that centres start with: a hand in one of a hundred cells (Lin et al. 2017)."""
PARTS = (1, 2, 4, 2, 1)
"""Channels of the output: those of `FinderMaps`."""
COMMON = 3.5
"""The logarithm of a common reach of a hand from its palm's middle, px."""
PIXELS = 0.45, 0.25
"""Mean and spread of pixels, which the first layer sees as 0 and 1."""


class FinderMaps(NamedTuple):
    """What the network says of each cell of B pictures; (B, ..., H / 8, W / 8).

    centre: (B, H / 8, W / 8), the logit that the middle of a palm lies in the cell.
    offset: (B, 2, ...), where in the cell, x and y, from its middle, in cells.
    box: (B, 4, ...), how far left, up, right and down of the palm's middle the joints reach, px.
    direction: (B, 2, ...), from the wrist to the middle knuckle; of any length.
    right: (B, H / 8, W / 8), the logit that it is a right hand.
    """

    centre: Tensor
    offset: Tensor
    box: Tensor
    direction: Tensor
    right: Tensor


@dataclass(frozen=True)
class FinderConfig:
    """The shape of the network."""

    widths: tuple[int, int, int, int] = (32, 64, 96, 128)
    """Channels at strides 4, 8, 16 and 32: multiples of 16, a vector register."""
    depths: tuple[int, int, int, int] = (1, 2, 3, 3)
    """Blocks at each stride, the one that leads there included; the stem is not one."""


class Block(nn.Module):
    """3 x 3 and 1 x 1 convolutions and, where the shape stays, the identity; then ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.square = _convolution(inputs, outputs, 3, stride)
        self.point = _convolution(inputs, outputs, 1, stride)
        same = inputs == outputs and stride == 1
        self.same = nn.BatchNorm2d(inputs) if same else None

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, C, H, W) to (B, N, H / stride, W / stride)."""
        total = self.square(x) + self.point(x)
        if self.same is not None:
            total = total + self.same(x)
        return F.relu(total)

    def kernel(self) -> tuple[Tensor, Tensor]:
        """The weight (N, C, 3, 3) and the bias (N,) of one convolution that does the same."""
        weight, bias = _folded(self.square)
        point, point_bias = _folded(self.point)
        weight, bias = weight + F.pad(point, (1, 1, 1, 1)), bias + point_bias
        if self.same is not None:
            same = nn.Conv2d(len(bias), len(bias), 1, bias=False).to(weight)
            nn.init.dirac_(same.weight)
            point, point_bias = folded(same, self.same)
            weight, bias = weight + F.pad(point, (1, 1, 1, 1)), bias + point_bias
        return weight, bias


def _convolution(inputs: int, outputs: int, edge: int, stride: int) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, edge, stride, edge // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


class FinderNetwork(nn.Module):
    """Frames to maps of hands. Sides of the pictures are multiples of `COARSEST`."""

    kept_from_muon = ("stem.0.", "out.")
    """The first and the last layer, which AdamW moves."""

    def __init__(self, config: FinderConfig = FinderConfig()) -> None:
        super().__init__()
        self.config = config
        first, *_ = config.widths
        # Patches that do not overlap need no padding, so that the pixels' scale folds into them.
        self.stem = nn.Sequential(nn.Conv2d(3, first, 4, 4, bias=False), nn.BatchNorm2d(first))
        stages, inputs = [], first
        for index, (width, depth) in enumerate(zip(config.widths, config.depths, strict=True)):
            strides = [1 if index == 0 else 2] + [1] * (depth - 1)
            layers = [Block(inputs if i == 0 else width, width, s) for i, s in enumerate(strides)]
            stages.append(nn.Sequential(*layers))
            inputs = width
        self.stages = nn.ModuleList(stages)
        fine, middle, coarse = config.widths[1:]
        self.from_fine = nn.Conv2d(fine, fine, 1)
        self.from_middle = nn.Conv2d(middle, fine, 1)
        self.from_coarse = nn.Conv2d(coarse, fine, 1)
        self.head = Block(fine, fine)
        self.out = nn.Conv2d(fine, sum(PARTS), 1)
        with torch.no_grad():
            self.out.bias.zero_()  # type: ignore[union-attr]
            self.out.bias[0] = UNLIKELY  # type: ignore[index]

    def forward(self, frames: Tensor) -> FinderMaps:
        """RGB frames (B, 3, H, W), 0 to 1, to maps of H / 8 x W / 8 cells."""
        mean, spread = PIXELS
        x = F.relu(self.stem((frames - mean) / spread))
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        layers = (self.from_fine, self.from_middle, self.from_coarse)
        return named(self.out(self.head(merged(maps[1:], layers))))


Layer = Callable[[Tensor], Tensor]


def merged(maps: Sequence[Tensor], layers: Sequence[Layer]) -> Tensor:
    """Maps of strides 8, 16 and 32, each through its layer, added up at stride 8; then ReLU."""
    fine, middle, coarse = (layer(x) for layer, x in zip(layers, maps, strict=True))
    up = F.interpolate(coarse, scale_factor=2.0) + middle
    return F.relu(F.interpolate(up, scale_factor=2.0) + fine)


def named(out: Tensor) -> FinderMaps:
    """The maps by name, of the last layer's output (B, 10, h, w)."""
    centre, offset, box, direction, right = torch.split(out.float(), list(PARTS), 1)
    # Sizes of 2 to 3000 pixels; e^3.5 = 33 is a common one.
    reach = torch.exp((box + COMMON).clamp(0.7, 8))
    return FinderMaps(centre[:, 0], offset, reach, direction, right[:, 0])


class FastFinder:
    """The network in inference mode, each block one convolution, on any device.

    frames (B, 3, H, W) as the network takes them, also bytes of 0 to 255, which saves a pass.
    """

    @torch.inference_mode()
    def __init__(self, network: FinderNetwork) -> None:
        mean, spread = PIXELS
        weight, bias = _folded(network.stem)
        bias = bias - weight.sum((1, 2, 3)) * mean / spread
        self.stem = _Fast(weight / spread, bias, stride=4, padding=0)
        self.stem_bytes = _Fast(weight / spread / 255, bias, stride=4, padding=0)
        self.stages = [[_of_block(block) for block in stage.children()] for stage in network.stages]
        laterals = (network.from_fine, network.from_middle, network.from_coarse)
        self.laterals = [_Fast(*folded(each, None), padding=0) for each in laterals]
        self.head = _of_block(network.head)
        self.out = _Fast(*folded(network.out, None), padding=0)

    @torch.inference_mode()
    def __call__(self, frames: Tensor) -> FinderMaps:
        """As the network, of frames of its device."""
        stem = self.stem if frames.is_floating_point() else self.stem_bytes
        x = stem(frames.to(stem.weight).contiguous(memory_format=torch.channels_last)).relu_()
        maps = []
        for stage in self.stages:
            for conv in stage:
                x = conv(x).relu_()
            maps.append(x)
        return named(self.out(self.head(merged(maps[1:], self.laterals)).relu_()))


class _Fast:
    """A convolution with a bias, its weight laid out for maps that are channels-last."""

    def __init__(self, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 1) -> None:
        self.weight = weight.detach().contiguous(memory_format=torch.channels_last)
        self.bias, self.stride, self.padding = bias.detach(), stride, padding

    def __call__(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding)


def _of_block(block: nn.Module) -> _Fast:
    assert isinstance(block, Block)
    return _Fast(*block.kernel(), block.stride)


def _folded(branch: nn.Sequential) -> tuple[Tensor, Tensor]:
    conv, norm = branch
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    return folded(conv, norm)
