"""What members and a hub say to each other, as plain records; each travels as the payload of an envelope.

All that a member says after its enrolment is one chain: numbered from 1, each statement naming the one before by its
hash, the first the enrolment. So a repeat is harmless, a gap is seen, and two different pasts cannot both be true.
A hub is named by the id of its public ledger, which stays when its key changes.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from lineside.errors import UnusableData
from lineside.exchange.envelope import Envelope

INVITATION = "application/vnd.lineside.invitation+json"
ENROLMENT = "application/vnd.lineside.enrolment+json"
WELCOME = "application/vnd.lineside.welcome+json"
STATEMENT = "application/vnd.lineside.statement+json"
RECEIPT = "application/vnd.lineside.receipt+json"
ASK = "application/vnd.lineside.ask+json"
TOLD = "application/vnd.lineside.told+json"

MOST_VALUES = 200
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Words: TypeAlias = Annotated[str, Meta(max_length=2000)]
Hash: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Hub: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
"""The id of a hub's ledger."""
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Number: TypeAlias = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Origin: TypeAlias = Literal["measured", "entered", "generated"]
Absence: TypeAlias = Literal[
    "no_source",
    "no_calendar",
    "no_cycle",
    "no_units",
    "no_orders",
    "no_meter",
    "too_little_coverage",
    "nothing_happened",
    "not_released",
    "not_computed",
]
"""Why a value is not there. "nothing_happened": as without any stop there is no time of recovery."""


class _Record(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A record that refuses what it does not know: a hub must not pass over what a member meant to say."""


class Profile(_Record, frozen=True, kw_only=True):
    """What a member is, as far as it tells: by this it is classified and compared."""

    name: Text
    industry: Text
    """Two to four digits of GB/T 4754."""
    region: Text
    """As the settings of the hub name it."""
    employees: Count | None = None
    revenue_cny: Annotated[float, Meta(ge=0)] | None = None
    """Of the last year, in yuan; "turnover" and "balance" in euros where the hub classifies by the rules of the EU."""
    turnover_eur: Annotated[float, Meta(ge=0)] | None = None
    balance_eur: Annotated[float, Meta(ge=0)] | None = None
    traits: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    generated: bool = False
    """It is no factory: made up to show what a hub does."""


class Invitation(_Record, frozen=True, kw_only=True):
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


class Enrolment(_Record, frozen=True, kw_only=True):
    """A factory asks to become a member, with the key by which it will be known."""

    hub: Hub
    code: Text
    key: Hash
    profile: Profile
    agreement: Hash
    """SHA-256 of the text that was accepted."""
    made_ms: Count


class Welcome(_Record, frozen=True, kw_only=True):
    """The hub took an enrolment: people compare the fingerprints of both keys, then a registrar admits the member."""

    hub: Hub
    member: Number
    enrolment: Hash
    entry: Count
    """Of the hub's public ledger."""
    made_ms: Count
    succession: tuple[tuple[Hash, str], ...] = ()


class Value(_Record, frozen=True, kw_only=True, gc=False):  # a hub reads millions, and none can be in a cycle
    """One indicator of a month; where it is absent the reason is told instead."""

    indicator: Text
    value: float | None = None
    absent: Absence | None = None
    coverage: Share | None = None
    """The share of planned time of which there were facts; None where that says nothing, as of what was entered."""
    origin: Origin = "measured"
    evidence: Hash | None = None
    """SHA-256 of what the value was computed from, which stays at home."""


class _Statement(_Record, tag_field="say", frozen=True, kw_only=True):
    hub: Hub
    member: Number
    number: Number
    previous: Hash
    made_ms: Count


class Submission(_Statement, tag="submission", frozen=True, kw_only=True):
    """The indicators of a month; what it does not name stays as it was told before."""

    month: Annotated[str, Meta(pattern=r"^[12]\d{3}-(0[1-9]|1[0-2])$")]
    catalogue: Text
    """The edition by which the values are meant."""
    values: Annotated[tuple[Value, ...], Meta(min_length=1, max_length=MOST_VALUES)]
    why: Words = ""
    """Of a correction: what changed."""


class ProfileChange(_Statement, tag="profile", frozen=True, kw_only=True):
    """The member is something else from now on."""

    profile: Profile


class Rotation(_Statement, tag="rotation", frozen=True, kw_only=True):
    """Another key speaks for the member from the next statement on; signed by the old and by the new one."""

    key: Hash


class Leaving(_Statement, tag="leaving", frozen=True, kw_only=True):
    """The member says no more; what it said stays as the agreement has it."""

    why: Words = ""


Statement: TypeAlias = Submission | ProfileChange | Rotation | Leaving


class Remark(_Record, frozen=True, kw_only=True):
    """Something odd in a statement, which was taken all the same."""

    key: Text
    """Of the texts, under `exchange.remark.`."""
    indicator: str = ""
    fields: dict[str, str | float | int] = {}


class Receipt(_Record, frozen=True, kw_only=True):
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


class Ask(_Record, frozen=True, kw_only=True):
    """A member asks the hub something about itself: soon after it was signed, and once."""

    hub: Hub
    member: Number
    what: Literal["status", "statements", "point"]
    since: Count = 0
    """Of "statements": the number after which they are wanted."""
    language: Literal["en", "zh"] = "en"
    """Of "point": the words that it is told in."""
    made_ms: Count
    nonce: Hash


class Told(_Record, frozen=True, kw_only=True):
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
