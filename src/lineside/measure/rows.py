"""KPI rows: one scope in one window, with everything a reader needs to trust or doubt the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from lineside.measure.facts import MachineFacts, spans_of_product
from lineside.measure.judge import judge
from lineside.measure.kpi import KPIS, Cycle, Kpi, Lack, Loss, losses
from lineside.measure.planned import Basis, shifts_of
from lineside.plant import Plant, Span, State, clip, production_days, union

Level = Literal["machine", "line", "area", "site"]
Rule = Literal["machine", "pace_station", "weighted_mean"]
By = Literal["shift", "day", "product"]


@dataclass(frozen=True, slots=True)
class Domain:
    """A named piece of a window: a shift, a production day, a product's time, or all of it.

    `whole` is how long the shift or day is where the window cuts it; None where it does not.
    """

    start: int
    end: int
    spans: tuple[Span, ...]
    shift: str | None = None
    production_day: date | None = None
    product: str | None = None
    whole: Span | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The KPIs of one scope in one domain. Seconds, units and shares (1 = 100 %)."""

    level: Level
    id: str
    name: str
    domain: Domain
    rule: Rule
    pace: str | None = None
    basis: Basis | None = None
    editions: tuple[int, ...] = ()
    values: dict[Kpi, float | None] = field(default_factory=lambda: dict.fromkeys(KPIS))
    bounds: dict[Kpi, tuple[float, float]] = field(default_factory=dict)
    planned_busy_s: float | None = None
    times: dict[State, float] = field(default_factory=dict)
    planned_times: dict[State, float] = field(default_factory=dict)
    production_s: float | None = None
    produced: float | None = None
    good: float | None = None
    rejected: float | None = None
    ideal_s: float | None = None
    coverage: float | None = None
    lacks: tuple[Lack, ...] = ()
    suspects: tuple[Lack, ...] = ()
    losses: tuple[Loss, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    members: tuple[Row, ...] = ()

    @property
    def scope(self) -> str:
        """Its address, `machine/mazak`."""
        return f"{self.level}/{self.id}"


def domains(facts: MachineFacts, plant: Plant, by: By | None) -> list[Domain]:
    """The window of `facts`, whole or in pieces by shift, production day or product."""
    start, end = facts.start, facts.end
    if by is None:
        return [Domain(start, end, ((start, end),))]
    if by == "product":
        return [_product_domain(facts, product) for product in facts.products]
    if by == "day":
        days = production_days(start, end, plant.site.zone, plant.site.production_day_starts)
        return [_piece((a, b), facts, (start, end), None, day) for day, a, b in days]
    return _shift_domains(facts)


def _piece(whole: Span, facts: MachineFacts, within: Span, shift: str | None, day: date | None) -> Domain:
    """A shift or day as far as it lies within a part of the window; cut where the window begins or ends in it."""
    start, end = max(whole[0], within[0]), min(whole[1], within[1])
    cut = whole[0] < facts.start == start or whole[1] > facts.end == end
    return Domain(start, end, ((start, end),), shift, day, whole=whole if cut else None)


def _shift_domains(facts: MachineFacts) -> list[Domain]:
    """Each shift by the edition in force; one that goes on in the next edition stays one.

    Without a calendar the window stays whole, so that its row says what is missing.
    """
    found: list[Domain] = []
    for part in facts.parts:
        if part.machine is None:
            continue
        plant = part.edition.plant
        shifts: list[tuple[int, int, str | None, date | None]] = [
            (s.start, s.end, s.name, s.production_day) for s in shifts_of(plant, part.machine, part.start, part.end)
        ]
        if plant.calendar_of(part.machine) is None:
            shifts = [(part.start, part.end, None, None)]
        for first, last, name, day in shifts:
            piece = _piece((first, last), facts, (part.start, part.end), name, day)
            if found and (found[-1].end, found[-1].shift, found[-1].production_day) == (piece.start, name, day):
                piece = _joined(found.pop(), piece)
            found.append(piece)
    return found


def _joined(one: Domain, other: Domain) -> Domain:
    """A piece that goes on in the next edition."""
    whole = None
    if one.whole or other.whole:
        whole = (one.whole or (one.start, 0))[0], (other.whole or (0, other.end))[1]
    return replace(other, start=one.start, spans=((one.start, other.end),), whole=whole)


def _product_domain(facts: MachineFacts, product: str | None) -> Domain:
    spans = union([span for part in facts.parts for span in spans_of_product(part, product)])
    return Domain(facts.start, facts.end, spans, product=product)


def machine_row(facts: MachineFacts, plant: Plant, domain: Domain) -> Row:
    """The row of one machine."""
    judged = judge(facts, domain.spans)
    parts = [part for part in facts.parts if clip(domain.spans, part.start, part.end)]
    bases = [part.planned.basis for part in parts if part.planned.basis is not None]
    machine = plant.machines.get(facts.machine)
    return Row(
        level="machine",
        id=facts.machine,
        name=machine.name if machine else facts.machine,
        domain=domain,
        rule="machine",
        basis=bases[-1] if bases else None,
        editions=tuple(dict.fromkeys(part.edition.number for part in parts)),
        values={kpi: judged.value(kpi) for kpi in KPIS},
        bounds={kpi: pair for kpi in KPIS if (pair := judged.bounds(kpi)) is not None},
        planned_busy_s=judged.planned_busy_s,
        times=judged.times,
        planned_times=judged.planned_times,
        production_s=judged.production_s,
        produced=judged.produced,
        good=judged.good,
        rejected=judged.rejected,
        ideal_s=judged.ideal_s,
        coverage=judged.coverage,
        lacks=judged.lacks,
        suspects=judged.suspects,
        losses=losses(judged),
        cycles=judged.cycles,
    )


def line_row(plant: Plant, line_id: str, pace: Row | None, domain: Domain) -> Row:
    """A line is judged at its pace station; without one nothing is claimed."""
    line = plant.lines[line_id]
    if pace is None:
        lack = Lack("pace", f"line/{line_id}")
        return Row("line", line.id, line.name, domain, "pace_station", lacks=(lack,))
    return replace(pace, level="line", id=line.id, name=line.name, rule="pace_station", pace=pace.id, members=(pace,))


def weighted_row(level: Literal["area", "site"], id_: str, name: str, members: Sequence[Row], domain: Domain) -> Row:
    """An area or site: the planned-busy-weighted mean of its lines; a line that lacks a value makes it lack too.

    A line with no planned busy time at all weighs nothing and is left out.
    """
    counted = [row for row in members if row.planned_busy_s != 0]
    weights = [row.planned_busy_s for row in counted]
    total = None if None in weights else sum(w or 0.0 for w in weights)
    values: dict[Kpi, float | None] = {}
    bounds: dict[Kpi, tuple[float, float]] = {}
    for kpi in KPIS:
        values[kpi] = value = _mean([row.values[kpi] for row in counted], weights, total)
        if value is not None and any(kpi in row.bounds for row in counted):
            lows, highs = zip(
                *(row.bounds.get(kpi, (row.values[kpi], row.values[kpi])) for row in counted), strict=True
            )
            bounds[kpi] = (_mean(lows, weights, total) or 0.0, _mean(highs, weights, total) or 0.0)
    return Row(
        level,
        id_,
        name,
        domain,
        "weighted_mean",
        editions=tuple(dict.fromkeys(n for row in members for n in row.editions)),
        values=values,
        bounds=bounds,
        planned_busy_s=total,
        coverage=_mean([row.coverage for row in counted], weights, total),
        lacks=tuple(dict.fromkeys(lack for row in counted or members for lack in row.lacks)),
        suspects=tuple(dict.fromkeys(suspect for row in counted for suspect in row.suspects)),
        members=tuple(members),
    )


def _mean(values: Sequence[float | None], weights: Sequence[float | None], total: float | None) -> float | None:
    if not total or not values or None in values:
        return None
    return sum((v or 0.0) * (w or 0.0) for v, w in zip(values, weights, strict=True)) / total
