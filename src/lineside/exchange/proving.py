"""A value worked out again from its evidence alone, by whoever is shown the document: the formulas of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod
from statistics import median
from typing import Any, TypeAlias

from lineside.errors import UnusableData
from lineside.exchange.catalogue import catalogue
from lineside.plant import METERED

_HOUR_US, _MINUTE_S = 3_600_000_000, 60.0
_Basis: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a document says of a value, and what comes of working it out again; None where there is none."""

    indicator: str
    month: str
    value: float | None
    again: float | None


def shown(document: str) -> Shown:
    """What a document of evidence shows.

    Raises UnusableData for what is none, and where the edition it was computed by means something else than the one in
    force. That its figures are those of the machines only the factory's own books can show.
    """
    try:
        told = json.loads(document)
        _require_meaning(told["indicator"], told["catalogue"])
        formula, basis, window = _FORMULAS[told["indicator"]], told["from"], told["window_us"]
        value = None if told["value"] is None else float(told["value"])
        return Shown(told["indicator"], told["month"], value, formula(basis, window))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ArithmeticError) as error:
        raise UnusableData("exchange.no_evidence", reason=f"{type(error).__name__}: {error}"[:200]) from error


def _require_meaning(indicator: str, edition: str) -> None:
    own = catalogue()
    if not own.means(indicator, edition):
        fields = {"indicator": indicator[:60], "edition": edition[:60], "own": own.edition.id}
        raise UnusableData("exchange.evidence_edition", **fields)


def _weighted(kpi: str) -> Callable[[_Basis, Any], float | None]:
    """The mean of lines by their planned busy time; a line that was never planned weighs nothing."""

    def formula(basis: _Basis, _: Any) -> float | None:
        counted = [line for line in basis["lines"].values() if line["planned_busy_s"] != 0]
        if not counted or any(line[kpi] is None or line["planned_busy_s"] is None for line in counted):
            return None
        whole = sum(line["planned_busy_s"] for line in counted)
        return float(sum(line[kpi] * line["planned_busy_s"] for line in counted) / whole)

    return formula


def _first_pass_yield(basis: _Basis, _: Any) -> float | None:
    lines = list(basis["lines"].values())
    units = sum(line["units"] for line in lines)
    passed = [prod(one["good"] / one["started"] for one in line["stations"].values()) for line in lines]
    whole = sum(share * line["units"] for share, line in zip(passed, lines, strict=True))
    return float(whole / units) if units else None


def _connected_share(basis: _Basis, _: Any) -> float | None:
    return len(basis["connected"]) / len(basis["machines"]) if basis["machines"] else None


def _machines_connected(basis: _Basis, _: Any) -> float | None:
    return float(len(basis["connected"])) if basis["machines"] else None


def _twin_in_use(basis: _Basis, _: Any) -> float | None:
    return float(any(basis["answered"].values())) if basis["lines"] or basis["answered"] else None


def _online_share(basis: _Basis, _: Any) -> float | None:
    machines = basis["machines"].values()
    busy = sum(one["planned_busy_s"] or 0.0 for one in machines)
    return min(1.0, sum(one["heard_s"] or 0.0 for one in machines) / busy) if busy else None


def _recovery_time(basis: _Basis, _: Any) -> float | None:
    return _median((length for one in basis["machines"].values() for length in one["stops_s"]), _MINUTE_S)


def _lead_time(basis: _Basis, window: Any) -> float | None:
    start, end = window
    done = [o for o in basis["orders"] if o["completed_us"] is not None and start <= o["completed_us"] < end]
    return _median((o["completed_us"] - o["first_us"] for o in done if o["first_us"] is not None), _HOUR_US)


def _schedule_adherence(basis: _Basis, window: Any) -> float | None:
    start, end = window
    due = [o for o in basis["orders"] if start <= o["due_us"] < end and o["made"] is not None]
    kept = [o for o in due if o["completed_us"] is not None and o["completed_us"] <= o["due_us"]]
    return len(kept) / len(due) if due else None


def _energy(what: str, over: str) -> Callable[[_Basis, Any], float | None]:
    """The sum of carriers over good units or output value; none where one of the figures is not known."""

    def formula(basis: _Basis, _: Any) -> float | None:
        carriers = basis["carriers"].values()
        used = [one[what] for one in carriers]
        by = list(basis["good"].values()) if over == "good" else [basis[over]]
        if not used or None in used or None in by or not sum(by) or min(one["coverage"] for one in carriers) < METERED:
            return None
        return float(sum(used) / sum(by))

    return formula


def _median(values: Iterable[float], unit: float) -> float | None:
    found = list(values)
    return float(median(found) / unit) if found else None


_FORMULAS: Mapping[str, Callable[[_Basis, Any], float | None]] = {
    "availability": _weighted("availability"),
    "performance": _weighted("effectiveness"),
    "quality": _weighted("quality"),
    "oee": _weighted("oee"),
    "lead_time": _lead_time,
    "first_pass_yield": _first_pass_yield,
    "connected_share": _connected_share,
    "machines_connected": _machines_connected,
    "twin_in_use": _twin_in_use,
    "online_share": _online_share,
    "recovery_time": _recovery_time,
    "schedule_adherence": _schedule_adherence,
    "energy_per_unit": _energy("kwh", "good"),
    "carbon_per_unit": _energy("kg_co2", "good"),
    "energy_per_value": _energy("kwh", "output_value"),
    "carbon_per_value": _energy("kg_co2", "output_value"),
}
