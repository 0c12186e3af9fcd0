"""The pyramid: LayerNorm + Linear on each of the backbone's outputs (paper, Sec. 4.2)."""

from torch import Tensor, nn


class PyramidLevel(nn.Module):
    """LayerNorm + Linear over the channels of one level, (B, C, H, W) to the same."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.linear = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        out: Tensor = self.linear(self.norm(x.permute(0, 2, 3, 1)))
        return out.permute(0, 3, 1, 2)
