"""Accounts, roles, tokens and sessions in the books.

Nothing that opens a door stands there in the clear. The key of an authenticator app, which both sides need, is sealed
by a key beside the books.
"""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class AccountRecord(Base):
    """A person or a program; never deleted, as what it did bears its name."""

    __tablename__ = "accounts"
    __table_args__ = (Index("uq_accounts_subject", "issuer", "subject", unique=True),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    password: Mapped[str | None]
    totp: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    recovery: Mapped[list[str]] = mapped_column(JSON, default=list)
    code: Mapped[str | None]
    code_until_us: Mapped[int] = mapped_column(default=0)
    disabled: Mapped[bool] = mapped_column(default=False)
    made_us: Mapped[int]
    seen_us: Mapped[int | None]
    issuer: Mapped[str | None]
    subject: Mapped[str | None]


class GrantRecord(Base):
    """A role of an account, and where it holds."""

    __tablename__ = "grants"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[str]
    scope: Mapped[str]


class TokenRecord(Base):
    """A token of an account; role and scope say what it may do at most."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    scope: Mapped[str]
    made_us: Mapped[int]
    until_us: Mapped[int]
    seen_us: Mapped[int | None]


class SessionRecord(Base):
    """A browser that has logged in."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    made_us: Mapped[int]
    seen_us: Mapped[int]
    shown_by: Mapped[str | None]
    address: Mapped[str | None]
    browser: Mapped[str | None]
    two_factors: Mapped[bool] = mapped_column(default=False)


class SecondFactorRecord(Base):
    """A role of whose people a second factor is demanded; "*" stands for everybody."""

    __tablename__ = "second_factors"

    role: Mapped[str] = mapped_column(primary_key=True)
