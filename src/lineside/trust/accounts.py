"""Accounts, tokens and sessions as values, as they stand in the books at a moment."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session as Books

from lineside.errors import ConfigurationError
from lineside.trust.records import AccountRecord, GrantRecord, SessionRecord, TokenRecord
from lineside.trust.roles import Grant, Role
from lineside.trust.secrets import digest

Kind = Literal["person", "service"]
LONGEST_NAME = 64
IDLE_US = 8 * 3_600_000_000
"""A session that is not used for a shift ends."""
ABSOLUTE_US = 7 * 24 * 3_600_000_000
"""However it is used, it ends after a week."""
PROVIDED_US = 12 * 3_600_000_000
"""One that a provider vouched for ends sooner: then it says anew to which groups somebody belongs."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token without what it is; it may do no more than its role within its scope."""

    id: int
    name: str
    limit: Grant
    made_us: int
    until_us: int
    seen_us: int | None


@dataclass(frozen=True, slots=True)
class Seat:
    """Where somebody logs in; none of either where that is not known."""

    address: str | None = None
    browser: str | None = None
    """What it says it is: "Firefox, Windows"."""


UNKNOWN_SEAT = Seat()


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that has logged in."""

    id: int
    made_us: int
    seen_us: int
    shown_by: str | None = None
    """How a provider says that they showed who they are (`acr` and `amr`); none where it was a password of here."""
    seat: Seat = UNKNOWN_SEAT

    def lives(self, now_us: int) -> bool:
        """Whether it has neither been idle too long nor gone on too long."""
        longest = ABSOLUTE_US if self.shown_by is None else PROVIDED_US
        return now_us - self.seen_us < IDLE_US and now_us - self.made_us < longest


@dataclass(frozen=True, slots=True)
class Account:
    """A person or a program that is known to the node."""

    id: int
    name: str
    kind: str
    grants: tuple[Grant, ...]
    disabled: bool
    password: bool
    """Whether one is set."""
    totp: bool
    """Whether log-in asks for six digits too."""
    code_until_us: int | None
    """Until when a one-time code waits to be used."""
    made_us: int
    seen_us: int | None
    tokens: tuple[Token, ...]
    sessions: tuple[Session, ...]
    issuer: str | None = None
    """The provider that knows them; they have no password here, and their roles come of the groups it names."""

    @property
    def rules(self) -> bool:
        """Whether it can log in and administer the node."""
        return not self.disabled and self.password and Grant(Role.ADMINISTRATOR) in self.grants


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody whom a provider of OpenID Connect knows: by `issuer` and `subject`, and by nothing else."""

    provider: str
    """Its id in the plant file."""
    called: str
    """What people call the provider."""
    issuer: str
    subject: str
    name: str
    grants: tuple[Grant, ...]
    shown_by: str


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody, by number; and whose digest of a token or session is whose."""

    accounts: dict[int, Account] = field(default_factory=dict)
    tokens: dict[str, tuple[int, Token]] = field(default_factory=dict)
    sessions: dict[str, tuple[int, Session]] = field(default_factory=dict)


def called(name: str) -> str:
    """A name as it is kept: in small letters, in one spelling. Raises ConfigurationError for what is no name."""
    plain = unicodedata.normalize("NFKC", name).strip().casefold()
    if not plain or len(plain) > LONGEST_NAME or not all(c.isalnum() or c in "._-@" for c in plain):
        raise ConfigurationError("trust.name", longest=LONGEST_NAME)
    return plain


def named_after(told: str) -> str:
    """A name for an account after what a provider calls somebody; room is left for a number behind it."""
    plain = unicodedata.normalize("NFKC", told).strip().casefold()
    letters = "".join(c if c.isalnum() or c in "._-@" else "." for c in plain)[: LONGEST_NAME - 8].strip(".")
    return letters or "person"


def read_roll(books: Books) -> Roll:
    """Everybody in the books."""
    roll = Roll()
    grants: dict[int, list[Grant]] = {}
    for row in books.scalars(select(GrantRecord).order_by(GrantRecord.id)):
        grants.setdefault(row.account_id, []).append(Grant(Role(row.role), row.scope))
    tokens: dict[int, list[Token]] = {}
    for one in books.scalars(select(TokenRecord).order_by(TokenRecord.id)):
        limit = Grant(Role(one.role), one.scope)
        token = Token(one.id, one.name, limit, one.made_us, one.until_us, one.seen_us)
        tokens.setdefault(one.account_id, []).append(token)
        roll.tokens[one.digest] = (one.account_id, token)
    sessions: dict[int, list[Session]] = {}
    for seen in books.scalars(select(SessionRecord).order_by(SessionRecord.id)):
        session = Session(seen.id, seen.made_us, seen.seen_us, seen.shown_by, Seat(seen.address, seen.browser))
        sessions.setdefault(seen.account_id, []).append(session)
        roll.sessions[seen.digest] = (seen.account_id, session)
    for record in books.scalars(select(AccountRecord).order_by(AccountRecord.name)):
        roll.accounts[record.id] = Account(
            id=record.id,
            name=record.name,
            kind=record.kind,
            grants=tuple(grants.get(record.id, ())),
            disabled=record.disabled,
            password=record.password is not None,
            totp=record.totp is not None and not record.totp.startswith(UNPROVEN),
            code_until_us=record.code_until_us if record.code is not None else None,
            made_us=record.made_us,
            seen_us=record.seen_us,
            tokens=tuple(tokens.get(record.id, ())),
            sessions=tuple(sessions.get(record.id, ())),
            issuer=record.issuer,
        )
    return roll


def session_record(account: int, secret: str, now_us: int, seat: Seat, shown_by: str | None = None) -> SessionRecord:
    """A session that begins, as it is kept."""
    times = {"made_us": now_us, "seen_us": now_us}
    kept = {"digest": digest(secret), "shown_by": shown_by, "address": seat.address, "browser": seat.browser}
    return SessionRecord(account_id=account, **times, **kept)


UNPROVEN = "-"
"""Before a key of an app whose digits nobody has typed yet."""
