"""The network on a frame's crops, as fast as the machine runs it.

On a GPU: fused layers in half precision, everything from the frame to the joints in one CUDA graph.
On a processor: the module itself.
"""

from dfmamba.engine.runner import Runner, open_runner

__all__ = ["Runner", "open_runner"]
