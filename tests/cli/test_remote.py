from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from lineside.cli.remote import RemoteNode, opened_or_running, running_node
from lineside.errors import Unreachable
from lineside.history import History
from lineside.node import DATA


class _Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>a router's page</html>")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def stranger() -> Iterator[str]:
    """A server that is no node."""
    with HTTPServer(("127.0.0.1", 0), _Stranger) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port nobody listens at; it is held, so that nobody else begins to."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        yield int(door.getsockname()[1])


def test_a_node_that_is_gone_is_said_in_words(free_port: int) -> None:
    """Stopped between two questions, as in the middle of an import."""
    with pytest.raises(Unreachable) as raised:
        RemoteNode(f"http://127.0.0.1:{free_port}").get("/api/jobs/1")

    assert raised.value.key == "cli.remote_gone"
    assert raised.value.cure("zh")


def test_another_program_at_the_address_is_no_node(tmp_path: Path) -> None:
    """The port of a node that died may be someone else's now: it is neither believed nor a fault."""
    (tmp_path / DATA).mkdir()
    with stranger() as url:
        (tmp_path / DATA / "node.json").write_text(json.dumps({"url": url}), "utf-8")

        assert running_node(tmp_path) is None
        with pytest.raises(Unreachable):
            RemoteNode(url).get("/api/plant")


def test_a_process_that_has_the_folder_and_is_silent_is_named_and_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that is starting has its folder before it answers: whoever asks reads which process, since when."""
    held = History.open(tmp_path)
    monkeypatch.setattr("lineside.cli.remote.time.sleep", lambda _: held.close())  # it ends as soon as it is waited for

    opened = opened_or_running(tmp_path, History.open)

    assert isinstance(opened, History)
    opened.close()
    told = capsys.readouterr().err
    assert told.count(f"Process {os.getpid()} has had {tmp_path} open since {datetime.now().astimezone():%Y-}") == 1
