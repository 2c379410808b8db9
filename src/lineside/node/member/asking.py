"""Questions of a member about itself, and what a hub tells: where it stands, and what it said."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias

import msgspec
from msgspec import Struct

from lineside.errors import UnusableData
from lineside.exchange import ASK, Answer, Ask, Askable, Envelope, Problem, Told, Welcome, decoded, encoded, signer
from lineside.node.member.door import Letter
from lineside.node.member.membership import Membership
from lineside.trust import Key

Language: TypeAlias = Literal["en", "zh"]
PROFILE = frozenset({"profile"})
"""What tells of the factory nothing but that it is a member."""


_SOON_MS = 3_600_000
"""So far ahead of the hub's clock a statement waits for it; what is farther has to be made anew."""


class Shown(Struct, frozen=True):
    """What the hub shows of its public ledger: a head, and proofs as `proofs_for` has them."""

    head: dict[str, Any]
    extends: list[str] | None = None
    body: str | None = None
    includes: list[str] | None = None


class Status(Struct, frozen=True):
    """Where a member stands at its hub: its state there, and number and hash of the last statement that it has.

    `restored_ms` is when the hub's books came back from a backup last, as it says.
    """

    state: str
    last: int
    sha256: str
    restored_ms: int | None = None
    ledger: Shown | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is sent."""

    letter: Letter

    @classmethod
    def of(
        cls,
        membership: Membership,
        key: Key,
        what: Askable,
        now_us: int,
        since: int = 0,
        about: str = "",
        language: Language = "en",
    ) -> Self:
        """Signs a question, which is of use for some minutes, once."""
        ask = Ask(
            hub=membership.hub,
            member=membership.member or 0,
            what=what,
            since=since,
            about=about,
            language=language,
            made_ms=now_us // 1000,
            nonce=secrets.token_hex(32),
        )
        return cls(Letter(Envelope.sign(ASK, encoded(ask), key), PROFILE, f"ask {what}"))

    def told(self, membership: Membership, answer: Answer) -> tuple[Told, str]:
        """What the hub told, and the key by which it is known now. Raises UnusableData where it is not its word."""
        told, key = heard(membership, answer)
        if not isinstance(told, Told) or told.ask != self.letter.envelope.sha256 or told.member != membership.member:
            raise UnusableData("member.no_receipt")
        return told, key


def heard(membership: Membership, answer: Answer) -> tuple[object, str]:
    """The record in an answer, and the key of the hub that signed it. Raises UnusableData, also for a problem."""
    if answer.problem is not None:
        raise UnusableData(answer.problem.key, **answer.problem.fields)
    envelope = answer.envelope
    if envelope is None:
        raise UnusableData("member.no_receipt")
    told = decoded(envelope)
    succession = getattr(told, "succession", ())
    key = signer(envelope, membership.hub, bytes.fromhex(membership.hub_key), succession)
    if getattr(told, "hub", None) != membership.hub:
        raise UnusableData("member.no_receipt")
    return told, key.hex()


def welcomed(membership: Membership, answer: Answer) -> tuple[Welcome, Envelope, str]:
    """The welcome in an answer to the enrolment, and the hub's key. Raises UnusableData."""
    told, key = heard(membership, answer)
    enrolment = membership.enrolment
    if not isinstance(told, Welcome) or enrolment is None or told.enrolment != enrolment.sha256 or not answer.envelope:
        raise UnusableData("member.no_receipt")
    return told, answer.envelope, key


def status_of(told: Told) -> Status:
    """The answer to "status". Raises UnusableData."""
    try:
        return msgspec.json.decode(told.answer, type=Status)
    except msgspec.DecodeError as error:
        raise UnusableData("member.no_receipt") from error


class _Pair(Struct, frozen=True):
    statement: msgspec.Raw
    receipt: msgspec.Raw


class _Statements(Struct, frozen=True):
    last: int
    statements: list[_Pair]


def statements_of(told: Told) -> tuple[int, list[tuple[Envelope, Envelope]]]:
    """The answer to "statements": the number of the last one, and as many as are told at once, each with its receipt.

    Raises UnusableData.
    """
    try:
        found = msgspec.json.decode(told.answer, type=_Statements)
    except msgspec.DecodeError as error:
        raise UnusableData("member.no_receipt") from error
    pairs = [(Envelope.parse(bytes(one.statement)), Envelope.parse(bytes(one.receipt))) for one in found.statements]
    return found.last, pairs


def expected_of(answer: Answer, number: int) -> int | None:
    """The number from which on the hub wants to hear what it has not; None where it says nothing of a gap."""
    if answer.problem is None or answer.problem.key != "hub.gap":
        return None
    return int(str(answer.problem.fields.get("expected", number)))


def is_soon(problem: Problem) -> bool:
    """Whether a statement only has to wait until the hub's clock is where this node's is."""
    made_ms, now_ms = problem.fields.get("made_ms"), problem.fields.get("now_ms")
    ahead = problem.key == "hub.future" and isinstance(made_ms, int) and isinstance(now_ms, int)
    return ahead and 0 <= int(str(made_ms)) - int(str(now_ms)) <= _SOON_MS
