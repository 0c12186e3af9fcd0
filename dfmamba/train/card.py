"""The card beside a weights file: its hash, how it was trained, what storing it as int8 costs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dfmamba import metrics
from dfmamba.evaluate.predict import predict
from dfmamba.files import save_json
from dfmamba.model import HandNetwork
from dfmamba.synth import TrainingPictures
from dfmamba.train.calibration import calibrate
from dfmamba.weights import load_network, save_network, sha256

BATCH, BATCHES = 64, 16


def storage_cost(
    full: HandNetwork, stored: HandNetwork, pictures: TrainingPictures
) -> dict[str, float]:
    """What rounding to int8 does to wrist-relative joints, mm, over made pictures.

    The MPJPE of both networks, and how far the joints move on the mean, whether for better or
    worse.
    """
    errors = []
    for _ in range(BATCHES):
        batch = pictures.batch(BATCH)
        true = batch.joints_mm.double().cpu().numpy()
        palm = metrics.palm_length(true)[:, None, None]
        ours, theirs = (predict(each, batch.images).joints * palm for each in (full, stored))
        pairs = ((ours, true), (theirs, true), (ours, theirs))
        errors.append([metrics.root_relative_error(a, b).mean() for a, b in pairs])
    names = ("mpjpe_float_mm", "mpjpe_int8_mm", "int8_moves_joints_mm")
    means = np.mean(errors, axis=0).round(4).tolist()
    return dict(zip(names, means, strict=True))


def write_card(weights: Path, told: Mapping[str, Any]) -> None:
    """Write `weights` with the ending .json; the built-in file is checked against its hash.

    told: where the weights come from, and what is known of them.
    """
    card = {
        "sha256": sha256(weights),
        **told,
        "date": datetime.now(UTC).date().isoformat(),
        "torch": torch.__version__,
    }
    save_json(weights.with_suffix(".json"), card)


def write_weights(
    network: HandNetwork, path: Path, pictures: TrainingPictures, told: Mapping[str, Any]
) -> None:
    """Fit the network's confidence to held-out pictures; write its weights and their card."""
    network.eval()
    calibrate(network, pictures)
    save_network(network, path)
    write_card(path, told)  # or a built-in file could not be read for what follows
    stored = load_network(path, next(network.parameters()).device)
    write_card(path, {**told, "storage": storage_cost(network, stored, pictures)})
