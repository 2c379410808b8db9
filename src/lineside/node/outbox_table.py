"""The table of KPIs that a release of files tells of a period: from the rows that `/api/kpi` shows, and shaped."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias, cast

from lineside.history import History
from lineside.measure import KPIS, Kpi, Row, Scope, iso, kpi_rows, lack_json
from lineside.orders import guarded
from lineside.plant import Plant, Timeline, production_day_of, production_day_span
from lineside.texts import say
from lineside.valve import (
    Cell,
    Contribution,
    Every,
    Published,
    Question,
    Release,
    Shaping,
    Statistic,
    Table,
    Verdict,
    judge,
    noised,
    told_in_files,
)

COLUMNS = ("period", "from", "to", "scope", "kpi", "value", "coverage", "why")
SCHEMA = "lineside.kpi/1"
RELATED = (frozenset({"ideal_s", "produced", "good"}),)
"""Measures of which one can be calculated from others."""
_COVERAGE = "coverage"
_DIGITS = 6
_NEAR = 1e-9
_SHARES = ("availability", "quality")
"""KPIs whose complement tells as much as they do; that of coverage says only what the node did not hear."""

Draw: TypeAlias = Callable[[Question, list[Contribution]], float | None]
"""Draws noise, which is paid for; a preview draws none."""


@dataclass(frozen=True, slots=True)
class Period:
    """A production day, a week of them from Monday, or a month, in the zone of the plant. Microseconds, half open."""

    name: str
    from_us: int
    until_us: int


def periods(every: Every, since_us: int, until_us: int, plant: Plant) -> Iterator[Period]:
    """The periods that end after `since_us` and by `until_us`, the oldest first."""
    zone, starts = plant.site.zone, plant.site.production_day_starts
    first = _first(every, production_day_of(since_us, zone, starts))
    while True:
        after = _first(every, first + timedelta(days={"day": 1, "week": 7, "month": 31}[every]))
        begin, end = (production_day_span(day, zone, starts)[0] for day in (first, after))
        if end > until_us:
            return
        if end > since_us:
            yield Period(_name(every, first), begin, end)
        first = after


def _first(every: Every, day: date) -> date:
    """The first day of the period that a day is in."""
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


def _name(every: Every, day: date) -> str:
    if every == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return f"{day:%Y-%m}" if every == "month" else day.isoformat()


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI of a scope in a period: its value and coverage as shares, or why there is none."""

    scope: str
    kpi: Kpi
    value: float | None = None
    coverage: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """The figures of a period; what they tell besides; the verdict to record, and how much epsilon they cost."""

    period: Period
    figures: tuple[Figure, ...]
    verdict: Verdict | None = None
    epsilon: float = 0.0
    said: tuple[str, ...] = ()

    def csv(self, plant: Plant) -> bytes:
        """As CSV with a head, UTF-8."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(COLUMNS)
        zone, (begin, end) = plant.site.zone, (self.period.from_us, self.period.until_us)
        for one in self.figures:
            when = self.period.name, iso(begin, zone), iso(end, zone)
            table.writerow([*when, one.scope, one.kpi, _text(one.value), _text(one.coverage), guarded(one.why)])
        return text.getvalue().encode()

    def json(self, plant: Plant) -> bytes:
        """The same as JSON."""
        zone = plant.site.zone
        told = {
            "schema": SCHEMA,
            "period": self.period.name,
            "from": iso(self.period.from_us, zone),
            "to": iso(self.period.until_us, zone),
            "figures": [
                {"scope": o.scope, "kpi": o.kpi, "value": o.value, "coverage": o.coverage, "why": o.why or None}
                for o in self.figures
            ],
            "said": list(self.said),
        }
        return json.dumps(told, indent=1, ensure_ascii=False).encode() + b"\n"


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if value in {0, 1} else f"{value:.{_DIGITS}f}"


def wanted(release: Release) -> dict[str, list[Kpi]]:
    """The KPIs that a release tells of each scope."""
    found: dict[str, list[Kpi]] = {}
    for kpi in KPIS:
        for thing in sorted(release.things):
            if told_in_files(thing) and thing.endswith(f"/{kpi}"):
                found.setdefault(thing.removeprefix("kpi/").removesuffix(f"/{kpi}"), []).append(kpi)
    return dict(sorted(found.items()))


def made(
    history: History,
    timeline: Timeline,
    release: Release,
    period: Period,
    published: Published,
    draw: Draw | None = None,
) -> Made:
    """The table of a period. `draw` is given where noise is paid for; without it noisy values stay out.

    Raises ConfigurationError where the plant has a scope no more.
    """
    plant, shaping, asked = timeline.newest, release.terms.shaping, wanted(release)
    scopes = [Scope.parse(one, plant) for one in asked]
    rows = {one.scope: one for one in kpi_rows(history, timeline, scopes, period.from_us, period.until_us)}
    if shaping is None:
        return Made(period, tuple(_plain(rows[scope], kpi, plant) for scope in asked for kpi in asked[scope]))
    parts = _parts(history, timeline, scopes, rows, period, shaping)
    if shaping.how == "noise":
        return _noisy(asked, parts, period, shaping, draw)
    return _judged(asked, rows, parts, period, release, published)


def _plain(row: Row, kpi: Kpi, plant: Plant) -> Figure:
    value = row.values[kpi]
    lacks = "; ".join(lack_json(one, plant, "en")["what"] for one in row.lacks) or say("valve.file.nothing", "en")
    return Figure(row.scope, kpi, _short(value), _short(row.coverage), "" if value is not None else lacks)


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _parts(
    history: History,
    timeline: Timeline,
    scopes: list[Scope],
    rows: Mapping[str, Row],
    period: Period,
    shaping: Shaping,
) -> dict[str, dict[str, Row]]:
    """The rows of the contributors of each scope: of the machines that judge its lines, or of its shifts."""
    found: dict[str, dict[str, Row]] = {scope: {} for scope in rows}
    if shaping.unit == "machine":
        for scope, row in rows.items():
            found[scope] = {f"machine/{one.pace or one.id}": one for one in row.members if one.planned_busy_s != 0}
        return found
    for one in kpi_rows(history, timeline, scopes, period.from_us, period.until_us, by="shift"):
        if one.domain.shift is not None and any((one.planned_busy_s, one.production_s, one.produced)):
            found[one.scope][f"shift/{one.domain.production_day} {one.domain.shift}"] = one
    return found


def _noisy(
    asked: Mapping[str, list[Kpi]],
    parts: Mapping[str, Mapping[str, Row]],
    period: Period,
    shaping: Shaping,
    draw: Draw | None,
) -> Made:
    """Plain means over the contributors of what each had, between 0 and 1, with noise."""
    question = Question("mean", shaping.epsilon)
    figures, cost = [], 0.0
    for scope, kpis in asked.items():
        for kpi in kpis:
            had = [(name, row.values[kpi]) for name, row in parts[scope].items()]
            given = [Contribution(name, period.name, value) for name, value in had if value is not None]
            if len(given) < shaping.contributors:
                figures.append(Figure(scope, kpi, why=say("valve.withheld", "en")))
                continue
            cost += shaping.epsilon
            value = None if draw is None else draw(question, given)
            why = "" if value is not None else say(f"valve.file.{'to_draw' if draw is None else 'too_noisy'}", "en")
            figures.append(Figure(scope, kpi, _short(value), None, why))
    said = (say("valve.file.mean", "en", unit=say(f"valve.unit.{shaping.unit}", "en")),)
    return Made(period, tuple(figures), epsilon=cost, said=said)


def noise(question: Question, given: list[Contribution]) -> float | None:
    """Draws it."""
    return noised(question, given).value


def _judged(
    asked: Mapping[str, list[Kpi]],
    rows: Mapping[str, Row],
    parts: Mapping[str, Mapping[str, Row]],
    period: Period,
    release: Release,
    published: Published,
) -> Made:
    shaping = cast("Shaping", release.terms.shaping)
    cells: dict[tuple[str, str], Cell] = {}
    for scope in asked:
        for cell in _cells(rows[scope], parts[scope], period, shaping):
            cells[scope, cell.label.rpartition(" ")[2]] = cell
    verdict = judge(Table(tuple(cells.values()), release.terms.recipient), shaping.rules(*RELATED), published)
    rulings = dict(zip(cells, verdict.rulings, strict=True))
    told = {place: ruling.value for place, ruling in rulings.items() if ruling.allowed}
    figures = []
    for scope, kpis in asked.items():
        for kpi in kpis:
            value = _told(told, scope, kpi, shaping)
            held = rows[scope].values[kpi] is not None
            why = "" if value is not None else say("valve.withheld" if held else "valve.file.nothing", "en")
            figures.append(Figure(scope, kpi, _short(value), _short(told.get((scope, _COVERAGE))), why))
    return Made(period, tuple(figures), verdict, said=tuple(verdict.words()))


def _told(told: Mapping[tuple[str, str], float | None], scope: str, kpi: Kpi, shaping: Shaping) -> float | None:
    """A figure that may be told. An OEE by shifts is the product of three that may, and tells no more than they."""
    if kpi != "oee" or shaping.unit == "machine":
        return told.get((scope, kpi))
    a, e, q = (told.get((scope, one)) for one in ("availability", "effectiveness", "quality"))
    return 0.0 if a == 0 else None if a is None or e is None or q is None else a * e * q


def _cells(row: Row, parts: Mapping[str, Row], period: Period, shaping: Shaping) -> Iterable[Cell]:
    """What each contributor gave to each KPI of a scope, and to its coverage; none where that is not the figure."""
    sums = _weighed(row, parts) if shaping.unit == "machine" else _summed(row, parts)
    for name, measure, per, given in sums:
        values, weights = {c: v for c, (v, _) in given.items()}, {c: w for c, (_, w) in given.items()}
        statistic = Statistic.SHARE if name in _SHARES else Statistic.MEAN
        where = {} if shaping.unit == "machine" else {"machine": frozenset({row.pace or row.id})}
        label = f"{row.scope} {name}"
        cell = Cell(label, measure, statistic, period.from_us, period.until_us, values, where, per, weights)
        shown = row.coverage if name == _COVERAGE else row.values[cast("Kpi", name)]
        figure = cell.figure(shaping.contributors)
        if figure is not None and shown is not None and abs(figure - shown) <= _NEAR * max(1.0, abs(shown)):
            yield cell


_Sums: TypeAlias = Iterator[tuple[str, str, str, dict[str, tuple[float, float]]]]


def _weighed(row: Row, parts: Mapping[str, Row]) -> _Sums:
    """An area or site: means of its lines, weighed with planned busy time."""
    for name in (*KPIS, _COVERAGE):
        given = {
            who: (value * one.planned_busy_s, one.planned_busy_s)
            for who, one in parts.items()
            if (value := _of(one, name)) is not None and one.planned_busy_s
        }
        if len(given) == len(parts) and _of(row, name) is not None:
            yield name, f"{name} x planned_busy_s", "planned_busy_s", given


def _summed(row: Row, parts: Mapping[str, Row]) -> _Sums:
    """A machine or line: sums over its shifts, divided."""
    for name, measure, per in (
        ("availability", "production_s", "planned_busy_s"),
        ("effectiveness", "ideal_s", "production_s"),
        ("quality", "good", "produced"),
        (_COVERAGE, "covered_s", "planned_busy_s"),
    ):
        given = {who: (_sum(one, measure), _sum(one, per)) for who, one in parts.items()}
        known = {who: (v, w) for who, (v, w) in given.items() if v is not None and w is not None}
        if len(known) == len(parts) and _of(row, name) is not None:
            yield name, measure, per, known


def _of(row: Row, name: str) -> float | None:
    return row.coverage if name == _COVERAGE else row.values[cast("Kpi", name)]


def _sum(row: Row, measure: str) -> float | None:
    if measure == "covered_s":
        return None if row.coverage is None or row.planned_busy_s is None else row.coverage * row.planned_busy_s
    value: float | None = getattr(row, measure)
    return value


def files_json(manifest: Mapping[str, Any]) -> bytes:
    """A manifest as the text of a file."""
    return json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n"
