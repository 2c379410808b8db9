"""What a message of an edge node says, in words."""

from __future__ import annotations

from collections.abc import Iterable

from lineside.connect import told_in


def said(payload: bytes, births: Iterable[bytes] = ()) -> list[str]:
    """Its metrics as "name = value", those without a name by the births that told it; nothing where unreadable."""
    names = {alias: name for birth in births for name, alias, _ in told_in(birth) if alias is not None and name}
    return [
        f"{name or names.get(alias or 0, f'alias {alias}')} = {_plain(value)}"
        for name, alias, value in told_in(payload)
    ]


def _plain(value: object) -> str:
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
