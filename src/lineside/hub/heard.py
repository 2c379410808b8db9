"""What came as one line: an envelope that could be read, with nobody's word yet that it is true."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from lineside.errors import UnusableData
from lineside.exchange import Ask, Enrolment, Envelope, Receipt, Statement, Welcome, decoded

MOST_SIGNATURES = 2
"""A rotation is signed by two keys, and nothing by more."""
MOST_LINE = 120_000
"""Bytes of an envelope: one with 200 values takes half of it, and an answer has to hold it."""


@dataclass(slots=True)
class Heard:
    """A line, its envelope, and the record in it."""

    line: bytes
    envelope: Envelope
    sha256: str
    told: Statement | Enrolment | Ask | Receipt | Welcome
    verified: bytes | None = None
    """A key that is known to have signed it."""
    answered: list[Receipt | Welcome] = field(default_factory=list)
    """What this hub signed of it before, as whoever sent it shows: the oldest first."""

    def signed_by(self, public: bytes) -> bool:
        """Whether this key signed it; looked at once for each key."""
        if self.verified != public and self.envelope.signed_by(public):
            self.verified = public
        return self.verified == public


def hear(line: bytes, hub: str) -> Heard:
    """What a line says to the hub of this id. Raises UnusableData for what it does not understand."""
    if len(line) > MOST_LINE:
        raise UnusableData("exchange.too_large", most=MOST_LINE * 3 // 4)
    envelope = Envelope.parse(line)
    if len(envelope.signatures) > MOST_SIGNATURES:
        raise UnusableData("exchange.no_envelope")
    told = decoded(envelope)
    if not isinstance(told, Statement | Enrolment | Ask | Receipt | Welcome):
        raise UnusableData("hub.not_for_hubs", kind=envelope.kind)
    if told.hub != hub:
        raise UnusableData("hub.other_hub", hub=told.hub, own=hub)
    return Heard(line, envelope, envelope.sha256, told)


def hash_of(line: bytes) -> str:
    """By which a line that is no envelope is answered."""
    try:
        return Envelope.parse(line).sha256
    except UnusableData:
        return sha256(line).hexdigest()
