"""Secure sums that a factory takes part in: a person decides once, then the node sends its share of each round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import msgspec
from msgspec import Struct
from sqlalchemy import select

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.exchange import (
    SUM_CALL,
    SUM_ROUND,
    Envelope,
    SumCall,
    SumKey,
    SumRound,
    SumShare,
    Told,
    Value,
    decoded,
    share,
    signer,
    steps,
    sum_key,
)
from lineside.node.member.chain import Build
from lineside.node.member.membership import Membership
from lineside.node.member.records import SumTakenRecord
from lineside.trust import HERE, NODE, Kind, Ledger

OVER = frozenset({"done", "failed", "stopped"})


class _Told(Struct, frozen=True):
    envelope: msgspec.Raw
    state: str
    rounds: tuple[msgspec.Raw, ...] = ()
    total: float | None = None
    members: int | None = None


class _Answer(Struct, frozen=True):
    sums: tuple[_Told, ...]


@dataclass(frozen=True, slots=True)
class CalledSum:
    """A call as the hub told it, with how far it is; `total` is over `members`. `own` is what this factory gives."""

    sha256: str
    call: SumCall
    envelope: Envelope
    state: str
    rounds: tuple[tuple[SumRound, bytes, str], ...]
    """Those that this factory is in, with their bytes and their hash."""
    total: float | None
    members: int | None
    own: float | None = None


@dataclass(frozen=True, slots=True)
class Speech:
    """By which sums are spoken of: who this factory is, asking the hub, saying, and the value of an indicator."""

    current: Callable[[], Membership]
    ask: Callable[[], Told]
    say: Callable[[Build, str], object]
    value: Callable[[str, str], Value]
    """Of a month, by indicator."""


class SumsTaken:
    """The sums of one folder. `now_us`: microseconds since 1970."""

    def __init__(self, books: Books, ledger: Ledger, speech: Speech, now_us: Callable[[], int]) -> None:
        self._books, self._ledger, self._speech, self._now = books, ledger, speech, now_us

    def called(self) -> list[CalledSum]:
        """What the hub calls for, and how far it is, asked now. Raises LinesideError."""
        found = self._speech.current()
        told = self._speech.ask()
        try:
            answer = msgspec.json.decode(told.answer, type=_Answer)
        except msgspec.DecodeError as error:
            raise UnusableData("member.no_receipt") from error
        with self._books.reading() as rows:
            own = {one.sha256: one.steps for one in rows.scalars(select(SumTakenRecord))}
        return [self._called(one, found, told, own) for one in answer.sums]

    def _called(self, told: _Told, found: Membership, said: Told, own: dict[str, int]) -> CalledSum:
        envelope, call = self._signed(told.envelope, SUM_CALL, found, said)
        call = cast("SumCall", call)
        rounds = []
        for one in told.rounds:
            signed, each = self._signed(one, SUM_ROUND, found, said)
            rounds.append((cast("SumRound", each), signed.payload, signed.sha256))
        value = own.get(envelope.sha256)
        given = None if value is None else value * call.resolution
        return CalledSum(envelope.sha256, call, envelope, told.state, tuple(rounds), told.total, told.members, given)

    def _signed(self, line: msgspec.Raw, kind: str, found: Membership, said: Told) -> tuple[Envelope, object]:
        """What the hub signed. Raises UnusableData for what is not its word, or of another kind."""
        envelope = Envelope.parse(bytes(line))
        signer(envelope, found.hub, bytes.fromhex(found.hub_key), said.succession)
        if envelope.kind != kind:
            raise UnusableData("member.no_receipt")
        return envelope, decoded(envelope)

    def value_of(self, call: SumCall, entered: float | None) -> tuple[int, str]:
        """What this factory would give, in steps, and its origin: the indicator of the month, else what was entered.

        Raises LinesideError where there is none, or one beyond what the call allows.
        """
        if call.indicator is None:
            if entered is None:
                raise ConfigurationError("sums.enter")
            return steps(entered, call), "entered"
        found = self._speech.value(call.month, call.indicator)
        if found.value is None:
            raise ConfigurationError("sums.no_value", indicator=call.indicator, month=call.month)
        return steps(found.value, call), found.origin

    def join(self, sha256: str, entered: float | None = None, who: str = HERE) -> CalledSum:
        """Takes part, with a value that stays here. Raises LinesideError.

        Not twice with the same indicator of a month: two sums that differ by one member tell that member's value.
        """
        one = next((each for each in self.called() if each.sha256 == sha256), None)
        if one is None or one.state != "called":
            raise ConfigurationError("sums.no_call_here", sum=sha256[:64])
        call = one.call
        given, origin = self.value_of(call, entered)
        self._require_new(call, sha256)
        secret, public = sum_key()
        self._speech.say(lambda fields: SumKey(call=sha256, key=public, **fields), who)
        with self._books.session() as rows:
            rows.add(
                SumTakenRecord(
                    sha256=sha256,
                    hub=call.hub,
                    envelope=one.envelope.json(),
                    secret=secret,
                    steps=given,
                    origin=origin,
                    by=who,
                    at_us=self._now(),
                    attempt=0,
                    closes_ms=0,
                )
            )
            self._ledger.write(rows, Kind.SUM_JOINED, who=who, about="hub", sha256=sha256)
        return CalledSum(
            sha256, call, one.envelope, one.state, one.rounds, one.total, one.members, given * call.resolution
        )

    def _require_new(self, call: SumCall, sha256: str) -> None:
        with self._books.reading() as rows:
            for record in rows.scalars(select(SumTakenRecord)):
                known = cast("SumCall", decoded(Envelope.parse(record.envelope)))
                same = call.indicator is not None and (known.indicator, known.month) == (call.indicator, call.month)
                if record.sha256 == sha256 or same:
                    raise ConfigurationError("sums.taken", number=known.number)

    def waiting(self) -> bool:
        """Whether a sum that this factory takes part in may want a share."""
        with self._books.reading() as rows:
            return rows.scalar(select(SumTakenRecord.sha256).where(SumTakenRecord.secret != b"").limit(1)) is not None

    def go_on(self) -> int:
        """Sends the share of each round that waits for one; how many. Raises LinesideError.

        A later round only once the one before is closed, whose shares nobody should take any more; each round once.
        """
        if not self.waiting():
            return 0
        sent = 0
        for one in self.called():
            with self._books.reading() as rows:
                kept = rows.get(SumTakenRecord, one.sha256)
            if kept is None or not kept.secret:
                continue
            if one.state in OVER:
                self._forget(one.sha256)
                continue
            sent += self._share(one, kept)
        return sent

    def _share(self, one: CalledSum, kept: SumTakenRecord) -> int:
        found, now_ms = self._speech.current(), self._now() // 1000
        for told, payload, sha256 in one.rounds:
            open_now = told.call == one.sha256 and kept.closes_ms <= now_ms < told.closes_ms
            if told.attempt <= kept.attempt or not open_now:
                continue
            if len(told.members) < one.call.least:
                raise UnusableData("sums.fewer", least=one.call.least, members=len(told.members))
            word = share(kept.steps, found.member or 0, kept.secret, told, payload)
            self._note(one.sha256, told.attempt, told.closes_ms)  # first: no round is ever answered twice
            try:
                self._speech.say(_saying(sha256, word), NODE)
            except LinesideError:
                self._note(one.sha256, kept.attempt, kept.closes_ms)
                raise
            return 1
        return 0

    def _note(self, sha256: str, attempt: int, closes_ms: int) -> None:
        with self._books.session() as rows:
            record = rows.get_one(SumTakenRecord, sha256)
            record.attempt, record.closes_ms = attempt, closes_ms

    def _forget(self, sha256: str) -> None:
        """The key is of no use any more, and with it the shares could be read."""
        with self._books.session() as rows:
            rows.get_one(SumTakenRecord, sha256).secret = b""


def _saying(sha256: str, word: str) -> Build:
    return lambda fields: SumShare(round=sha256, share=word, **fields)
