"""Energy and carbon of a site by carrier: what its meters tell, for how much of the time, and by which factors.

Energy used is what was bought and produced without what was sold (ISO 50001). Carbon is that of the GHG Protocol's
scope 1 (fuels burnt) and scope 2, location-based: each kWh bought by the factor of its year. Own solar power has none,
and power sold takes nothing off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from lineside.history import History, Samples
from lineside.measure.counting import BACK_WITHIN_US, CounterFall, countable
from lineside.measure.facts import with_usable_start
from lineside.measure.intervals import Times
from lineside.measure.metering import BRIDGE_US, Told, counted, integrated
from lineside.plant import Carrier, Meter, Plant, Span, Timeline, factors, microseconds, moment

Unknown: TypeAlias = Literal["no_meter", "no_factor", "too_little_coverage"]
_SIGN = {"bought": 1.0, "produced": 1.0, "sold": -1.0}
_BROUGHT = ("file", "folder")
"""Sources whose readings come as a table: between two of them nobody listened, whatever span the table has."""
_REACH_US = max(BRIDGE_US, BACK_WITHIN_US) + 1


@dataclass(frozen=True, slots=True)
class Factor:
    """By what energy became carbon; `year` is that of the factor where it has one."""

    kg_co2_per_kwh: float
    source: str
    confidence: str
    year: int | None = None
    grid: str | None = None


@dataclass(frozen=True, slots=True)
class Metered:
    """What one meter told of a window."""

    meter: Meter
    kwh: float
    coverage: float
    falls: tuple[CounterFall, ...] = ()


@dataclass(frozen=True, slots=True)
class CarrierUse:
    """What the site used of one carrier; None where a number is not known, and `unknown` says why."""

    carrier: Carrier
    kwh: float | None
    kg_co2: float | None
    coverage: float
    factors: tuple[Factor, ...]
    unknown: Unknown | None


@dataclass(frozen=True, slots=True)
class EnergyUse:
    """The energy of a site in [start, end), microseconds UTC: by carrier, and by meter."""

    start: int
    end: int
    carriers: tuple[CarrierUse, ...]
    meters: tuple[Metered, ...]

    @property
    def kwh(self) -> float | None:
        """Of all carriers; None where that of one is not known, or nothing says which there are."""
        return _whole([one.kwh for one in self.carriers])

    @property
    def kg_co2(self) -> float | None:
        """Of all carriers, in the same way."""
        return _whole([one.kg_co2 for one in self.carriers])

    @property
    def coverage(self) -> float | None:
        """The share of the window in which all meters of the site told; that of the one that told least."""
        return min((one.coverage for one in self.carriers), default=None)

    @property
    def why_no_energy(self) -> Unknown:
        """Why there is no energy of the site, where there is none."""
        found = [one.unknown for one in self.carriers if one.kwh is None and one.unknown is not None]
        return "no_meter" if not found or "no_meter" in found else found[0]

    @property
    def why_no_carbon(self) -> Unknown:
        """Why there is no carbon of the site, where there is none."""
        return self.why_no_energy if self.kwh is None else "no_factor"


def _whole(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) if known and len(known) == len(values) else None


def energy_use(history: History, timeline: Timeline, spans: Sequence[Span]) -> list[EnergyUse]:
    """The energy of the site in each span, judged by the editions of the plant file in force then."""
    if not spans:
        return []
    read = _Readings(history, timeline, min(start for start, _ in spans), max(end for _, end in spans))
    return [_use(read, start, end) for start, end in spans]


class _Readings:
    """The values of all meters of some time, each read once."""

    def __init__(self, history: History, timeline: Timeline, start: int, end: int) -> None:
        self._history, self.timeline = history, timeline
        self._start, self._end = start - _REACH_US, end + _REACH_US
        self._traces: dict[str, Samples] = {}

    def told(self, plant: Plant, meter: Meter, spans: Sequence[Span]) -> list[Told]:
        """What a meter told of each span."""
        trace = _around(self._trace(meter), spans[0][0], spans[-1][1])
        first = min(int(trace.time[0]), self._start) if len(trace) else self._start
        heard: Times = self._history.heard(meter.source, first, self._end)
        if meter.kind == "measure":
            return integrated(trace, heard, spans)
        source = plant.sources.get(meter.source)
        if source is None or source.type in _BROUGHT:
            heard = np.zeros((0, 2), np.int64)
        return counted(trace, heard, meter.rollover, spans)

    def _trace(self, meter: Meter) -> Samples:
        if meter.series not in self._traces:
            series = self._history.series(meter.series)
            found = self._history.read(series, self._start, self._end)
            if meter.kind == "counter" and len(found) and not countable(found)[0]:
                found = with_usable_start(self._history, series, self._start, found)
            self._traces[meter.series] = found
        return self._traces[meter.series]


def _around(trace: Samples, start: int, end: int) -> Samples:
    """What of a trace tells of [start, end): so far beyond as a step reaches, and back to the last usable value."""
    first = max(int(np.searchsorted(trace.time, start - _REACH_US, side="right")) - 1, 0)
    usable = np.flatnonzero(countable(trace)[: first + 1])
    part = slice(int(usable[-1]) if len(usable) else 0, int(np.searchsorted(trace.time, end + _REACH_US)))
    return Samples(trace.time[part], trace.number[part], trace.codes[part], trace.words, trace.quality[part])


@dataclass(slots=True)
class _Sum:
    """What is known of a carrier so far."""

    used: float = 0.0
    carbon: float = 0.0
    covered_us: float = 0.0
    metered: bool = False
    factored: bool = True


def _use(read: _Readings, start: int, end: int) -> EnergyUse:
    sums: dict[Carrier, _Sum] = defaultdict(_Sum)
    by: dict[Carrier, dict[Factor, None]] = defaultdict(dict)
    meters: dict[str, list[tuple[Meter, Told]]] = defaultdict(list)
    for plant, pieces in _pieces(read.timeline, start, end):
        told = {one.id: read.told(plant, one, pieces) for one in plant.meters.values()}
        for name, found in told.items():
            meters[name] += [(plant.meters[name], one) for one in found]
        for carrier in dict.fromkeys(() if plant.energy is None else plant.energy.carriers):
            own = [one for one in plant.meters.values() if one.whole and one.carrier == carrier]
            for at, piece in enumerate(pieces):
                factor = factor_of(plant, carrier, piece[0])
                by[carrier].update(dict.fromkeys([factor] if factor is not None else []))
                _add(sums[carrier], [(one, told[one.id][at]) for one in own], factor)
    length = end - start
    return EnergyUse(
        start,
        end,
        tuple(_carrier(carrier, one, tuple(by[carrier]), length) for carrier, one in sums.items()),
        tuple(_metered(found, length) for found in meters.values()),
    )


def _pieces(timeline: Timeline, start: int, end: int) -> Iterator[tuple[Plant, list[Span]]]:
    """The parts of a window whose meters are the same, each cut where another factor begins: with a year, or an own."""
    parts: list[tuple[Plant, int, int]] = []
    for first, last, edition in timeline.during(start, end):
        plant = edition.plant
        if parts and (parts[-1][0].energy, parts[-1][0].meters) == (plant.energy, plant.meters):
            parts[-1] = (plant, parts[-1][1], last)
        else:
            parts.append((plant, first, last))
    for plant, first, last in parts:
        zone = plant.site.zone
        years = range(moment(first, zone).year + 1, moment(last, zone).year + 1)
        own = () if plant.energy is None else (one.since for one in plant.energy.factors.values())
        days = {*own, *(date(year, 1, 1) for year in years)}
        cuts = sorted(microseconds(datetime.combine(day, time(), zone)) for day in days)
        yield plant, list(pairwise([first, *(one for one in cuts if first < one < last), last]))


def _add(known: _Sum, own: Sequence[tuple[Meter, Told]], factor: Factor | None) -> None:
    if not any(meter.flow == "bought" for meter, _ in own):
        return  # without the meter of what is bought nothing is known of it
    known.metered = True
    bought = sum(told.amount * meter.kwh for meter, told in own if meter.flow == "bought")
    known.used += sum(_SIGN[meter.flow] * told.amount * meter.kwh for meter, told in own)
    known.covered_us += min(told.covered_us for _, told in own)
    if factor is None:
        known.factored = False
    else:
        known.carbon += bought * factor.kg_co2_per_kwh


def _carrier(carrier: Carrier, known: _Sum, by: tuple[Factor, ...], length: int) -> CarrierUse:
    coverage = min(1.0, known.covered_us / length)
    unknown: Unknown | None = None
    if not known.metered:
        unknown = "no_meter"
    elif not coverage:
        unknown = "too_little_coverage"
    elif not known.factored:
        unknown = "no_factor"
    kwh = known.used if unknown in (None, "no_factor") else None
    return CarrierUse(carrier, kwh, known.carbon if unknown is None else None, coverage, by, unknown)


def _metered(found: Sequence[tuple[Meter, Told]], length: int) -> Metered:
    kwh = sum(told.amount * meter.kwh for meter, told in found)
    covered = sum(told.covered_us for _, told in found)
    return Metered(found[-1][0], kwh, min(1.0, covered / length), tuple(one for _, told in found for one in told.falls))


def factor_of(plant: Plant, carrier: Carrier, at: int) -> Factor | None:
    """The factor that holds at a time: the site's own, of electricity its grid's of that year, else the table's."""
    told, when = plant.energy, moment(at, plant.site.zone)
    own = None if told is None else told.factors.get(carrier)
    if own is not None and own.since <= when.date():
        return Factor(own.kg_co2_per_kwh, own.source, "own", own.since.year)
    if carrier != "electricity":
        fuel = factors().fuels[carrier]
        rate = fuel.kg_co2_per_kwh
        return None if rate is None else Factor(rate, fuel.source, fuel.confidence)
    grid = None if told is None else factors().grids.get(told.grid or "")
    found = None if grid is None else grid.of_year(when.year)
    if grid is None or found is None:
        return None
    return Factor(found[1], grid.source, grid.confidence, found[0], grid.id)
