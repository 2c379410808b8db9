"""Accounts, their roles and sessions as rows of the books: read, and written by who holds the transaction."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

from lineside.errors import ConfigurationError
from lineside.trust.accounts import (
    EVERYBODY,
    Account,
    Roll,
    Seat,
    SecondFactor,
    Session,
    Token,
    former,
    is_former,
    named_after,
)
from lineside.trust.records import AccountRecord, GrantRecord, SecondFactorRecord, SessionRecord, TokenRecord
from lineside.trust.roles import Grant, Role
from lineside.trust.secrets import digest

UNPROVEN = "-"
"""Before a key of an app whose digits nobody has typed yet."""


def read_roll(rows: Rows) -> Roll:
    """Everybody in the books."""
    roll = Roll(second=read_second(rows))
    grants: dict[int, list[Grant]] = {}
    for row in rows.scalars(select(GrantRecord).order_by(GrantRecord.id)):
        grants.setdefault(row.account_id, []).append(Grant(Role(row.role), row.scope))
    tokens: dict[int, list[Token]] = {}
    for one in rows.scalars(select(TokenRecord).order_by(TokenRecord.id)):
        limit = Grant(Role(one.role), one.scope)
        token = Token(one.id, one.name, limit, one.made_us, one.until_us, one.seen_us)
        tokens.setdefault(one.account_id, []).append(token)
        roll.tokens[one.digest] = (one.account_id, token)
    sessions: dict[int, list[Session]] = {}
    for seen in rows.scalars(select(SessionRecord).order_by(SessionRecord.id)):
        session = Session(
            seen.id, seen.made_us, seen.seen_us, seen.shown_by, Seat(seen.address, seen.browser), seen.two_factors
        )
        sessions.setdefault(seen.account_id, []).append(session)
        roll.sessions[seen.digest] = (seen.account_id, session)
    for record in rows.scalars(select(AccountRecord).order_by(AccountRecord.name)):
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


def session_record(account: int, secret: str, now_us: int, seat: Seat) -> SessionRecord:
    """A session that begins, as it is kept."""
    times = {"made_us": now_us, "seen_us": now_us}
    where = {"address": seat.address, "browser": seat.browser}
    return SessionRecord(account_id=account, digest=digest(secret), two_factors=False, **times, **where)


def read_second(rows: Rows) -> SecondFactor:
    """Of whom a second factor is demanded."""
    told = set(rows.scalars(select(SecondFactorRecord.role)))
    return SecondFactor(EVERYBODY in told, frozenset(Role(one) for one in told - {EVERYBODY}))


def write_second(rows: Rows, rule: SecondFactor) -> None:
    """Demands it of these instead."""
    rows.execute(delete(SecondFactorRecord))
    told = {EVERYBODY} if rule.everybody else set()
    rows.add_all(SecondFactorRecord(role=one) for one in sorted(told | {role.value for role in rule.roles}))


def grants_of(rows: Rows, account: int) -> list[Grant]:
    """The roles of an account, in order."""
    mine = GrantRecord.account_id == account
    return sorted(Grant(Role(one.role), one.scope) for one in rows.scalars(select(GrantRecord).where(mine)))


def give(rows: Rows, account: int, grants: Iterable[Grant]) -> None:
    """These roles instead of those an account had."""
    rows.execute(delete(GrantRecord).where(GrantRecord.account_id == account))
    rows.add_all(GrantRecord(account_id=account, role=one.role, scope=one.scope) for one in grants)


def free_name(rows: Rows, told: str) -> str:
    """A name that no account has: the one a provider tells, with a number where it is taken."""
    plain = named_after(told)
    taken = set(rows.scalars(select(AccountRecord.name)))
    names = (plain if n == 1 else f"{plain}-{n}" for n in count(1))
    return next(name for name in names if name not in taken and not is_former(name))


def require_free(rows: Rows, name: str) -> None:
    """Raises ConfigurationError for a name that an account has, or that one may get when it is forgotten."""
    if is_former(name) or rows.scalar(select(AccountRecord).where(AccountRecord.name == name)) is not None:
        raise ConfigurationError("trust.name_taken", name=name)


def strip(rows: Rows, record: AccountRecord) -> str:
    """Takes from an account its name and all that opens a door; gives what it is called from now on."""
    for held in (GrantRecord, TokenRecord, SessionRecord):
        rows.execute(delete(held).where(held.account_id == record.id))
    record.name, record.password, record.totp, record.recovery, record.code = former(record.id), None, None, [], None
    record.seen_us = record.issuer = record.subject = None
    return record.name
