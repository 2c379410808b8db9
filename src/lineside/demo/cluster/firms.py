"""The factories of the demo cluster: what each is, and what it could measure.

What is published comes from `sources`; how it hangs together is our choice, and plausible rather than known: a larger
factory is more digital, a more digital one connects more of its machines and knows more of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lineside.demo.cluster.dealing import dealt, shuffled, spread
from lineside.demo.cluster.sources import SizeShare, Sources, sources
from lineside.rules import industries

CRITERIA = 12
"""Digital intensity counts how many of twelve things an enterprise does; every three are a level."""
_LEVELS = np.array([0, 4, 7, 10, CRITERIA + 1])
"""Where Eurostat lets a level begin: very low, low, high, very high."""
TECHNOLOGY = frozenset({"20", "21", "26", "27", "28", "29", "30"})
"""Divisions of ISIC of high and medium-high technology, as Eurostat groups them."""

_FIRMS = 1
"""The stream of random numbers of this module."""
_OWN_LUCK = 0.8
"""How far factories of one region lie apart in what makes them digital, as a deviation of the logarithm."""
_IN_DISTRICT = 0.85
"""The share of an industry that sits in its district, as suppliers and skills do; the others are anywhere."""
_MORE_DIGITAL = {"36": 0.2, "38": 0.2, "39": 0.4, "40": 0.4, "31": -0.2, "33": -0.2, "43": -0.4}
_REVENUE_A_HEAD_CNY = 700_000.0
_YUAN_OF_A_EURO = 7.8
_JOB_SHOP = {"micro": 0.7, "small": 0.5, "medium": 0.3, "large": 0.1}
_ASSESSED = {"micro": 0.4, "small": 0.6, "medium": 0.85, "large": 1.0}


@dataclass(frozen=True, slots=True)
class Firm:
    """One factory, before any month."""

    number: int
    size: str
    """A size class of `sources`."""
    employees: int
    revenue_cny: float
    balance_eur: float
    division: str
    region: str
    kind: str
    """"job_shop", "series" or "process"."""
    criteria: int
    """Of the twelve things that make an enterprise digital, how many it does."""
    maturity: int
    """The level that a self-diagnosis would find."""
    machines: int
    connected: int
    """Of the machines, before the first month."""
    calendar: bool
    cycle: bool
    units: bool
    orders: bool
    meter: bool
    assessed: bool
    """Whether it diagnosed itself."""
    posture: bool
    """Whether it lets others know how secure it is."""

    @property
    def digital(self) -> float:
        """From 0 to 1."""
        return self.criteria / CRITERIA

    @property
    def turnover_eur(self) -> float:
        """In euros a year, where the rules of the EU ask for it."""
        return round(self.revenue_cny / _YUAN_OF_A_EURO, -3)


@dataclass(frozen=True, slots=True)
class _Hand:
    """What was dealt to a factory, so that all of them together have the shares that were published."""

    number: int
    size: SizeShare
    division: str
    region: str
    criteria: int
    maturity: int


def firms(seed: int, count: int) -> tuple[Firm, ...]:
    """So many factories; the same seed and count give the same ones."""
    hands = _hands(np.random.default_rng([seed, _FIRMS]), count, sources())
    return tuple(_firm(hand, np.random.default_rng([seed, _FIRMS, hand.number])) for hand in hands)


def _hands(rng: np.random.Generator, count: int, told: Sources) -> list[_Hand]:
    sizes = shuffled(rng, count, [one.enterprises * one.joining for one in told.sizes])
    codes = list(told.industries)
    divisions = [codes[place] for place in shuffled(rng, count, list(told.industries.values()))]
    regions = _regions(rng, divisions, told)
    criteria = _criteria(rng, sizes, divisions, regions, told)
    maturity = _maturity(rng, sizes, criteria, told)
    return [
        _Hand(
            number=place + 1,
            size=told.sizes[sizes[place]],
            division=divisions[place],
            region=told.regions[regions[place]].code,
            criteria=int(criteria[place]),
            maturity=int(maturity[place]),
        )
        for place in range(count)
    ]


def is_technology(division: str) -> bool:
    """Whether a division counts as high or medium-high technology."""
    return industries().of(division).isic4 in TECHNOLOGY


def _regions(rng: np.random.Generator, divisions: list[str], told: Sources) -> NDArray[np.int64]:
    """Where each is: makers of technology gather as they do between regions of Europe, industries in districts."""
    usual = np.array([one.members for one in told.regions])
    gathered = usual * np.exp(spread(len(told.regions), told.technology)[::-1])
    technology = [is_technology(one) for one in divisions]
    chances = _districts(divisions, technology, {True: gathered / gathered.sum(), False: usual / usual.sum()})
    return np.array([rng.choice(len(usual), p=chances[one]) for one in divisions], np.int64)


def _districts(
    divisions: list[str], technology: list[bool], shares: Mapping[bool, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """The chances of each region, by division: each has its district, all together are shared as `shares` has it."""
    found = {}
    for group, share in shares.items():
        own = [one for one, is_one in zip(divisions, technology, strict=True) if is_one == group]
        ends = np.concatenate(([0.0], np.cumsum(share)))
        begin = 0.0
        for division in sorted(set(own)):
            end = begin + own.count(division) / len(own)
            district = np.clip(np.minimum(ends[1:], end) - np.maximum(ends[:-1], begin), 0.0, None)
            chance = _IN_DISTRICT * district / district.sum() + (1 - _IN_DISTRICT) * share
            found[division], begin = chance / chance.sum(), end
    return found


def _criteria(
    rng: np.random.Generator,
    sizes: NDArray[np.int64],
    divisions: list[str],
    regions: NDArray[np.int64],
    told: Sources,
) -> NDArray[np.int64]:
    """How digital each is: of a size class as many at each level as Eurostat found, the readier ones higher up."""
    ready = spread(len(told.regions), told.readiness)[::-1][regions]
    ready = ready + np.array([_MORE_DIGITAL.get(one, 0.0) for one in divisions])
    ready = ready + rng.normal(0.0, _OWN_LUCK, len(divisions))
    found = np.zeros(len(divisions), np.int64)
    for place, size in enumerate(told.sizes):
        own = np.flatnonzero(sizes == place)
        level = dealt(ready[own], told.digital[size.id])
        found[own] = rng.integers(_LEVELS[level], _LEVELS[level + 1])
    return found


def _maturity(
    rng: np.random.Generator, sizes: NDArray[np.int64], criteria: NDArray[np.int64], told: Sources
) -> NDArray[np.int64]:
    """The level of each: as many as the index report found, the larger and more digital ones higher up."""
    scores = criteria / CRITERIA + 0.15 * sizes + rng.normal(0.0, 0.2, len(sizes))
    low, *higher = told.maturity
    return dealt(scores, [low * told.below_one, low * (1 - told.below_one), *higher])


def _firm(hand: _Hand, rng: np.random.Generator) -> Firm:
    digital, size = hand.criteria / CRITERIA, hand.size.id
    employees = _persons(rng, *hand.size.persons)
    revenue = employees * _REVENUE_A_HEAD_CNY * float(np.exp(rng.normal(0.0, 0.3)))
    machines = max(3, round(employees / rng.uniform(4.0, 8.0)))
    return Firm(
        number=hand.number,
        size=size,
        employees=employees,
        revenue_cny=round(revenue, -4),
        balance_eur=round(revenue / _YUAN_OF_A_EURO * rng.uniform(0.5, 0.9), -3),
        division=hand.division,
        region=hand.region,
        kind=_kind(rng, hand),
        criteria=hand.criteria,
        maturity=hand.maturity,
        machines=machines,
        connected=_connected(rng, digital, machines),
        calendar=bool(rng.random() > 0.25 * (1 - digital)),
        cycle=bool(rng.random() > 0.2 * (1 - digital)),
        units=bool(rng.random() > 0.1 * (1 - digital)),
        orders=bool(rng.random() < 0.3 + 0.7 * digital),
        meter=bool(rng.random() < (1.0 if size == "large" else 0.2 + 0.6 * digital)),
        assessed=bool(rng.random() < _ASSESSED[size]),
        posture=bool(rng.random() < 0.6),
    )


def _persons(rng: np.random.Generator, fewest: int, most: int) -> int:
    """Sizes of firms follow Zipf's law (Axtell, Science 293, 2001): as many again employ half as many persons."""
    low, high = 1 / (fewest - 0.5), 1 / (most + 0.5)
    return min(max(round(1 / rng.uniform(high, low)), fewest), most)


def _kind(rng: np.random.Generator, hand: _Hand) -> str:
    if industries().of(hand.division).kind == "process":
        return "process"
    return "job_shop" if rng.random() < _JOB_SHOP[hand.size.id] else "series"


def _connected(rng: np.random.Generator, digital: float, machines: int) -> int:
    """Of the least digital many connect nothing at all."""
    if rng.random() < 0.5 * (1 - digital) ** 2:
        return 0
    share = min(max(0.08 + 0.8 * digital + rng.normal(0.0, 0.1), 0.02), 1.0)
    return max(1, round(share * machines))
