"""A network whose every number counts, without training."""

import torch
from torch import nn


def lively(network):
    """Numbers that a fresh network has as zeros and ones, and folding could mix up unseen."""
    torch.manual_seed(1)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
        if isinstance(module, nn.BatchNorm2d | nn.LayerNorm):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.1)
        if hasattr(module, "to_offsets"):
            module.to_offsets.weight.data.normal_(0, 0.3)
    return network.eval()
