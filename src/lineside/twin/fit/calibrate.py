"""From a record to a twin: everything the record shows is fitted, the rest is assumed aloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.distributions import Law
from lineside.twin.estimates import Interval, wilson
from lineside.twin.fit.buffers import Places, places_before, transfer_between
from lineside.twin.fit.drift import drift
from lineside.twin.fit.failures import Mode, modes_of
from lineside.twin.fit.feeding import MATERIAL, campaigns, feed_of
from lineside.twin.fit.laws import FittedLaw, fit_duration
from lineside.twin.fit.names import lawful
from lineside.twin.fit.record import NOBODY, REJECTED, Record
from lineside.twin.fit.routes import Routes, routes_of
from lineside.twin.fit.segments import Segments, segments_of
from lineside.twin.fit.twin import Change, Parameter, Seen, Twin
from lineside.twin.model import ANY, OUT
from lineside.twin.reading import Finding, parse_line
from lineside.twin.tally import STATES, Floats

_FEW = 10
_THIN = 0.5
_SAME = 3.0
"""Means of two products that differ by fewer standard errors are one."""

_UNITS = {"servers": "1", "places": "1", "share": "1", "plan": "", "entered": ""}

Tell = Callable[[float], None]


def fit(record: Record, *, entered: Mapping[str, Any] | None = None, tell: Tell | None = None) -> Twin:
    """The twin of a record. `entered` overrides parts of the model by JSON pointer; `tell` hears the share done.

    Raises ConfigurationError when nothing was seen that a line could be made of, LineRefused when what is entered
    does not fit.
    """
    known, names = lawful(record)
    return _Fit(known, tell or _nobody).twin(entered or {}, names)


@dataclass(slots=True)
class _Fit:
    record: Record
    tell: Tell
    parameters: list[Parameter] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def twin(self, entered: Mapping[str, Any], names: Mapping[str, str]) -> Twin:
        record, routes = self.record, routes_of(self.record)
        segments = [segments_of(record, s, came) for s, came in enumerate(routes.came)]
        used = [s for s, one in enumerate(segments) if one is not None and len(one.works.duration)]
        for s, name in enumerate(record.stations):
            if s not in used:
                self.findings.append(Finding(name, "fit.never_worked", {"station": name}))
        if not used:
            raise ConfigurationError("fit.nothing", name=record.name)
        self._tell_routes(routes)
        document: dict[str, Any] = {"schema": "lineside.line/1", "name": record.name, "time_unit": "s", "stations": {}}
        if record.products:
            document["products"] = {product: {} for product in record.products}
        self._calendars(document, used)
        for place, s in enumerate(used):
            own = segments[s]
            if own is None:
                continue
            document["stations"][own.name] = self._station(s, own, routes, segments, used)
            self.tell((place + 1) / len(used))
        self._feed(document, used, routes, segments)
        self._entered(document, entered)
        line = parse_line(document, record.name)
        outs = [s for s in used if OUT in routes.ways[s].counts.get(NOBODY, {})]
        return Twin(
            line=line,
            names=names,
            parameters=tuple(self.parameters),
            changes=tuple(self.changes),
            seen=tuple(self._seen(s, one) for s in used if (one := segments[s]) is not None),
            findings=(*record.findings, *self.findings),
            epoch=record.epoch,
            start=record.start,
            end=record.end,
            made=made_of(record, outs),
            on=max((self._on(record.stations[s]) for s in outs), default=record.end - record.start),
        )

    # -- one station -----------------------------------------------------------------------------------

    def _station(
        self,
        s: int,
        own: Segments,
        routes: Routes,
        segments: Sequence[Segments | None],
        used: Sequence[int],
    ) -> dict[str, Any]:
        station: dict[str, Any] = {"work": {}, "to": []}
        pointer = f"/stations/{own.name}"
        if own.coverage < _THIN:
            self.findings.append(
                Finding(own.name, "fit.thin", {"station": own.name, "share": f"{own.coverage * 100:.0f}"})
            )
        if not own.from_states:
            self.findings.append(Finding(own.name, "fit.no_states", {"station": own.name}))
        if own.servers > 1:
            station["servers"] = own.servers
            self._parameter(f"{pointer}/servers", "servers", own.name, "", own.servers, len(own.works.duration))
        modes, works, least = modes_of(own, self.record)
        self._works(station, pointer, own, works, least)
        self._setups(station, pointer, own)
        if modes:
            station["failures"] = {mode.name: self._failure(pointer, own, mode) for mode in modes}
        self._places(station, pointer, s, own, routes, segments)
        station["to"] = self._ways(pointer, s, own, routes, {self.record.stations[u]: segments[u] for u in used})
        if own.name in self._calendar_of:
            station["calendar"] = self._calendar_of[own.name]
        return station

    def _works(self, station: dict[str, Any], pointer: str, own: Segments, works: Floats, least: Floats) -> None:
        product = own.works.product
        kinds = [int(p) for p in np.unique(product) if p != NOBODY and int((product == p).sum()) >= _FEW]
        if len(kinds) < 2 or _alike([works[product == p] for p in kinds]):
            kinds = [NOBODY]
        for kind in kinds:
            which = np.ones(len(works), bool) if kind == NOBODY else product == kind
            name = ANY if kind == NOBODY else self.record.products[kind]
            fitted = fit_duration(works[which])
            station["work"][name] = _plain(fitted.law)
            about = "" if kind == NOBODY else name
            shorter = float(least[which].mean() / works[which].mean())
            self._law(f"{pointer}/work/{name}", "work", own.name, about, fitted, shorter=shorter)
            self._drift("work", own.name, about, own.works.finished[which], works[which])
        if kinds != [NOBODY] and len(kinds) < len(self.record.products):
            fitted = fit_duration(works)
            station["work"][ANY] = _plain(fitted.law)
            self._law(f"{pointer}/work/{ANY}", "work", own.name, ANY, fitted, note="pooled")

    def _setups(self, station: dict[str, Any], pointer: str, own: Segments) -> None:
        """Set-up by the product it was for, pooled where too few tell products apart."""
        works = own.works
        changed = (works.before != works.product) & (works.before != NOBODY)
        times = works.setup[changed]
        if not len(times) or float(times.sum()) <= 0:
            return
        station["setups"] = []
        kinds = [int(p) for p in np.unique(works.product[changed]) if int((works.product[changed] == p).sum()) >= _FEW]
        split = len(kinds) > 1 and not _alike([times[works.product[changed] == p] for p in kinds])
        for kind in kinds if split else [NOBODY]:
            which = np.ones(len(times), bool) if kind == NOBODY else works.product[changed] == kind
            fitted = fit_duration(times[which])
            to = ANY if kind == NOBODY else self.record.products[kind]
            first = len(station["setups"])
            time = _plain(fitted.law)
            station["setups"] += [{"from": before, "to": to, "time": time} for before in self.record.products]
            at = f"{pointer}/setups" if kind == NOBODY else f"{pointer}/setups/{first}/time"
            self._law(at, "setup", own.name, to if split else "", fitted)
            self._drift("setup", own.name, to if split else "", works.finished[changed][which], times[which])

    def _failure(self, pointer: str, own: Segments, mode: Mode) -> dict[str, Any]:
        at = f"{pointer}/failures/{mode.name}"
        note = "" if mode.clock.told else "clock_not_told"
        self._law(f"{at}/time_to_failure", "life", own.name, mode.name, mode.life, note=note)
        self._law(f"{at}/repair", "repair", own.name, mode.name, mode.repair)
        self._drift("repair", own.name, mode.name, mode.start, mode.durations)
        self._drift("life", own.name, mode.name, mode.start, mode.lives)
        failure: dict[str, Any] = {"time_to_failure": _plain(mode.life.law), "repair": _plain(mode.repair.law)}
        return failure | ({"clock": "calendar"} if mode.clock.clock == "calendar" else {})

    def _places(
        self,
        station: dict[str, Any],
        pointer: str,
        s: int,
        own: Segments,
        routes: Routes,
        segments: Sequence[Segments | None],
    ) -> None:
        before = [b for b in routes.before[s] if b != s]
        found = places_before(self.record, routes, s, segments)
        if found is None:
            station["buffer"] = 0 if not before else None
            self._parameter(
                f"{pointer}/buffer",
                "places",
                own.name,
                "",
                station["buffer"],
                0,
                origin="assumed",
                note="places_unknown" if before else "first",
            )
            return
        station["buffer"] = found.capacity if found.told else None
        self._parameter(
            f"{pointer}/buffer", "places", own.name, "", found.capacity, found.seen,
            low=found.capacity, high=found.capacity if found.told else None,
            note="" if found.told else "at_least",
        )  # fmt: skip
        if not found.told:
            told = {"station": own.name, "places": found.capacity}
            self.findings.append(Finding(own.name, "fit.at_least", told))
        elif found.agree < _THIN:
            self._unsure(own.name, found)

    def _unsure(self, name: str, found: Places) -> None:
        told = {"station": name, "places": found.capacity, "share": f"{found.agree * 100:.0f}"}
        self.findings.append(Finding(name, "fit.places_unsure", told))

    def _ways(
        self, pointer: str, s: int, own: Segments, routes: Routes, names: Mapping[str, Segments | None]
    ) -> list[dict[str, Any]]:
        """Routes with their shares, by product where products differ; `names` holds the stations that worked."""
        counts = routes.ways[s].counts
        whole = {to: n for to, n in counts.get(NOBODY, {}).items() if to in names or to not in self.record.stations}
        if not whole:
            whole = {OUT: 0}
        kinds = [p for p in sorted(counts) if p != NOBODY and sum(counts[p].values()) >= _FEW]
        split = len(kinds) > 1 and len(kinds) == len(self.record.products) and _ways_differ([counts[p] for p in kinds])
        ways: list[dict[str, Any]] = []
        for kind in kinds if split else [NOBODY]:
            told = {to: n for to, n in counts[kind].items() if to in whole} if split else whole
            total = sum(told.values())
            for to, count in sorted(told.items(), key=lambda item: -item[1]):
                way: dict[str, Any] = {"to": to}
                if len(told) > 1:
                    way["probability"] = count / total
                    share = wilson(count, total)
                    about = f"{self.record.products[kind]}: {to}" if split else to
                    at = f"{pointer}/to/{len(ways)}/probability"
                    self._parameter(at, "share", own.name, about, share.mean, total, low=share.low, high=share.high)
                if split:
                    way["product"] = self.record.products[kind]
                there = names.get(to)
                transfer = 0.0
                if there is not None:
                    transfer = transfer_between(self.record, s, self.record.stations.index(to), there)
                if transfer > 0:
                    way["transfer"] = transfer
                    self._parameter(f"{pointer}/to/{len(ways)}/transfer", "transfer", own.name, to, transfer, count)
                ways.append(way)
        return ways

    # -- the line --------------------------------------------------------------------------------------

    _calendar_of: dict[str, str] = field(default_factory=dict)

    def _calendars(self, document: dict[str, Any], used: Sequence[int]) -> None:
        """Shifts as they were, again after the record's end; stations with the same share a calendar."""
        period = self.record.end - self.record.start
        known: dict[bytes, str] = {}
        for s in used:
            name = self.record.stations[s]
            spans = self.record.shifts.get(name)
            if spans is None or not len(spans):
                continue
            shifted = np.clip(spans - self.record.start, 0.0, period)
            shifted = shifted[shifted[:, 1] > shifted[:, 0]]
            if len(shifted) == 1 and shifted[0, 0] <= 0 and shifted[0, 1] >= period:
                continue
            key = shifted.tobytes()
            if key not in known:
                known[key] = "shifts" if not known else f"shifts-{len(known) + 1}"
                document.setdefault("calendars", {})[known[key]] = {"on": shifted.tolist(), "period": period}
            self._calendar_of[name] = known[key]

    def _feed(
        self, document: dict[str, Any], used: Sequence[int], routes: Routes, segments: Sequence[Segments | None]
    ) -> None:
        total = sum(count for s, count in routes.first.items() if s in used)
        entries = [s for s, count in routes.first.items() if s in used and count >= max(1, 0.01 * total)]
        document["sources"] = {}
        for s in entries or used[:1]:
            own = segments[s]
            if own is None:
                continue
            station = document["stations"][own.name]
            shared = bool([b for b in routes.before[s] if b != s])
            found = feed_of(self.record, own, arrivals=routes.entered(self.record, s) if shared else None)
            if found.interval is not None:
                station["buffer"] = None
                self._law(f"/sources/{own.name}/interval", "interval", own.name, "", found.interval)
            elif found.material is not None:
                failure = self._failure(f"/stations/{own.name}", own, found.material)
                station.setdefault("failures", {})[MATERIAL] = failure
            if found.interval is None and station["buffer"] is None:
                station["buffer"] = 0
            base: dict[str, Any] = {"to": own.name}
            if found.interval is not None:
                base["interval"] = _plain(found.interval.law)
            runs = campaigns(self.record, own)
            if runs:
                period = self.record.end - self.record.start
                base["plan"] = {"due": [[begin, product] for begin, product in runs], "period": period}
                self._parameter(f"/sources/{own.name}/plan", "plan", own.name, "", None, len(runs))
            document["sources"][own.name] = base | ({} if runs else found.mix)

    def _tell_routes(self, routes: Routes) -> None:
        if routes.rare:
            self.findings.append(Finding("routes", "fit.rare_moves", {"count": routes.rare}))
        parts = np.unique(self.record.visits.part)
        if len(parts) == 1 and parts[0] != NOBODY:
            self.findings.append(Finding("parts", "fit.one_part", {}))

    def _entered(self, document: dict[str, Any], entered: Mapping[str, Any]) -> None:
        for pointer, value in entered.items():
            at: Any = document
            *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.lstrip("/").split("/")]
            for part in way:
                at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
            if isinstance(at, list):
                at[int(last)] = value
            else:
                at[last] = value
            self.parameters = [p for p in self.parameters if not p.path.startswith(pointer)]
            number = float(value) if isinstance(value, int | float) else None
            self._parameter(pointer, "entered", way[1] if len(way) > 1 else None, "", number, 0, origin="entered")

    def _on(self, name: str) -> float:
        spans = self.record.shifts.get(name)
        if spans is None:
            return self.record.end - self.record.start
        return float(np.clip(spans, self.record.start, self.record.end) @ [-1.0, 1.0] @ np.ones(len(spans)))

    def _seen(self, s: int, own: Segments) -> Seen:
        shares = {state: float(own.shares[k]) for k, state in enumerate(STATES)}
        return Seen(own.name, shares, int((self.record.visits.station == s).sum()), own.coverage)

    # -- notes -----------------------------------------------------------------------------------------

    def _law(
        self, path: str, what: str, station: str, about: str, fitted: FittedLaw, note: str = "", shorter: float = 1.0
    ) -> None:
        """Notes the mean of a law; `shorter` is what it may be of it where the data cannot tell."""
        mean: Interval = fitted.mean
        few = "few" if fitted.n < _FEW else "as_recorded" if fitted.chained else ""
        self._parameter(
            path, what, station, about, mean.mean, fitted.n, low=shorter * mean.low, high=mean.high, note=note or few
        )

    def _parameter(
        self, path: str, what: str, station: str | None, about: str, value: float | None, n: int, **told: Any
    ) -> None:
        """Notes a parameter; `told` may give low, high, origin and note."""
        low, high = (_finite(told.pop(end, None)) for end in ("low", "high"))
        unit = _UNITS.get(what, "s")
        self.parameters.append(Parameter(path, what, station, about, value, unit, n, low=low, high=high, **told))

    def _drift(self, what: str, station: str, about: str, times: Floats, values: Floats) -> None:
        found = drift(times, values)
        if found is not None and not 0.97 < found.factor.mean < 1.03:
            factor = found.factor
            self.changes.append(Change(what, station, about, found.since, factor.mean, factor.low, factor.high))


