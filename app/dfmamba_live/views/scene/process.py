"""A renderer in a process of its own.

Open3D holds Python's lock while it draws: in a thread it would stop the window and the network all
the same. In a process it stops nobody, and if a graphics driver takes it down, it goes alone.
"""

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Timer
from time import perf_counter
from typing import Any

import numpy as np

from dfmamba_live.views.scene.content import EMPTY, Picture, Renderer, RenderError, SceneView

START_PATIENCE_S, PATIENCE_S = 60.0, 4.0
"""How long the first picture may take, which waits for the libraries, and how long any other."""
END_S = 1.0
"""How long a killed process may take to go: a driver may hold it."""


class ProcessRenderer:
    """Draws with the renderer that `make` makes, in another process.

    make: a class or function that the other process can import; it is called there.
    """

    def __init__(self, name: str, make: Callable[[], Renderer]) -> None:
        self.name = name
        self._opened = self._late = False
        self._deadline = perf_counter() + START_PATIENCE_S
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, make), name=f"{name} renderer", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def ready(self) -> bool:
        """Whether the other process has started, or has failed to."""
        return self._opened or self._pipe.poll() or perf_counter() > self._deadline

    def render(self, view: SceneView) -> Picture:
        """As `Renderer.render`; what fails in the other process is raised here.

        A process that does not answer is killed, as it may stand still anywhere in a message.
        """
        patience_s = PATIENCE_S
        if not self._opened:
            patience_s = max(patience_s, self._deadline - perf_counter())
        watchdog = Timer(patience_s, self._give_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            if not self._opened:
                self._receive()
                self._opened = True
            self._pipe.send(view)
            shape = self._receive()
            pixels = np.frombuffer(self._pipe.recv_bytes(), np.uint8)
        except (EOFError, OSError) as error:
            if self._late:
                raise RenderError(f"{self.name} has not answered for {patience_s:.0f} s") from error
            raise RenderError(f"the process of {self.name} has ended") from error
        finally:
            watchdog.cancel()
        return pixels.reshape(shape)

    def close(self) -> None:
        """End the other process; it has nothing to save."""
        self._process.kill()  # and not `terminate`, which a stopped process never sees
        self._process.join(END_S)

    def _receive(self) -> Any:
        answer = self._pipe.recv()
        if isinstance(answer, str):
            raise RenderError(answer)
        return answer

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()


def _serve(pipe: Connection, make: Callable[[], Renderer]) -> None:
    """Say that all is ready, then answer each view with a picture, until the pipe ends.

    In place of any of these goes a line on why there is none, and that is the end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the window's to handle
    _silence()
    try:
        renderer = make()
        renderer.render(EMPTY)  # only now are all libraries loaded
        pipe.send(None)
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
