"""What there is in a plant, and that each thing is said to be made of what the code reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from lineside.history import SAMPLES, History, Quality
from lineside.measure import KPIS, By, Scope, kpi_rows
from lineside.node.things import kpi_thing, things_of
from lineside.plant import Edition, Timeline
from lineside.trust import Thing, facts

HOUR = 3_600_000_000
DAY = 20_000 * 24 * HOUR
PLANT = """\
[site]
id = "works"
timezone = "UTC"
calendar = "days"
[calendar.days]
[[calendar.days.shift]]
name = "day"
start = "06:00"
end = "14:00"
[area.hall]
[line.cell]
area = "hall"
pace = "press"
[line.other]
area = "hall"
pace = "saw"
product = "plank"
[product.lid]
ideal_cycle_s = 6.0
[product.pot]
ideal_cycle_s = 12.0
[product.plank]
ideal_cycle_s = 9.0
[source.plc]
type = "push"
[source.plc2]
type = "file"
files = "*"
[machine.press]
name = "Press 1"
line = "cell"
source = "plc"
[machine.press.signals]
mode = { kind = "state" }
parts = { kind = "counter" }
scrap = { kind = "counter" }
program = { kind = "text" }
load = { kind = "measure" }
[[machine.press.states]]
state = "running"
when = { mode = "ACTIVE" }
[[machine.press.states]]
state = "planned_stop"
when = { mode = "LUNCH" }
[[machine.press.states]]
state = "stopped"
when = { mode = "READY" }
[machine.press.units]
total = "parts"
rejected = "scrap"
product = "program"
[machine.saw]
line = "other"
source = "plc2"
[machine.saw.signals]
mode = { kind = "state" }
parts = { kind = "counter" }
scrap = { kind = "counter" }
[[machine.saw.states]]
state = "running"
when = { mode = "ACTIVE" }
[[machine.saw.states]]
state = "planned_stop"
when = { mode = "LUNCH" }
[[machine.saw.states]]
state = "stopped"
when = { mode = "READY" }
[machine.saw.units]
total = "parts"
rejected = "scrap"
"""
ORDER = '[[order]]\nid = "1"\nproduct = "{product}"\nline = "other"\nquantity = 9\nstart = {start}\nend = {end}\n'
SIGNALS = {
    "press/mode": ((6, "ACTIVE"), (8, "LUNCH"), (9, "READY"), (10, "ACTIVE"), (11.5, "READY"), (12, "ACTIVE")),
    "press/parts": ((5, 0.0), (7, 100.0), (8, 250.0), (11, 400.0), (12.999, 440.0)),
    "press/scrap": ((5, 0.0), (7, 10.0), (8, 15.0), (11, 22.0)),
    "press/program": ((5, "lid"), (7.5, "pot"), (10, "lid")),
    "press/load": ((6, 1.0), (9, 2.0)),
    "saw/mode": ((6, "ACTIVE"), (6.75, "LUNCH"), (9, "READY"), (11, "ACTIVE")),
    "saw/parts": ((5, 0.0), (7, 300.0), (7.75, 350.0), (12, 500.0), (12.999, 520.0)),
    "saw/scrap": ((5, 0.0), (7, 90.0), (12, 131.0)),
}
SCOPES = ("machine/press", "machine/saw", "line/cell", "line/other", "area/hall", "site/works")


def timeline(text: str = PLANT, *earlier: str) -> Timeline:
    """Editions of a plant, the newest one first."""
    texts = [*reversed(earlier), text]
    return Timeline(tuple(Edition(n + 1, None if n == 0 else n * HOUR, str(n), one) for n, one in enumerate(texts)))


def things(*texts: str, stored: tuple[str, ...] = tuple(SIGNALS)) -> dict[str, Thing]:
    """All things by name."""
    return {thing.id: thing for thing in things_of(timeline(*(texts or (PLANT,))), stored)}


def below(known: Mapping[str, Thing], thing: str) -> set[str]:
    """All that a thing is made of, down to what is measured or written."""
    found, waiting = set[str](), [thing]
    while waiting:
        for one in known[waiting.pop()].inputs:
            if one not in found and one in known:
                found.add(one)
                waiting.append(one)
    return {one for one in found if not known[one].inputs or one.startswith("signal/")}


class World:
    """A history, a plant file, and all KPIs of them."""

    def __init__(self, folder: Path, text: str) -> None:
        self.folder = folder
        self.text = text

    def numbers(self, without: str = "") -> dict[str, list[object]]:
        """Every KPI, by the thing that it is, with something taken away or changed."""
        facts_of = without if without.startswith(("signal/", "heard/")) else ""
        path = self.folder / (facts_of.replace("/", "-") or "all")
        new = not path.exists()
        with History.open(path) as history:
            if new:
                fill(history, facts_of)
            line = timeline(changed(self.text, without))
            scopes = [Scope.parse(one, line.newest) for one in SCOPES]
            asked: tuple[By | None, ...] = (None, "product")
            found: dict[str, list[object]] = {}
            for by in asked:
                for row in kpi_rows(history, line, scopes, DAY, DAY + 13 * HOUR, by):
                    for kpi in KPIS:
                        told = (by, row.domain.product, row.values[kpi])
                        found.setdefault(kpi_thing(row.scope, kpi, by), []).append(told)
            return found


def fill(history: History, without: str) -> None:
    """What the machines said that day, but of one signal or source."""
    for key, said in SIGNALS.items():
        if without == f"signal/{key}":
            continue
        series = history.series(key)
        rows = [(DAY + round(hour * HOUR), value) for hour, value in said]
        table = {
            "series": [series] * len(rows),
            "time": pa.array([time for time, _ in rows], pa.timestamp("us", "UTC")),
            "number": pa.array([v if isinstance(v, float) else None for _, v in rows], pa.float64()),
            "text": pa.array([v if isinstance(v, str) else None for _, v in rows], pa.string()),
            "quality": [Quality.GOOD] * len(rows),
        }
        history.append(pa.table(table).cast(SAMPLES))
    for source in ("plc", "plc2"):
        silent = 10_000_000 if without == f"heard/{source}" else 0
        history.hear(source, DAY + 5 * HOUR, DAY + 13 * HOUR - silent)


def changed(text: str, without: str) -> str:
    """The plant file with other cycle times, shifts or orders."""
    kind, _, name = without.partition("/")
    if kind == "product":
        before, _, after = text.partition(f"[product.{name}]\nideal_cycle_s = ")
        return f"{before}[product.{name}]\nideal_cycle_s = 1{after}"
    if kind == "calendars":
        return text.replace('end = "14:00"', 'end = "12:00"')
    if kind == "orders":
        return text.partition("[[order]]")[0]
    return text


BY_ORDERS = ORDER.format(product="pot", start="2024-10-04T06:30:00", end="2024-10-04T07:30:00") + ORDER.replace(
    '"1"', '"2"'
).format(product="plank", start="2024-10-04T08:00:00", end="2024-10-04T13:00:00")


def test_a_number_is_made_of_what_the_code_reads(tmp_path: Path) -> None:
    """What is taken away or changed changes the KPIs that are said to be made of it, in every scope, and no others.

    In a plant without orders and in one with; of a product any one counts: which are made is told by the machine.
    """
    declared, reached = set[tuple[str, str]](), set[tuple[str, str]]()
    for orders in ("", BY_ORDERS):
        world = World(tmp_path / (orders and "ordered"), PLANT + orders)
        known, before = things(world.text), world.numbers()
        made_of = {thing: below(known, thing) for thing in before}
        declared |= {(thing, one) for thing, all_ in made_of.items() for one in all_}
        for one in sorted(set().union(*made_of.values()) | {"signal/press/load"}):
            after = world.numbers(one)
            changes = {(thing, one) for thing in before if before[thing] != after.get(thing)}
            assert changes <= declared
            reached |= changes

    assert {pair for pair in declared - reached if not pair[1].startswith("product/")} == set()
    assert {one for _, one in declared} == {one for _, one in reached}


def test_every_thing_has_a_known_kind_and_inputs_that_are_there() -> None:
    """And each stands once."""
    listed = things_of(timeline(), SIGNALS)
    known = {thing.id for thing in listed}

    assert len(listed) == len(known)
    assert {thing.kind for thing in listed} <= facts().kinds.keys()
    assert [(thing.id, one) for thing in listed for one in thing.inputs if one not in known] == []


def test_a_renamed_machine_keeps_its_past_in_its_place() -> None:
    """Its signals are gone by name, in the line where they were, and still an input of what they were an input of."""
    old = PLANT.replace("machine.press", "machine.stamp").replace('pace = "press"', 'pace = "stamp"')

    known = things(PLANT, old, stored=(*SIGNALS, "stamp/mode", "nobody/x"))

    assert known["signal/stamp/mode"].gone
    assert known["signal/stamp/mode"].places == ("machine/stamp", "line/cell", "area/hall", "site")
    assert known["signal/nobody/x"].places == ("machine/nobody", "site")
    assert not known["signal/press/mode"].gone
    assert "signal/stamp/mode" in known["hours"].inputs


def test_backups_hold_what_people_are() -> None:
    """And the buffer of an edge what is pushed."""
    known = things()

    assert {"accounts", "keys", "signal/press/load"} <= set(known["backups"].inputs)
    assert set(known["buffer"].inputs) == {one for one in known if one.startswith("signal/press/")}
