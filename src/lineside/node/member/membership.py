"""A membership as it stands: taken from an invitation, asked for, admitted, over; kept in the books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError
from lineside.exchange import ENROLMENT, Enrolment, Envelope, Invitation, Profile, Welcome, decoded, encoded
from lineside.node.member.invitation import invitation_of
from lineside.node.member.keys import Keys
from lineside.node.member.records import MembershipRecord
from lineside.rules import industries
from lineside.trust import HERE, NODE, Key, Kind, Ledger, fingerprint

ABOUT = "hub"


class Stage(StrEnum):
    """How far a membership has come."""

    INVITED = "invited"
    """The invitation is here, and nothing was said yet."""
    ASKED = "asked"
    """The enrolment is signed; it goes when a release lets it."""
    ENROLLED = "enrolled"
    """The hub has it; its people compare the fingerprint before they admit."""
    ADMITTED = "admitted"
    STOPPED = "stopped"
    """Nothing is said any more until a person looks: another node speaks with the same key, or the hub knows it not."""
    LEFT = "left"
    CLOSED = "closed"
    """By the hub's people."""


OVER = (Stage.LEFT, Stage.CLOSED)


@dataclass(frozen=True, slots=True)
class Membership:
    """One membership, read from the books."""

    id: int
    hub: str
    hub_key: str
    invitation: Invitation
    taken_us: int
    state: Stage
    key: str
    profile: Profile | None
    enrolment: Envelope | None
    sent_us: int | None
    welcome: Welcome | None
    welcomed: Envelope | None
    """The welcome as the hub signed it."""
    member: int | None
    base: int
    base_sha256: str | None
    admitted_us: int | None
    said_us: int | None
    problem: LinesideError | None
    failures: int
    next_us: int

    @classmethod
    def of(cls, record: MembershipRecord) -> Self:
        """What a record says."""
        invitation = decoded(Envelope.parse(record.invitation))
        welcomed = None if record.welcome is None else Envelope.parse(record.welcome)
        welcome = None if welcomed is None else decoded(welcomed)
        if not isinstance(invitation, Invitation) or not isinstance(welcome, Welcome | None):
            raise ConfigurationError("member.no_invitation")
        return cls(
            id=record.id,
            hub=record.hub,
            hub_key=record.hub_key,
            invitation=invitation,
            taken_us=record.taken_us,
            state=Stage(record.state),
            key=record.key,
            profile=None if record.profile is None else msgspec.convert(record.profile, Profile),
            enrolment=None if record.enrolment is None else Envelope.parse(record.enrolment),
            sent_us=record.sent_us,
            welcome=welcome,
            welcomed=welcomed,
            member=record.member,
            base=record.base,
            base_sha256=record.base_sha256,
            admitted_us=record.admitted_us,
            said_us=record.said_us,
            problem=None if record.problem is None else problem_of(record.problem),
            failures=record.failures,
            next_us=record.next_us,
        )

    @property
    def over(self) -> bool:
        """Whether nothing will be said by it any more."""
        return self.state in OVER

    @property
    def speaks(self) -> bool:
        """Whether another invitation would end something: the hub has this node, and nothing stopped it."""
        return self.welcome is not None and self.state not in (*OVER, Stage.STOPPED)

    @property
    def fingerprint(self) -> str:
        """Of the key that speaks for this node."""
        return fingerprint(bytes.fromhex(self.key))

    @property
    def hub_fingerprint(self) -> str:
        """Of the key by which the hub's answers are known."""
        return fingerprint(bytes.fromhex(self.hub_key))

    @property
    def agreement(self) -> str:
        """SHA-256 of the text that was put to this factory."""
        return sha256(self.invitation.agreement.encode()).hexdigest()


