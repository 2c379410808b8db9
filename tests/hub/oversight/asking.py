"""Drafts of questions, and factories that answer them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from lineside.exchange import Envelope, Reply, Value
from lineside.hub import Hub
from lineside.hub.oversight import Asked
from tests.hub.factories import MONTH, PROFILE, Clock, Factory

DAY_MS = 86_400_000
BOTH = {"en": "Do you keep the line running?", "zh": "生产线是否保持运行？"}


def draft(clock: Clock, **other: Any) -> dict[str, Any]:
    """A question to everybody whether machines were available for four fifths of the time, due in ten days."""
    told = {
        "title": {"en": "Availability", "zh": "可用率"},
        "words": BOTH,
        "purpose": {"en": "To see where repair is slow.", "zh": "了解何处维修缓慢。"},
        "basis": "Park order 3, article 2",
        "kind": "yes_no",
        "indicators": ["availability"],
        "month": MONTH,
        "rule": "availability >= 0.8",
        "to": {},
        "due_ms": clock.ms + 10 * DAY_MS,
    }
    return told | other


def band(clock: Clock, *edges: float, indicator: str = "oee", **other: Any) -> dict[str, Any]:
    """A question in which band an indicator lies."""
    told = {"kind": "band", "rule": "", "indicators": [indicator], "edges": edges, "unit": "share"}
    return draft(clock, **(told | other))


def asked_people(clock: Clock, **other: Any) -> dict[str, Any]:
    """A question that people answer."""
    return draft(clock, **({"indicators": [], "month": None, "rule": ""} | other))


def factories(hub: Hub, folder: Path, clock: Clock, count: int, **profile: Any) -> list[Factory]:
    """So many members that said what they measured: each a little more available than the one before."""
    found = []
    for at in range(count):
        made = Factory.make(folder, clock, f"w{hub.register.highest + 1}")
        made.joined(hub, "works", replace(PROFILE, name=f"Works {at}", **profile))
        made.send(hub, made.say(made.submission(values=values(0.7 + 0.01 * at))))
        found.append(made)
    return found


def values(availability: float) -> tuple[Value, ...]:
    """What one of them measured."""
    return (Value(indicator="availability", value=round(availability, 4), coverage=1.0, evidence="e" * 64),)


def reply(factory: Factory, asked: Asked, **told: Any) -> Envelope:
    """The next statement of a factory: its reply, measured of the indicators that the question names."""
    named = {"indicators": asked.question.indicators, "origin": "measured" if asked.question.indicators else "entered"}
    if told.get("declined") or told.get("absent"):
        named = {}
    return factory.say(Reply(question=asked.sha256, **factory.base(), **(named | told)))


def entries(hub: Hub, prefix: str = "") -> list[dict[str, Any]]:
    """The entries of the ledger of a kind that begins so."""
    with hub.ledger.stored() as now:
        found = [json.loads(body) for _, body, _ in now.entries()]
    return [one for one in found if one["kind"].startswith(prefix)]
