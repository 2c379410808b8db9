"""Point: one member's own values beside what is told of its peers, as the hub's pages and its node read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite

from lineside.exchange import Ask, Indicator, month_name, month_number
from lineside.hub.compare import Peers, Position, Worth, cells_of, position
from lineside.hub.compare.peers import size_name
from lineside.hub.enrolling import size_of
from lineside.hub.figures import REASONS, Origin, Own
from lineside.hub.member import Member
from lineside.hub.tiers.joined import members_of
from lineside.hub.tiers.line import COURSE, course
from lineside.hub.tiers.plain import Plain, division_name, region_names
from lineside.hub.tiers.reader import Reader
from lineside.hub.tiers.tiers import Tiers
from lineside.rules import industries
from lineside.texts import say

_QUANTILES = ("p25", "p50", "p75")
_NUMBERS = ("to_median", "to_better", "worth", "currency", "trend", "trend_of_peers")
_STANDING = ("band", "bands", "peers", *_NUMBERS)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a member said, by the names of the months; `month` is the one that is asked about."""

    own: Own
    names: tuple[str, ...]
    month: str

    def values(self, indicator: str) -> dict[str, float]:
        """Its values of an indicator by month, without those that are absent."""
        told = zip(self.names, self.own.of(indicator).value.tolist(), strict=True)
        return {month: value for month, value in told if isfinite(value)}


def point(
    tiers: Tiers, number: int, month: str | None, reader: Reader, worth: Mapping[str, Worth] | None = None
) -> Plain:
    """A member in a month, or in the last one that it may be compared in. Raises ConfigurationError for no member.

    Of others it holds what all members are told, and nothing else. `worth` is what its people state of indicators: it
    is kept nowhere.
    """
    member, own = tiers.sources.register.get(number), tiers.sources.figures.own(number)
    names = tuple(month_name(at) for at in own.months)
    named = _checked(month) if month else _last(tiers, names)
    page = {"member": _member(tiers, member, reader.language), "month": named, "months": list(names)}
    if named is None:
        return page | {"peers": _peers(tiers, None, reader.language), "rows": [], "series": {}}
    said = _Said(own, names, named)
    stands = _stands(tiers, member, said, worth or {})
    every = tiers.sources.catalogue.indicators.values()
    return page | {
        "peers": _peers(tiers, next((one.peers for one in stands.values()), None), reader.language),
        "rows": [_row(tiers, one, stands.get(one.id), said, reader) for one in every],
        "series": {
            one.id: _series(tiers, one, stands.get(one.id), said, reader)
            for one in tiers.compared
            if said.values(one.id)
        },
    }


def told_point(tiers: Tiers) -> Callable[[Member, Ask], Plain]:
    """What the hub answers to a member that asks for its own point: the same as its page reads."""
    return lambda member, ask: point(tiers, member.number, None, Reader(ask.language))


def _checked(month: str) -> str:
    """The month. Raises UnusableData for what is none."""
    return month_name(month_number(month))


def _last(tiers: Tiers, names: Sequence[str]) -> str | None:
    """The last month that it spoke of and that is told; else the last that it spoke of."""
    told = {month for one in tiers.compared for month in tiers.months(one.id)}
    return max(told & set(names), default=max(names, default=None))


def _stands(tiers: Tiers, member: Member, said: _Said, worth: Mapping[str, Worth]) -> dict[str, Position]:
    """Where it stands by each indicator that it said and that is told; those with the nearest peers come first."""
    cells = cells_of(members_of([member], tiers.settings))
    if not cells:  # it was never admitted
        return {}
    found = {}
    for one in tiers.compared:
        year, told = tiers.year(one.id, said.month)
        there = position(said.values(one.id), told, year, cells[0], tiers.scales[one.id], worth.get(one.id))
        if there is not None:
            found[one.id] = there
    return dict(sorted(found.items(), key=lambda told: -told[1].peers.cell.level))


def _member(tiers: Tiers, member: Member, language: str) -> Plain:
    profile = member.profile
    size = size_of(profile, tiers.settings.size_scheme)
    return {
        "id": member.number,
        "name": profile.name,
        "industry": division_name(industries().of(profile.industry).code, language),
        "size": None if size is None else size_name(size, language),
        "region": region_names(tiers.settings, language).get(profile.region, profile.region),
        "generated": profile.generated,
    }


def _peers(tiers: Tiers, found: Peers | None, language: str) -> Plain:
    """Who is comparable, and why not fewer or more."""
    if found is None:
        return {"cell": None, "n": 0, "why": say("tiers.nobody", language)}
    names = region_names(tiers.settings, language)
    return {"cell": found.cell.words(language, names), "n": found.n, "why": found.words(language, names)}


def _row(tiers: Tiers, one: Indicator, at: Position | None, said: _Said, reader: Reader) -> Plain:
    """An indicator in the month: the member's own value, and where it stands by what is told."""
    told = {"indicator": one.id, "month": said.month, **_own(said, one.id, reader.language)}
    if at is None or not reader.sees(at.bands.generated):
        return told | dict.fromkeys(_STANDING) | {"withheld": say(_why(one, at, told["value"]), reader.language)}
    numbers = {name: getattr(at, name) for name in _NUMBERS}
    return (
        told
        | numbers
        | {
            "band": asdict(at.band) | {"words": at.band.words(reader.language)},
            "bands": reader.shown(tiers, tiers.told(one.id, said.month), at.bands)["bands"],
            "peers": _peers(tiers, at.peers, reader.language),
            "withheld": None,
        }
    )


def _why(one: Indicator, at: Position | None, value: float | None) -> str:
    """The text that says why a member is not placed among its peers."""
    if not one.compared:
        return "tiers.not_compared"
    if at is not None:
        return "tiers.withheld.generated"
    return "tiers.withheld.few" if value is not None else "tiers.withheld.no_value"


def _own(said: _Said, indicator: str, language: str) -> Plain:
    """What the member said of an indicator in the month; why it is absent, where a reason was given."""
    silent = say("tiers.silent", language)
    if said.month not in said.names:
        return {"value": None, "origin": None, "coverage": None, "absent": silent}
    at, told = said.names.index(said.month), said.own.of(indicator)
    value, coverage = float(told.value[at]), float(told.coverage[at])
    reason = REASONS[told.reason[at]]
    absent = say(f"exchange.absent.{reason}", language) if reason else silent
    return {
        "value": value if isfinite(value) else None,
        "origin": Origin(told.origin[at]).word if told.origin[at] else None,
        "coverage": round(coverage, 4) if isfinite(coverage) else None,
        "absent": None if isfinite(value) else absent,
    }


def _series(tiers: Tiers, one: Indicator, at: Position | None, said: _Said, reader: Reader) -> list[Plain]:
    """Its values month by month beside the middle half of its peers."""
    values = said.values(one.id)
    told = course(tiers, one.id, said.month, at.peers.cell, reader) if at else []
    there = {each["month"]: each for each in told}
    last = month_number(said.month)
    return [
        {"month": month, "value": values.get(month), **{name: there.get(month, {}).get(name) for name in _QUANTILES}}
        for month in map(month_name, range(last - COURSE + 1, last + 1))
        if month in values or month in there
    ]
