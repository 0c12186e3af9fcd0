import socket
import sys

from dfmamba_live import display


def test_displays_that_nobody_answers_for(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(display, "X_PORT", 0)
    with socket.create_server(("127.0.0.1", 0)) as server:  # as ssh -X makes
        number = server.getsockname()[1]
        monkeypatch.setenv("DISPLAY", f"127.0.0.1:{number}.0")
        assert display.has_display()
    assert not display.has_display()
    monkeypatch.setenv("DISPLAY", "nonsense")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert not display.has_display()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        assert display.has_display()
