"""Rows and opened numbers as plain data in the reader's language: the one form every screen and export shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from lineside.measure.kpi import Lack
from lineside.measure.number import STANDARD, Counted, Number
from lineside.measure.planned import Excluded
from lineside.measure.rows import Row
from lineside.plant import Edition, Plant, State, Timeline, moment
from lineside.texts import say

SHOWN_INTERVALS = 2000
_HOURS_ALONE = 100


def iso(us: int, zone: ZoneInfo) -> str:
    """A moment as ISO 8601 in the plant's zone."""
    return moment(us, zone).isoformat()


def row_json(row: Row, plant: Plant, language: str = "en", now: int | None = None) -> dict[str, Any]:
    """One KPI row. `partial`: the window cuts its shift or day; `so_far`: that is still going on."""
    domain, whole, zone = row.domain, row.domain.whole, plant.site.zone
    return {
        "scope": row.scope,
        "level": row.level,
        "id": row.id,
        "name": row.name,
        "from": iso(domain.start, zone),
        "to": iso(domain.end, zone),
        "shift": domain.shift,
        "production_day": domain.production_day.isoformat() if domain.production_day else None,
        "product": domain.product,
        "partial": whole is not None,
        "so_far": whole is not None and now is not None and domain.start == whole[0] <= now < whole[1],
        **{kpi: _share(value) for kpi, value in row.values.items()},
        "range": {kpi: [_share(low), _share(high)] for kpi, (low, high) in row.bounds.items()},
        "planned_busy_s": _seconds(row.planned_busy_s),
        "planned_basis": row.basis,
        "times_s": _times(row.times),
        "planned_times_s": _times(row.planned_times),
        "produced": _count(row.produced),
        "good": _count(row.good),
        "rejected": _count(row.rejected),
        "ideal_s": _seconds(row.ideal_s),
        "coverage": _share(row.coverage),
        "rule": row.rule,
        "pace": row.pace,
        "edition": list(row.editions),
        "missing": [lack_json(lack, plant, language) for lack in row.lacks],
        "suspect": [lack_json(suspect, plant, language, "suspect") for suspect in row.suspects],
        "losses": [{"id": x.id, "kind": x.kind, "seconds": _seconds(x.seconds)} for x in row.losses],
    }


def lack_json(lack: Lack, plant: Plant | None, language: str, family: str = "missing") -> dict[str, Any]:
    """What is missing (or suspect), its effect and its cure, in words, with the values in them under `fields`.

    Names are as people say them, in the cure as the file does; without a plant everywhere as the file does.
    """
    level, _, subject = lack.subject.partition("/")
    fields = {**dict(lack.fields), "subject": subject}
    if isinstance(seconds := fields.get("seconds"), int | float):
        fields["time"] = _duration(seconds, language)
    named = dict(fields)
    if plant is not None:
        named["subject"] = _name(plant, level, subject)
        if isinstance(product := fields.get("product"), str) and product in plant.products:
            named["product"] = plant.products[product].name
    key = f"measure.{family}.{lack.code}"
    what, cure = say(key, language, **named), say(f"{key}.cure", language, **fields)
    if "edition" in fields:  # only an earlier edition lacks it
        what, cure = say("measure.then", language, what=what, **named), say("measure.then.cure", language)
    return {
        "code": lack.code,
        "subject": lack.subject,
        "fields": dict(lack.fields),
        "what": what,
        "effect": say(f"{key}.effect", language, **named),
        "cure": cure,
    }


def number_json(number: Number, plant: Plant, timeline: Timeline, language: str = "en") -> dict[str, Any]:
    """An opened KPI."""
    zone, row = plant.site.zone, number.row
    return {
        "kpi": number.kpi,
        "name": say(f"kpi.{number.kpi}", language),
        "standard": STANDARD,
        "formula": number.formula,
        "substituted": number.substituted,
        "value": _share(row.values[number.kpi]),
        "range": [_share(x) for x in row.bounds[number.kpi]] if number.kpi in row.bounds else None,
        "row": row_json(row, plant, language),
        "inputs": [
            {
                "id": i.id,
                "name": say(f"measure.input.{i.name or i.id}", language, **dict(i.fields)),
                "value": i.value if i.value is None else round(i.value, 6),
                "unit": i.unit,
                "origin": say(f"measure.origin.{i.origin}", language),
            }
            for i in number.inputs
        ],
        "intervals": [_interval_json(i, zone) for i in number.intervals[:SHOWN_INTERVALS]],
        "intervals_total": len(number.intervals),
        "excluded": [_excluded_json(e, zone, language) for e in number.excluded],
        "excluded_s": sum(e.end - e.start for e in number.excluded) / 1e6,
        "coverage": _share(row.coverage),
        "missing": [lack_json(lack, plant, language) for lack in row.lacks],
        "rule": {
            "code": row.rule,
            "text": say(f"measure.rule.{row.rule}", language, pace=_pace_name(row, plant)),
        },
        "members": [
            {
                "scope": m.scope,
                "name": m.name,
                "weight": _seconds(m.planned_busy_s),
                "value": _share(m.values[number.kpi]),
            }
            for m in row.members
        ],
        "editions": [_edition_json(e, zone) for e in timeline.editions if e.number in row.editions],
    }


def _duration(seconds: float, language: str) -> str:
    """A length of time as the screens tell it: 45 s, 12 min, 1 h 24 min, 416 h."""
    if round(seconds) < 60:
        return say("measure.seconds", language, amount=f"{seconds:.0f}")
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours >= _HOURS_ALONE:
        return say("measure.hours", language, amount=f"{seconds / 3600:,.0f}")
    told = [say("measure.hours", language, amount=f"{hours}")] if hours else []
    if minutes or not hours:
        told.append(say("measure.minutes", language, amount=f"{minutes}"))
    return " ".join(told)


def _name(plant: Plant, level: str, subject: str) -> str:
    """What people call a machine, line, area or site; its id where the plant no longer has it."""
    if level == "site":
        return plant.site.name
    known = {"machine": plant.machines, "line": plant.lines, "area": plant.areas}[level].get(subject)
    return known.name if known else subject


def _pace_name(row: Row, plant: Plant) -> str:
    machine = plant.machines.get(row.pace or "")
    return machine.name if machine else "-"


def _interval_json(interval: Counted, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "start": iso(interval.start, zone),
        "end": iso(interval.end, zone),
        "seconds": (interval.end - interval.start) / 1e6,
        "state": interval.state.value,
        "counted_as": interval.counted_as,
    }


def _excluded_json(excluded: Excluded, zone: ZoneInfo, language: str) -> dict[str, Any]:
    return {
        "start": iso(excluded.start, zone),
        "end": iso(excluded.end, zone),
        "seconds": (excluded.end - excluded.start) / 1e6,
        "reason": excluded.reason,
        "text": say(f"measure.excluded.{excluded.reason}", language),
    }


def _edition_json(edition: Edition, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "number": edition.number,
        "valid_from": None if edition.valid_from is None else iso(edition.valid_from, zone),
        "sha256": edition.sha256,
    }


def _times(times: Mapping[State, float]) -> dict[str, float]:
    return {state.value: round(seconds, 3) for state, seconds in sorted(times.items(), key=lambda x: -x[1])}


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _count(value: float | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 3)
