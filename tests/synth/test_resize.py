import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from dfmamba.synth.resize import resized


@given(edge=st.integers(2, 9), more=st.integers(0, 20), seed=st.integers(0, 9))
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_pictures_are_enlarged_as_torch_does(mode, edge, more, seed):
    make = torch.Generator().manual_seed(seed)
    pictures = torch.rand(2, 3, edge, edge, generator=make)
    wanted = F.interpolate(pictures, (edge + more, edge + more), mode=mode)
    torch.testing.assert_close(resized(pictures, edge + more, mode), wanted, atol=1e-5, rtol=1e-5)


@given(edge=st.integers(3, 20), share=st.floats(0.2, 0.95), seed=st.integers(0, 9))
def test_smaller_pictures_are_means_of_all_that_they_cover(edge, share, seed):
    size = max(1, int(share * edge))
    pictures = torch.rand(2, 3, edge, edge, generator=torch.Generator().manual_seed(seed))
    wanted = F.interpolate(pictures, (size, size), mode="bilinear", antialias=True)
    torch.testing.assert_close(resized(pictures, size), wanted, atol=1e-5, rtol=1e-5)
