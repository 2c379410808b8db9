"""Sandboxes as plain data: terms, how far they are, how each month was judged, and what may end them."""

from __future__ import annotations

from typing import Any

import msgspec

from lineside.exchange import month_name
from lineside.hub import Hub
from lineside.hub.sandboxes import Running, Warned, month_json, warned_json
from lineside.texts import say


def sandbox_json(hub: Hub, one: Running, language: str) -> dict[str, Any]:
    """One in full, with the names of its indicators; times in epoch milliseconds."""
    month, terms = hub.sandboxes.month, one.terms
    member = hub.register.get(one.member)
    return {
        "number": one.number,
        "member": one.member,
        "member_name": member.profile.name,
        "generated": member.profile.generated,
        "sha256": one.sha256,
        "title": getattr(terms.title, language),
        "relaxed": getattr(terms.relaxed, language),
        "words": {"title": msgspec.to_builtins(terms.title), "relaxed": msgspec.to_builtins(terms.relaxed)},
        "basis": terms.basis,
        "first": terms.first,
        "last": terms.last,
        "follows": one.follows,
        "stage": one.stage(month),
        "offered_ms": one.offered_us // 1000,
        "agreed_ms": _ms(one.agreed_us),
        "ended_ms": _ms(one.ended_us),
        "why": one.why,
        "why_words": None if one.why is None else say(f"sandboxes.cause.{one.why}", language),
        "reasons": one.reasons,
        "limits": [_limit_json(hub, one, at, language) for at in range(len(terms.limits))],
        "months": [month_json(each) for each in one.months],
        "now": month_name(month),
        "warnings": [_warned_json(hub, each, language) for each in hub.watching.warned(one)],
        "envelope": msgspec.Raw(one.envelope),
        "report": None if one.report is None else msgspec.Raw(one.report),
    }


def _limit_json(hub: Hub, one: Running, at: int, language: str) -> dict[str, Any]:
    """A limit, and in how many months it was kept, beyond and untold so far."""
    limit, told = one.terms.limits[at], one.kept[at]
    indicator = hub.catalogue.indicators.get(limit.indicator)
    return {
        "indicator": limit.indicator,
        "name": limit.indicator if indicator is None else indicator.names[language],
        "unit": "" if indicator is None else indicator.unit,
        "step": 1.0 if indicator is None else indicator.step,
        "ratio": indicator is not None and indicator.ratio,
        "least": limit.least,
        "most": limit.most,
        "months": limit.months,
        "kept": told.kept,
        "beyond": told.beyond,
        "untold": told.untold,
    }


def _warned_json(hub: Hub, one: Warned, language: str) -> dict[str, Any]:
    told = warned_json(one)
    indicator = hub.catalogue.indicators.get(one.indicator or "")
    name = one.indicator or "" if indicator is None else indicator.names[language]
    fields = {"month": told["month"] or "", "indicator": name, "more": one.more or 0}
    return told | {"words": say(f"sandboxes.warning.{one.key}", language, **fields)}


def _ms(time_us: int | None) -> int | None:
    return None if time_us is None else time_us // 1000
