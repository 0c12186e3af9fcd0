"""Draw the hands of a picture: `python examples/picture.py hands.jpg drawn.png`."""

import sys
from pathlib import Path

import cv2

from dfmamba import Frame, HandEstimator, load_network
from dfmamba.hand import BONES, JOINT_COLOURS
from dfmamba.images import read_picture, write_picture

source, target = map(Path, sys.argv[1:])
picture = read_picture(source)
estimator = HandEstimator(load_network())
for hand in estimator(Frame(picture)).hands:
    points = hand.joints_px.round().astype(int).tolist()
    for start, end in BONES:
        cv2.line(picture, points[start], points[end], JOINT_COLOURS[end], 3, cv2.LINE_AA)
    wrist_mm = "unknown" if hand.root_mm is None else hand.root_mm.round()
    print(f"{hand.side} hand, score {hand.score:.2f}, wrist at {wrist_mm} mm from the camera")
estimator.close()
write_picture(picture, target)
