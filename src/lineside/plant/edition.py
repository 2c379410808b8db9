"""Editions of a plant: a fact is judged by the plant as it was then."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise

from lineside.plant.energy import METER
from lineside.plant.file import Finding, accepted_plant
from lineside.plant.model import Plant
from lineside.plant.told import Told

_log = logging.getLogger(__name__)
BEGINNING = -(2**62)
END = 2**62


@dataclass(frozen=True)
class Edition:
    """One edition of the plant file and from when it judges facts (microseconds UTC; None: from the beginning).

    With what was `told` from elsewhere; of its products the versions that judge facts of the time `at`.
    """

    number: int
    valid_from: int | None
    sha256: str
    text: str
    told: Told = field(default=Told(), compare=False)
    at: int = END

    @property
    def plant(self) -> Plant:
        """The plant it describes; read when it is first asked for, because most old editions never are."""
        return self._read[0]

    @property
    def set_aside(self) -> tuple[Finding, ...]:
        """What an earlier version took and this one cannot read: it judges nothing, nor does what rests on it."""
        return self._read[1]

    @property
    def kpi_series(self) -> frozenset[str]:
        """Keys of the series that a KPI or a twin reads by it: all it names, where some of it was set aside."""
        machines = self.plant.machines.values()
        if not self.set_aside:
            meters = [meter.series for meter in self.plant.meters.values()]
            return frozenset([*meters, *(f"{one.id}/{signal}" for one in machines for signal in one.kpi_signals)])
        document = tomllib.loads(self.text)
        named = _table(document.get("machine"))
        signals = {name: _table(_table(machine).get("signals")) for name, machine in named.items()}
        signals[METER] = {**signals.get(METER, {}), **_table(document.get("meter"))}
        return frozenset(f"{name}/{signal}" for name, table in signals.items() for signal in table)

    @cached_property
    def _read(self) -> tuple[Plant, tuple[Finding, ...]]:
        plant, aside = accepted_plant(self.text)
        if aside:
            told = "; ".join(f"line {finding.line}, {finding.key}: {finding.sentence()}" for finding in aside)
            _tell_once(self.number, told)
        return plant.with_told(self.told, self.at) if self.told else plant, aside


@dataclass(frozen=True)
class Timeline:
    """Every edition of one plant, oldest first."""

    editions: tuple[Edition, ...]

    @property
    def newest(self) -> Plant:
        """The plant as its newest edition describes it."""
        return self.editions[-1].plant

    def during(self, start: int, end: int) -> Iterator[tuple[int, int, Edition]]:
        """The editions in force in [start, end), each with its part of the window, without gap or overlap.

        An edition comes in several parts where a product that was told changed.

        Of two editions that begin at the same time the newer one counts. Time before the first edition is
        judged by the first.
        """
        for first, last, edition in self._judging:
            if first < end and last > start:
                yield max(first, start), min(last, end), edition

    @cached_property
    def _judging(self) -> tuple[tuple[int, int, Edition], ...]:
        begun: list[Edition] = []
        for edition in self.editions:
            while begun and _begin(begun[-1]) >= _begin(edition):
                begun.pop()
            begun.append(edition)
        edges = [BEGINNING, *(_begin(e) for e in begun[1:]), END]
        found = []
        for edition, (first, last) in zip(begun, pairwise(edges), strict=True):
            cuts = [cut for cut in edition.told.cuts if first < cut < last]
            for a, b in pairwise([first, *cuts, last]):
                found.append((a, b, replace(edition, at=a) if edition.told.cuts else edition))
        return tuple(found)


@lru_cache(64)
def _tell_once(number: int, told: str) -> None:
    """Logs it once a process: an edition is read anew whenever something is told beside it."""
    _log.info("edition %d of the plant file: this version does not read all of it. %s", number, told)


def _table(told: object) -> Mapping[str, object]:
    return told if isinstance(told, dict) else {}


def _begin(edition: Edition) -> int:
    return BEGINNING if edition.valid_from is None else edition.valid_from
