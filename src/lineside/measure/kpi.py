"""Availability, effectiveness, quality ratio and OEE index of ISO 22400-2, from times and counts.

    availability  = APT / PBT
    effectiveness = PRI x PQ / APT
    quality ratio = GQ / PQ
    OEE index     = availability x effectiveness x quality ratio

APT actual production time, PBT planned busy time (both seconds), PRI planned runtime per item (seconds),
PQ produced quantity, GQ good quantity. Nothing is clamped: an effectiveness above 1 names a wrong input.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lineside.plant import TIME_ELEMENT, State, TimeElement

Kpi = Literal["availability", "effectiveness", "quality", "oee"]
KPIS: tuple[Kpi, ...] = ("availability", "effectiveness", "quality", "oee")


@dataclass(frozen=True, slots=True)
class Lack:
    """An input a KPI lacks or must be suspected of; `code` is a key under `measure.missing`."""

    code: str
    subject: str
    fields: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Cycle:
    """PRI of one product in seconds, and the first edition of the plant file that judged by it."""

    product: str
    seconds: float
    edition: int
    told: bool = False
    """Whether it does not stand in the file, but was told from elsewhere."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Times (seconds) and counts of one machine in one domain of time, as the KPIs need them.

    `planned_s` is planned operation time before planned stops are taken out; None when nothing plans it.
    `ideal_s` is the sum over products of PRI x PQ; None when a product or its ideal cycle is unknown.
    """

    times: dict[State, float]
    planned_s: float | None
    planned_times: dict[State, float]
    produced: float | None
    good: float | None
    rejected: float | None
    ideal_s: float | None
    lacks: tuple[Lack, ...] = ()
    suspects: tuple[Lack, ...] = field(default=())
    cycles: tuple[Cycle, ...] = ()

    @property
    def planned_busy_s(self) -> float | None:
        """PBT: planned operation time without the stops the machine itself calls planned."""
        return None if self.planned_s is None else _exact(self.planned_s - self.element_s(TimeElement.PLANNED_DOWN))

    @property
    def production_s(self) -> float | None:
        """APT: seconds running inside planned busy time; None when nothing is planned."""
        return None if self.planned_s is None else self.element_s(TimeElement.APT)

    @property
    def unknown_s(self) -> float:
        """Planned busy time of which nothing is known: no data, or data no rule catches."""
        return self.element_s(TimeElement.UNKNOWN)

    def element_s(self, element: TimeElement) -> float:
        """Seconds of one ISO 22400-2 time element inside planned time."""
        return _exact(sum(s for state, s in self.planned_times.items() if TIME_ELEMENT[state] is element))

    @property
    def coverage(self) -> float | None:
        """Share of planned busy time (of all time where nothing is planned) with data; None for no time at all."""
        busy = self.planned_busy_s
        whole = sum(self.times.values()) if busy is None else busy
        silent = (self.times if busy is None else self.planned_times).get(State.NO_DATA, 0.0)
        return _exact(whole - silent) / whole if whole > 0 else None

    @property
    def availability(self) -> float | None:
        """APT / PBT; None without planned busy time or without any data in it."""
        busy, production = self.planned_busy_s, self.production_s
        return production / busy if busy and production is not None and self.unknown_s < busy else None

    @property
    def effectiveness(self) -> float | None:
        """PRI x PQ / APT."""
        return self.ideal_s / self.production_s if self.ideal_s is not None and self.production_s else None

    @property
    def quality(self) -> float | None:
        """GQ / PQ."""
        return self.good / self.produced if self.good is not None and self.produced else None

    @property
    def oee(self) -> float | None:
        """Availability x effectiveness x quality ratio.

        A machine that was planned and known, never ran and made nothing has an OEE of zero: availability alone
        decides. One that counted units without ever running contradicts itself, and has none.
        """
        if self.availability == 0 and self.ideal_s == 0 and self.good is not None:
            return 0.0
        if self.availability is None or self.effectiveness is None or self.quality is None:
            return None
        return self.availability * self.effectiveness * self.quality

    def value(self, kpi: Kpi) -> float | None:
        """The KPI by name."""
        value: float | None = getattr(self, kpi)
        return value

    def bounds(self, kpi: Kpi) -> tuple[float, float] | None:
        """Least and greatest value the unknown time allows; None without a second of it, or for a KPI not of time."""
        busy, value = self.planned_busy_s, self.value(kpi)
        if kpi not in ("availability", "oee") or not busy or value is None or not round(self.unknown_s):
            return None
        return value, value + self.unknown_s / busy


def _exact(seconds: float) -> float:
    """Seconds without the dust of floating-point sums: facts have whole microseconds."""
    return round(seconds, 6)


@dataclass(frozen=True, slots=True)
class Loss:
    """One step of the waterfall from planned busy time down to fully productive time; None: not known."""

    id: str
    kind: Literal["time", "speed", "quality"]
    seconds: float | None


_TIME_LOSSES = (
    State.SETUP,
    State.STARVED,
    State.BLOCKED,
    State.STOPPED,
    State.DOWN,
    State.OFF,
    State.UNMAPPED,
    State.NO_DATA,
)


def losses(judged: Judged) -> tuple[Loss, ...]:
    """Where planned busy time went. With every input known the steps add up to PBT x (1 - OEE)."""
    if judged.production_s is None:
        return ()
    steps = [
        Loss(state.value, "time", judged.planned_times[state])
        for state in _TIME_LOSSES
        if state in judged.planned_times
    ]
    ideal, quality = judged.ideal_s, judged.quality
    speed = None if ideal is None else judged.production_s - ideal
    rejects = None if ideal is None or quality is None else ideal * (1 - quality)
    return (*steps, Loss("speed", "speed", speed), Loss("rejects", "quality", rejects))
