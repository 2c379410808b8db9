"""Entries of the ledger as plain data and in words, with the names of who still has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineside.texts import has, say


def entry_json(entry: Mapping[str, Any], names: Mapping[str, str], language: str) -> dict[str, Any]:
    """One entry; times in epoch milliseconds. What was damaged in the books is told as that."""
    kind, who, about = (str(entry.get(name, "")) for name in ("kind", "who", "about"))
    time = entry.get("time")
    return {
        "index": entry["index"],
        "time_ms": time // 1000 if isinstance(time, int) else None,
        "kind": kind,
        "who": who,
        "who_name": name_of(who, names, language),
        "about": about,
        "about_name": name_of(about, names, language),
        "facts": entry.get("facts", {}),
        "sentence": _sentence(kind, entry.get("facts", {}), language),
    }


def name_of(told: str, names: Mapping[str, str], language: str) -> str:
    """Whom an entry means: the name, else the number alone; words for what is no account."""
    key = f"ledger.who.{told}"
    return say(key, language) if told and has(key) else names.get(told, told)


def _sentence(kind: str, facts: Mapping[str, Any], language: str) -> str:
    key = f"ledger.said.{kind}"
    return say(key, language, **facts) if has(key) else say("ledger.said.unreadable", language)
