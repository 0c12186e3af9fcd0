"""A renderer in a process of its own.

Open3D holds Python's lock while it draws: in a thread it would stop the window and the network all
the same. In a process it stops nobody, and if a graphics driver takes it down, it goes alone.
"""

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np

from dfmamba_live.views.scene.content import Picture, Renderer, RenderError, SceneView

START_PATIENCE_S, PATIENCE_S = 60.0, 10.0


class ProcessRenderer:
    """Draws with the renderer that `make` makes, in another process.

    make: a class or function that the other process can import; it is called there.
    """

    def __init__(self, name: str, make: Callable[[], Renderer]) -> None:
        self.name = name
        self._patience_s = START_PATIENCE_S  # the first picture waits for the libraries
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, make), name=f"{name} renderer", daemon=True
        )
        self._process.start()
        theirs.close()

    def render(self, view: SceneView) -> Picture:
        """As `Renderer.render`; what fails in the other process is raised here."""
        try:
            self._pipe.send(view)
            if not self._pipe.poll(self._patience_s):
                raise RenderError(f"{self.name} has not answered for {self._patience_s:.0f} s")
            answer = self._pipe.recv()
            if isinstance(answer, str):
                raise RenderError(answer)
            pixels = np.frombuffer(self._pipe.recv_bytes(), np.uint8)
        except (EOFError, OSError) as error:
            raise RenderError(f"the process of {self.name} has ended") from error
        self._patience_s = PATIENCE_S
        return pixels.reshape(answer)

    def close(self) -> None:
        """End the other process; it has nothing to save."""
        if self._process.is_alive():
            self._process.terminate()
        self._process.join()


def _serve(pipe: Connection, make: Callable[[], Renderer]) -> None:
    """Answer each view with a picture, or with a line on why there is none, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the window's to handle
    _silence()
    try:
        renderer = make()
        while True:
            picture = renderer.render(pipe.recv())
            pipe.send(picture.shape)
            pipe.send_bytes(np.ascontiguousarray(picture).reshape(-1).data)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        pipe.send(str(error) or type(error).__name__)


def _silence() -> None:
    """Graphics drivers write to the terminal what means nothing to a person."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
