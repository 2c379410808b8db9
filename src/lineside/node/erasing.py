"""Erasure: takes things out of a plant's folder for good, proves it by a certificate, and says what remains elsewhere.

Done while no node runs on the folder: afterwards nothing in memory tells what is gone, and the files are written anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

from lineside.errors import ConfigurationError, LinesideError
from lineside.jobs import JobRecord
from lineside.node.intake import now_us
from lineside.node.keeping import EVER, silent
from lineside.node.manifest import HISTORY
from lineside.node.node import Node
from lineside.node.schedules import SOLVE
from lineside.orders import ToldRecord, Version
from lineside.trust import HERE, Certificate, Judgement, Kind, Thing, digest_of
from lineside.twin.fit import TwinRecord
from lineside.valve import LastRecord

ERASURE = "lineside.erasure/1"
STORED = ("signal", "orders", "product", "products", "completions", "costs", "twin", "answers", "schedules")
"""The kinds of things that can be erased; what is computed goes with what it is made of."""
_LABEL = "label/"
_LONGEST = 500
_Extent: TypeAlias = tuple[int, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Erased:
    """What was there of a thing: so many rows or files, from the first to the last moment (microseconds UTC)."""

    thing: str
    rows: int
    first: int | None
    last: int | None


def chosen(judgement: Judgement, branches: Sequence[str]) -> list[Thing]:
    """The things to erase of some things, branches and labels (`label/recipe`), in order of their names.

    What holds many things (`products`, `costs`, `schedules`) is meant only where it is named itself.
    Raises ConfigurationError for what there is not, or what holds nothing that can be erased.
    """
    found: dict[str, Thing] = {}
    for branch in branches:
        members = _labelled(judgement, branch) if branch.startswith(_LABEL) else judgement.members(branch)
        if not members:
            raise ConfigurationError("erase.no_thing", thing=branch[:200])
        meant = [thing for one in members if _can_go(thing := judgement.things[one], branch)]
        if not meant:
            raise ConfigurationError("erase.nothing_stored", thing=branch, kinds=", ".join(STORED))
        found |= {thing.id: thing for thing in meant}
    return [found[name] for name in sorted(found)]


def _labelled(judgement: Judgement, branch: str) -> set[str]:
    label = branch.removeprefix(_LABEL)
    return {name for name in judgement.things if label in judgement.of(name).labels}


def _can_go(thing: Thing, branch: str) -> bool:
    return thing.kind in STORED and ("/" in thing.id or thing.id == branch)


def series_keys(things: Iterable[Thing]) -> list[str]:
    """The keys of the series that are among some things."""
    return [thing.id.partition("/")[2] for thing in things if thing.kind == "signal"]


def made_of(judgement: Judgement, things: Iterable[Thing]) -> set[str]:
    """Everything that some things are an input of, at any remove."""
    made: dict[str, list[str]] = {}
    for thing in judgement.things.values():
        for one in thing.inputs:
            made.setdefault(one, []).append(thing.id)
    waiting, seen = [thing.id for thing in things], set[str]()
    while waiting:
        fresh = [one for one in made.get(waiting.pop(), ()) if one not in seen]
        seen.update(fresh)
        waiting += fresh
    return seen


def remains(judgement: Judgement, erased: Iterable[Thing]) -> list[str]:
    """The stored things that were made of what was erased and are still there."""
    gone = {thing.id: thing for thing in erased}
    made = made_of(judgement, gone.values()) - gone.keys()
    return sorted(one for one in made if one.partition("/")[0] in ("twin", "answers", "schedules", "jobs"))


def erase(
    folder: Path,
    branches: Sequence[str],
    reason: str,
    *,
    before: int = EVER,
    check: Callable[[], None] = lambda: None,
) -> Certificate:
    """Erases things, or what is of them before a time (microseconds UTC): in the history, its Parquet and the books.

    The file of the history may hold bytes of them until `lineside.history.rewrite_history` has made it anew. A kill in
    between leaves no certificate: what is gone is gone, and the same command does the rest.
    Raises ConfigurationError for what cannot be meant, FolderInUse while a node runs, LinesideError without room.
    """
    if not 0 < len(reason.strip()) <= _LONGEST:
        raise ConfigurationError("erase.no_reason", longest=_LONGEST)
    with Node.open(folder) as node:
        node.editions.hear()
        judgement = node.catalogue.judgement
        things = chosen(judgement, branches)
        _require_room(folder)
        silenced = silent(node.timeline, series_keys(things))
        for source in silenced:
            node.history.unhear(source, -EVER, before)
        extents = _from_history(node, things, before, check)
        statement: dict[str, Any] = {
            "format": ERASURE,
            "plant": node.plant.site.name,
            "asked": sorted(branches),
            "before": None if before == EVER else before,
            "reason": reason.strip(),
            "time": now_us(),
            "made_of_it": remains(judgement, things),
            "no_data": sorted({machine for machines in silenced.values() for machine in machines}),
        }
        with node.books.session() as rows:
            extents |= _from_books(node, rows, things, before)
            _forget_last(node, rows, made_of(judgement, things) | {thing.id for thing in things})
            done = [Erased(thing.id, *extents.get(thing.id, (0, None, None))) for thing in things]
            statement["things"] = [asdict(one) for one in done]
            entry = node.ledger.write(
                rows,
                Kind.ERASED,
                who=HERE,
                things=len(done),
                rows=sum(one.rows for one in done),
                statement=digest_of(statement),
            )
        return Certificate.of(node.ledger, entry, statement)


def _require_room(folder: Path) -> None:
    """Raises LinesideError unless the history fits on the disk a second time."""
    file = folder / HISTORY
    size = file.stat().st_size if file.exists() else 0
    if shutil.disk_usage(folder).free < 2 * size:
        raise LinesideError("erase.no_room", file=str(file), needed=f"{2 * size / 10**9:.2f} GB")


def _from_history(node: Node, things: Iterable[Thing], before: int, check: Callable[[], None]) -> dict[str, _Extent]:
    """Erases samples, and writes the hours anew that held them, where there are such files."""
    known = node.history.catalogue()
    wanted = {
        series.id: thing.id
        for thing in things
        if thing.kind == "signal" and (series := known.get(thing.id.partition("/")[2])) is not None
    }
    if not wanted:
        return {}
    found = node.history.erase(list(wanted), before, check)
    if node.history.hours()[0]:
        node.history.write_hours(now_us(), check, whole=True)
    return {wanted[one]: extent for one, extent in found.items()}


def _from_books(node: Node, rows: Rows, things: Iterable[Thing], before: int) -> dict[str, _Extent]:
    told = {"orders": _orders, "completions": _completions, "product": _product, "products": _all, "costs": _all}
    found: dict[str, _Extent] = {}
    for thing in things:
        _, _, name = thing.id.partition("/")
        if thing.kind == "twin":
            found[thing.id] = _gone(rows, _twins(rows, name, before))
        elif thing.kind in ("answers", "schedules"):
            found[thing.id] = _gone(rows, _jobs(rows, name, before))
        elif thing.kind in told:
            kind: Any = "products" if thing.kind == "product" else thing.kind
            keys = told[thing.kind](node, name, node.editions.ledger.newest(kind))
            found[thing.id] = _gone(rows, _versions(rows, kind, keys, before))
    return found


def _forget_last(node: Node, rows: Rows, gone: set[str]) -> None:
    """Forgets the last bytes of releases that told any of it, and of downloads, which may have."""
    for release in node.valve.releases.all.values():
        if release.terms.own or release.things & gone:
            rows.execute(delete(LastRecord).where(LastRecord.release_id == release.id))


def _gone(rows: Rows, records: Iterable[tuple[object, int]]) -> _Extent:
    """Deletes records; gives back how many, and the first and the last of their times."""
    times = []
    for record, time in records:
        rows.delete(record)
        times.append(time)
    return len(times), min(times, default=None), max(times, default=None)


def _twins(rows: Rows, line: str, before: int) -> Iterator[tuple[object, int]]:
    found = rows.scalars(select(TwinRecord).where(TwinRecord.line == line, TwinRecord.start_us < before))
    yield from ((twin, twin.made_us) for twin in found)


def _jobs(rows: Rows, line: str, before: int) -> Iterator[tuple[object, int]]:
    """What was asked of the twin of a line; without one, the schedules."""
    kind = JobRecord.kind.like("twin.%") if line else JobRecord.kind == SOLVE
    for job in rows.scalars(select(JobRecord).where(kind, JobRecord.submitted_us < before)):
        if not line or job.params.get("line") == line:
            yield job, job.submitted_us


def _versions(rows: Rows, kind: str, keys: Iterable[str], before: int) -> Iterator[tuple[object, int]]:
    """All versions of records of which the newest came before a time."""
    for key in keys:
        asked = select(ToldRecord).where(ToldRecord.kind == kind, ToldRecord.key == key).order_by(ToldRecord.id)
        versions = list(rows.scalars(asked))
        if versions and versions[-1].received_us < before:
            yield from ((one, one.received_us) for one in versions)


def _orders(node: Node, line: str, records: Mapping[str, Version]) -> list[str]:
    """Those of a line or of its machines."""
    machines = {one.id for one in node.plant.machines.values() if one.line == line}
    return [
        key for key, one in records.items() if one.fields.get("line") == line or one.fields.get("machine") in machines
    ]


def _completions(node: Node, line: str, records: Mapping[str, Version]) -> list[str]:
    """Those of the orders of a line."""
    orders = set(_orders(node, line, node.editions.ledger.newest("orders")))
    return [key for key, one in records.items() if one.fields.get("order") in orders]


def _product(_: Node, name: str, records: Mapping[str, Version]) -> list[str]:
    return [name] if name in records else []


def _all(_: Node, __: str, records: Mapping[str, Version]) -> list[str]:
    return list(records)
