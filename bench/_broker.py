"""A mosquitto of our own on loopback, for the length of a block."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def broker(*lines: str) -> Iterator[int]:
    """The port of a broker with these lines in its configuration."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mosquitto.conf"
        file.write_text("\n".join([f"listener {port} 127.0.0.1", "allow_anonymous true", *lines, ""]), "utf-8")
        process = subprocess.Popen(["mosquitto", "-c", file], stderr=subprocess.DEVNULL)
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    message = f"mosquitto does not answer at {port}: is it installed (apt install mosquitto)?"
    raise SystemExit(message)
