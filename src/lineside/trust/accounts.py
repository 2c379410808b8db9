"""Accounts, tokens and sessions as values."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from lineside.errors import ConfigurationError
from lineside.trust.roles import Grant, Role

Kind = Literal["person", "service"]
LONGEST_NAME = 64
_FORMER = "former-"
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
    two_factors: bool = False
    """Whether the provider said that it asked for two; of a password of here the account says it."""

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
    two_factors: bool = False
    """Whether the provider says that they showed two, by the words that the plant file takes for it."""


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Of whom a second factor is demanded: of everybody, or of who has one of these roles, wherever it holds."""

    everybody: bool = False
    roles: frozenset[Role] = frozenset()

    @classmethod
    def of(cls, roles: Iterable[str], *, everybody: bool = False) -> SecondFactor:
        """The same by the names of the roles. Raises ConfigurationError for what is none."""
        for role in (told := set(roles)) - set(Role):
            raise ConfigurationError("trust.no_role", role=role[:40], known=", ".join(Role))
        return cls(everybody, frozenset(map(Role, told)))

    def asks(self, grants: Iterable[Grant]) -> bool:
        """Whether it is demanded of a person with these roles."""
        return self.everybody or any(grant.role in self.roles for grant in grants)

    def __str__(self) -> str:
        return EVERYBODY if self.everybody else ", ".join(sorted(self.roles)) or "-"


NO_SECOND = SecondFactor()
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody, by number; and whose digest of a token or session is whose."""

    accounts: dict[int, Account] = field(default_factory=dict)
    tokens: dict[str, tuple[int, Token]] = field(default_factory=dict)
    sessions: dict[str, tuple[int, Session]] = field(default_factory=dict)
    second: SecondFactor = NO_SECOND


def spelt(name: str) -> str:
    """What somebody typed as a name: in small letters, in one spelling."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def called(name: str) -> str:
    """A name as it is kept: in small letters, in one spelling. Raises ConfigurationError for what is no name."""
    plain = spelt(name)
    if not plain or len(plain) > LONGEST_NAME or not all(c.isalnum() or c in "._-@" for c in plain):
        raise ConfigurationError("trust.name", longest=LONGEST_NAME)
    return plain


def former(number: int) -> str:
    """What an account is called when it is forgotten."""
    return f"{_FORMER}{number}"


def is_former(name: str) -> bool:
    """Whether a name is of the form that those have who are forgotten."""
    return name.removeprefix(_FORMER).isdecimal() and name.startswith(_FORMER)


def named_after(told: str) -> str:
    """A name for an account after what a provider calls somebody; room is left for a number behind it."""
    letters = "".join(c if c.isalnum() or c in "._-@" else "." for c in spelt(told))[: LONGEST_NAME - 8].strip(".")
    return letters or "person"