def made_of(record: Record, outs: Sequence[int], start: float = -np.inf, end: float = np.inf) -> int:
    """Good parts that left the line in [start, end): those of the stations it is left by that were not rejected."""
    visits = record.visits
    finished = (visits.finished >= start) & (visits.finished < end)
    return int((finished & np.isin(visits.station, outs) & (visits.result != REJECTED)).sum())


def _finite(end: float | None) -> float | None:
    return None if end is None or not np.isfinite(end) else float(end)


def _plain(law: Law) -> dict[str, Any]:
    plain: dict[str, Any] = law.model_dump(mode="json", exclude_defaults=True)
    return plain | {"type": law.type}


def _alike(groups: Sequence[Floats]) -> bool:
    """Whether all means lie within three standard errors of the first's."""
    first, *others = [(float(g.mean()), float(g.var(ddof=1)) / len(g) if len(g) > 1 else np.inf) for g in groups]
    return all(abs(mean - first[0]) <= _SAME * np.sqrt(square + first[1]) for mean, square in others)


def _ways_differ(counts: Sequence[Mapping[str, int]]) -> bool:
    """Whether products go different ways (chi-square at 0.1 %)."""
    from scipy.stats import chi2_contingency

    targets = sorted({to for count in counts for to in count})
    table = np.array([[count.get(to, 0) for to in targets] for count in counts])
    if table.shape[1] < 2:
        return False
    return bool(chi2_contingency(table).pvalue < 1e-3)


def _nobody(share: float) -> None:
    del share
