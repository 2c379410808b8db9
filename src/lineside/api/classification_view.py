"""Classes, learned types, paths and an authority's figures as plain data, in the words of the reader."""

from __future__ import annotations

from typing import Any

from lineside.api.hub_view import objection_json
from lineside.exchange import catalogue
from lineside.hub import Hub, size_of
from lineside.hub.classification import (
    NOT_TOLD,
    Band,
    Counted,
    Edition,
    Kept,
    Own,
    Tally,
    ToldGroup,
    ToldPath,
    ToldTrait,
    ToldType,
    Total,
    Typed,
    classed_json,
    omitted_words,
    overview_words,
    path_words,
    source_json,
    stability_words,
    step_words,
    trait_words,
    typeless,
)
from lineside.hub.tiers import Reader, surface
from lineside.rules import industries, size_schemes
from lineside.texts import say

Plain = dict[str, Any]
CONNECTED = ("connected_share", "online_share")
"""What is told of digital equipment: shares of machines."""


def edition_json(hub: Hub, kept: Kept, reader: Reader, *, exact: bool) -> Plain:
    """An edition; with the exact sizes and numbers for who sees all figures."""
    told, language = kept.told, reader.language
    whole = reader.sees(told.generated)
    sizes = {name: kept.basis.types.count(name) for name in set(kept.basis.types) - {""}}
    return {
        "edition": kept.number,
        "month": told.month,
        "learned_ms": kept.learned_us // 1000,
        "group": told.group,
        "members": told.members,
        "border": told.border,
        "lacking": told.lacking,
        "generated": told.generated,
        "withheld": None if whole else say("tiers.withheld.generated", language),
        "words": overview_words(told, language) if whole else "",
        "left_out": [omitted_words(one, language) for one in told.left_out] if whole else [],
        "types": [_type_json(hub, one, language, sizes if exact else None) for one in told.types] if whole else [],
        "classes": [_group_json(hub, one, language) for one in _classes(hub, told, reader)],
    }


def _classes(hub: Hub, told: Edition, reader: Reader) -> list[ToldGroup]:
    """The groups for a reader; sizes as their scheme has them, from the smallest, industries by their code."""
    sizes = [one.id for one in size_schemes()[hub.settings.size_scheme].classes]
    places = {name: at for at, name in enumerate(sizes)}
    seen = (one for one in told.classes if reader.sees(one.generated))
    return sorted(seen, key=lambda one: (one.by, places.get(one.id, 0), one.id))


def _type_json(hub: Hub, told: ToldType, language: str, exact: dict[str, int] | None) -> Plain:
    return {
        "name": told.name,
        "since": told.since,
        "size": told.size,
        "exact": None if exact is None else exact.get(told.name, 0),
        "stability": told.stability,
        "stability_words": stability_words(told, language),
        "generated": told.generated,
        "traits": [_trait_json(one, language) for one in told.traits],
        "paths": [_path_json(hub, one, language) for one in told.paths],
    }


def _trait_json(told: ToldTrait, language: str) -> Plain:
    return {
        "indicator": told.indicator,
        "kind": told.kind,
        "high": told.high,
        "words": trait_words(told, language),
        "own": _band_json(told.own),
        "others": _band_json(told.others),
    }


def _band_json(told: Band) -> Plain:
    return {"p25": told.low, "p50": told.middle, "p75": told.high}


def _path_json(hub: Hub, told: ToldPath, language: str) -> Plain:
    title = hub.classification.title
    return {
        "target": told.target,
        "name": catalogue().of(told.target).names[language],
        "words": path_words(told, title, language),
        "steps": [
            {
                "kind": one.kind,
                "what": one.what,
                "name": title(one.what, language) if one.kind == "pack" else catalogue().of(one.what).names[language],
                "gain": one.gain,
                "low": None if one.interval is None else one.interval[0],
                "high": None if one.interval is None else one.interval[1],
                "members": one.members,
                "proven": one.proven,
                "cost": one.cost,
                "words": step_words(one, told.target, title, language),
            }
            for one in told.steps
        ],
    }


def _group_json(hub: Hub, told: ToldGroup, language: str) -> Plain:
    return {
        "by": told.by,
        "id": told.id,
        "name": _group_name(hub, told, language),
        "size": told.size,
        "generated": told.generated,
        "paths": [_path_json(hub, one, language) for one in told.paths],
    }


