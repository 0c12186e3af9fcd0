"""How far each deformable layer reaches in a video: `python examples/offsets.py hands.mp4 out.csv`.

Writes a row for each hand of each frame: the mean distance, in tokens, between the anchors and the
sampling points of each layer.
"""

import csv
import sys

import numpy as np

from dfmamba import HandEstimator, load_network
from dfmamba.video import video_frames
from dfmamba.weights import LIGHT_WEIGHTS

source, target = sys.argv[1:]
estimator = HandEstimator(load_network(LIGHT_WEIGHTS))
estimator.tracing = True
with open(target, "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["time_s", "side", *(f"layer_{i}_tokens" for i in range(1, 8))])
    for frame in video_frames(source):
        for region in estimator(frame).regions:
            reach = [np.linalg.norm(layer.offsets, axis=-1).mean() for layer in region.traces]
            for hand in region.hands:
                row = f"{frame.time_s:.3f}", hand.side, *(f"{each:.3f}" for each in reach)
                rows.writerow(row)
estimator.close()
