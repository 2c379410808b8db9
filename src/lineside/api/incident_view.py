"""Incidents as plain data: what a list may show, and what who looked at one is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lineside.exchange import Incident
from lineside.hub import Hub
from lineside.hub.incidents import Thread, acts_json


def listed_json(hub: Hub, one: Thread) -> dict[str, Any]:
    """An incident in a list: nothing of whose it is, and nothing of what was told."""
    return {
        "number": one.number,
        "concerns": list(one.concerns),
        "shared": sorted({each.concern for each in one.shares}),
        "severity": one.severity,
        "month": _month(hub, one.said[0].told.began_ms),
        "state": "closed" if one.closed else "open",
        "words": len(one.said),
        "looked": len(one.looks),
    }


def own_json(hub: Hub, one: Thread) -> dict[str, Any]:
    """All of an incident for the member that told it, with who looked: accounts by their numbers."""
    told = [each.told for each in one.said]
    return (
        listed_json(hub, one) | {"member": one.member, "thread": [_said_json(each) for each in told]} | acts_json(one)
    )


def looked_json(hub: Hub, one: Thread, told: Sequence[Incident]) -> dict[str, Any]:
    """All of an incident for who looked at it, with who looked before, by name."""
    member = hub.register.get(one.member)
    names = {f"account/{each.id}": each.name for each in hub.people.everybody()}
    acts = {name: [_named(each, names) for each in those] for name, those in acts_json(one).items()}
    return (
        listed_json(hub, one)
        | {
            "member": one.member,
            "member_name": member.profile.name,
            "generated": member.profile.generated,
            "thread": [_said_json(each) for each in told],
        }
        | acts
    )


def _said_json(told: Incident) -> dict[str, Any]:
    return {
        "statement": told.number,
        "concern": told.concern,
        "severity": told.severity,
        "title": told.title,
        "words": told.words,
        "began_ms": told.began_ms,
        "ended_ms": told.ended_ms,
        "made_ms": told.made_ms,
    }


def _named(act: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {**act, "by_name": names.get(act["by"])}


def _month(hub: Hub, time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(hub.zone)
    return f"{moment.year:04d}-{moment.month:02d}"
