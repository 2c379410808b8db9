"""Bands, cells and coverage as plain data, in the words of the reader; None for what is not told or not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineside.hub.compare import PERCENTS, Bands, Coverage, Kind, RegionMedian, Scale
from lineside.hub.settings import HubSettings
from lineside.rules import industries
from lineside.texts import say

Plain = dict[str, Any]


def region_names(settings: HubSettings, language: str) -> Mapping[str, str]:
    """What regions are called, by code."""
    return {one.code: getattr(one.name, language) for one in settings.regions}


def division_name(code: str, language: str) -> str:
    """What an industry is called."""
    found = industries().divisions.get(code)
    return found.names[language] if found else code


def bands_json(one: Bands, scale: Scale, language: str, regions: Mapping[str, str]) -> Plain:
    """The quantiles of a cell in the indicator's unit, who is in it, and the cell in words."""
    values = one.values(scale)
    return {
        "n": one.n,
        **{f"p{percent}": values.get(percent) for percent in PERCENTS},
        "generated": one.generated,
        "entered": one.entered,
        "cell": one.cell.path,
        "words": one.cell.words(language, regions),
    }


def region_json(one: RegionMedian, regions: Mapping[str, str]) -> Plain:
    """The median of a region across all industries, which alone is told of it."""
    return {
        "n": one.n,
        **{f"p{percent}": one.median if percent == 50 else None for percent in PERCENTS},
        "generated": one.generated,
        "entered": None,
        "cell": f"region/{one.region}",
        "words": regions.get(one.region, one.region),
    }


def withheld(generated: float | None, language: str) -> str:
    """Why a figure is not there: it has this share of generated members, or there is none to tell."""
    return say("tiers.withheld.generated" if generated else "tiers.withheld.few", language)


def coverage_json(found: Coverage, language: str, least: int = 1) -> Plain:
    """Whom the members stand for, with the kinds that have so many members at least."""
    kinds = [one for one in found.kinds if one.members >= least]
    words = Coverage(found.members, found.enterprises, found.share, tuple(kinds)).words(language)
    return {
        "members": found.members,
        "enterprises": found.enterprises,
        "share": found.share,
        "words": words,
        "kinds": [_kind_json(one, found, language) for one in kinds],
    }


def _kind_json(one: Kind, found: Coverage, language: str) -> Plain:
    return {
        "by": one.by,
        "of": one.cell,
        "members": one.members,
        "enterprises": one.enterprises,
        "share_members": one.members / max(found.members, 1),
        "share_enterprises": one.enterprises / found.enterprises if found.enterprises else None,
        "words": one.words(language),
    }
