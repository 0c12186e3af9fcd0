"""Records in steady time and tells the time of each frame that it handed over."""

import sys
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3] / "app"))

from dfmamba.frame import Depth, Frame
from dfmamba_live.recording import Recorder
from dfmamba_live.sources.simulated import Simulated

recorder = Recorder(Path(sys.argv[1]), Simulated(), {"name": "w", "sha256": "0"})
start = perf_counter()
for index in range(1000):
    now = perf_counter()
    image = np.full((480, 640, 3), index % 250, np.uint8)
    depth = Depth(np.full((480, 640), 1000 + index, np.uint16))
    recorder.add(Frame(image, now - start, depth=depth, index=index), [])
    sys.stdout.write(f"{now - start}\n")
    sys.stdout.flush()
    sleep(1 / 30)
