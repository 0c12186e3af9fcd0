"""The card beside a weights file: its hash, how it was trained, what storing it as int8 costs."""

import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from dfmamba.evaluate.predict import predict
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.model import HandNetwork
from dfmamba.synth import TrainingPictures
from dfmamba.train.checkpoint import Progress
from dfmamba.train.trainer import TrainConfig
from dfmamba.weights import sha256

BATCH, BATCHES = 64, 16


def storage_loss_mm(full: HandNetwork, stored: HandNetwork, pictures: TrainingPictures) -> float:
    """The mean distance in mm between the joints of two networks, over made pictures."""
    distances = []
    for _ in range(BATCHES):
        images = pictures.batch(BATCH).images
        ours, theirs = predict(full, images).joints, predict(stored, images).joints
        distances.append(((ours - theirs) ** 2).sum(-1) ** 0.5)
    return float(sum(each.mean() for each in distances) / BATCHES * WRIST_TO_MIDDLE_MCP_MM)


def write_card(
    weights: Path, config: TrainConfig, progress: Progress, data: Path | None, loss_mm: float
) -> None:
    """Write `weights` with the ending .json; the built-in file is checked against its hash."""
    gpu = torch.cuda.is_available()
    card: dict[str, Any] = {
        "sha256": sha256(weights),
        "trained_on": "pictures made by dfmamba/synth"
        + (", skins and backgrounds from a folder" if data else ", all procedural"),
        "pictures": progress.pictures,
        "steps": progress.step,
        "minutes": round(progress.seconds / 60, 1),
        "device": torch.cuda.get_device_name() if gpu else platform.processor() or "CPU",
        "date": datetime.now(UTC).date().isoformat(),
        "torch": torch.__version__,
        "config": asdict(config),
        "int8_storage_moves_joints_mm": round(loss_mm, 4),
    }
    weights.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")