def _group_name(hub: Hub, told: ToldGroup, language: str) -> str:
    if told.by == "industry":
        return f"C{told.id} {industries().divisions[told.id].names[language]}"
    classes = size_schemes()[hub.settings.size_scheme].classes
    return next((one.names[language] for one in classes if one.id == told.id), told.id)


# one member


def own_json(hub: Hub, own: Own, reader: Reader) -> Plain:
    """All that a member is, and its objections against it."""
    member = hub.register.get(own.member)
    return {
        "member": {"id": own.member, "name": member.profile.name, "generated": member.profile.generated},
        "size": size_of(member.profile, hub.settings.size_scheme),
        "classes": [classed_json(one, member.profile.industry, reader.language) for one in own.classes],
        "type": None if own.typed is None else _typed_json(hub, own.typed, reader),
        "paths": [_group_json(hub, one, reader.language) for one in own.groups if reader.sees(one.generated)],
        "objections": [objection_json(one) for one in own.objections],
    }


def _typed_json(hub: Hub, typed: Typed, reader: Reader) -> Plain:
    shown = typed.type if typed.type is not None and reader.sees(typed.type.generated) else None
    return {
        "edition": typed.edition,
        "month": typed.month,
        "type": None if shown is None else _type_json(hub, shown, reader.language, None),
        "sure": typed.sure,
        "why": _none(typed, reader),
        "withdrawn": typed.withdrawn,
    }


def _none(typed: Typed, reader: Reader) -> str | None:
    """Why it is of no type; None where it is of one that may be shown."""
    if (why := typeless(typed, reader.language)) is not None:
        return why
    hidden = typed.type is not None and not reader.sees(typed.type.generated)
    return say("tiers.withheld.generated", reader.language) if hidden else None


# an authority's figures


def reported_json(hub: Hub, reader: Reader, *, exact: bool) -> Plain:
    """What an authority asks for: counts by class, shares of machines, and what is not told with the reason."""
    language = reader.language
    members = hub.classification.counted()
    made = sum(one.profile.generated for one in members)
    share = made / len(members) if members else 0.0
    shown = reader.sees(share)
    return {
        "exact": exact,
        "generated": share,
        "withheld": None if shown else say("tiers.withheld.generated", language),
        "tallies": [_tally_json(one, language) for one in hub.classification.reported(exact=exact)] if shown else [],
        "shares": [_share_json(hub, name, reader) for name in CONNECTED],
        "totals": _totals_json(hub, language, exact=exact) if shown else [],
        "not_told": [
            {
                "id": one,
                "name": say(f"classification.not_told.{one}", language),
                "why": say(f"classification.not_told.{one}.why", language),
            }
            for one in NOT_TOLD
        ],
    }


def _totals_json(hub: Hub, language: str, *, exact: bool) -> list[Plain]:
    month, found = hub.classification.totals()
    return [_total_json(one, month, language, exact=exact) for one in found]


def _total_json(one: Total, month: str, language: str, *, exact: bool) -> Plain:
    """Of who does not see all figures not even how many told it."""
    numbers = {"told": one.told, "members": one.members, "entered": one.entered}
    why = "withheld" if not exact else "nobody" if one.value is None else None
    return {
        "id": one.id,
        "name": say(f"classification.total.{one.id}", language),
        "month": month,
        "value": one.value if exact else None,
        "unit": "machines" if one.id == "equipment" else "share",
        "withheld": None if why is None else say(f"classification.total.{why}", language),
        "coverage": say("classification.total.coverage", language, **numbers) if exact else "",
    }


def _tally_json(one: Tally, language: str) -> Plain:
    return {
        "scheme": one.scheme,
        "name": one.names[language],
        "counts": [_counted_json(count, language) for count in one.counts],
        "unknown": one.unknown,
        "members": one.members,
        "coverage": one.coverage,
        **source_json(one.edition, one.edition.confidence, language),
    }


def _counted_json(one: Counted, language: str) -> Plain:
    return {"id": one.id, "name": one.names[language], "members": one.members}


def _share_json(hub: Hub, indicator: str, reader: Reader) -> Plain:
    told = surface(hub.tiers, indicator, None, reader)
    return {
        "indicator": indicator,
        "name": catalogue().of(indicator).names[reader.language],
        "month": told["month"],
        "bands": told["whole"],
        "withheld": None if told["whole"] else (told["withheld"] or say("tiers.withheld.few", reader.language)),
        "coverage": told["coverage"]["words"],
    }
