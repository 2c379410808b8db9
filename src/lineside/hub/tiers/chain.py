"""A supply chain at Line: its industries in their order, who moved in each, and where it is held back most.

It says nothing that is not told of its industries, so it needs no protection of its own.
"""

from __future__ import annotations

from lineside.errors import ConfigurationError
from lineside.hub.compare import Cell, Told
from lineside.hub.settings import Chain
from lineside.hub.tiers.line import held_back, moved
from lineside.hub.tiers.plain import Plain, division_name
from lineside.hub.tiers.reader import Reader
from lineside.hub.tiers.tiers import Tiers
from lineside.texts import say


def chain(tiers: Tiers, name: str, indicator: str, month: str | None, reader: Reader) -> Plain:
    """What is told of the industries of a chain in a month, or in the last one of the indicator.

    Raises ConfigurationError for no such chain or indicator.
    """
    found, one = _named(tiers, name), tiers.indicator(indicator)
    told = tiers.told(indicator, month) if one.compared else None
    base = {
        "chain": {"id": found.id, "name": getattr(found.name, reader.language)},
        "indicator": indicator,
        "month": told.month if told else month,
        "months": tiers.months(indicator),
    }
    if told is None:
        why = say("tiers.withheld.few" if one.compared else "tiers.not_compared", reader.language)
        return base | {"whole": None, "withheld": why, "stages": [], "weakest": []}
    stages = [_stage(tiers, code, told, reader) for code in found.industries]
    return base | {
        "whole": reader.shown(tiers, told, told.by_cell.get(Cell()))["bands"],
        "withheld": None,
        "stages": stages,
        "weakest": _weakest(tiers, stages, told.month, reader),
    }


def _named(tiers: Tiers, name: str) -> Chain:
    chains = {one.id: one for one in tiers.settings.chains}
    if name not in chains:
        raise ConfigurationError("tiers.no_chain", chain=name[:60], known=", ".join(chains) or "-")
    return chains[name]


def _stage(tiers: Tiers, code: str, told: Told, reader: Reader) -> Plain:
    cell = Cell(code)
    named = {"code": code, "name": division_name(code, reader.language)}
    return named | reader.shown(tiers, told, told.by_cell.get(cell)) | {"movement": moved(tiers, told, cell, reader)}


def _weakest(tiers: Tiers, stages: list[Plain], month: str, reader: Reader) -> list[Plain]:
    """Of each indicator the industry that is farthest behind, what holds the chain back most first."""
    weakest: dict[str, Plain] = {}
    for stage in stages:
        for hold in held_back(tiers, month, Cell(stage["code"]), reader):
            before = weakest.get(hold["indicator"])
            if before is None or hold["gap"] > before["gap"]:
                weakest[hold["indicator"]] = hold | {"stage": {"code": stage["code"], "name": stage["name"]}}
    return sorted(weakest.values(), key=lambda one: (-one["gap"], one["indicator"]))
