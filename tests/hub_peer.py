"""A real hub on loopback, behind a small server whose answers can be lost, or spoilt on their way."""

from __future__ import annotations

import shutil
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lineside.exchange import Envelope, Statement, decoded
from lineside.hub import Hub, agreement, agreement_hash, scaffold_hub
from lineside.hub.records import StatementRecord
from lineside.trust import AUTHORITY, Authority, fingerprint

REGION = "all"


class HubPeer:
    """A hub with a clock. `lines` are all envelopes that came; to those whose kind has `mute` in it the answer is lost.

    `spoil` changes answers on their way.
    """

    def __init__(self, folder: Path, now_us: int) -> None:
        self.folder, self.now_us = folder, now_us
        scaffold_hub(folder, name="Park", time_zone="Europe/Berlin")
        self.hub = self._open()
        self.address = ""
        self.lines: list[Envelope] = []
        self.mute = ""
        self.spoil: Callable[[bytes], bytes] = bytes

    def _open(self) -> Hub:
        return Hub(self.folder, now_us=lambda: self.now_us)

    @property
    def id(self) -> str:
        """By which members name it."""
        return self.hub.id

    @property
    def accepted(self) -> str:
        """The hash of its agreement."""
        return agreement_hash(agreement(self.folder, "en"))

    def invitation(self, authority: str = "") -> bytes:
        """The file of a new invitation; `authority` is the certificate of its own by which it is known."""
        if authority:
            own = Authority(self.folder / "data" / AUTHORITY).file
            own.parent.mkdir(exist_ok=True)
            own.write_text(authority, "ascii")
        self.hub.settings = self.hub.settings.model_copy(update={"address": self.address})
        return self.hub.invitations.invite(["Works"])[0].envelope + b"\n"

    def admit(self, member: int = 1) -> None:
        """Its people compared the fingerprint."""
        key = self.hub.register.members[member].key
        assert key is not None
        self.hub.registrar.admit(member, fingerprint(key))

    def speak_freely(self) -> None:
        """Takes what members say of documents that a test signs in the hub's name and that its books do not hold."""
        desk = self.hub._intake._desk  # noqa: SLF001 - a hub has no door for that
        desk.checks.clear()
        desk.beside.clear()

    def backed_up(self, to: Path) -> None:
        """Copies its folder."""
        self.hub.close()
        shutil.copytree(self.folder, to)
        self.hub = self._open()

    def restored(self, backup: Path) -> None:
        """Goes on from a copy: what came since is lost."""
        self.hub.close()
        shutil.rmtree(self.folder)
        shutil.copytree(backup, self.folder)
        self.hub = self._open()

    def envelopes(self, member: int = 1) -> list[Envelope]:
        """What it has of a member, in order."""
        chosen = select(StatementRecord.envelope).where(StatementRecord.member == member)
        with self.hub.books.reading() as rows:
            return [Envelope.parse(one) for one in rows.scalars(chosen.order_by(StatementRecord.number))]

    def said(self, member: int = 1) -> list[Statement]:
        """The same as they are read."""
        found = [decoded(one) for one in self.envelopes(member)]
        return [one for one in found if isinstance(one, Statement)]

    def receive(self, text: bytes) -> bytes:
        """The answers to lines of envelopes."""
        self.lines += [Envelope.parse(line) for line in text.splitlines()]
        return b"".join(one.json() + b"\n" for one in self.hub.receive(text))


@contextmanager
def served(peer: HubPeer, context: ssl.SSLContext | None = None) -> Iterator[HubPeer]:
    """The hub at an address of this computer, over TLS where a context is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            answers = peer.spoil(peer.receive(content))
            mute = bool(peer.mute) and peer.mute in Envelope.parse(content.splitlines()[0]).kind
            if mute or self.path != "/api/exchange":
                self.send_error(503 if mute else 404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(answers)))
            self.end_headers()
            self.wfile.write(answers)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    peer.address = f"http{'' if context is None else 's'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
