"""Accounts as plain data, for the page, the API and the commands: nothing in it opens a door."""

from __future__ import annotations

from typing import Any

from lineside.trust import Account


def account_json(account: Account) -> dict[str, Any]:
    """An account with its roles, tokens and sessions; times in epoch milliseconds."""
    return {
        "name": account.name,
        "kind": account.kind,
        "roles": [{"role": grant.role.value, "scope": grant.scope} for grant in account.grants],
        "disabled": account.disabled,
        "password": account.password,
        "issuer": account.issuer,
        "app": account.totp,
        "code_until_ms": _ms(account.code_until_us),
        "made_ms": _ms(account.made_us),
        "seen_ms": _ms(account.seen_us),
        **access_json(account),
    }


def access_json(account: Account) -> dict[str, Any]:
    """By what an account is used: its tokens, and the browsers in which it is logged in."""
    return {
        "tokens": [
            {
                "id": token.id,
                "name": token.name,
                "role": token.limit.role.value,
                "scope": token.limit.scope,
                "made_ms": _ms(token.made_us),
                "until_ms": _ms(token.until_us),
                "seen_ms": _ms(token.seen_us),
            }
            for token in account.tokens
        ],
        "sessions": [
            {
                "id": one.id,
                "made_ms": _ms(one.made_us),
                "seen_ms": _ms(one.seen_us),
                "shown_by": one.shown_by,
                "address": one.seat.address,
                "browser": one.seat.browser,
            }
            for one in account.sessions
        ],
    }


def _ms(time_us: int | None) -> int | None:
    return None if time_us is None else time_us // 1000
