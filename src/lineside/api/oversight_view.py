"""Questions and replies as plain data, in the words of the reader; times in epoch milliseconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from lineside.exchange import Both
from lineside.hub import Hub
from lineside.hub.oversight import Asked, Stand, State, Told, exact
from lineside.texts import say


def question_json(hub: Hub, asked: Asked, language: str) -> dict[str, Any]:
    """What anybody may know of a question; counts only where they show nobody."""
    told, found = asked.question, hub.oversight.told(asked)
    ended = asked.withdrawn
    now = "withdrawn" if ended is not None else "over" if hub.oversight.now_ms > asked.due_ms else "open"
    indicators = [hub.catalogue.indicators[name] for name in told.indicators if name in hub.catalogue.indicators]
    return {
        "number": told.number,
        "sha256": asked.sha256,
        "title": _said(told.title, language),
        "words": _said(told.words, language),
        "purpose": _said(told.purpose, language),
        "basis": told.basis,
        "kind": told.kind,
        "kind_words": say(f"oversight.kind.{told.kind}", language),
        "indicators": [{"id": one.id, "name": one.names[language]} for one in indicators],
        "month": told.month,
        "rule": told.rule,
        "edges": list(told.edges),
        "unit": told.unit,
        "to": msgspec.to_builtins(told.to),
        "members": len(asked.members) // asked.group * asked.group,
        "generated": hub.oversight.has_made_up(asked),
        "group": asked.group,
        "duty": told.duty,
        "due_ms": asked.due_ms,
        "published_ms": told.published_ms,
        "entry": asked.entry,
        "state": now,
        "follows": asked.follows,
        "withdrawn": None if ended is None else {"at_ms": ended.at_us // 1000, "why": ended.why},
        "told": None if found is None else told_json(found),
    }


def told_json(found: Told) -> dict[str, Any]:
    """Counts "at least", in steps."""
    return {
        "asked": found.asked,
        "answered": found.answered,
        "declined": found.declined,
        "parts": list(found.parts),
    }


def counts_json(asked: Asked, stands: Iterable[Stand]) -> dict[str, Any]:
    """Exact counts, for who sees every reply."""
    found = list(stands)
    states = Counter(one.state for one in found)
    replies = [one.reply.told for one in found if one.reply is not None]
    return {
        "asked": len(found),
        "states": {one.value: states[one] for one in State},
        "declined": sum(one.declined for one in replies),
        "absent": sum(one.absent is not None for one in replies),
        "entered": sum(one.origin == "entered" for one in replies if not one.declined and one.absent is None),
        "otherwise": sum(one.otherwise is not None for one in found),
        "parts": list(exact(asked.question, replies)),
    }


def stand_json(hub: Hub, asked: Asked, one: Stand, language: str) -> dict[str, Any]:
    """A member with its reply, and what speaks against that."""
    member, waiver = hub.register.get(one.member), one.waiver
    return {
        "member": one.member,
        "name": member.profile.name,
        "generated": member.profile.generated,
        "state": one.state.value,
        "state_words": say(f"oversight.state.{one.state.value}", language),
        "due_ms": one.due_ms,
        "waiver": None if waiver is None else {"due_ms": waiver.due_ms, "why": waiver.why},
        "reply": _reply_json(one, language),
        "remark": _remark(asked, one, language),
        "proof": None
        if one.proof is None
        else {"found": one.proof, "words": say(f"oversight.proof.{one.proof}", language), "again": one.again},
    }


def _reply_json(one: Stand, language: str) -> dict[str, Any] | None:
    if one.reply is None:
        return None
    told = one.reply.told
    return {
        "number": told.number,
        "sha256": one.reply.sha256,
        "received_ms": one.reply.received_us // 1000,
        "yes": told.yes,
        "band": told.band,
        "document": bool(told.document),
        "declined": told.declined,
        "absent": None if told.absent is None else say(f"exchange.absent.{told.absent}", language),
        "origin": told.origin,
        "origin_words": say(f"exchange.origin.{told.origin}", language),
        "coverage": told.coverage,
        "why": told.why,
    }


def _remark(asked: Asked, one: Stand, language: str) -> str | None:
    """That the member's own values say something else."""
    found, month = one.otherwise, asked.question.month or ""
    if found is None:
        return None
    if isinstance(found, bool):
        return say(f"oversight.remark.{'yes' if found else 'no'}", language, month=month)
    return say("oversight.remark.band", language, month=month, band=found + 1)


def _said(words: Both, language: str) -> str:
    found: str = getattr(words, language)
    return found
