"""The network on a frame's crops, as fast as the machine runs it.

On a GPU: fused layers in half precision, everything from the frame to the joints in one CUDA graph.
On a processor: in float32, with fewer multiplications and fewer steps than the module takes.
"""

from dfmamba.engine.device_frames import DeviceFrames
from dfmamba.engine.runner import Runner, open_runner

__all__ = ["DeviceFrames", "Runner", "open_runner"]
