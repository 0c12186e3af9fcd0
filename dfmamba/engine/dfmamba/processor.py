"""The network for inference on a processor, in float32: fewer multiplications, and fewer steps.

Maps are (B, H, W, C), so that tokens and matrix products read them as they lie.
"""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dfmamba.engine.dfmamba import winograd
from dfmamba.engine.dfmamba.folding import folded, phases
from dfmamba.engine.dfmamba.state_scan import StateScan
from dfmamba.engine.dfmamba.supported import parts_of
from dfmamba.engine.dfmamba.traces import Seen
from dfmamba.hand import JOINT_COUNT
from dfmamba.model import HandMaps, HandNetwork, Pyramid
from dfmamba.model.backbones.dfmamba import DFMamba
from dfmamba.model.backbones.dfmamba.backbone import ConvStage, TokenStage, pyramid
from dfmamba.model.backbones.dfmamba.blocks import DSSM, FFN, GatedBlock
from dfmamba.model.backbones.dfmamba.config import STAGES_THEN_DOWN
from dfmamba.model.decoders.heatmap import HeatmapDecoder
from dfmamba.model.decoders.heatmap.decoder import COARSEST, FINE
from dfmamba.model.decoders.heatmap.maps import position_maps
from dfmamba.ops.dssm import anchor_grid, token_places


