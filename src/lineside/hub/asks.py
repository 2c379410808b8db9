"""Questions of members about themselves: signed by the key that speaks for them, soon answered, and once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import delete, select

from lineside.books import Books
from lineside.errors import UnusableData
from lineside.exchange import TOLD, Ask, Told, encoded
from lineside.hub.changes import about
from lineside.hub.heard import Heard
from lineside.hub.member import Member, Standing
from lineside.hub.numbering import Numbering
from lineside.hub.records import AskedRecord, StatementRecord
from lineside.hub.register import Register
from lineside.hub.voice import Voice
from lineside.trust import Kind, Ledger, fingerprint, proofs_for

SOON_MS = 300_000
AHEAD_MS = 60_000
"""So far the clock of who asks may be ahead."""
MOST_BYTES = 150_000
"""Of the statements in one answer; who wants more asks from the last one on."""
_PIECE = 50

Words = Callable[[Member, Ask], Any]
"""What is told to a member that asks; JSON."""


class Asks:
    """Answers questions. `now_us` is the time in microseconds since 1970."""

    def __init__(
        self,
        books: Books,
        ledger: Ledger,
        register: Register,
        voice: Voice,
        numbering: Numbering,
        now_us: Callable[[], int],
    ) -> None:
        self._books, self._ledger, self._register, self._voice, self._now = books, ledger, register, voice, now_us
        self._numbering = numbering
        self._since_ms = now_us() // 1000
        self.words: dict[str, Words] = {"status": self._status, "statements": self._statements}
        """By what is asked."""

    def answer(self, heard: Heard, ask: Ask) -> bytes:
        """The envelope of the answer. Raises UnusableData for who is not the member, or asks late or again."""
        member = self._register.members.get(ask.member)
        if member is None:
            raise UnusableData("hub.stranger", member=ask.member)
        key = member.key
        if key is None or not heard.signed_by(key):
            raise UnusableData("hub.forged")
        words = self.words.get(ask.what)
        if words is None:
            raise UnusableData("hub.no_answer", what=ask.what)
        self._require_fresh(ask)
        told = Told(
            hub=self._voice.hub,
            member=member.number,
            ask=heard.sha256,
            made_ms=self._now() // 1000,
            answer=msgspec.Raw(msgspec.json.encode(words(member, ask))),
            succession=self._voice.succession,
        )
        return self._voice.say(TOLD, encoded(told))

    def _require_fresh(self, ask: Ask) -> None:
        """Raises UnusableData for what comes late, or was answered before: the books know it, also after a restart.

        What was signed long before this hub began to listen is not answered at all, as its books may be of a backup.
        """
        now = self._now() // 1000
        if not max(now - SOON_MS, self._since_ms - AHEAD_MS) <= ask.made_ms <= now + AHEAD_MS:
            raise UnusableData("hub.ask_late", made_ms=ask.made_ms, now_ms=now)
        with self._books.session() as rows:
            rows.execute(delete(AskedRecord).where(AskedRecord.until_ms < now))
            if rows.get(AskedRecord, (ask.member, ask.nonce)) is not None:
                raise UnusableData("hub.asked")
            rows.add(AskedRecord(member=ask.member, nonce=ask.nonce, until_ms=ask.made_ms + SOON_MS))

    def _status(self, member: Member, ask: Ask) -> Mapping[str, Any]:
        """How far a membership is: state, the key by which it is known, number and hash of the last statement.

        And when the hub's books came back from a backup last, 0: never; and proofs that its ledger goes on from what
        the member holds of it, and has the entry that it was told of.
        """
        return {
            "state": member.state.value,
            "admitted": member.state is Standing.MEMBER,
            "key": "-" if member.key is None else fingerprint(member.key),
            "last": member.last,
            "sha256": member.head,
            "restored_ms": (self._numbering.restored_us or 0) // 1000,
            "ledger": self._proofs(member, ask),
        }

    def _proofs(self, member: Member, ask: Ask) -> Mapping[str, Any]:
        """Proofs for the member: of entries nothing but those of its own statements is told."""
        told = proofs_for(self._ledger, ask.since, int(ask.about) if ask.about.isdecimal() else None)
        entry = json.loads(told["body"] or "{}")
        own = entry.get("kind") == Kind.STATEMENT and entry.get("about") == about(member.number)
        return told if own else told | {"body": None, "includes": None}

    def _statements(self, member: Member, ask: Ask) -> Mapping[str, Any]:
        """What a member said after a number, with the receipts, as much as one answer holds."""
        found: list[dict[str, msgspec.Raw]] = []
        size = 0
        for line, receipt in self._stored(member.number, ask.since):
            size += len(line) + len(receipt)
            if found and size > MOST_BYTES:
                break
            found.append({"statement": msgspec.Raw(line), "receipt": msgspec.Raw(receipt)})
        return {"last": member.last, "statements": found}

    def _stored(self, member: int, since: int) -> list[tuple[bytes, bytes]]:
        mine = (StatementRecord.member == member) & (StatementRecord.number > since)
        chosen = select(StatementRecord.envelope, StatementRecord.receipt).where(mine)
        with self._books.reading() as rows:
            found = rows.execute(chosen.order_by(StatementRecord.number).limit(_PIECE))
            return [(line, receipt) for line, receipt in found]
