from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from lineside.plant import Plant
from lineside.plant.checks import contradictions
from lineside.plant.rest import readable_of, rest_of

WHOLE = """
[site]
id = "works"
timezone = "Europe/Berlin"
production_day_starts = "06:00"
calendar = "c"
[calendar.c]
holidays = [2026-12-25]
[[calendar.c.shift]]
name = "early"
days = "mon-fri"
start = "06:00"
end = "14:00"
breaks = ["09:00-09:15"]
[[calendar.c.override]]
date = 2026-05-02
shifts = [{ name = "x", start = "06:00", end = "12:00" }]
[area.hall]
[line.milling]
area = "hall"
pace = "mill"
product = "shaft"
[product.shaft]
ideal_cycle_s = 42.5
ideal_cycle_on = { mill = 40.0 }
codes = ["S-1"]
[source.adapter]
type = "shdr"
stale_after_s = 20
options = { a = 1 }
[machine.mill]
line = "milling"
source = "adapter"
[machine.mill.signals]
execution = { kind = "state" }
parts = { kind = "counter", unit = "1" }
[[machine.mill.states]]
state = "running"
when = { execution = ["ACTIVE"] }
[machine.mill.units]
total = "parts"
rollover = 65536
[[order]]
id = "A1"
product = "shaft"
line = "milling"
quantity = 10
start = 2026-03-01T06:00:00
end = 2026-03-01T14:00:00
"""


def places(document: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every key and array element of a document."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    return [
        place
        for key, value in items
        for place in [(*path, key), *(places(value, (*path, key)) if isinstance(value, dict | list) else [])]
    ]


@pytest.mark.parametrize("wrong", [None, 3, -1.5, "zz!", [1, "a"], {"a": 1}], ids=repr)
def test_whatever_is_wrong_the_rest_stands(wrong: object) -> None:
    """Each value of a plant file left out (None) or replaced by nonsense: the rest can be looked at."""
    whole = tomllib.loads(WHOLE)

    for place in places(whole):
        document: Any = copy.deepcopy(whole)
        table = document
        for part in place[:-1]:
            table = table[part]
        if wrong is None:
            del table[place[-1]]
        else:
            table[place[-1]] = wrong
        try:
            Plant.model_validate(document)
        except ValidationError as error:
            rest, _ = rest_of(document, error.errors())
            assert rest is not None, place
            list(contradictions(rest))
            left = leads_nowhere(readable_of(document, error.errors()))
            assert left == [], place


def leads_nowhere(plant: Plant) -> list[tuple[str | int, ...]]:
    """Where it names what it has not; whose source is not known was heard all the same."""
    found = [where for where, key, _ in contradictions(plant) if key.startswith("plant.unknown_name")]
    return [where for where in found if where[-1] != "source"]
