"""A generated member's own key and chain: it says what every member says, in the same signed envelopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lineside.demo.cluster.adopting import Adopting
from lineside.demo.cluster.depending import Depends
from lineside.demo.cluster.generate import GeneratedMember, Said
from lineside.errors import UnusableData
from lineside.exchange import (
    ENROLMENT,
    STATEMENT,
    Adoption,
    Answer,
    Enrolment,
    Envelope,
    Exposure,
    Invitation,
    Receipt,
    Statement,
    Submission,
    Welcome,
    catalogue,
    decoded,
    encoded,
    month_name,
    signer,
)
from lineside.hub import Hub
from lineside.trust import Key

_SAID_ON_DAY, _SAID_AT_HOUR = 2, 6
"""Of the month after."""


@dataclass(slots=True)
class Speaker:
    """Who speaks for a generated member, from its enrolment on; its key is in memory alone and gone with it."""

    told: GeneratedMember
    invitation: Invitation
    key: Key
    member: int = 0
    """The number that the hub gave it; 0 before its welcome."""
    last: int = 0
    head: str = ""
    """The hash that the next statement names."""
    receipts: list[Receipt] = field(default_factory=list)
    """One for each statement, in their order."""

    @classmethod
    def invited(cls, told: GeneratedMember, file: bytes) -> Speaker:
        """One with a new key, by the file of an invitation. Raises UnusableData for what is none."""
        envelope = Envelope.parse(file)
        invitation = decoded(envelope)
        if not isinstance(invitation, Invitation):
            raise UnusableData("exchange.no_kind", kind=envelope.kind[:100])
        signer(envelope, invitation.hub, bytes.fromhex(invitation.key))
        return cls(told, invitation, Key(Ed25519PrivateKey.generate()))

    def enrolment(self, agreement: str, made_ms: int) -> Envelope:
        """Its enrolment, which accepts the agreement with this hash."""
        told = Enrolment(
            hub=self.invitation.hub,
            code=self.invitation.code,
            key=self.key.public.hex(),
            profile=self.told.profile,
            agreement=agreement,
            made_ms=made_ms,
        )
        envelope = Envelope.sign(ENROLMENT, encoded(told), self.key)
        self.head = envelope.sha256
        return envelope

    def welcomed(self, answer: Answer) -> None:
        """Keeps the number that the hub gave it. Raises UnusableData where it was not welcomed."""
        welcome = decoded(self._heard(answer))
        if not isinstance(welcome, Welcome) or welcome.enrolment != self.head:
            raise self._refused(ENROLMENT)
        self.member = welcome.member

    def submission(self, said: Said, now_ms: int) -> Envelope:
        """What it says next: in the first days of the month after, but never later than now."""
        return self.statement(
            Submission,
            min(said_us(said.after) // 1000, now_ms),
            month=month_name(said.month),
            catalogue=catalogue().edition.id,
            values=said.values,
            why=said.why,
        )

    def exposure(self, depends: Depends, month: int, now_ms: int) -> Envelope:
        """What it depends on, as its next statement."""
        return self.statement(
            Exposure,
            now_ms,
            month=month_name(month),
            inputs=depends.inputs,
            energy=depends.energy,
            recoveries=depends.recoveries,
            origin="generated",
        )

    def adoption(self, pack: str, one: Adopting, now_ms: int) -> Envelope:
        """It says next that it put a pack to use, or gave it up."""
        return self.statement(
            Adoption,
            now_ms,
            pack=pack,
            month=month_name(one.month),
            cost_cny=one.cost_cny,
            foreseen=one.foreseen,
            ended=one.ended,
        )

    def statement(self, kind: Callable[..., Statement], made_ms: int, **told: Any) -> Envelope:
        """Its next statement, which names the one before; `told` is what this kind has beside."""
        self.last += 1
        said = kind(
            hub=self.invitation.hub,
            member=self.member,
            number=self.last,
            previous=self.head,
            made_ms=made_ms,
            **told,
        )
        envelope = Envelope.sign(STATEMENT, encoded(said), self.key)
        self.head = envelope.sha256
        return envelope

    def receipted(self, answer: Answer) -> None:
        """Keeps the receipt of what it said next after the last receipt. Raises UnusableData where it has none."""
        receipt = decoded(self._heard(answer))
        if not isinstance(receipt, Receipt) or receipt.number != len(self.receipts) + 1:
            raise self._refused(STATEMENT)
        self.receipts.append(receipt)

    def _heard(self, answer: Answer) -> Envelope:
        """What the hub signed for it, as it did. Raises UnusableData with the hub's reason where it signed nothing."""
        envelope = answer.envelope
        if envelope is None:
            raise self._refused("-" if answer.problem is None else answer.problem.key)
        signer(envelope, self.invitation.hub, bytes.fromhex(self.invitation.key))
        return envelope

    def _refused(self, reason: str) -> UnusableData:
        return UnusableData("demo.cluster.refused", member=self.told.number, reason=reason)


def heard(hub: Hub, said: Sequence[tuple[Speaker, Envelope]]) -> int:
    """Brings statements to a hub in one breath, each with its receipt; gives how many.

    Raises UnusableData for what the hub does not take.
    """
    answers = hub.receive(b"\n".join(envelope.json() for _, envelope in said)) if said else []
    for (speaker, _), answer in zip(said, answers, strict=True):
        speaker.receipted(answer)
    return len(answers)


def said_us(month: int) -> int:
    """When members say what there is to say after a month, in microseconds since 1970."""
    year, following = divmod(month + 1, 12)
    return int(datetime(year, following + 1, _SAID_ON_DAY, _SAID_AT_HOUR, tzinfo=UTC).timestamp()) * 1_000_000
