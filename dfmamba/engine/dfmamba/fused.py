"""The network with its layers fused for inference on a GPU: about a hundred kernels a picture."""

from itertools import accumulate

import torch
from torch import Tensor, nn

from dfmamba.engine.dfmamba import triton_layer, triton_readout
from dfmamba.engine.dfmamba.supported import parts_of
from dfmamba.engine.dfmamba.triton_layer import GELU, NONE, RELU, SIGMOID, Layer, padded
from dfmamba.hand import JOINT_COUNT
from dfmamba.model import HandNetwork, Pyramid
from dfmamba.model.backbones.dfmamba import DFMamba
from dfmamba.model.backbones.dfmamba.backbone import ConvStage, TokenStage, pyramid
from dfmamba.model.backbones.dfmamba.blocks import DSSM, FFN, GatedBlock
from dfmamba.model.backbones.dfmamba.config import STAGES_THEN_DOWN
from dfmamba.model.decoders.heatmap import HeatmapDecoder
from dfmamba.model.decoders.heatmap.decoder import COARSEST, FINE
from dfmamba.model.decoders.heatmap.maps import position_maps
from dfmamba.ops.conv import triton_conv
from dfmamba.ops.dssm import triton_sampling, triton_scan


class FusedScan:
    """`blocks.DSSM`; `seen` holds offsets, weights and dt of the last run, for a trace."""

    def __init__(self, dssm: DSSM, dtype: torch.dtype) -> None:
        weight, bias = dssm.projection()
        self.project = triton_layer.linear(weight, bias, dtype)
        self.to_dt = triton_layer.linear(dssm.to_dt.weight, dssm.to_dt.bias, dtype)
        # Transposed in memory, as the kernel reads it.
        self.A = -torch.exp(dssm.A_log.float()).t().contiguous().t()
        self.D, self.parts = dssm.D.float(), dssm.parts
        self.anchors = dssm.anchors.float() if dssm.deformable else None
        self.seen: tuple[Tensor, Tensor, Tensor] | None = None

    def __call__(self, x: Tensor, gate: Tensor) -> Tensor:
        """Tokens and gate (B, H, W, D) to the same."""
        height, width = x.shape[1:3]
        # In float32, as the kernels want B, C and the places; dt's part turns back by itself.
        parts = torch.split(self.project(x, dtype=torch.float32), self.parts, dim=-1)
        dt = self.to_dt(parts[2], dtype=x.dtype).flatten(1, 2)
        B, C, _, offsets, weights, _ = (part.flatten(1, 2) for part in parts)
        tokens = x.flatten(1, 2)
        v = tokens
        if self.anchors is not None:
            offsets = torch.unflatten(offsets, -1, (-1, 2))
            self.seen = offsets, weights, dt
            v = triton_sampling.gather(tokens, offsets, weights, self.anchors, height, width)
        y = triton_scan.run(v, tokens, dt, self.A, B, C, self.D, gate.flatten(1, 2), save=False)[0]
        return y.view_as(x)


class FusedBlock:
    """`blocks.GatedBlock` with the `FFN` after it, if any."""

    def __init__(self, block: GatedBlock, ffn: nn.Module, dtype: torch.dtype) -> None:
        branches = block.to_branches
        self.to_branches = triton_layer.linear(branches.weight, branches.bias, dtype, block.norm)
        assert block.conv.bias is not None
        self.conv = block.conv.weight.to(dtype), block.conv.bias.float()
        self.scan = None if block.dssm is None else FusedScan(block.dssm, dtype)
        self.to_out = triton_layer.linear(block.to_out.weight, block.to_out.bias, dtype)
        self.ffn: list[Layer] = []
        if isinstance(ffn, FFN):
            norm, first, _, second, _ = ffn.branch
            self.ffn = [
                triton_layer.linear(first.weight, first.bias, dtype, norm, GELU),
                triton_layer.linear(second.weight, second.bias, dtype),
            ]

    def __call__(self, x: Tensor) -> Tensor:
        """(B, H, W, C) to the same."""
        main, gate = self.to_branches(x).chunk(2, dim=-1)
        tokens, gates = main.flatten(1, 2), gate.flatten(1, 2)
        if self.scan is None:
            mixed = triton_conv.run(tokens, *self.conv, gate=gates).view(main.shape)
        else:
            mixed = self.scan(triton_conv.run(tokens, *self.conv).view(main.shape), gate)
        x = self.to_out(mixed, residual=x)
        for first, second in zip(self.ffn[::2], self.ffn[1::2], strict=True):
            x = second(first(x), residual=x)
        return x


