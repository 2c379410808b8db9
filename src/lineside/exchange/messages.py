"""What members and a hub say to each other, as plain records; each travels as the payload of an envelope.

What a member says after its enrolment are statements. A hub is named by the id of its public ledger, which stays when
its key changes.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from lineside.errors import UnusableData
from lineside.exchange.envelope import Envelope
from lineside.exchange.overseeing import QUESTION, SANDBOX, SANDBOX_REPORT, Question, Sandbox, SandboxReport
from lineside.exchange.packs import PACK, Pack
from lineside.exchange.statements import Statement
from lineside.exchange.sums import SUM_CALL, SUM_ROUND, SumCall, SumRound
from lineside.exchange.words import Count, Hash, Hub, Number, Profile, Record, Text

INVITATION = "application/vnd.lineside.invitation+json"
ENROLMENT = "application/vnd.lineside.enrolment+json"
WELCOME = "application/vnd.lineside.welcome+json"
STATEMENT = "application/vnd.lineside.statement+json"
RECEIPT = "application/vnd.lineside.receipt+json"
ASK = "application/vnd.lineside.ask+json"
TOLD = "application/vnd.lineside.told+json"


class Invitation(Record, frozen=True, kw_only=True):
    """Who invites, and where to; `code` opens the register once, until it expires."""

    hub: Hub
    key: Hash
    """The hub's public key, by which its answers are known."""
    name: Text
    address: Annotated[str, Meta(max_length=500)] = ""
    """Where it takes envelopes, as https://hub.example; empty where files travel on a stick."""
    authority: Annotated[str, Meta(max_length=20_000)] = ""
    """The certificate (PEM) by which that address is known, where it is of the hub's own authority."""
    code: Text
    expires_ms: Count
    agreement: Annotated[str, Meta(max_length=50_000)]
    """The text of the data agreement that a member accepts by enrolling."""


class Enrolment(Record, frozen=True, kw_only=True):
    """A factory asks to become a member, with the key by which it will be known."""

    hub: Hub
    code: Text
    key: Hash
    profile: Profile
    agreement: Hash
    """SHA-256 of the text that was accepted."""
    made_ms: Count


class Welcome(Record, frozen=True, kw_only=True):
    """The hub took an enrolment: people compare the fingerprints of both keys, then a registrar admits the member."""

    hub: Hub
    member: Number
    enrolment: Hash
    entry: Count
    """Of the hub's public ledger."""
    made_ms: Count
    succession: tuple[tuple[Hash, str], ...] = ()


class Remark(Record, frozen=True, kw_only=True):
    """Something odd in a statement, which was taken all the same."""

    key: Text
    """Of the texts, under `exchange.remark.`."""
    indicator: str = ""
    fields: dict[str, str | float | int] = {}  # noqa: RUF012 - msgspec gives each record its own


class Receipt(Record, frozen=True, kw_only=True):
    """The hub has a statement: it stands in its public ledger as this entry."""

    hub: Hub
    member: Number
    number: Number
    statement: Hash
    entry: Count
    received_ms: Count
    remarks: tuple[Remark, ...] = ()
    succession: tuple[tuple[Hash, str], ...] = ()
    """Keys of the hub that followed the one in the invitation, each with the word of the key before."""


Askable: TypeAlias = Literal[
    "status",
    "statements",
    "point",
    "classes",
    "packs",
    "pack",
    "offers",
    "questions",
    "sandboxes",
    "looks",
    "sums",
    "sum_members",
    "pilots",
]
"""What a member may ask for."""


class Ask(Record, frozen=True, kw_only=True):
    """A member asks the hub something about itself: soon after it was signed, and once."""

    hub: Hub
    member: Number
    what: Askable
    about: Annotated[str, Meta(max_length=64)] = ""
    """Of "pack": its hash; of "sum_members": that of the round; of "status": the entry of the newest receipt."""
    since: Count = 0
    """Of "statements": the number after which they are wanted; of "sum_members" that of the member.

    Of "status": the size of the hub's ledger by the newest head that the member holds.
    """
    language: Literal["en", "zh"] = "en"
    """Of "point" and "classes": the words that it is told in."""
    made_ms: Count
    nonce: Hash


class Told(Record, frozen=True, kw_only=True):
    """The answer to a question, by its hash."""

    hub: Hub
    member: Number
    ask: Hash
    made_ms: Count
    answer: msgspec.Raw
    succession: tuple[tuple[Hash, str], ...] = ()


_DECODERS: dict[str, msgspec.json.Decoder[object]] = {
    INVITATION: msgspec.json.Decoder(Invitation),
    ENROLMENT: msgspec.json.Decoder(Enrolment),
    WELCOME: msgspec.json.Decoder(Welcome),
    STATEMENT: msgspec.json.Decoder(Statement),
    RECEIPT: msgspec.json.Decoder(Receipt),
    ASK: msgspec.json.Decoder(Ask),
    TOLD: msgspec.json.Decoder(Told),
    PACK: msgspec.json.Decoder(Pack),
    QUESTION: msgspec.json.Decoder(Question),
    SUM_CALL: msgspec.json.Decoder(SumCall),
    SUM_ROUND: msgspec.json.Decoder(SumRound),
    SANDBOX: msgspec.json.Decoder(Sandbox),
    SANDBOX_REPORT: msgspec.json.Decoder(SandboxReport),
}


def encoded(record: Struct) -> bytes:
    """The payload of a record."""
    return msgspec.json.encode(record)


def decoded(envelope: Envelope) -> object:
    """The record of an envelope, by its type. Raises UnusableData for another type, and for what does not fit it.

    Nothing is said yet of who signed it.
    """
    decoder = _DECODERS.get(envelope.kind)
    if decoder is None:
        raise UnusableData("exchange.no_kind", kind=envelope.kind[:100])
    try:
        return decoder.decode(envelope.payload)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UnusableData("exchange.no_record", kind=envelope.kind[:100], reason=str(error)[:300]) from error
