"""Surface: an indicator of the whole cluster in a month, its regions and industries, inequality, who is behind."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from lineside.hub.compare import Cell, Interval, Members, Split, Told, coverage
from lineside.hub.tiers.joined import enterprises_of, members_of
from lineside.hub.tiers.plain import Plain, coverage_json, division_name, region_json, region_names, withheld
from lineside.hub.tiers.reader import Reader
from lineside.hub.tiers.tiers import Tiers
from lineside.texts import say


def surface(tiers: Tiers, indicator: str, month: str | None, reader: Reader) -> Plain:
    """What is told of an indicator in a month, or in the last one. Raises ConfigurationError for no such indicator."""
    one = tiers.indicator(indicator)
    told = tiers.told(indicator, month) if one.compared else None
    whole = told.by_cell.get(Cell()) if told else None
    return {
        "indicator": one.id,
        "month": told.month if told else month,
        "months": tiers.months(indicator),
        "edition": told.edition if told else None,
        "generated_share": whole.generated if whole else None,
        "whole": reader.shown(tiers, told, whole)["bands"],
        "withheld": None if one.compared else say("tiers.not_compared", reader.language),
        "regions": [_region(tiers, told, code, reader) for code in tiers.settings.region_codes],
        "industries": [] if told is None else _industries(tiers, told, reader),
        "coverage": cover(tiers, reader.language),
        "inequality": None if told is None else _inequality(tiers, told, reader),
        "behind": [] if told is None else _behind(tiers, told.month, reader),
    }


def cover(tiers: Tiers, language: str, least: int = 1) -> Plain:
    """Whom the members stand for; generated ones stand for somebody in a demonstration alone."""
    settings, members = tiers.settings, _present(tiers)
    made = settings.telling is not None and settings.telling.generated
    return coverage_json(coverage(members, enterprises_of(settings.population), generated=made), language, least)


def _present(tiers: Tiers) -> Members:
    """Who is a member now."""
    return members_of((one for one in tiers.sources.register.everybody() if not one.state.over), tiers.settings)


def _region(tiers: Tiers, told: Told | None, code: str, reader: Reader) -> Plain:
    found = tiers.regions(told).get(code) if told else None
    if found is None or not reader.sees(found.generated):
        why = withheld(found.generated if found else None, reader.language)
        return {"code": code, "n": None, "bands": None, "withheld": why}
    bands = region_json(found, region_names(tiers.settings, reader.language))
    return {"code": code, "n": found.n, "bands": bands, "withheld": None}


def _industries(tiers: Tiers, told: Told, reader: Reader) -> list[Plain]:
    """Those that are told, and those that have members and are not."""
    known = {f"{division:02d}" for division in np.unique(_present(tiers).division).tolist()}
    codes = known | {one.cell.division for one in told.bands if one.cell.division}
    return [
        {
            "code": code,
            "name": division_name(code, reader.language),
            **reader.shown(tiers, told, told.by_cell.get(Cell(code))),
        }
        for code in sorted(codes)
    ]


def _inequality(tiers: Tiers, told: Told, reader: Reader) -> Plain | None:
    found = tiers.inequality(told)
    if found is None or not reader.sees(found.generated):
        return None
    parts = {"value": found.gini.value, "low": found.gini.low, "high": found.gini.high}
    between = found.by_t.between / found.by_t.total if found.by_t.total else 0.0
    words = [
        say("tiers.inequality.gini", reader.language, **parts),
        say("tiers.inequality.between", reader.language, share=f"{between:.0%}", groups=found.groups),
        say("tiers.inequality.interval", reader.language, n=found.n),
    ]
    return {
        "gini": asdict(found.gini),
        "theil_t": _split(found.theil_t, found.by_t),
        "theil_l": _split(found.theil_l, found.by_l),
        "n": found.n,
        "generated": found.generated,
        "words": words,
    }


def _split(whole: Interval | None, parts: Split | None) -> dict[str, Any] | None:
    if whole is None or parts is None:
        return None
    return asdict(whole) | {"within": parts.within, "between": parts.between}


def _behind(tiers: Tiers, month: str, reader: Reader) -> list[Plain]:
    names = region_names(tiers.settings, reader.language)
    return [
        {
            "cell": one.cell.words(reader.language, names),
            "path": one.cell.path,
            "share": one.share,
            "n": one.n,
            "generated": one.generated,
            "indicators": [
                {"id": name, "name": tiers.indicator(name).names[reader.language], "share": None} for name in one.by
            ],
        }
        for one in tiers.behind(month)
        if reader.sees(one.generated)
    ]
