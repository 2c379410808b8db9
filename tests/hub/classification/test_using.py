"""Who runs a twin or AI, machines in service, growth of output: as members told it, with how many did."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineside.exchange import Value, catalogue
from lineside.hub import Hub
from lineside.hub.classification import protected
from lineside.hub.classification.using import Total, totals, uses
from lineside.hub.compare import Secrecy
from lineside.hub.figures import Figures, Said, Snapshot
from tests.hub.factories import Clock, Factory

MONTH = 24_300
MEMBERS = range(1, 31)


def told(*said: tuple[int, int, Value]) -> Snapshot:
    """Figures of what members said of months."""
    figures = Figures(catalogue())
    figures.take([Said(member, month, [value]) for member, month, value in said])
    return figures.snapshot()


def output(value: float, origin: str = "entered") -> Value:
    """An output value."""
    return Value(indicator="output_value", value=value, origin=origin)  # type: ignore[arg-type]


def test_who_runs_a_twin_is_counted_by_how_it_is_known() -> None:
    """Measured, said by people, not in use, not known: each member once; who joined since then is not known."""
    now = told(
        *((member, MONTH, Value(indicator="twin_in_use", value=1.0, coverage=1.0)) for member in range(1, 10)),
        *((member, MONTH, Value(indicator="twin_in_use", value=1.0, origin="entered")) for member in range(10, 12)),
        *((member, MONTH, Value(indicator="twin_in_use", value=0.0, coverage=1.0)) for member in range(12, 20)),
        *((member, MONTH, Value(indicator="twin_in_use", absent="no_model")) for member in range(20, 25)),
        (25, MONTH - 1, Value(indicator="twin_in_use", value=1.0, coverage=1.0)),
    )

    twin, ai = uses(now, catalogue(), list(MEMBERS), MONTH)

    assert {one.id: one.members for one in twin.counts} == {"runs": 9, "says": 2, "none": 8}
    assert (twin.unknown, twin.members, twin.coverage) == (11, 30, 19 / 30)
    assert (ai.unknown, ai.coverage) == (30, 0.0)
    shown = protected(twin, Secrecy(5, 2))
    assert [one.members for one in shown.counts] == [7, None, 7]


def test_machines_are_added_and_growth_is_of_the_same_members() -> None:
    """One who joined, or told one of both months alone, is no growth; what was told by hand is counted."""
    now = told(
        (1, MONTH, Value(indicator="machines_connected", value=12.0, coverage=1.0)),
        (2, MONTH, Value(indicator="machines_connected", value=3.0, origin="entered")),
        (3, MONTH - 1, Value(indicator="machines_connected", value=99.0, coverage=1.0)),
        *((1, MONTH - 12, output(100.0)), (1, MONTH, output(120.0))),
        *((2, MONTH - 12, output(300.0, "generated")), (2, MONTH, output(300.0, "generated"))),
        *((3, MONTH, output(5000.0)), (4, MONTH - 12, output(5000.0))),
    )

    found = {one.id: one for one in totals(now, catalogue(), list(MEMBERS), frozenset({1, 3}), MONTH)}

    assert found["equipment"] == Total("equipment", 15.0, 2, 1, 30)
    assert found["growth_all"].value == pytest.approx(420 / 400 - 1)
    assert (found["growth_all"].told, found["growth_all"].entered) == (2, 1)
    assert found["growth_high_tech"].value == pytest.approx(0.2)
    assert found["growth_high_tech"].members == 2
    merged = totals(now, catalogue(), list(MEMBERS), frozenset({1, 3}), MONTH, frozenset({1}))
    assert [(one.value, one.told) for one in merged] == [(15.0, 2), (None, 0), (0.0, 1)]


def test_what_cannot_be_is_in_no_sum() -> None:
    """A thousand million machines, or an output below nothing, would be most of the figure: it counts as not told."""
    now = told(
        (1, MONTH, Value(indicator="machines_connected", value=12.0, coverage=1.0)),
        (2, MONTH, Value(indicator="machines_connected", value=1e9, coverage=1.0)),
        *((1, MONTH - 12, output(100.0)), (1, MONTH, output(120.0))),
        *((2, MONTH - 12, output(100.0)), (2, MONTH, output(-1e7))),
        (3, MONTH, Value(indicator="twin_in_use", value=7.0, coverage=1.0)),
    )

    equipment, _, growth = totals(now, catalogue(), list(MEMBERS), frozenset(), MONTH)
    twin, _ = uses(now, catalogue(), list(MEMBERS), MONTH)

    assert (equipment.value, equipment.told) == (12.0, 1)
    assert growth.value == pytest.approx(0.2)
    assert growth.told == 1
    assert twin.unknown == 30


@pytest.mark.parametrize("month", [MONTH - 40, MONTH, MONTH + 1])
def test_where_nobody_told_anything_there_is_no_figure(month: int) -> None:
    """No zero stands for silence, in any month."""
    now = told((1, MONTH, Value(indicator="oee", value=0.5, coverage=1.0)))

    for one in totals(now, catalogue(), list(MEMBERS), frozenset({1}), month):
        assert (one.value, one.told) == (None, 0)


def test_a_merger_is_no_growth(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """Who went on for another member since the month a year before tells the output of both."""
    clock.forward(days=1)
    factories = [Factory.make(tmp_path, clock, f"m{at}").joined(hub, f"works {at}") for at in range(3)]
    for at, (then, now) in enumerate(((100.0, 250.0), (100.0, None), (100.0, 110.0))):
        for month, value in (("2025-10", then), ("2026-10", now)):
            if value is not None:
                told = factories[at].submission(month, (output(value),), catalogue="2026-12")
                factories[at].send(hub, factories[at].say(told))

    before = {one.id: one for one in hub.classification.totals()[1]}["growth_all"]
    hub.registrar.close(factories[1].number, "merged", into=factories[0].number)
    month, found = hub.classification.totals()

    after = {one.id: one for one in found}["growth_all"]
    assert [before.value, after.value] == [pytest.approx(0.8), pytest.approx(0.1)]
    assert (month, before.told, after.told) == ("2026-10", 2, 1)
