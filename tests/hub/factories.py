"""Factories that speak to a hub as a node does: each with its keys and its chain, and what it got back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from lineside.exchange import (
    ASK,
    ENROLMENT,
    RECEIPT,
    STATEMENT,
    TOLD,
    WELCOME,
    Answer,
    Ask,
    Enrolment,
    Envelope,
    Invitation,
    Leaving,
    Profile,
    ProfileChange,
    Receipt,
    Rotation,
    Statement,
    Submission,
    Told,
    Value,
    Welcome,
    decoded,
    encoded,
    signer,
)
from lineside.hub import Hub, Invited, agreement_hash
from lineside.trust import Key, fingerprint

EDITION = "2026-11"
MONTH = "2026-09"
PROFILE = Profile(name="Valve works", industry="C3443", region="north", employees=120, revenue_cny=40_000_000.0)
VALUES = (
    Value(indicator="oee", value=0.6, coverage=0.95, evidence="a" * 64),
    Value(indicator="availability", value=0.8, coverage=0.95, evidence="b" * 64),
    Value(indicator="lead_time", absent="no_orders"),
)


class Clock:
    """A clock that a test moves: the 20th of November 2026 at first, in microseconds since 1970."""

    def __init__(self) -> None:
        self.us = 1_795_132_800_000_000

    def __call__(self) -> int:
        """Microseconds since 1970."""
        return self.us

    @property
    def ms(self) -> int:
        """Milliseconds since 1970."""
        return self.us // 1000

    def forward(self, *, days: float = 0, minutes: float = 0) -> None:
        """Let time go by."""
        self.us += round((days * 1440 + minutes) * 60_000_000)


@dataclass
class Factory:
    """One member's side: `sent` are the envelopes of its chain, the enrolment first; `receipts` by number."""

    key: Key
    clock: Clock
    hub: str = ""
    hub_key: bytes = b""
    number: int = 0
    sent: list[Envelope] = field(default_factory=list)
    receipts: dict[int, Receipt] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, clock: Clock, name: str = "member") -> Factory:
        """A factory with a new key."""
        return cls(Key.make(folder / f"{name}.key"), clock)

    def enrolment(self, invited: Invited, profile: Profile = PROFILE, **other: Any) -> Envelope:
        """What it sends to become a member, by the invitation it got."""
        told = decoded(Envelope.parse(invited.envelope))
        assert isinstance(told, Invitation)
        assert Envelope.parse(invited.envelope).signed_by(bytes.fromhex(told.key))
        self.hub, self.hub_key = told.hub, bytes.fromhex(told.key)
        asked = Enrolment(
            hub=told.hub,
            code=told.code,
            key=self.key.public.hex(),
            profile=profile,
            agreement=agreement_hash(told.agreement),
            made_ms=self.clock.ms,
        )
        asked = msgspec.structs.replace(asked, **other)
        return Envelope.sign(ENROLMENT, encoded(asked), self.key)

    def enrol(self, hub: Hub, invited: Invited, profile: Profile = PROFILE) -> Welcome:
        """Becomes a member whom nobody has admitted."""
        envelope = self.enrolment(invited, profile)
        welcome = opened(only(hub.receive(envelope.json())), WELCOME, self)
        assert isinstance(welcome, Welcome)
        assert welcome.enrolment == envelope.sha256
        self.number, self.sent = welcome.member, [envelope]
        return welcome

    def joined(self, hub: Hub, label: str = "a factory", profile: Profile = PROFILE) -> Factory:
        """Invited, enrolled and admitted."""
        self.enrol(hub, hub.invitations.invite([label])[0], profile)
        hub.registrar.admit(self.number, fingerprint(self.key.public))
        return self

    # -- what it says ------------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """The number of the last statement that it made."""
        return len(self.sent) - 1

    def base(self, **other: Any) -> dict[str, Any]:
        """What every statement begins with, the next one in the chain."""
        told = {
            "hub": self.hub,
            "member": self.number,
            "number": self.last + 1,
            "previous": self.sent[-1].sha256,
            "made_ms": self.clock.ms,
        }
        return told | other

    def submission(self, month: str = MONTH, values: tuple[Value, ...] = VALUES, **other: Any) -> Submission:
        """The next statement, of a month."""
        return Submission(month=month, values=values, **{"catalogue": EDITION, **self.base(**other)})

    def signed(self, told: Statement, *keys: Key) -> Envelope:
        """A statement in its envelope, which belongs to no chain yet."""
        return Envelope.sign(STATEMENT, encoded(told), *(keys or (self.key,)))

    def say(self, told: Statement, *keys: Key) -> Envelope:
        """The same as the next of its chain."""
        envelope = self.signed(told, *keys)
        self.sent.append(envelope)
        return envelope

    def profile_change(self, profile: Profile) -> Envelope:
        """Says that it is something else."""
        return self.say(ProfileChange(profile=profile, **self.base()))

    def leaving(self) -> Envelope:
        """Says its last word."""
        return self.say(Leaving(**self.base()))

    def rotation(self, new: Key) -> Envelope:
        """Puts another key in the place of its own."""
        envelope = self.say(Rotation(key=new.public.hex(), **self.base()), self.key, new)
        self.key = new
        return envelope

    def ask(self, what: Any, *, since: int = 0, nonce: str = "1" * 64, **other: Any) -> Envelope:
        """A question about itself."""
        told = Ask(hub=self.hub, member=self.number, what=what, since=since, made_ms=self.clock.ms, nonce=nonce)
        return Envelope.sign(ASK, encoded(msgspec.structs.replace(told, **other)), self.key)

    # -- what comes back ---------------------------------------------------------------------------

    def send(self, hub: Hub, *envelopes: Envelope) -> list[Answer]:
        """Sends envelopes in one go, keeps the receipts that come back, and gives the answers."""
        answers = hub.receive(b"\n".join(one.json() for one in envelopes))
        assert [one.sha256 for one in answers] == [one.sha256 for one in envelopes]
        for answer in answers:
            if answer.reply is not None:
                self.keep(answer)
        return answers

    def keep(self, answer: Answer) -> Receipt:
        """The receipt in an answer, which the hub's key signed and which names the very statement."""
        receipt = opened(answer, RECEIPT, self)
        assert isinstance(receipt, Receipt)
        assert receipt.statement == self.sent[receipt.number].sha256 == answer.sha256
        self.receipts[receipt.number] = receipt
        return receipt

    def told(self, hub: Hub, what: Any, **other: Any) -> dict[str, Any]:
        """What the hub answers to a question."""
        envelope = self.ask(what, **other)
        told = opened(only(hub.receive(envelope.json())), TOLD, self)
        assert isinstance(told, Told)
        assert told.ask == envelope.sha256
        found: dict[str, Any] = msgspec.json.decode(told.answer)
        return found


def only(answers: list[Answer]) -> Answer:
    """The one answer."""
    assert len(answers) == 1
    return answers[0]


def opened(answer: Answer, kind: str, factory: Factory) -> object:
    """What an answer holds, of this kind and signed by the hub."""
    assert answer.problem is None, answer.problem
    envelope = answer.envelope
    assert envelope is not None
    assert envelope.kind == kind
    told = decoded(envelope)
    assert isinstance(told, Welcome | Receipt | Told)
    signer(envelope, factory.hub, factory.hub_key, told.succession)
    return told


def problem(answers: list[Answer]) -> str:
    """Why the one envelope was refused; there is no receipt, and there are words in both languages."""
    answer = only(answers)
    assert answer.reply is None
    assert answer.problem is not None
    assert answer.problem.sentence.keys() == answer.problem.cure.keys() == {"en", "zh"}
    assert all(answer.problem.cure.values())
    return answer.problem.key
