"""Opens a KPI: formula, the numbers put in, the intervals they come from, what was left out, which edition judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from lineside.measure.facts import MachineFacts
from lineside.measure.intervals import pieces
from lineside.measure.kpi import KPIS, Kpi
from lineside.measure.planned import Excluded
from lineside.measure.rows import Row
from lineside.plant import STATES, TIME_ELEMENT, Span, State, clip, intersect, subtract

FORMULA: dict[Kpi, str] = {
    "availability": "APT / PBT",
    "effectiveness": "PRI × PQ / APT",
    "quality": "GQ / PQ",
    "oee": "A × E × Q",
}
STANDARD = "ISO 22400-2"


@dataclass(frozen=True, slots=True)
class Input:
    """One number a KPI is made of; `id` is its ISO 22400-2 symbol, with a number where there are several.

    `name` is a key under `measure.input` and `fields` fill it.
    """

    id: str
    value: float | None
    unit: Literal["s", "1", ""]
    origin: str
    name: str = ""
    fields: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """A stretch of time and the time element it counts as (None: outside planned busy time)."""

    start: int
    end: int
    state: State
    counted_as: str | None


@dataclass(frozen=True, slots=True)
class Number:
    """A KPI, opened."""

    kpi: Kpi
    row: Row
    inputs: tuple[Input, ...]
    intervals: tuple[Counted, ...]
    excluded: tuple[Excluded, ...]

    @property
    def formula(self) -> str:
        """The formula in the standard's symbols."""
        return FORMULA[self.kpi]

    @property
    def substituted(self) -> str | None:
        """The formula with this number's inputs; None when one of them is missing, or it is a mean of others."""
        values = {i.id: i.value for i in self.inputs}
        if not values or None in values.values():
            return None
        shown = {key: _shown(value or 0.0, share=self.kpi == "oee") for key, value in values.items()}
        match self.kpi:
            case "availability":
                return f"{shown['APT']} s / {shown['PBT']} s"
            case "effectiveness":
                ideal = f"{shown['PRI']} s × {shown['PQ']}" if "PRI" in shown else f"{shown['PRI×PQ']} s"
                return f"{ideal} / {shown['APT']} s"
            case "quality":
                return f"{shown['GQ']} / {shown['PQ']}"
            case "oee":
                return f"{shown['A']} × {shown['E']} × {shown['Q']}"


def open_number(kpi: Kpi, row: Row, facts: MachineFacts | None) -> Number:
    """The KPI of `row` with its inputs; `facts` are those of the machine that judges it (None for areas and sites)."""
    if facts is None:
        return Number(kpi, row, (), (), ())
    return Number(kpi, row, _inputs(kpi, row), _intervals(facts, row.domain.spans), _excluded(facts, row.domain.spans))


def _inputs(kpi: Kpi, row: Row) -> tuple[Input, ...]:
    busy = Input("PBT", row.planned_busy_s, "s", row.basis or "missing")
    production = Input("APT", row.production_s, "s", "states")
    ideal = Input("PRI×PQ", row.ideal_s, "s", "plant_and_counters")
    produced = Input("PQ", row.produced, "1", "counters")
    good = Input("GQ", row.good, "1", "counters")
    match kpi:
        case "availability":
            return (production, busy)
        case "effectiveness":
            return (ideal, *_cycles(row), produced, production)
        case "quality":
            return (good, produced)
        case "oee":
            return tuple(
                Input(symbol, row.values[factor], "", factor) for symbol, factor in zip("AEQ", KPIS, strict=False)
            )


def _cycles(row: Row) -> tuple[Input, ...]:
    """PRI of each product; with the edition where a product has had several."""
    often = Counter(cycle.product for cycle in row.cycles)
    return tuple(
        Input(
            "PRI" if len(row.cycles) == 1 else f"PRI{number}",
            cycle.seconds,
            "s",
            "told" if cycle.told else "plant_file",
            "PRI" if often[cycle.product] == 1 else "PRI_edition",
            (("product", cycle.product), ("edition", cycle.edition)),
        )
        for number, cycle in enumerate(row.cycles, start=1)
    )


def _intervals(facts: MachineFacts, spans: tuple[Span, ...]) -> tuple[Counted, ...]:
    found: list[Counted] = []
    for part in facts.parts:
        inside = clip(spans, part.start, part.until)
        planned = inside if part.planned.spans is None else intersect(inside, part.planned.spans)
        for piece_spans, counted in (
            (planned, part.planned.spans is not None),
            (subtract(inside, planned), False),
        ):
            for start, end, code in zip(*(a.tolist() for a in pieces(part.states, piece_spans)), strict=True):
                state = STATES[code]
                found.append(Counted(start, end, state, TIME_ELEMENT[state].value if counted else None))
    return tuple(sorted(found, key=lambda c: c.start))


def _excluded(facts: MachineFacts, spans: tuple[Span, ...]) -> tuple[Excluded, ...]:
    found = []
    for part in facts.parts:
        inside = clip(spans, part.start, part.until)
        if part.until < part.end:
            found += [Excluded(a, b, "not_yet_heard") for a, b in clip(spans, part.until, part.end)]
        for gap in part.planned.excluded:
            found += [Excluded(a, b, gap.reason) for a, b in clip(inside, gap.start, gap.end)]
        if part.planned.spans is not None:
            base = intersect(inside, part.planned.spans)
            for start, end, code in zip(*(a.tolist() for a in pieces(part.states, base)), strict=True):
                if STATES[code] is State.PLANNED_STOP:
                    found.append(Excluded(start, end, "planned_stop"))
    return tuple(sorted(found, key=lambda e: e.start))


def _shown(value: float, *, share: bool) -> str:
    if share:
        return f"{value * 100:.1f} %"
    text = f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    return text.replace(",", "\u202f")
