"""The backbone's blocks: residual conv, deformable state space (DSSM) and gated conv."""

from collections.abc import Callable
from math import ceil, log

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dfmamba.model.backbones.dfmamba.config import DFMambaConfig
from dfmamba.model.trace import ScanTrace
from dfmamba.ops.conv import conv_silu
from dfmamba.ops.dssm import anchor_grid, dssm, scan, token_places

BN_EPS = 1e-4


class DropPath(nn.Module):
    """Drops a whole residual branch per picture while training; keeps the expectation."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Any shape with the batch first."""
        if not self.training or self.rate == 0:
            return x
        keep = x.new_empty((len(x),) + (1,) * (x.dim() - 1)).bernoulli_(1 - self.rate)
        return x * keep / (1 - self.rate)


class ConvBlock(nn.Module):
    """ResNet-18's basic block with GELU, and no activation after the sum. (B, C, H, W)."""

    def __init__(self, width: int, drop_path: float) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width, eps=BN_EPS),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width, eps=BN_EPS),
            DropPath(drop_path),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        out: Tensor = x + self.branch(x)
        return out


class DSSM(nn.Module):
    """The deformable state space layer with its projections (paper, Eq. 5 and 6).

    dt, B, C, the offsets o and the anchors' weights b are all linear in the unshifted input.
    Offsets start at zero; dt and A start as in Mamba. stray: while training, `beyond` of its places
    in the last pass, for the loss.
    """

    def __init__(self, width: int, dt_rank: int, config: DFMambaConfig) -> None:
        super().__init__()
        self.d_state, self.dt_rank = config.d_state, dt_rank
        self.deformable = config.deformable
        self.to_scan = nn.Linear(width, self.dt_rank + 2 * config.d_state, bias=False)
        self.to_dt = nn.Linear(self.dt_rank, width)
        anchors = config.anchors if config.deformable else 0
        parts = [config.d_state, config.d_state, dt_rank, 2 * anchors, anchors]
        self.parts = [*parts, -sum(parts) % 16]
        states = torch.arange(1, config.d_state + 1, dtype=torch.float32)
        self.A_log = nn.Parameter(states.log().repeat(width, 1))
        self.D = nn.Parameter(torch.ones(width))
        self.anchors: Tensor
        self.register_buffer("anchors", anchor_grid(config.anchors), persistent=False)
        if self.deformable:
            self.to_offsets = nn.Linear(width, 2 * anchors)
            self.to_weights = nn.Linear(width, anchors)
        self._start(config)
        self.on_trace: Callable[[ScanTrace], None] | None = None
        self.stray: Tensor | None = None

    def _start(self, config: DFMambaConfig) -> None:
        nn.init.uniform_(self.to_dt.weight, -(self.dt_rank**-0.5), self.dt_rank**-0.5)
        # The bias makes softplus give steps spread evenly, in the logarithm, over 0.001 to 0.1.
        step = torch.exp(torch.rand(self.to_dt.out_features) * log(100.0) + log(0.001))
        with torch.no_grad():
            self.to_dt.bias.copy_(step + torch.log(-torch.expm1(-step)))
        if self.deformable:
            nn.init.zeros_(self.to_offsets.weight)
            nn.init.zeros_(self.to_offsets.bias)
            nn.init.zeros_(self.to_weights.weight)
            nn.init.constant_(self.to_weights.bias, 1 / config.anchors)
            if config.weights_start == "delta":
                centre = (self.anchors == 0).all(dim=1)
                with torch.no_grad():
                    self.to_weights.bias.copy_(centre)

    def forward(self, x: Tensor, gate: Tensor, height: int, width: int) -> Tensor:
        """Tokens and gate, both (B, height * width, D), to the layer's output times SiLU(gate)."""
        weight, bias = self.projection()
        B, C, rank, offsets, weights, _ = torch.split(F.linear(x, weight, bias), self.parts, dim=-1)
        dt = self.to_dt(rank)
        A = -torch.exp(self.A_log)
        if not self.deformable:
            return scan(x, x, dt, A, B, C, self.D, gate)
        # Places need float32: bf16 cannot tell a tenth of a token at row 16.
        offsets, weights = torch.unflatten(offsets.float(), -1, (-1, 2)), weights.float()
        if self.training:
            self.stray = beyond(offsets + self.anchors, height, width)
        if self.on_trace is not None:
            self._report(offsets, weights, dt, height, width)
        return dssm(x, dt, A, B, C, self.D, gate, offsets, weights, self.anchors, height, width)

    def projection(self) -> tuple[Tensor, Tensor]:
        """All that is linear in x as one weight and bias, in the order of `parts`: one product.

        Zeros fill it up to a multiple of 16 rows, so that B and C lie where wide loads want them.
        """
        scan = self.to_scan.weight
        weights, biases = [scan[self.dt_rank :], scan[: self.dt_rank]], [scan.new_zeros(len(scan))]
        if self.deformable:
            weights += [self.to_offsets.weight, self.to_weights.weight]
            biases += [self.to_offsets.bias, self.to_weights.bias]
        return F.pad(torch.cat(weights), (0, 0, 0, self.parts[-1])), F.pad(
            torch.cat(biases), (0, self.parts[-1])
        )

    def _report(
        self, offsets: Tensor, weights: Tensor, dt: Tensor, height: int, width: int
    ) -> None:
        order = torch.arange(height * width, device=dt.device)
        step = F.softplus(dt.detach()).mean(-1)
        seen = (self.anchors, offsets.detach(), weights.detach(), step, order)
        if self.on_trace is not None:
            self.on_trace(ScanTrace(height, width, *seen))