class Linear:
    """A linear layer, its weight in memory as a product of few rows reads it fastest."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self.weight, self.bias = weight.t().contiguous().t(), bias

    @classmethod
    def of(cls, layer: nn.Linear | nn.Conv2d) -> "Linear":
        """A linear layer, or a convolution of one tap."""
        return cls(layer.weight.flatten(1), layer.bias)

    def __call__(self, x: Tensor) -> Tensor:
        """(..., C) to (..., N)."""
        return F.linear(x, self.weight, self.bias)


class Conv:
    """A convolution of 3 x 3 taps with the BatchNorm after it, if any."""

    def __init__(self, conv: nn.Conv2d, norm: nn.BatchNorm2d | None = None) -> None:
        weight, self.bias = folded(conv, norm)
        self.weight = weight.contiguous(memory_format=torch.channels_last)

    def __call__(self, x: Tensor, stride: int = 1) -> Tensor:
        """(B, H, W, C) to (B, H / stride, W / stride, N)."""
        out = F.conv2d(x.permute(0, 3, 1, 2), self.weight, self.bias, stride, padding=1)
        return out.permute(0, 2, 3, 1)


class Up:
    """A transposed convolution of 4 taps and stride 2 with the BatchNorm after it."""

    def __init__(self, conv: nn.ConvTranspose2d, norm: nn.BatchNorm2d) -> None:
        weight, self.bias = folded(conv, norm)
        self.weight = phases(weight).flatten(1, 2).contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        """(B, H, W, C) to (B, 2 H, 2 W, N)."""
        batch, height, width, _ = x.shape
        squares = F.pad(x, (0, 0, 1, 1, 1, 1)).unfold(1, 2, 1).unfold(2, 2, 1)
        # What output cells of even and of odd rows and columns read begins one cell apart.
        read = squares.unfold(1, height, 1).unfold(2, width, 1)
        read = read.permute(1, 2, 0, 6, 7, 4, 5, 3).reshape(4, batch * height * width, -1)
        out = torch.bmm(read, self.weight).view(2, 2, batch, height, width, -1)
        out = out.permute(2, 3, 0, 4, 1, 5).reshape(batch, 2 * height, 2 * width, -1)
        return out.add_(self.bias)


@cache
def _places(height: int, width: int, count: int) -> Tensor:
    """Where the anchors of each token lie (L, K, 2)."""
    return token_places(height, width, torch.device("cpu"))[:, None] + anchor_grid(count)


def sampling_matrix(places: Tensor, weights: Tensor, height: int, width: int) -> Tensor:
    """As `ops.dssm.sampling_matrix`, of the moved places (batch, L, K, 2)."""
    cells = torch.arange(max(height, width), dtype=places.dtype)
    # Rows and columns at once, and in place: they are so small that each operation counts.
    hats = (places[..., None] - cells).abs_().neg_().add_(1).clamp_min_(0).flatten(0, 1)
    rows, columns = hats[:, :, 0, :height], hats[:, :, 1, :width]
    weighted = rows * weights.flatten(0, 1)[..., None]
    return torch.bmm(weighted.transpose(1, 2), columns).view(*weights.shape[:2], -1)


class Scan:
    """`blocks.DSSM`; `seen` holds offsets, weights and dt of the last run, for a trace."""

    def __init__(self, dssm: DSSM, state_scan: StateScan) -> None:
        self.state_scan = state_scan
        self.project, self.to_dt = Linear(*dssm.projection()), Linear.of(dssm.to_dt)
        self.A = -torch.exp(dssm.A_log).t().contiguous()
        self.D, self.parts = dssm.D, dssm.parts
        self.anchors = len(dssm.anchors) if dssm.deformable else 0
        self.seen: Seen | None = None

    def __call__(self, x: Tensor, gate: Tensor, height: int, width: int) -> Tensor:
        """Tokens and gate (B, L, D) to the same."""
        B, C, rank, offsets, weights, _ = torch.split(self.project(x), self.parts, dim=-1)
        dt = self.to_dt(rank)
        v = x
        if self.anchors:
            offsets = torch.unflatten(offsets, -1, (-1, 2))
            self.seen = offsets, weights, dt
            places = offsets + _places(height, width, self.anchors)
            v = sampling_matrix(places, weights, height, width) @ x
        y = self.state_scan(v, F.softplus(dt), self.A, B, C)
        return y.addcmul_(self.D, x).mul_(F.silu(gate))


class TokenConv:
    """`ops.conv.conv_silu`."""

    def __init__(self, conv: nn.Conv1d) -> None:
        self.taps = conv.weight.permute(2, 1, 0).contiguous().unbind()
        self.bias = conv.bias

    def __call__(self, x: Tensor) -> Tensor:
        """Tokens (B, L, D) to the same."""
        middle = len(self.taps) // 2
        out = torch.addcmul(self.bias, x, self.taps[middle])
        for shift in range(1, middle + 1):
            out[:, shift:].addcmul_(x[:, :-shift], self.taps[middle - shift])
            out[:, :-shift].addcmul_(x[:, shift:], self.taps[middle + shift])
        return F.silu(out, inplace=True)


class Mixer:
    """`blocks.GatedBlock`."""

    def __init__(self, block: GatedBlock, state_scan: StateScan) -> None:
        self.norm = block.norm
        self.to_branches, self.to_out = Linear.of(block.to_branches), Linear.of(block.to_out)
        self.conv = TokenConv(block.conv)
        self.scan = None if block.dssm is None else Scan(block.dssm, state_scan)

    def __call__(self, x: Tensor, height: int, width: int) -> Tensor:
        """Tokens (B, L, C) to the same."""
        main, gate = self.to_branches(self.norm(x)).chunk(2, dim=-1)
        main = self.conv(main)
        mixed = main * F.silu(gate) if self.scan is None else self.scan(main, gate, height, width)
        return self.to_out(mixed).add_(x)


class FeedForward:
    """`blocks.FFN`."""

    def __init__(self, ffn: FFN) -> None:
        self.norm, first, _, second, _ = ffn.branch
        self.first, self.second = Linear.of(first), Linear.of(second)

    def __call__(self, x: Tensor) -> Tensor:
        """Tokens (B, L, C) to the same."""
        return self.second(F.gelu(self.first(self.norm(x)))).add_(x)


class Convs:
    """`backbone.ConvStage`."""

    def __init__(self, stage: ConvStage) -> None:
        branches = [block.branch for block in stage]
        self.blocks = [(Conv(each[0], each[1]), Conv(each[3], each[4])) for each in branches]

    def __call__(self, x: Tensor) -> Tensor:
        """(B, H, W, C) to the same."""
        for first, second in self.blocks:
            x = second(F.gelu(first(x))).add_(x)
        return x


class Tokens:
    """`backbone.TokenStage`."""

    def __init__(self, stage: TokenStage, state_scan: StateScan) -> None:
        self.blocks = [
            (Mixer(mixer, state_scan), FeedForward(ffn) if isinstance(ffn, FFN) else None)
            for mixer, ffn in zip(stage.mixers, stage.ffns, strict=True)
        ]

    def __call__(self, x: Tensor) -> Tensor:
        """(B, H, W, C) to the same."""
        height, width = x.shape[1:3]
        tokens = x.flatten(1, 2)
        for mixer, ffn in self.blocks:
            tokens = mixer(tokens, height, width)
            if ffn is not None:
                tokens = ffn(tokens)
        return tokens.view_as(x)


class ProcessorBackbone:
    """`DFMamba` on pictures (B, H, W, 3)."""

    def __init__(self, backbone: DFMamba) -> None:
        first, first_norm, _, second, second_norm, _ = backbone.stem
        self.stem = Conv(first, first_norm), Conv(second, second_norm)
        state_scan = StateScan()
        self.stages = [
            Convs(each) if isinstance(each, ConvStage) else Tokens(each, state_scan)
            for each in backbone.stages
        ]
        self.downs = {index: Conv(backbone.downs[str(index)]) for index in STAGES_THEN_DOWN}

    def __call__(self, x: Tensor) -> Pyramid:
        """Normalised pictures to maps (B, H / stride, W / stride, C)."""
        for layer in self.stem:
            x = layer(x, stride=2).relu_()
        found = []
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in self.downs:
                found.append(x)
                x = self.downs[index](x, stride=2)
        return pyramid([*found, x])

    @property
    def scans(self) -> list[Scan]:
        """The deformable layers in the order in which they run."""
        stages = (stage for stage in self.stages if isinstance(stage, Tokens))
        mixers = (mixer for stage in stages for mixer, _ in stage.blocks)
        return [mixer.scan for mixer in mixers if mixer.scan is not None]


class Head:
    """One head of the decoder.

    It reads transformed maps: the features, and what the heads before it found. Where a cell lies
    is the same in each picture: that part of its first convolution is a map of biases.
    """

    def __init__(self, head: nn.Sequential, channels: Sequence[int]) -> None:
        weight, self.bias = folded(head[0], head[1])
        features, self.of_places, *found = torch.split(weight, list(channels), dim=1)
        self.kernels = [winograd.kernels(each) for each in (features, *found)]
        self.last = Linear.of(head[3])
        self.biases: dict[tuple[int, int], Tensor] = {}

    def __call__(self, maps: Sequence[Tensor], height: int, width: int) -> Tensor:
        """Transforms (36, tiles, C) to the head's map (B, height, width, N)."""
        products = torch.bmm(maps[0], self.kernels[0])
        for each, kernels in zip(maps[1:], self.kernels[1:], strict=True):
            products.baddbmm_(each, kernels)
        hidden = winograd.untiled(products, height, width).add_(self._biases(height, width))
        return self.last(hidden.relu_())

    def _biases(self, height: int, width: int) -> Tensor:
        if (height, width) not in self.biases:
            places = position_maps(height, width, self.bias.device)[None]
            biases = F.conv2d(places, self.of_places, self.bias, padding=1)
            self.biases[height, width] = biases.permute(0, 2, 3, 1).contiguous()
        return self.biases[height, width]


