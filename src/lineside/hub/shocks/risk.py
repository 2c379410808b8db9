"""What a shock costs one factory, by what it released: a rate of loss from one day to another, as an interval.

Assumptions, of which each is told with the result:

- an input of which the share `size` is lost uses up its stock `size` times as fast as without any; from then on
  `size` times the share of the output that stands on it is lost, until the shock ends or another source delivers;
- output needs all power but what can be spared, and falls with what is missing of it in proportion;
- a price takes its share of the costs times its rise from the revenue; nothing is produced less for it;
- what a factory's twin said of such a shock goes before all this, between the sizes that it tried and never beyond,
  and is spread evenly over the days of the shock and of the recovery, as a twin names no days.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lineside.exchange import Exposure, Recovery
from lineside.hub.shocks.shock import Shock, ShockKind, plain_name

_SAME_DAYS = 0.5
"""A twin's answer is of a shock that lasts as long as the one asked about, to half a day."""
_SAME_SIZE = 1e-9


class Basis(StrEnum):
    """What a loss rests on."""

    MODEL = "model"
    """What the factory told of its inputs and its power."""
    TWIN = "twin"
    """What its twin said of such a shock."""
    UNKNOWN = "unknown"
    """It did not tell: anything between nothing and the most that the shock can take."""


@dataclass(frozen=True, slots=True)
class Risk:
    """Of the output of each day `low` at least is lost from `start` to `sure`, and `high` at most up to `end` (days).

    `first` is the day on which the stock is at its end. Of a price it is the revenue that is lost. `what` is the input
    that it is about.
    """

    basis: Basis
    low: float
    high: float
    start: float
    sure: float
    end: float
    first: float = 0.0
    what: str = ""

    @property
    def lost(self) -> tuple[float, float]:
        """Days of the factory's output that are lost in all, at least and at most."""
        return self.low * max(self.sure - self.start, 0.0), self.high * max(self.end - self.start, 0.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a twin said of just this shock: intervals of 95 %."""

    output_lost: tuple[float, float]
    recovery_days: tuple[float, float]
    cost_cny: tuple[float, float] | None
    between: bool
    """Whether it lies between two sizes that the twin tried."""


def risk(told: Exposure | None, shock: Shock) -> Risk:
    """What a shock costs the factory that released this; unknown where it released nothing of it."""
    match shock.kind:
        case ShockKind.SUPPLIER:
            return _of_supplier(told, shock)
        case ShockKind.POWER:
            return _of_power(told, shock)
        case ShockKind.PRICE:
            return _of_price(told, shock)


def unknown(shock: Shock) -> Risk:
    """Nothing to the most that a shock can take: all of what is lost or capped, or the rise of a price that is all."""
    return Risk(Basis.UNKNOWN, 0.0, shock.size, 0.0, 0.0, shock.days, what=shock.what)


def answer(told: Exposure | None, shock: Shock, what: str) -> Answer | None:
    """What the twin said of this shock to this input: as it is, or between the two nearest sizes of the same days."""
    mine = _tried(told, shock, what) if told is not None and told.recoveries else []
    if not mine:
        return None
    below = [one for one in mine if one.size <= shock.size + _SAME_SIZE]
    above = [one for one in mine if one.size >= shock.size - _SAME_SIZE]
    if not below or not above:
        return None
    low, high = below[-1], above[0]
    if high.size - low.size <= 2 * _SAME_SIZE:
        return Answer(low.output_lost, low.recovery_days, low.cost_cny, between=False)
    at = (shock.size - low.size) / (high.size - low.size)
    cost = None if low.cost_cny is None or high.cost_cny is None else _mixed(low.cost_cny, high.cost_cny, at)
    output, days = _mixed(low.output_lost, high.output_lost, at), _mixed(low.recovery_days, high.recovery_days, at)
    return Answer(output, days, cost, between=True)


def _of_supplier(told: Exposure | None, shock: Shock) -> Risk:
    """That of the input asked for: one that a factory does not name among its inputs it does not need."""
    if told is None or not (told.inputs or any(one.shock == "supplier" for one in told.recoveries)):
        return unknown(shock)
    wanted = plain_name(shock.what)
    whats = (*(one.what for one in told.recoveries if one.shock == "supplier"), *(one.what for one in told.inputs))
    names = {plain_name(what): what for what in whats if what}
    found = [_of_input(told, shock, what) for name, what in names.items() if not wanted or name == wanted]
    nothing = Risk(Basis.MODEL, 0.0, 0.0, 0.0, 0.0, 0.0, what=shock.what)
    return max(found, key=lambda one: (one.lost[1], one.lost[0], -one.first), default=nothing)


def _of_input(told: Exposure, shock: Shock, what: str) -> Risk:
    name = plain_name(what)
    own = next((one for one in told.inputs if plain_name(one.what) == name), None)
    start = 0.0 if own is None else min(own.stock_days / shock.size, shock.days)
    said = answer(told, shock, name)
    if said is not None:
        return _by_twin(said, shock, start, what)
    if own is None:  # a twin spoke of other sizes or days of an input that is told of nowhere else
        return unknown(shock)
    end = max(min(shock.days, shock.days if own.replaced_days is None else own.replaced_days), start)
    rate = own.share * shock.size if end > start else 0.0
    return Risk(Basis.MODEL, rate, rate, start, end, end, start, what)


def _of_power(told: Exposure | None, shock: Shock) -> Risk:
    said = answer(told, shock, "")
    if said is not None:
        return _by_twin(said, shock, 0.0, "")
    if told is None or told.energy is None:
        return unknown(shock)
    spared = told.energy.spared
    rate = (shock.size - spared) / (1 - spared) if shock.size > spared else 0.0
    return Risk(Basis.MODEL, rate, rate, 0.0, shock.days, shock.days)


def _of_price(told: Exposure | None, shock: Shock) -> Risk:
    share = None if told is None or told.energy is None else told.energy.cost_share
    if share is None:
        return unknown(shock)
    rate = share * shock.size
    return Risk(Basis.MODEL, rate, rate, 0.0, shock.days, shock.days)


def _by_twin(said: Answer, shock: Shock, first: float, what: str) -> Risk:
    """The share that is lost of the output of all its days and those of the recovery."""
    sure, end = (shock.days + days for days in said.recovery_days)
    return Risk(Basis.TWIN, *said.output_lost, 0.0, sure, end, first, what)


def _tried(told: Exposure, shock: Shock, what: str) -> list[Recovery]:
    """What the twin tried of the same kind and days, by size."""
    same = [
        one
        for one in told.recoveries
        if one.shock == shock.kind.value
        and abs(one.days - shock.days) <= _SAME_DAYS
        and plain_name(one.what) == plain_name(what)
    ]
    return sorted(same, key=lambda one: one.size)


def _mixed(low: tuple[float, float], high: tuple[float, float], at: float) -> tuple[float, float]:
    first, last = (one + (other - one) * at for one, other in zip(low, high, strict=True))
    return first, last