class Memberships:
    """The memberships of a folder, one after another. `now_us`: microseconds since 1970."""

    def __init__(self, books: Books, ledger: Ledger, keys: Keys, now_us: Callable[[], int]) -> None:
        self._books, self._ledger, self.keys, self.now = books, ledger, keys, now_us

    def current(self) -> Membership | None:
        """The newest, also one that is over; None where there never was any."""
        with self._books.reading() as rows:
            record = _newest(rows)
            return None if record is None else Membership.of(record)

    def speaking(self) -> Membership:
        """The one that is not over. Raises ConfigurationError where there is none."""
        found = self.current()
        if found is None or found.over:
            raise ConfigurationError("member.none")
        return found

    def take(self, text: bytes, who: str = HERE) -> Membership:
        """Takes an invitation, and makes a key for it. The same one again changes nothing.

        Raises UnusableData for what is none, ConfigurationError while another membership goes on.
        """
        invitation, envelope = invitation_of(text, self.now() // 1000)
        before = self.current()
        if before is not None and before.invitation == invitation:
            return before
        if before is not None and before.speaks:
            raise ConfigurationError("member.already", hub=before.invitation.name)
        key = self.keys.make(None if before is None else before.id)
        with self._books.session() as rows:
            record = MembershipRecord(
                hub=invitation.hub,
                hub_key=invitation.key,
                invitation=envelope.json(),
                taken_us=self.now(),
                state=Stage.INVITED.value,
                key=key.public.hex(),
            )
            rows.add(record)
            self._tell(rows, Kind.HUB_INVITED, who, hub=invitation.hub, key=fingerprint(bytes.fromhex(invitation.key)))
            rows.flush()
            return Membership.of(record)

    def enrol(self, profile: Profile, agreement: str, who: str = HERE) -> Membership:
        """Signs the enrolment of a factory that accepts the agreement, which its hash names. It is not sent by this.

        Raises ConfigurationError for another agreement, an unknown industry, or where it was sent already.
        """
        found = self.speaking()
        if found.state not in (Stage.INVITED, Stage.ASKED) or found.welcome is not None:
            raise ConfigurationError("member.enrolled_already", hub=found.invitation.name)
        if agreement != found.agreement:
            raise ConfigurationError("member.other_agreement", agreement=found.agreement)
        invitation = found.invitation
        enrolment = Enrolment(
            hub=found.hub,
            code=invitation.code,
            key=found.key,
            profile=checked(profile),
            agreement=agreement,
            made_ms=self.now() // 1000,
        )
        envelope = Envelope.sign(ENROLMENT, encoded(enrolment), self.key_of(found))
        with self._books.session() as rows:
            record = rows.get_one(MembershipRecord, found.id)
            record.profile = msgspec.to_builtins(profile)
            record.enrolment, record.state, record.sent_us = envelope.json(), Stage.ASKED.value, None
            record.problem, record.next_us, record.failures = None, 0, 0
            facts = {"hub": found.hub, "sha256": envelope.sha256, "agreement": agreement, "key": found.fingerprint}
            self._tell(rows, Kind.HUB_ENROLLED, who, **facts)
            return Membership.of(record)

    def key_of(self, membership: Membership) -> Key:
        """The key that speaks for it. Raises ConfigurationError."""
        return self.keys.of(membership.key)

    def change(self, membership: Membership, **fields: Any) -> Membership:
        """Writes down how far it has come; a new state is told in the ledger."""
        with self._books.session() as rows:
            return self.changed(rows, membership, **fields)

    def changed(self, rows: Rows, membership: Membership, **fields: Any) -> Membership:
        """The same in a session of the books."""
        record = rows.get_one(MembershipRecord, membership.id)
        state = fields.get("state", record.state)
        if state != record.state:
            why = (fields.get("problem") or {}).get("key", "")
            self._tell(rows, Kind.HUB_STANDING, NODE, hub=record.hub, state=str(state), why=why)
        key = fields.get("hub_key", record.hub_key)
        if key != record.hub_key:
            self._tell(rows, Kind.HUB_KEY, NODE, of="hub", key=fingerprint(bytes.fromhex(key)), number=0)
        for name, value in fields.items():
            setattr(record, name, value)
        rows.flush()
        return Membership.of(record)

    def _tell(self, rows: Rows, kind: Kind, who: str, **facts: str | int) -> None:
        self._ledger.write(rows, kind, who=who, about=ABOUT, **facts)


def _newest(rows: Rows) -> MembershipRecord | None:
    return rows.scalar(select(MembershipRecord).order_by(MembershipRecord.id.desc()).limit(1))


def checked(profile: Profile) -> Profile:
    """A profile that a person entered. Raises ConfigurationError for an industry that there is not."""
    industries().of(profile.industry)
    return profile


def problem_json(error: LinesideError) -> dict[str, Any]:
    """A problem as it is kept: its key and fields, as plain values."""
    fields = {name: one if isinstance(one, str | int | float) else str(one) for name, one in error.fields.items()}
    return {"key": error.key, "fields": fields}


def problem_of(told: dict[str, Any]) -> LinesideError:
    """What `problem_json` gave."""
    return LinesideError(told["key"], **told["fields"])
