"""Secure sums that a factory takes part in.

A person decides twice: to take part, by which a key is made and nothing of the value leaves; and, once the hub named
the members of a round, to send a share to these. Later rounds of the same sum, which are of fewer of the same members,
go by that yes while as many are left as it asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

import msgspec
from msgspec import Struct
from sqlalchemy import func, select, update

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError, Unreachable, UnusableData
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
from lineside.node.member.rounds import Members, SeenRound, proven
from lineside.trust import HERE, NODE, Fact, Kind, Ledger

_Round: TypeAlias = tuple[SumRound, bytes, str]
"""With the bytes that the hub signed, and their hash."""
_EVERY_US = 3_600_000_000
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
    rounds: tuple[_Round, ...]
    """Those that this factory is in."""
    total: float | None
    members: int | None
    own: float | None = None


_Open: TypeAlias = "tuple[CalledSum, _Round, SumTakenRecord]"


@dataclass(frozen=True, slots=True)
class Speech:
    """By which sums are spoken of: who this factory is, asking the hub, saying, and the value of an indicator."""

    current: Callable[[], Membership]
    ask: Callable[[], Told]
    members: Members
    say: Callable[[Build, str], object]
    value: Callable[[str, str], Value]
    """Of a month, by indicator."""


class SumsTaken:
    """The sums of one folder. `now_us`: microseconds since 1970."""

    def __init__(self, books: Books, ledger: Ledger, speech: Speech, now_us: Callable[[], int]) -> None:
        self._books, self._ledger, self._speech, self._now = books, ledger, speech, now_us
        self._asked_us = 0

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
        """Takes part, with a value that stays here: nothing of it leaves before `agree`. Raises LinesideError.

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

    def waits_ms(self) -> int | None:
        """When the first round ends that waits for a person's yes, as far as the hub was asked; None: none waits."""
        chosen = SumTakenRecord.waits_ms, SumTakenRecord.secret != b"", SumTakenRecord.waits_ms > self._now() // 1000
        with self._books.reading() as rows:
            return rows.scalar(select(func.min(chosen[0])).where(*chosen[1:]))

    def look(self, sha256: str) -> SeenRound | None:
        """The members of the round of a call that waits for shares, asked now; None while no round does.

        Raises LinesideError; UnusableData where the hub does not show what each of them signed.
        """
        found = self._open(sha256)
        return None if found is None else self._seen(*found)

    def agree(self, sha256: str, of_round: str, least: int | None = None, who: str = HERE) -> SeenRound:
        """Says yes to a round as it was seen, for as long as `least` of its members are left, and sends the share.

        None: as few as the call allows. Raises LinesideError.
        """
        found = self._open(sha256)
        if found is None or found[1][2] != of_round:
            raise ConfigurationError("sums.round_gone")
        seen = self._seen(*found)
        fewest = seen.least if least is None else least
        if not seen.least <= fewest <= len(seen.members):
            raise ConfigurationError("sums.least", least=seen.least, members=len(seen.members))
        one, (told, _, _), _ = found
        with self._books.session() as rows:
            record = rows.get_one(SumTakenRecord, sha256)
            record.agreed, record.least = {str(each.member): each.key for each in told.members}, fewest
            facts: dict[str, Fact] = {"sha256": of_round, "members": len(told.members), "least": fewest}
            self._ledger.write(rows, Kind.SUM_AGREED, who=who, about="hub", **facts)
            rows.flush()
            rows.expunge(record)
        self._share(one, record)
        return replace(seen, agreed=True)

    def _open(self, sha256: str) -> _Open | None:
        """A call that this factory takes part in, with its round that waits for shares now, and what is kept of it."""
        one = next((each for each in self.called() if each.sha256 == sha256), None)
        with self._books.reading() as rows:
            kept = rows.get(SumTakenRecord, sha256)
        if one is None or kept is None:
            raise ConfigurationError("sums.no_call_here", sum=sha256[:64])
        waiting = self._waiting(one, kept)
        return None if waiting is None or not kept.secret else (one, waiting, kept)

    def _seen(self, one: CalledSum, waiting: _Round, kept: SumTakenRecord) -> SeenRound:
        told, _, sha256 = waiting
        members = proven(self._speech.current(), told, sha256, self._speech.members)
        agreed = kept.agreed is not None and _among(told, kept.agreed)
        return SeenRound(sha256, told.attempt, told.closes_ms, one.call.least, members, agreed)

    def _waiting(self, one: CalledSum, kept: SumTakenRecord) -> _Round | None:
        """The round that this factory has sent no share of, and may: never before the one before it is closed."""
        now_ms = self._now() // 1000
        for waiting in one.rounds:
            told = waiting[0]
            open_now = told.call == one.sha256 and kept.closes_ms <= now_ms < told.closes_ms
            if told.attempt > kept.attempt and open_now:
                return waiting
        return None

    def go_on(self) -> int:
        """Sends the share of each round that waits for one and was agreed to; how many. Raises LinesideError.

        A later round only once the one before is closed, whose shares nobody should take any more; each round once.
        """
        if not self.waiting():
            return 0
        self._forget_others()
        sent, faults = 0, list[LinesideError]()
        for one in self.called():
            with self._books.reading() as rows:
                kept = rows.get(SumTakenRecord, one.sha256)
            if kept is None or not kept.secret:
                continue
            if one.state in OVER:
                self._forget(one.sha256)
                continue
            try:
                sent += self._share(one, kept)
            except LinesideError as fault:  # the others go on
                faults.append(fault)
        if faults:
            raise faults[0]
        return sent

    def due(self) -> bool:
        """Whether the hub is to be asked again how far they are."""
        return self.waiting() and self._now() >= self._asked_us + _EVERY_US

    def keep_on(self) -> LinesideError | None:
        """Goes on with all of them; what was wrong with one, as that holds nothing up that is to be said beside it."""
        if not self.waiting():
            return None
        self._asked_us = self._now()
        try:
            self.go_on()
        except Unreachable:
            return None  # whatever is said next tells it
        except LinesideError as fault:
            return fault
        return None

    def _share(self, one: CalledSum, kept: SumTakenRecord) -> int:
        waiting = self._waiting(one, kept)
        if waiting is None:
            return 0
        told, payload, sha256 = waiting
        if kept.agreed is None:
            self._note(one.sha256, kept.attempt, kept.closes_ms, told.closes_ms)
            return 0
        least = max(kept.least or 0, one.call.least)
        if len(told.members) < least:
            raise UnusableData("sums.fewer", least=least, members=len(told.members))
        if not _among(told, kept.agreed):
            raise UnusableData("sums.others")
        word = share(kept.steps, self._speech.current().member or 0, kept.secret, told, payload)
        self._note(one.sha256, told.attempt, told.closes_ms)  # first: no round is ever answered twice
        try:
            self._speech.say(_saying(sha256, word), NODE)
        except LinesideError:
            self._note(one.sha256, kept.attempt, kept.closes_ms)
            raise
        return 1

    def _note(self, sha256: str, attempt: int, closes_ms: int, waits_ms: int | None = None) -> None:
        with self._books.session() as rows:
            record = rows.get_one(SumTakenRecord, sha256)
            record.attempt, record.closes_ms, record.waits_ms = attempt, closes_ms, waits_ms

    def _forget_others(self) -> None:
        """Of a hub that this factory is no member of any more nothing is summed: the keys are of no use, either."""
        others = (SumTakenRecord.hub != self._speech.current().hub) & (SumTakenRecord.secret != b"")
        with self._books.session() as rows:
            rows.execute(update(SumTakenRecord).where(others).values(secret=b""))

    def _forget(self, sha256: str) -> None:
        """The key is of no use any more, and with it the shares could be read."""
        with self._books.session() as rows:
            rows.get_one(SumTakenRecord, sha256).secret = b""


def _among(told: SumRound, agreed: Mapping[str, str]) -> bool:
    """Whether a round holds nobody but members that were agreed to, each by the key that it had."""
    return all(agreed.get(str(one.member)) == one.key for one in told.members)


def _saying(sha256: str, word: str) -> Build:
    return lambda fields: SumShare(round=sha256, share=word, **fields)
