"""What shocks do as plain data, in the words of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineside.hub import Hub, Member
from lineside.hub.shocks import (
    EVERY_DAYS,
    PUBLISHED,
    Between,
    Effect,
    Figure,
    Hit,
    Recoveries,
    Risk,
    Shock,
    ShockKind,
    Told,
    whole,
)
from lineside.hub.tiers.plain import division_name
from lineside.rules import industries
from lineside.texts import say

MOST_HITS = 200
"""Factories of the table; those that are hit later stand in the sums alone."""
_DIGITS = 6
_ASSUMED = ("shocks.assumed.supplier", "shocks.assumed.power", "shocks.assumed.price")
_KINDS = (ShockKind.SUPPLIER, ShockKind.POWER, ShockKind.PRICE)


def told_json(hub: Hub, told: Told | None, language: str) -> dict[str, Any]:
    """What everybody is told of the published shocks, and why no more."""
    protection = hub.settings.protection
    shocks = told.shocks if told else ((),) * len(PUBLISHED)
    return {
        "edition": told.edition if told else None,
        "told_ms": told.told_us // 1000 if told else None,
        "words": say("shocks.protected", language, group=protection.group + protection.colluders, days=EVERY_DAYS),
        "published": [_published_json(*one, language) for one in zip(PUBLISHED, shocks, strict=True)],
    }


def effect_json(hub: Hub, found: Effect, inputs: Mapping[str, int], language: str) -> dict[str, Any]:
    """What a shock does to the cluster, with each factory by its name: for analysts and overseers."""
    members = hub.register.members
    return {
        "shock": shock_json(found.shock, language),
        "unit": say(_unit(found.shock), language),
        "weighed": say("shocks.weighed.employees" if found.by_employees else "shocks.weighed.members", language),
        "members": found.members,
        "told": found.told,
        "weight_told": _rounded(found.weight_told),
        "generated": found.generated,
        "curve": [_between_json(one) for one in found.curve],
        "lost": _between_json(found.lost),
        "of_all": _between_json(found.of_all),
        "hits": [_hit_json(one, members[one.member], language) for one in found.hits[:MOST_HITS]],
        "more": max(len(found.hits) - MOST_HITS, 0),
        "groups": [
            {
                "group": one.group,
                "name": division_name(one.group, language),
                "members": one.members,
                "told": one.told,
                "lost": _between_json(one.lost) if one.told else None,
            }
            for one in found.groups
        ],
        "recoveries": _recoveries_json(found.recoveries, language),
        "inputs": [{"what": what, "members": named} for what, named in inputs.items()],
        "notes": [say(one, language) for one in (_ASSUMED[_KINDS.index(found.shock.kind)], "shocks.assumed.twin")],
    }


def own_json(risks: list[Risk], language: str) -> dict[str, Any]:
    """What each of the published shocks costs one factory."""
    return {
        "published": [
            shock_json(shock, language) | {"unit": say(_unit(shock), language)} | _risk_json(own, language)
            for shock, own in zip(PUBLISHED, risks, strict=True)
        ]
    }


def shock_json(one: Shock, language: str) -> dict[str, Any]:
    """A shock, and what it is in words."""
    fields = {"size": f"{one.size:.0%}", "days": f"{one.days:g}", "what": one.what}
    key = f"shocks.kind.{one.kind}" if one.what or one.kind is not ShockKind.SUPPLIER else "shocks.kind.worst"
    return {
        "kind": one.kind.value,
        "size": one.size,
        "days": one.days,
        "what": one.what,
        "words": say(key, language, **fields),
    }


def _published_json(shock: Shock, told: tuple[Figure, ...], language: str) -> dict[str, Any]:
    together = whole(told)
    return shock_json(shock, language) | {
        "measure": say("shocks.share.revenue" if shock.kind is ShockKind.PRICE else "shocks.share.output", language),
        "whole": None if together is None else _between_json(together),
        "members": sum(one.members for one in told),
        "groups": [
            {
                "group": one.group,
                "name": division_name(one.group, language) if one.group else say("shocks.rest", language),
                "members": one.members,
                "lost": _between_json(one.lost),
                "generated": one.generated,
            }
            for one in told
        ],
    }


def _hit_json(one: Hit, member: Member, language: str) -> dict[str, Any]:
    return {
        "member": one.member,
        "name": member.profile.name,
        "industry": division_name(industries().of(member.profile.industry).code, language),
        "generated": member.profile.generated,
        "of_cluster": _rounded(one.of_cluster),
        **_risk_json(one.risk, language),
    }


def _risk_json(one: Risk, language: str) -> dict[str, Any]:
    low, high = one.lost
    return {
        "first": round(one.first, 1),
        "what": one.what,
        "basis": one.basis.value,
        "basis_words": say(f"shocks.basis.{one.basis}", language),
        "lost": _between_json(Between(low, high)),
        "rate": _between_json(Between(one.low, one.high)),
    }


def _recoveries_json(one: Recoveries, language: str) -> dict[str, Any]:
    return {
        "twins": one.twins,
        "between": one.between,
        "days": None if one.days is None else _between_json(one.days),
        "costs": one.costs,
        "cost_cny": None if one.cost_cny is None else {"low": one.cost_cny.low, "high": one.cost_cny.high},
        "words": say("shocks.combined", language),
    }


def _unit(shock: Shock) -> str:
    return "shocks.unit.revenue" if shock.kind is ShockKind.PRICE else "shocks.unit.output"


def _between_json(one: Between) -> dict[str, float]:
    return {"low": _rounded(one.low), "high": _rounded(one.high)}


def _rounded(value: float) -> float:
    return round(value, _DIGITS)
