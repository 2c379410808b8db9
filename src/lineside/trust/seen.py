"""When accounts, tokens and sessions were last seen: in memory, as it changes with every request."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias, cast

from sqlalchemy.orm import Session as Rows

from lineside.trust.accounts import Account, Session, Token
from lineside.trust.records import AccountRecord, SessionRecord, TokenRecord

What: TypeAlias = Literal["account", "token", "session"]
Noted: TypeAlias = dict[tuple[What, int], int]
_Seen: TypeAlias = AccountRecord | SessionRecord | TokenRecord
_KINDS: dict[What, type[_Seen]] = {"token": TokenRecord, "session": SessionRecord, "account": AccountRecord}


class LastSeen:
    """What is not yet written down of when everybody was last seen."""

    def __init__(self) -> None:
        self._at: Noted = {}

    def note(self, what: What, number: int, at_us: int) -> None:
        """It is seen now."""
        self._at[what, number] = at_us

    def forget(self, account: int) -> None:
        """An account leaves no trace here."""
        self._at.pop(("account", account), None)

    def session(self, one: Session) -> Session:
        """A session with when it was last seen."""
        return replace(one, seen_us=self._at.get(("session", one.id), one.seen_us))

    def account(self, one: Account) -> Account:
        """An account with when it, its tokens and its sessions were last seen."""
        return replace(
            one,
            seen_us=self._at.get(("account", one.id), one.seen_us),
            tokens=tuple(map(self._token, one.tokens)),
            sessions=tuple(map(self.session, one.sessions)),
        )

    def _token(self, one: Token) -> Token:
        return replace(one, seen_us=self._at.get(("token", one.id), one.seen_us))

    def noted(self) -> Noted:
        """All that is not yet written down."""
        return dict(self._at)

    def written(self, noted: Noted) -> None:
        """That much is written down; what was seen again meanwhile is not."""
        for key, at in noted.items():
            if self._at.get(key) == at:
                del self._at[key]


def write_seen(rows: Rows, noted: Noted) -> None:
    """Writes down when what there still is was last seen."""
    for (what, number), at in noted.items():
        row = cast("_Seen | None", rows.get(_KINDS[what], number))
        if row is not None:
            row.seen_us = at
