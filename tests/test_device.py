import pytest
import torch

from dfmamba.device import chip_name, device_name, open_device
from dfmamba.errors import UserError

CPU = torch.device("cpu")


def test_the_processor_is_always_there():
    assert open_device("cpu") == CPU
    assert device_name(CPU) == "CPU"
    assert chip_name(CPU)


def test_a_gpu_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert open_device("auto") == CPU
    with pytest.raises(UserError, match="give --device cpu"):
        open_device("cuda")


def test_a_gpu_is_taken_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "A large GPU")
    assert open_device("auto") == open_device("cuda") == torch.device("cuda")
    assert open_device("cpu") == CPU
    assert device_name(torch.device("cuda")) == chip_name(torch.device("cuda")) == "A large GPU"
