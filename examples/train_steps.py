"""Train a small network for some steps: `python examples/train_steps.py 20 small.safetensors`.

It draws its own pictures, with the hand that `python -m dfmamba bake` has prepared.
"""

import sys

import torch

from dfmamba import DFMambaConfig, HandNetwork, NetworkConfig, save_network
from dfmamba.data.batch import synthetic
from dfmamba.model import HeatmapConfig
from dfmamba.synth import SynthConfig, TrainingPictures

steps, target = int(sys.argv[1]), sys.argv[2]
backbone = DFMambaConfig(stem_width=16, widths=(16, 32, 48, 48, 64, 64))
config = NetworkConfig(backbone, HeatmapConfig(width=32), input_size=64)
network = HandNetwork(config).train()
pictures = TrainingPictures(SynthConfig(size=config.input_size), seed=0)
optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
for step in range(steps):
    batch = synthetic(pictures.batch(8))
    terms = network.loss(network(batch.images), batch)
    loss = torch.stack(list(terms.values())).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step}: loss {loss.item():.3f}")
save_network(network.eval(), target)
