"""What a station is: the activity, the resource, or one activity with its resources as parallel servers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lineside.twin.fit.reading.events import Words, finding
from lineside.twin.fit.record import NOBODY, Codes
from lineside.twin.reading import Finding

SHOWN = 8


class Places(NamedTuple):
    """The station and server of each row, NOBODY where the row names none."""

    station: Codes
    server: Codes
    names: tuple[str, ...]
    findings: list[Finding]


def find_stations(activity: Words, resource: Words) -> Places:
    """The stations by the rule of the manual's page on event logs."""
    nobody = np.full(len(activity.code), NOBODY, np.int32)
    if not resource.words:
        return Places(activity.code, nobody, activity.words, [])
    if not activity.words:
        server = np.where(resource.code >= 0, 0, NOBODY).astype(np.int32)
        return Places(resource.code, server, resource.words, [])
    width = len(resource.words) + 1
    key = activity.code.astype(np.int64) * width + resource.code
    named = (activity.code >= 0) & (resource.code >= 0)
    pairs = np.unique(key[named])
    groups = _groups([(int(pair) // width, int(pair) % width) for pair in pairs])
    names: list[str] = []
    place: dict[tuple[int, int], tuple[int, int]] = {}
    machines: list[str] = []
    parallel: list[str] = []
    for doing, by in groups:
        if len(doing) == 1:
            station = _add(names, activity.words[doing[0]])
            place |= {(doing[0], machine): (station, i) for i, machine in enumerate(by)}
            parallel += [f"{activity.words[doing[0]]} ({len(by)})"] if len(by) > 1 else []
        else:
            own = {machine: _add(names, resource.words[machine]) for machine in by}
            place |= {(one, machine): (own[machine], 0) for one in doing for machine in by}
            machines += [resource.words[machine] for machine in by]
    return _places(activity, resource, place, names, _tell(machines, parallel))


def _places(
    activity: Words,
    resource: Words,
    place: dict[tuple[int, int], tuple[int, int]],
    names: list[str],
    told: list[Finding],
) -> Places:
    """Looks each row's pair up; a row that names only one of the two goes to the station that name alone leads to."""
    by_activity: dict[int, set[int]] = {}
    by_resource: dict[int, set[tuple[int, int]]] = {}
    for (one, machine), there in place.items():
        by_activity.setdefault(one, set()).add(there[0])
        by_resource.setdefault(machine, set()).add(there)
    for code, words, known in (
        (activity.code, activity.words, by_activity),
        (resource.code, resource.words, by_resource),
    ):
        for one in np.unique(code[code >= 0]).tolist():
            if one not in known and known is by_activity:
                by_activity[one] = {_add(names, words[one])}
            elif one not in known:
                by_resource[one] = {(_add(names, words[one]), 0)}
    width = len(resource.words) + 1
    table = np.full(((len(activity.words) + 1) * width, 2), NOBODY, np.int32)
    for (one, machine), there in place.items():
        table[(one + 1) * width + machine + 1] = there
    for one, stations in by_activity.items():
        table[(one + 1) * width] = (min(stations), NOBODY) if len(stations) == 1 else (NOBODY, NOBODY)
    for machine, places in by_resource.items():
        table[machine + 1] = min(places) if len(places) == 1 else (NOBODY, NOBODY)
    found = table[(activity.code.astype(np.int64) + 1) * width + resource.code + 1]
    return Places(found[:, 0], found[:, 1], tuple(names), told)


def _groups(pairs: list[tuple[int, int]]) -> list[tuple[list[int], list[int]]]:
    """Activities and resources that belong together by a chain of common rows."""
    of: dict[tuple[str, int], int] = {}
    members: dict[int, set[tuple[str, int]]] = {}
    for number, (one, machine) in enumerate(pairs):
        joined = {("a", one), ("r", machine)}
        for old in {of[node] for node in joined if node in of}:
            joined |= members.pop(old)
        members[number] = joined
        of |= dict.fromkeys(joined, number)
    return [
        (sorted(i for kind, i in nodes if kind == "a"), sorted(i for kind, i in nodes if kind == "r"))
        for nodes in members.values()
    ]


def _add(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)


def _tell(machines: list[str], parallel: list[str]) -> list[Finding]:
    told = []
    if machines:
        told.append(finding("log.by_resource", "stations", count=len(machines), stations=_list(machines)))
    if parallel:
        told.append(finding("log.parallel", "stations", stations=_list(parallel)))
    return told


def _list(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
