import numpy as np
import torch
from torch.nn import functional as F

from dfmamba.engine.dfmamba.traces import packed, unpacked


def layer(batch, tokens, anchors, width):
    offsets = torch.randn(batch, tokens, anchors, 2)
    return offsets, torch.randn(batch, tokens, anchors), torch.randn(batch, tokens, width)


def test_what_is_packed_comes_out_again():
    torch.manual_seed(0)
    layers = [layer(2, 16, 9, 8), layer(2, 4, 1, 6)]
    anchors = [np.random.default_rng(0).normal(size=(9, 2)), np.zeros((1, 2))]
    traces = unpacked(packed(layers).numpy(), layers, anchors)
    assert [(trace.height, trace.width) for trace in traces] == [(4, 4), (2, 2)]
    for (offsets, weights, dt), trace, places in zip(layers, traces, anchors, strict=True):
        np.testing.assert_array_equal(trace.offsets, offsets)
        np.testing.assert_array_equal(trace.weights, weights)
        np.testing.assert_array_equal(trace.anchors, places)
        np.testing.assert_allclose(trace.step, F.softplus(dt).mean(-1), rtol=1e-5)
        assert trace.order.tolist() == list(range(len(trace.step[0])))


def test_without_deformable_layers_there_is_nothing():
    assert unpacked(packed([]).numpy(), [], []) == []
