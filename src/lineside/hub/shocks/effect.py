"""What a shock does to a cluster: by day, by industry, by factory; and what twins say of the way back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from lineside.exchange import Exposure
from lineside.hub.shocks.risk import Answer, Basis, Risk, answer, risk
from lineside.hub.shocks.shock import Shock, plain_name

Floats = NDArray[np.float64]
MOST_CURVE = 365
"""Days of a curve; what is lost later counts in the sums."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """A factory of the cluster, and what it released last; None where it released nothing."""

    member: int
    group: str
    employees: float | None
    told: Exposure | None = None
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """A figure that lies between two ends."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Hit:
    """What one factory loses; `of_cluster` is its part of what is lost by those who told, at most."""

    member: int
    risk: Risk
    weight: float
    of_cluster: float


@dataclass(frozen=True, slots=True)
class Group:
    """An industry: how many told, and how many days of its output they lose."""

    group: str
    members: int
    told: int
    lost: Between


@dataclass(frozen=True, slots=True)
class Recoveries:
    """What the twins of so many factories say together.

    Days are those of whoever is last back, by both ends. Costs are sums of the lower and of the upper ends: one shock
    meets all at once, so errors of twins do not even out, and no root of their number narrows the sum.
    """

    twins: int
    between: int
    """Of these, those that lie between two sizes that the twin tried."""
    days: Between | None
    costs: int
    cost_cny: Between | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a shock does. `lost` is in days of the output of all who told; of a price, of their revenue.

    `of_all` holds those who did not tell, too: between nothing and the most that the shock can take.
    """

    shock: Shock
    by_employees: bool
    """Whether factories weigh by their employees; else each counts one, as somebody did not tell theirs."""
    members: int
    told: int
    """Members that released what the shock asks for."""
    weight_told: float
    """Their share of the weight of all members."""
    generated: int
    """Of those who told."""
    curve: tuple[Between, ...]
    """Of each day, the share of the output of those who told that is lost."""
    lost: Between
    of_all: Between
    hits: tuple[Hit, ...]
    """Who loses anything, the first one first; of the same day who loses most."""
    groups: tuple[Group, ...]
    recoveries: Recoveries


def effect(exposed: Sequence[Exposed], shock: Shock) -> Effect:
    """What a shock does to these."""
    by_employees = bool(exposed) and all(one.employees is not None for one in exposed)
    weights = np.array([(one.employees or 0.0) if by_employees else 1.0 for one in exposed], np.float64)
    risks = [risk(one.told, shock) for one in exposed]
    known = np.array([one.basis is not Basis.UNKNOWN for one in risks], bool)
    losses = _lost(risks)
    found = [one for one, is_known in zip(risks, known, strict=True) if is_known]
    total, told = float(weights.sum()), float(weights[known].sum())
    return Effect(
        shock=shock,
        by_employees=by_employees,
        members=len(exposed),
        told=len(found),
        weight_told=told / total if total else 0.0,
        generated=sum(one.generated for one, is_known in zip(exposed, known, strict=True) if is_known),
        curve=curve(found, weights[known]),
        lost=_mean(losses[known], weights[known]),
        of_all=_mean(losses, weights),
        hits=_hits(exposed, risks, losses[:, 1] * weights, weights),
        groups=_groups(exposed, losses, weights, known),
        recoveries=recoveries(exposed, risks, shock),
    )


def curve(risks: Sequence[Risk], weights: Floats) -> tuple[Between, ...]:
    """By day, the share of the output of all these that is lost, up to the day on which the last is back."""
    told = np.array([(one.low, one.high, one.start, one.sure, one.end) for one in risks], np.float64).reshape(-1, 5)
    total = float(weights.sum())
    hit = told[:, 1] > 0
    weights = weights[hit]
    low, high, start, sure, end = told[hit].T
    days = min(ceil(end.max()), MOST_CURVE) if total and hit.any() else 0

    def lost(rate: Floats, until: Floats, day: int) -> float:
        part = np.clip(np.minimum(until, day + 1) - np.maximum(start, day), 0.0, 1.0)
        return float(np.dot(weights, rate * part)) / total

    return tuple(Between(lost(low, sure, day), lost(high, end, day)) for day in range(days))


def recoveries(exposed: Sequence[Exposed], risks: Sequence[Risk], shock: Shock) -> Recoveries:
    """What the twins of these say of a shock; of a price, too, which costs them no output here."""
    given = zip(exposed, risks, strict=True)
    found = [said for one, own in given if (said := answer(one.told, shock, own.what)) is not None]
    costs = [one.cost_cny for one in found if one.cost_cny is not None]
    return Recoveries(
        len(found),
        sum(one.between for one in found),
        _last(found),
        len(costs),
        Between(sum(low for low, _ in costs), sum(high for _, high in costs)) if costs else None,
    )


def inputs_named(exposed: Sequence[Exposed]) -> dict[str, int]:
    """How many factories name each input, those named most first; written as most of them write it."""
    written: defaultdict[str, list[str]] = defaultdict(list)
    for one in exposed:
        own = {plain_name(each.what): each.what for each in (one.told.inputs if one.told else ())}
        for name, what in own.items():
            written[name].append(what)
    usual = {max(sorted(set(those)), key=those.count): len(those) for those in written.values()}
    return dict(sorted(usual.items(), key=lambda one: (-one[1], one[0])))


def _last(found: Sequence[Answer]) -> Between | None:
    days = [one.recovery_days for one in found]
    return Between(max(low for low, _ in days), max(high for _, high in days)) if days else None


def _mean(losses: Floats, weights: Floats) -> Between:
    total = float(weights.sum())
    if not total:
        return Between(0.0, 0.0)
    low, high = (float(np.dot(weights, losses[:, end])) / total for end in (0, 1))
    return Between(low, high)


def _lost(risks: Sequence[Risk]) -> Floats:
    """`Risk.lost` of each, a row for each of them."""
    told = np.array([(one.low, one.high, one.start, one.sure, one.end) for one in risks], np.float64).reshape(-1, 5)
    low, high, start, sure, end = told.T
    return np.stack([low * np.maximum(sure - start, 0.0), high * np.maximum(end - start, 0.0)], axis=1)


def _hits(exposed: Sequence[Exposed], risks: Sequence[Risk], most: Floats, weights: Floats) -> tuple[Hit, ...]:
    """Who loses anything, in order; `most` is what each loses at most, by its weight."""
    hit = [at for at, own in enumerate(risks) if own.high > 0 and own.basis is not Basis.UNKNOWN]
    total = float(most[hit].sum())
    share = most[hit] / total if total else np.zeros(len(hit))
    first = np.array([risks[at].first for at in hit], np.float64)
    members = np.array([exposed[at].member for at in hit], np.int64)
    order = np.lexsort((members, -share, first))
    parts, weighed = share.tolist(), weights[hit].tolist()
    return tuple(
        Hit(exposed[at].member, risks[at], weighed[one], parts[one]) for one in order.tolist() for at in (hit[one],)
    )


def _groups(exposed: Sequence[Exposed], losses: Floats, weights: Floats, known: NDArray[np.bool_]) -> tuple[Group, ...]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(exposed):
        places[one.group].append(at)
    found = []
    for group, own in sorted(places.items()):
        mine = np.array(own)[known[own]]
        found.append(Group(group, len(own), mine.size, _mean(losses[mine], weights[mine])))
    return tuple(found)
