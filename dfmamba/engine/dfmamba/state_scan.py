"""The selective scan of `ops.dssm.chunked` for inference, within memory that is kept."""

import torch
from torch import Tensor

from dfmamba.ops.dssm.chunked import CHUNK


class StateScan:
    """`ops.dssm.chunked.selective_scan`, not for two threads at a time.

    One step of the scan takes a few microseconds. To allocate its state, to stack the states, or
    only to cut its tokens out of a chunk would take as long again. So all chunks are computed in
    the same memory, of which the tokens were cut out once, and a state replaces its token's entry.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[int, ...], _Chunk] = {}

    def __call__(self, v: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
        """As `reference.selective_scan`, with A (N, D)."""
        shape = len(v), *A.shape
        if shape not in self._kept:
            self._kept[shape] = _Chunk(*shape)
        chunk = self._kept[shape]
        chunk.before.zero_()
        tokens_first = (torch.split(each.transpose(0, 1), CHUNK) for each in (dt * v, dt, B, C))
        y = [chunk.run(A, *parts) for parts in zip(*tokens_first, strict=True)]
        return torch.cat(y).transpose(0, 1)


class _Chunk:
    """The memory of one chunk; before (batch, N, D): the state before it."""

    def __init__(self, batch: int, states: int, channels: int) -> None:
        self.decays = torch.empty(CHUNK, batch, states, channels)
        self.before = torch.empty(batch, states, channels)
        self.states = torch.empty(CHUNK, batch, states, channels)
        tokens = self.states.unbind()
        self.steps = list(zip(tokens, self.decays.unbind(), [self.before, *tokens], strict=False))

    def run(self, A: Tensor, entries: Tensor, dt: Tensor, B: Tensor, C: Tensor) -> Tensor:
        """The outputs (T, batch, D) of up to `CHUNK` tokens (T, batch, ...)."""
        count, batch = entries.shape[:2]
        states = self.states[:count]
        torch.mul(dt[:, :, None], A, out=self.decays[:count]).exp_()
        torch.mul(entries[:, :, None], B[..., None], out=states)
        for state, decay, before in self.steps[:count]:
            state.addcmul_(decay, before)
        self.before.copy_(states[-1])
        outputs = torch.bmm(C.reshape(count * batch, 1, -1), states.flatten(0, 1))
        return outputs.view(count, batch, -1)
