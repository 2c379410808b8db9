"""A small hub on loopback: takes enrolments and statements in one chain, and answers as `lineside.exchange` says.

It keeps everything in memory and judges no values: what a hub does with them is tested where hubs are.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import time
from typing import Any

import msgspec

from lineside.errors import LinesideError, UnusableData
from lineside.exchange import (
    INVITATION,
    RECEIPT,
    TOLD,
    WELCOME,
    Answer,
    Ask,
    Enrolment,
    Envelope,
    Invitation,
    Leaving,
    Problem,
    Receipt,
    Remark,
    Rotation,
    Statement,
    Told,
    Welcome,
    decoded,
    encoded,
)
from lineside.trust import Key

HUB = "ab" * 16
AGREEMENT = "What the hub's people see, and what stays when you leave."
FAR_MS = 4_000_000_000_000


class Refusal(UnusableData):
    """A problem by the key of a hub's texts, which the texts of a node need not hold."""


@dataclass
class Held:
    """A member as the hub holds it."""

    keys: list[bytes]
    enrolment: str
    admitted: bool = False
    state: str = "pending"
    statements: list[tuple[Envelope, bytes]] = field(default_factory=list)

    @property
    def head(self) -> str:
        """What the next statement names."""
        return self.statements[-1][0].sha256 if self.statements else self.enrolment


class HubPeer:
    """The hub. `lines` are all envelopes that came; to those whose kind has `mute` in it the answer is lost."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.key = Key.make(folder / "hub.key")
        self.address = ""
        self.authority = ""
        self.members: list[Held] = []
        self.lines: list[Envelope] = []
        self.mute = ""
        self.refuse: Mapping[str, str] = {}
        """Statements that say this are refused for that key."""
        self.remarks: tuple[Remark, ...] = ()
        self.entry = 100
        self._lock = threading.Lock()

    def invitation(self, **changes: Any) -> bytes:
        """The file of an invitation."""
        told: dict[str, Any] = {
            "hub": HUB,
            "key": self.key.public.hex(),
            "name": "Park",
            "address": self.address,
            "authority": self.authority,
            "code": "one-time",
            "expires_ms": FAR_MS,
            "agreement": AGREEMENT,
        }
        return Envelope.sign(INVITATION, encoded(Invitation(**(told | changes))), self.key).json() + b"\n"

    def admit(self, member: int = 1) -> None:
        """Its people compared the fingerprint."""
        self.members[member - 1].state = "member"

    def lose(self, after: int, member: int = 1) -> None:
        """Is restored from a backup that ends after a statement."""
        del self.members[member - 1].statements[after:]

    def said(self, member: int = 1) -> list[Statement]:
        """What it has of a member, in order."""
        found = [decoded(one) for one, _ in self.members[member - 1].statements]
        return [one for one in found if isinstance(one, Statement)]

    def receive(self, text: bytes) -> bytes:
        """The answers to lines of envelopes."""
        with self._lock:
            return b"".join(self._answer(line) + b"\n" for line in text.splitlines() if line.strip())

    def _answer(self, line: bytes) -> bytes:
        envelope = Envelope.parse(line)
        self.lines.append(envelope)
        try:
            told = decoded(envelope)
            if isinstance(told, Enrolment):
                word = self._enrol(envelope, told)
            elif isinstance(told, Ask):
                word = self._tell(envelope, told)
            elif isinstance(told, Statement):
                word = self._take(envelope, told)
            else:
                raise Refusal("hub.not_for_hubs")
        except LinesideError as error:
            problem = Problem(key=error.key, fields={name: str(value) for name, value in error.fields.items()})
            return Answer(sha256=envelope.sha256, problem=problem).json()
        return Answer(sha256=envelope.sha256, receipt=msgspec.Raw(word)).json()

    def _say(self, kind: str, record: msgspec.Struct) -> bytes:
        return Envelope.sign(kind, encoded(record), self.key).json()

    def _enrol(self, envelope: Envelope, told: Enrolment) -> bytes:
        key = bytes.fromhex(told.key)
        if told.code != "one-time" or not envelope.signed_by(key):
            raise Refusal("hub.no_code")
        known = [one.enrolment for one in self.members]
        if envelope.sha256 not in known:
            self.members.append(Held([key], envelope.sha256))
            known.append(envelope.sha256)
        number = known.index(envelope.sha256) + 1
        return self._say(
            WELCOME, Welcome(hub=HUB, member=number, enrolment=envelope.sha256, entry=number, made_ms=_now_ms())
        )

    def _take(self, envelope: Envelope, told: Statement) -> bytes:
        member = self.members[told.member - 1]
        before = member.statements[told.number - 1] if told.number <= len(member.statements) else None
        if not any(envelope.signed_by(one) for one in member.keys):
            raise Refusal("hub.forged")
        if before is not None and before[0].sha256 == envelope.sha256:
            return before[1]
        if before is not None:
            raise Refusal("hub.fork", number=told.number, sha256=envelope.sha256, other=before[0].sha256)
        if member.state == "pending":
            raise Refusal("hub.not_admitted")
        if told.number != len(member.statements) + 1:
            raise Refusal("hub.gap", number=told.number, expected=len(member.statements) + 1, previous=member.head)
        if told.previous != member.head:
            raise Refusal("hub.fork", number=told.number - 1, sha256=told.previous, other=member.head)
        if (say := str(told.__struct_config__.tag)) in self.refuse:
            raise Refusal(self.refuse[say])
        if isinstance(told, Rotation):
            if not envelope.signed_by(bytes.fromhex(told.key)):
                raise Refusal("hub.unsigned_key")
            member.keys.append(bytes.fromhex(told.key))
        if isinstance(told, Leaving):
            member.state = "left"
        self.entry += 1
        receipt = Receipt(
            hub=HUB,
            member=told.member,
            number=told.number,
            statement=envelope.sha256,
            entry=self.entry,
            received_ms=_now_ms(),
            remarks=self.remarks,
        )
        member.statements.append((envelope, self._say(RECEIPT, receipt)))
        return member.statements[-1][1]

    def _tell(self, envelope: Envelope, told: Ask) -> bytes:
        member = self.members[told.member - 1]
        if not envelope.signed_by(member.keys[-1]):
            raise Refusal("hub.forged")
        answer: Any = {"state": member.state, "last": len(member.statements), "sha256": member.head}
        if told.what == "statements":
            pairs = [
                {"statement": msgspec.Raw(one.json()), "receipt": msgspec.Raw(word)}
                for one, word in member.statements[told.since :][:2]
            ]
            answer = {"last": len(member.statements), "statements": pairs}
        raw = msgspec.Raw(msgspec.json.encode(answer))
        return self._say(TOLD, Told(hub=HUB, member=told.member, ask=envelope.sha256, made_ms=_now_ms(), answer=raw))


def _now_ms() -> int:
    return round(time() * 1000)


@contextmanager
def served(hub: HubPeer, context: ssl.SSLContext | None = None) -> Iterator[HubPeer]:
    """The hub at an address of this computer, over TLS where a context is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            answers = hub.receive(content)
            mute = bool(hub.mute) and hub.mute in Envelope.parse(content).kind
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
    hub.address = f"http{'' if context is None else 's'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
