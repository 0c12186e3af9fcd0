"""The commands that go through a file, and the bar that shows how it is played."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dfmamba.pipeline.reader import HandReader
from dfmamba.weights import load_network
from dfmamba_live.controllers.opening import ask
from dfmamba_live.play.clip import ClipPlaying
from dfmamba_live.play.session import Session
from dfmamba_live.result import Result
from dfmamba_live.review import SPEEDS, Player
from dfmamba_live.state import Store
from dfmamba_live.views.transport import TransportBar

WEIGHTS = "Weights (*.safetensors);;All files (*)"
NO_FILE = "only files can be gone through: open a video or a folder of pictures"


class Playback(QObject):
    """Plays, steps, loops and scrubs the session's file, if it is one; hides the bar if not.

    window: what dialogues belong to. device: where the weights to compare with run. `told` carries
    a line for people, `compared` whether two weights are compared from now on.
    """

    told = Signal(str)
    compared = Signal(bool)

    def __init__(
        self,
        window: QWidget,
        session: Session,
        store: Store,
        bar: TransportBar,
        device: torch.device,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._store, self._bar = window, session, store, bar
        self._device = device
        self._clip: ClipPlaying | None = None
        self._compared_weights: Path | None = None
        self._plays_on = False
        session.opened.connect(self._leave)
        session.reviewed.connect(self._begin)
        session.result.connect(self._show_result)
        bar.sought.connect(lambda index: self._do(lambda player: player.seek(index)))
        bar.held.connect(self._hold)
        bar.speed_chosen.connect(lambda speed: self._do(lambda player: player.set_speed(speed)))

    # The commands of `dfmamba_live.actions`.

    def step_back(self) -> None:
        """Show the frame before."""
        self._do(lambda player: player.step(-1))

    def step_on(self) -> None:
        """Show the next frame."""
        self._do(lambda player: player.step(1))

    def go_to_first(self) -> None:
        """Go to the first frame."""
        self._do(lambda player: player.seek(0))

    def go_to_last(self) -> None:
        """Go to the last frame, and stay there."""
        self._do(lambda player: player.step(len(player.times)))

    def loop_from_here(self) -> None:
        """Let the loop start here."""
        self._do(Player.loop_from_here)

    def loop_to_here(self) -> None:
        """Let the loop end here."""
        self._do(Player.loop_to_here)

    def clear_loop(self) -> None:
        """Loop over the whole file."""
        self._do(Player.clear_loop)

    def toggle_looping(self) -> None:
        """Loop, or stop at the end."""
        self._do(lambda player: player.set_looping(not player.transport.looping))

    def slower(self) -> None:
        """Play at the next lower speed."""
        self._change_speed(-1)

    def faster(self) -> None:
        """Play at the next higher speed."""
        self._change_speed(1)

    def next_low(self) -> None:
        """Go to the next frame of low confidence, and stay there."""
        self._do(lambda player: self._jump(player, player.findings.low_after, "after"))

    def previous_low(self) -> None:
        """Go to the frame of low confidence before this one, and stay there."""
        self._do(lambda player: self._jump(player, player.findings.low_before, "before"))

    def choose_other_weights(self) -> None:
        """Ask for weights to compare with."""
        ask(QFileDialog(self._window, "Compare with weights", "", WEIGHTS), self.compare_with)

    def compare_with(self, weights: Path | None) -> None:
        """Compare with the network of a file from now on; None: no longer."""
        self._compared_weights = weights
        self._compare()

    def stop_comparing(self) -> None:
        """Show the session's own network alone."""
        self.compare_with(None)

    # What the file has to say.

    def _begin(self, clip: ClipPlaying) -> None:
        player = clip.player
        if player is None:
            return
        self._clip = clip
        clip.changed.connect(self._show_transport)
        clip.progress.connect(self._show_overview)
        clip.told.connect(self._stop_if_unusable)
        self._bar.show_clip(player.times, player.thumbnails)
        self._show_transport()
        self._show_overview()
        if self._compared_weights is not None:
            self._compare()

    def _leave(self) -> None:
        self._clip = None
        self._bar.hide()

    def _stop_if_unusable(self) -> None:
        """Stop comparing if what was told is that the weights to compare with are unusable."""
        player, weights = self._player, self._compared_weights
        if player is not None and weights is not None and not player.comparing:
            self._compared_weights = None
            self.compared.emit(False)

    def _show_result(self, result: Result) -> None:
        if self._clip is not None:
            self._bar.show_index(result.frame.index)

    def _show_transport(self) -> None:
        if self._player is not None:
            transport = self._player.transport
            self._bar.show_transport(transport)
            if not self._plays_on:
                self._store.change(paused=not transport.playing)

    def _show_overview(self) -> None:
        overview = self._clip.overview() if self._clip is not None else None
        if overview is not None:
            self._bar.show_overview(overview)

    # How it is done.

    @property
    def _player(self) -> Player | None:
        return self._clip.player if self._clip is not None else None

    def _do(self, action: Callable[[Player], None]) -> None:
        if self._player is None:
            self.told.emit(NO_FILE)
        else:
            action(self._player)

    def _hold(self, held: bool) -> None:
        """Stand still during a drag."""
        if self._player is None:
            return
        if held:
            self._plays_on = not self._store.state.paused
        if self._plays_on:
            self._player.pause(held)
        if not held:
            self._plays_on = False

    def _change_speed(self, places: int) -> None:
        def change(player: Player) -> None:
            place = SPEEDS.index(player.transport.speed) + places
            player.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])

        self._do(change)

    def _jump(self, player: Player, find: Callable[[int], int | None], where: str) -> None:
        here = player.transport.index
        there = find(here)
        if there is None:
            seen = int(player.findings.overview().seen.sum())
            known = f"{seen} of {len(player.times)} frames seen so far"
            self.told.emit(f"no frame of low confidence {where} this one, of {known}")
        else:
            player.step(there - here)

    def _compare(self) -> None:
        weights = self._compared_weights
        load = None if weights is None else partial(_load, weights, self._device)
        can_be = self._session.source.path is not None
        if self._player is not None or not can_be:  # a file that is being opened: see `_begin`
            self._do(lambda player: player.compare(load))
        self.compared.emit(load is not None and can_be)


def _load(weights: Path, device: torch.device) -> HandReader:
    return HandReader(load_network(weights, device), device)
