"""What a change of a rule would do, as plain data; what must not be told to who asks is None."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lineside.api.programme_view import number_json, words_of
from lineside.hub import HubSettings
from lineside.hub.compare import Secrecy
from lineside.hub.laboratory import Bounds, Budget, Effect, Estimate, Movement, Note, Spread
from lineside.hub.support import By, Tried, protected
from lineside.rules import industries, size_schemes
from lineside.texts import say

_MOVED = ("gains", "loses", "enters", "drops_out", "cannot_say", "cost_before", "cost_after")
_SPREAD = ("receivers", "tenth", "quarter", "median", "three_quarters", "nine_tenths", "largest_tenth")


def tried_json(found: Tried, settings: HubSettings, language: str, secrecy: Secrecy | None) -> dict[str, Any]:
    """The effect of a change; with a `secrecy` without what it protects, for people who see no figures."""
    effect = found.effect if secrecy is None else protected(found.effect, found.counts, secrecy)
    names = class_names(found.change.by, settings, language)
    rule = found.before
    places = {name: at for at, name in enumerate(names)}
    classes = sorted(effect.classes, key=lambda one: places.get(one.name, len(places)))
    return {
        "programme": rule.id,
        "on": effect.on.isoformat(),
        "by": found.change.by.value,
        "unit": effect.unit,
        "level": effect.level,
        "before": effect.before,
        "after": effect.after,
        "changed": effect.before != effect.after,
        "edition_after": found.after.edition.id,
        "withheld": None if secrecy is None else say("support.withheld", language, group=secrecy.group),
        "members": found.counts.whole.members,
        "generated": found.generated,
        "left_out": found.left_out,
        "whole": _movement_json(effect.whole, {"": ""}),
        "classes": [_movement_json(one, names) for one in classes],
        "difference": _estimate_json(effect.difference),
        "cost_before": _bounds_json(effect.cost_before),
        "cost_after": _bounds_json(effect.cost_after),
        "eligible_before": _bounds_json(effect.eligible_before),
        "eligible_after": _bounds_json(effect.eligible_after),
        "spread_before": _spread_json(effect.spread_before),
        "spread_after": _spread_json(effect.spread_after),
        "budget_before": _budget_json(effect.budget_before),
        "budget_after": _budget_json(effect.budget_after),
        "unevenness": [
            {
                "measure": one.measure,
                "members": one.members,
                "before": _estimate_json(one.before),
                "after": _estimate_json(one.after),
                "difference": _estimate_json(one.difference),
            }
            for one in effect.unevenness
        ],
        "gaps": [
            {
                "name": one.name,
                "words": words_of(rule, one.name, language),
                "members": one.members,
                "filled": one.filled,
                "beyond_class": one.beyond_class,
            }
            for one in effect.gaps
        ],
        "notes": [_note(one, found, names, language) for one in _notes(effect, shown=secrecy is None)],
    }


def class_names(by: By, settings: HubSettings, language: str) -> Mapping[str, str]:
    """What people call the classes of a hub."""
    match by:
        case By.SIZE:
            scheme = size_schemes()[settings.size_scheme]
            unknown = {"": say("support.size.unknown", language)}
            return {one.id: one.names[language] for one in scheme.classes} | unknown
        case By.INDUSTRY:
            return {code: f"{code} {one.names[language]}" for code, one in industries().divisions.items()}
        case By.REGION:
            return {one.code: getattr(one.name, language) for one in settings.regions}


def _notes(effect: Effect, *, shown: bool) -> tuple[Note, ...]:
    """Those that hold for what is told: protected figures are not told to be unprotected."""
    return tuple(
        one for one in effect.notes if shown or one.key not in {"laboratory.note.unprotected", "laboratory.note.lone"}
    )


def _note(one: Note, found: Tried, classes: Mapping[str, str], language: str) -> str:
    """A note, whose names of inputs and classes are said in words."""
    fields = dict(one.fields)
    if "names" in fields:
        told = str(fields["names"]).split(", ")
        between = say("compare.between", language)
        fields["names"] = between.join(classes.get(name) or words_of(found.before, name, language) for name in told)
    return say(one.key, language, **fields)


def _estimate_json(one: Estimate) -> dict[str, Any] | None:
    if math.isnan(one.value):
        return None
    return {"value": one.value, "low": one.low, "high": one.high}


def _bounds_json(one: Bounds) -> dict[str, Any]:
    return {"low": number_json(one.low), "high": number_json(one.high)}


def _movement_json(one: Movement, names: Mapping[str, str]) -> dict[str, Any]:
    told = not math.isnan(one.enterprises)
    return {
        "id": one.name,
        "name": names.get(one.name, one.name),
        "members": one.members if told else None,
        "enterprises": number_json(one.enterprises),
        **{name: _estimate_json(getattr(one, name)) for name in _MOVED},
    }


def _spread_json(one: Spread) -> dict[str, Any]:
    return {name: _estimate_json(getattr(one, name)) for name in _SPREAD}


def _budget_json(one: Budget | None) -> dict[str, Any] | None:
    if one is None:
        return None
    share = _estimate_json(one.share)
    return {"budget": one.budget, "share": share, "exceeded": number_json(one.exceeded)}
