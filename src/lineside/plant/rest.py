"""A plant file without what is wrong in it, so that everything else can be looked at in the same go.

Only the wrong value is taken out. Where the file needs one, a harmless value stands in, and what the checks say because
of that is no mistake of the file. A file that judges facts gets no such value: there, what rests on the wrong one goes
with it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lineside.plant.checks import Contradiction, contradictions
from lineside.plant.locate import KeyPath
from lineside.plant.model import Plant

_ROUNDS = 4
_NEVER: dict[str, object] = {"name": "-", "days": frozenset(), "start": time(0), "end": time(1)}
"""A shift on no day: it overlaps none."""
_STAND_INS: dict[str | int, object] = {
    "site": {"id": "site", "timezone": "UTC"},
    "id": "x",
    "name": "x",
    "timezone": "UTC",
    "area": "x",
    "line": "x",
    "product": "x",
    "type": "file",
    "kind": "text",
    "carrier": "electricity",
    "unit": "kWh",
    "of": ["site"],
    "state": "running",
    "when": {},
    "quantity": 1,
    "start": datetime(2, 1, 1),  # noqa: DTZ001 - local to the plant
    "end": datetime(9998, 1, 1),  # noqa: DTZ001
    "date": date(2, 1, 1),
    "shift": [_NEVER],
    "shifts": [],
}
_NOWHERE = frozenset({"plant.unknown_name", "plant.unknown_name_near"})
_RESTS_ON = {
    "plant.production_day": ("production_day_starts",),
    "plant.order_nowhere": ("line", "machine"),
    "plant.order_backwards": ("start", "end"),
    "plant.no_source": ("source",),
}
"""Keys beside or in the place of a contradiction that it rests on."""


def rest_of(document: dict[str, Any], details: Sequence[ErrorDetails]) -> tuple[Plant | None, set[KeyPath]]:
    """The plant without its wrong values, None if it cannot stand, and the paths of what was taken out or put in."""
    rest = copy.deepcopy(document)
    wrong: set[KeyPath] = set()
    for _ in range(_ROUNDS):
        for detail in details:
            path = tuple(part for part in detail["loc"] if part != "[key]")
            wrong.add(path)
            _mend(rest, path, detail["type"])
        try:
            return Plant.model_validate(rest), wrong
        except ValidationError as error:
            details = error.errors()
    return None, wrong


def _mend(rest: dict[str, Any], path: KeyPath, problem: str) -> None:
    at = next((i for i, part in enumerate(path[:-1]) if i > 1 and part in ("shift", "shifts")), None)
    if (
        path[0] == "calendar"
        and at is not None
        and problem != "extra_forbidden"
        and path[at + 2 : at + 3] != ("breaks",)
    ):
        shifts = _at(rest, path[: at + 1])
        if isinstance(shifts, list) and isinstance(number := path[at + 1], int):
            shifts[number] = dict(_NEVER)
        return
    while isinstance(path[-1], int):  # of a list with a wrong element none is needed
        path = path[:-1]
    table = _at(rest, path[:-1])
    if not isinstance(table, dict):
        return
    if problem == "missing" and path[-1] in _STAND_INS:
        table[path[-1]] = copy.deepcopy(_STAND_INS[path[-1]])
    else:
        table.pop(path[-1], None)


def readable_of(document: dict[str, Any], details: Sequence[ErrorDetails]) -> Plant:
    """The plant without what cannot be read and without what rests on it: what is left means what it meant before."""
    rest = copy.deepcopy(document)
    wrong = [_judging_as_one(detail) for detail in details]
    while True:
        _set_aside(rest, wrong)
        try:
            plant = Plant.model_validate(rest)
        except ValidationError as error:
            wrong = [_judging_as_one(detail) for detail in error.errors()]
            continue
        found = ((where, key) for where, key, _ in contradictions(plant) if key in _NOWHERE)
        wrong = [_whole(where) for where, _ in found if where[-1] != "source"]  # what it said is kept, whoever it was
        if not wrong:
            return plant


def _judging_as_one(detail: ErrorDetails) -> KeyPath:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    return path if detail["type"] == "extra_forbidden" else _whole(path)


def _whole(path: KeyPath) -> KeyPath:
    """What has to go with a value: with a rule less, or a shift less, the others would judge otherwise than before."""
    if path[0] in ("calendar", "order"):
        return path[:2]
    if path[0] == "machine" and path[2:3] in (("states",), ("units",), ("signals",)):
        return path[: 4 if path[2] == "signals" else 3]
    return path


def _set_aside(rest: dict[str, Any], paths: Iterable[KeyPath]) -> None:
    """Takes out what is at these paths; where nothing is, what needs something there."""
    for path in [_existing(rest, path) for path in paths]:
        if not path:
            rest.clear()
            rest["site"] = _STAND_INS["site"]
            return
        table = _at(rest, path[:-1])
        if isinstance(table, dict):
            table.pop(path[-1], None)
        elif isinstance(table, list) and isinstance(path[-1], int):
            table[path[-1]] = None  # which TOML has not
    if isinstance(orders := rest.get("order"), list):
        rest["order"] = [order for order in orders if order is not None]


def _existing(document: dict[str, Any], path: KeyPath) -> KeyPath:
    while path and (_at(document, path) is None or (isinstance(path[-1], int) and path[0] != "order")):
        path = path[:-1]
    return path


def _at(document: Any, path: KeyPath) -> Any:
    for part in path:
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and isinstance(part, int):
            document = document[part]
        else:
            return None
    return document


def follows(found: Contradiction, wrong: Iterable[KeyPath]) -> bool:
    """Whether a contradiction comes from what was taken out or put in."""
    where, key, fields = found
    beside = where if key in ("plant.production_day", "plant.order_nowhere") else where[:-1]
    rests_on = {(*beside, name) for name in _RESTS_ON.get(key, ())}
    return any(
        path in rests_on
        or where[: len(path)] == path
        or fields.get("name") in path
        or (path[-1] == "kind" and where[:2] == path[:2] and fields.get("signal") == path[-2])
        for path in wrong
    )