class ProcessorDecoder:
    """`HeatmapDecoder`."""

    def __init__(self, decoder: HeatmapDecoder) -> None:
        self.norm, self.linear = decoder.level.norm, Linear.of(decoder.level.linear)
        self.ups = [Up(up[0], up[1]) for up in decoder.ups]
        self.skips = [Linear.of(each) for each in decoder.skips]
        self.hand = Linear.of(decoder.hand)
        channels = (len(self.ups[-1].bias), 2, JOINT_COUNT, 3 * JOINT_COUNT)
        heads = (decoder.heatmap, decoder.delta, decoder.location)
        self.heads = [Head(head, channels[: 2 + index]) for index, head in enumerate(heads)]

    def __call__(self, pyramid: Pyramid) -> HandMaps:
        """As the decoder, of maps (B, H, W, C)."""
        x = self.linear(self.norm(pyramid[COARSEST]))
        hand = self.hand(x.mean((1, 2)))
        for up, skip, stride in zip(self.ups, self.skips, reversed(FINE), strict=True):
            x = up(x).relu_().add_(skip(pyramid[stride]))
        size = x.shape[1:3]
        to_heatmap, to_delta, to_location = self.heads
        maps = [winograd.tiles(x)]
        heatmap = to_heatmap(maps, *size)
        maps.append(winograd.tiles(heatmap.sigmoid()))
        delta = to_delta(maps, *size)
        maps.append(winograd.tiles(delta))
        location = to_location(maps, *size)
        delta, location = (torch.unflatten(each, -1, (-1, 3)) for each in (delta, location))
        return HandMaps(
            heatmap.permute(0, 3, 1, 2),
            delta.permute(0, 3, 4, 1, 2),
            location.permute(0, 3, 4, 1, 2),
            hand,
        )


class ProcessorNetwork:
    """`HandNetwork` in inference mode. One thread at a time: it keeps memory from run to run."""

    @torch.inference_mode()
    def __init__(self, network: HandNetwork) -> None:
        self.mean, self.std = network.mean.flatten(), network.std.flatten()
        backbone, decoder = parts_of(network)
        self.backbone, self.decoder = ProcessorBackbone(backbone), ProcessorDecoder(decoder)

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> HandMaps:
        """As the network: images (B, 3, S, S), float RGB in 0 to 1."""
        pictures = (images.permute(0, 2, 3, 1).contiguous() - self.mean) / self.std
        return self.decoder(self.backbone(pictures))