def beyond(moves: Tensor, height: int, width: int) -> Tensor:
    """How far places lie where no token is read, in tokens, on the mean: ().

    moves (B, height * width, K, 2): rows and columns from each token to its places.
    """
    tokens = token_places(height, width, moves.device)
    places, end = tokens[:, None] + moves, tokens[-1] + 1
    return torch.maximum(-1 - places, places - end).relu().mean()


class GatedBlock(nn.Module):
    """The gated token mixer, with a DSSM on its main branch or without (paper, Fig. 4).

    X' = LN(X); Z1 = [DSSM](SiLU(dwconv1d(Linear(X')))); Z2 = SiLU(Linear(X'));
    Y = Linear(Z1 * Z2) + X.
    """

    def __init__(self, width: int, inner: int, config: DFMambaConfig, scan: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.to_branches = nn.Linear(width, 2 * inner)
        self.conv = nn.Conv1d(inner, inner, config.d_conv, groups=inner)  # run by `conv_silu`
        self.dssm = DSSM(inner, ceil(width / 16), config) if scan else None
        self.to_out = nn.Linear(inner, width)
        self.drop_path = DropPath(config.drop_path)

    def forward(self, x: Tensor, height: int, width: int) -> Tensor:
        """Tokens (B, height * width, C) to the same."""
        main, gate = self.to_branches(self.norm(x)).chunk(2, dim=-1)
        assert self.conv.bias is not None
        main = conv_silu(main, self.conv.weight, self.conv.bias)
        if self.dssm is not None:
            mixed = self.dssm(main, gate, height, width)
        else:
            mixed = main * F.silu(gate)
        out: Tensor = x + self.drop_path(self.to_out(mixed))
        return out


class FFN(nn.Module):
    """A pre-norm feed-forward network with its skip. Tokens (B, L, C)."""

    def __init__(self, width: int, config: DFMambaConfig) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width * config.ffn_expansion),
            nn.GELU(),
            nn.Linear(width * config.ffn_expansion, width),
            DropPath(config.drop_path),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, C) to the same."""
        out: Tensor = x + self.branch(x)
        return out