class FusedBackbone:
    """`DFMamba` on channels-last pictures (B, H, W, 3 or more)."""

    def __init__(self, backbone: DFMamba, dtype: torch.dtype) -> None:
        first, first_norm, _, second, second_norm, _ = backbone.stem
        self.stem = [
            triton_layer.folded(first, first_norm, dtype, RELU),
            triton_layer.folded(second, second_norm, dtype, RELU),
        ]
        self.stages = [_stage(stage, dtype) for stage in backbone.stages]
        self.downs = {
            i: triton_layer.folded(backbone.downs[str(i)], None, dtype) for i in STAGES_THEN_DOWN
        }

    def __call__(self, x: Tensor) -> Pyramid:
        """Normalised pictures to maps (B, H / stride, W / stride, C)."""
        for layer in self.stem:
            x = layer(x)
        found = []
        for index, stage in enumerate(self.stages):
            for block in stage:
                x = block(x)
            if index in self.downs:
                found.append(x)
                x = self.downs[index](x)
        return pyramid([*found, x])

    @property
    def scans(self) -> list[FusedScan]:
        """The deformable layers in the order in which they run."""
        blocks = [block for stage in self.stages for block in stage]
        return [b.scan for b in blocks if isinstance(b, FusedBlock) and b.scan is not None]


class FusedConvBlock:
    """`blocks.ConvBlock`."""

    def __init__(self, branch: nn.Sequential, dtype: torch.dtype) -> None:
        self.first = triton_layer.folded(branch[0], branch[1], dtype, GELU)
        self.second = triton_layer.folded(branch[3], branch[4], dtype)

    def __call__(self, x: Tensor) -> Tensor:
        """(B, H, W, C) to the same."""
        return self.second(self.first(x), residual=x)


def _stage(stage: nn.Module, dtype: torch.dtype) -> list[FusedConvBlock] | list[FusedBlock]:
    if isinstance(stage, ConvStage):
        return [FusedConvBlock(block.branch, dtype) for block in stage]
    assert isinstance(stage, TokenStage)
    return [FusedBlock(*both, dtype) for both in zip(stage.mixers, stage.ffns, strict=True)]


class FusedDecoder:
    """`HeatmapDecoder` with its read-out.

    Features with positions, heatmaps, delta and location maps lie side by side in one map, which
    each head reads as far as it needs.
    """

    def __init__(self, decoder: HeatmapDecoder, dtype: torch.dtype) -> None:
        norm, linear = decoder.level.norm, decoder.level.linear
        self.level = triton_layer.linear(linear.weight, linear.bias, dtype, norm)
        self.ups = [triton_layer.folded_up(up[0], up[1], dtype, RELU) for up in decoder.ups]
        self.skips = [triton_layer.folded(skip, None, dtype) for skip in decoder.skips]
        self.hand = triton_layer.linear(decoder.hand.weight, decoder.hand.bias, dtype)
        self.width = decoder.ups[2][0].out_channels
        self.parts = (self.width + 2, JOINT_COUNT, 3 * JOINT_COUNT, 3 * JOINT_COUNT)
        self.starts = list(accumulate(map(padded, self.parts), initial=0))
        heads = (decoder.heatmap, decoder.delta, decoder.location)
        self.heads = [
            (
                triton_layer.folded(head[0], head[1], dtype, RELU, self.parts[: count + 1]),
                triton_layer.folded(head[3], None, dtype, SIGMOID if count == 0 else NONE),
            )
            for count, head in enumerate(heads)
        ]
        self.maps: dict[tuple[int, int], Tensor] = {}

    def __call__(self, pyramid: Pyramid) -> Tensor:
        """Maps (B, H / stride, W / stride, C) to what `triton_readout.read` tells (B, NUMBERS)."""
        x = self.level(pyramid[COARSEST])
        hand = self.hand(x, dtype=torch.float32)
        common = self._map(len(x), pyramid[FINE[0]].shape[1], x)
        features = [None, None, common[..., : self.width]]
        steps = zip(self.ups, self.skips, reversed(FINE), features, strict=True)
        for up, skip, stride, out in steps:
            x = skip(pyramid[stride], residual=up(x), out=out)
        heat, delta, location = (
            common[..., start : start + part]
            for start, part in zip(self.starts[1:-1], self.parts[1:], strict=True)
        )
        for (hidden, last), out in zip(self.heads, (heat, delta, location), strict=True):
            last(hidden(common), out=out)
        return triton_readout.read(heat, location, hand)

    def _map(self, batch: int, side: int, like: Tensor) -> Tensor:
        """The common map, kept: its positions and the zeros between its parts never change."""
        if (batch, side) not in self.maps:
            common = like.new_zeros((batch, side, side, self.starts[-1]))
            places = position_maps(side, side, like.device).permute(1, 2, 0)
            common[..., self.width : self.parts[0]] = places
            self.maps[batch, side] = common
        return self.maps[batch, side]


class FusedNetwork:
    """`HandNetwork` with its soft read-out, on pictures already normalised."""

    def __init__(self, network: HandNetwork, dtype: torch.dtype) -> None:
        backbone, decoder = parts_of(network)
        self.backbone = FusedBackbone(backbone, dtype)
        self.decoder = FusedDecoder(decoder, dtype)

    def __call__(self, pictures: Tensor) -> Tensor:
        """Channels-last pictures (B, S, S, 3 or more) to rows of `triton_readout` (B, NUMBERS)."""
        return self.decoder(self.backbone(pictures))
