"""A contact sheet: many small pictures with their joints, to be looked at."""

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import BONES, JOINT_COLOURS
from dfmamba.opencv import SHIFT, opencv_points
from dfmamba.synth.pictures import TrainingBatch, TrainingPictures

ENLARGED = 2


def contact_sheet(pictures: TrainingPictures, rows: int, columns: int) -> NDArray[np.uint8]:
    """`rows` x `columns` fresh pictures as one RGB image; hidden joints are hollow."""
    batch = pictures.batch(rows * columns)
    tiles = np.stack([_tile(batch, row) for row in range(rows * columns)])
    height, width = tiles.shape[1:3]
    grid = tiles.reshape(rows, columns, height, width, 3).transpose(0, 2, 1, 3, 4)
    return grid.reshape(rows * height, columns * width, 3)


def _tile(batch: TrainingBatch, row: int) -> NDArray[np.uint8]:
    plain = (batch.images[row].permute(1, 2, 0).cpu().numpy() * 255).astype(np.uint8)
    plain = plain.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
    image = plain.copy()
    joints = opencv_points((batch.joints_px[row] * ENLARGED).cpu().numpy())
    style = {"lineType": cv2.LINE_AA, "shift": SHIFT}
    for parent, child in BONES:
        cv2.line(image, joints[parent], joints[child], JOINT_COLOURS[child], 1, **style)
    for joint, seen, colour in zip(joints, batch.visible[row].tolist(), JOINT_COLOURS, strict=True):
        cv2.circle(image, joint, 2 << SHIFT, colour, -1 if seen else 1, **style)
    return np.hstack([plain, image])
