"""Sandboxes of the demo cluster: one that keeps to its limit, one that a limit ends, and one that waits for a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lineside.demo.cluster.asked import Relaxed, Scene, scenes, spoken
from lineside.demo.cluster.generate import GeneratedCluster, GeneratedMember
from lineside.demo.cluster.speaking import Speaker, heard
from lineside.exchange import Consent, Limit, catalogue, month_name
from lineside.hub import Hub
from lineside.hub.sandboxes import Offer
from lineside.texts import DEFAULT_LANGUAGE

_BEFORE: Mapping[Scene, int] = {"ended": 7, "runs": 4}
"""So many months before the last one is the first month of each."""
_LASTS = 12
_ROOM = {"runs": (1.3,), "ended": (1.0, 1.03, 1.06, 1.1)}
"""A limit lies so many times what its member told of the month before; the first that makes it go so is taken."""
_ROW = 2
"""Months in a row that end a sandbox."""


def begin(
    hub: Hub, made: GeneratedCluster, speakers: Mapping[int, Speaker], month: int, last: int, language: str
) -> None:
    """Offers what begins after a month to the member that it will go so with, and lets that agree.

    Nothing begins where no member's values do. Raises LinesideError for what the hub does not take.
    """
    for name, back in _BEFORE.items():
        if month == last - back:
            found = next(_fitting(made, name, month, last), None)
            if found is not None:
                _agreed(hub, speakers[found[0]], scenes().sandbox[name], found[1], month, language)


def offer_first(hub: Hub, language: str = DEFAULT_LANGUAGE) -> int | None:
    """Offers terms to the first member that is no generated one, once; gives the number of the sandbox if it is new.

    Whoever looks at its node can agree. Raises LinesideError for terms that cannot be.
    """
    real = [one.number for one in hub.register.everybody() if not one.profile.generated]
    if not real or hub.sandboxes.listed(real):
        return None
    what = scenes().sandbox["offered"]
    return hub.sandboxes.offer(min(real), _offer(what, 60.0, hub.sandboxes.month, language)).number


def _agreed(hub: Hub, one: Speaker, what: Relaxed, most: float, month: int, language: str) -> None:
    terms = hub.sandboxes.offer(one.member, _offer(what, most, month + 1, language))
    now_ms = hub.oversight.now_ms
    heard(hub, [(one, one.statement(Consent, now_ms, sandbox=terms.sha256, agrees=True))])


def _offer(what: Relaxed, most: float, first: int, language: str) -> Offer:
    return Offer(
        title=what.title,
        relaxed=what.relaxed,
        basis=spoken(scenes().basis, language),
        limits=(Limit(indicator=what.indicator, most=most, months=_ROW),),
        first=month_name(first),
        last=month_name(first + _LASTS - 1),
    )


def _fitting(made: GeneratedCluster, name: Scene, month: int, last: int) -> Iterator[tuple[int, float]]:
    """Members in no pilot whose values after a month go so, and the limit for each.

    The limit is known by what the member told before.
    """
    what, goes_so = scenes().sandbox[name], _keeps if name == "runs" else _ends
    for one in made.members:
        told = _told(one, what)
        values = [told[at] for at in range(month, last + 1) if at in told]
        if one.number in made.planted.pilot.members or len(values) <= last - month:
            continue
        for room in _ROOM[name]:
            most = float(f"{values[0] * room:.3g}")
            if goes_so(values[1:], most):
                yield one.number, most
                break


def _told(one: GeneratedMember, what: Relaxed) -> dict[int, float]:
    """What a member tells of the indicator of a limit, by month, where enough was heard for it to count."""
    coverage = catalogue().of(what.indicator).coverage
    return {
        said.month: value.value
        for said in one.said
        for value in said.values
        if value.indicator == what.indicator and value.value is not None and (value.coverage or 0.0) >= coverage
    }


def _keeps(values: Sequence[float], most: float) -> bool:
    return max(values) <= most


def _ends(values: Sequence[float], most: float) -> bool:
    """Whether the first two months keep to it, and two in a row later do not, before the last one."""
    beyond = [value > most for value in values]
    return not any(beyond[:_ROW]) and any(all(beyond[at : at + _ROW]) for at in range(_ROW, len(beyond) - _ROW))
