"""A folder with one photograph and its labels."""

import cv2
import numpy as np

from dfmamba.data.consensus import VIEWS, CheckedHand
from dfmamba.data.labels import Labels
from dfmamba.pipeline.landmarker import SeenHand

PICTURE = "35_pic00001.png"  # of a recording that is kept from training


def label_one(folder, labels):
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / PICTURE), np.full((90, 120, 3), 99, np.uint8))
    joints = np.random.default_rng(0).uniform(20, 80, (21, 2))
    joints_mm = np.random.default_rng(1).normal(0, 40, (21, 3))
    seen = SeenHand("left", 0.9, joints, joints_mm)
    Labels.empty().add(PICTURE, [CheckedHand(seen, VIEWS, 0.01, True)]).save(labels)
