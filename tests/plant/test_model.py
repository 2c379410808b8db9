from __future__ import annotations

import pytest
from pydantic import ValidationError

from lineside.plant import CODE, STATES, TIME_ELEMENT, State, parse_plant

SHIFT = 'shift = [{name = "a", start = "06:00", end = "14:00"}]\n'
PLANT = parse_plant(
    f"""\
[site]
id = "works"
timezone = "UTC"
calendar = "site"
[calendar.site]
{SHIFT}[calendar.area]
{SHIFT}[calendar.line]
{SHIFT}[calendar.machine]
{SHIFT}
[area.plain]
[area.own]
calendar = "area"
[line.plain]
area = "plain"
[line.in-area]
area = "own"
[line.own]
area = "own"
calendar = "line"
[machine.a]
line = "plain"
[machine.b]
line = "in-area"
[machine.c]
line = "own"
[machine.d]
line = "own"
calendar = "machine"
source = "s"
signals = {{ speed = {{ kind = "measure", address = "ns=2;s=speed" }}, exec = {{ kind = "state" }} }}
[[machine.d.states]]
state = "running"
when = {{ exec = "ON", speed = "> 1" }}
[[machine.d.states]]
state = "off"
when = {{ exec = "OFF" }}
[source.s]
type = "opcua"
[product.shaft]
name = "Shaft 12"
ideal_cycle_s = 10
ideal_cycle_on = {{ c = 8.5 }}
codes = ["S-12", "4711"]
[product.gear]
[[order]]
id = "1"
product = "shaft"
line = "own"
quantity = 1
start = 2026-01-01T00:00:00
end = 2026-01-02T00:00:00
[[order]]
id = "2"
product = "shaft"
machine = "d"
line = "own"
quantity = 1
start = 2026-01-01T00:00:00
end = 2026-01-02T00:00:00
"""
)


@pytest.mark.parametrize(("machine", "calendar"), [("a", "site"), ("b", "area"), ("c", "line"), ("d", "machine")])
def test_the_nearest_calendar_plans_a_machine(machine: str, calendar: str) -> None:
    """Its own before its line's, that before its area's, that before the site's."""
    found = PLANT.calendar_of(PLANT.machines[machine])

    assert found is not None
    assert found.id == calendar


def test_without_any_calendar_none_is_made_up() -> None:
    """What nobody planned is not planned."""
    plant = parse_plant('[site]\nid="a"\ntimezone="UTC"\n[area.x]\n[line.y]\narea="x"\n[machine.z]\nline="y"\n')

    assert plant.calendar_of(plant.machines["z"]) is None


@pytest.mark.parametrize(
    ("word", "product"), [("shaft", "shaft"), ("S-12", "shaft"), ("4711", "shaft"), ("s-12", None), ("", None)]
)
def test_a_product_is_known_by_its_id_and_codes(word: str, product: str | None) -> None:
    """A machine may call a product by any of its codes, and capitals count."""
    assert PLANT.product_named(word) == product


@pytest.mark.parametrize(
    ("product", "machine", "cycle"),
    [("shaft", "a", 10.0), ("shaft", "c", 8.5), ("gear", "a", None), ("unknown", "a", None)],
)
def test_a_cycle_named_for_a_machine_goes_first(product: str, machine: str, cycle: float | None) -> None:
    """The planned runtime is that of the machine, else that of the product, else unknown."""
    assert PLANT.ideal_cycle_s(product, machine) == cycle


def test_an_order_of_a_line_is_not_that_of_one_machine() -> None:
    """An order that names a machine is only that machine's."""
    assert [span.order for span in PLANT.spans_of(PLANT.machines["c"])] == ["1"]
    assert sorted(span.order for span in PLANT.spans_of(PLANT.machines["d"])) == ["1", "2"]


def test_names_and_addresses_are_ids_when_left_out() -> None:
    """Nobody has to write the same word twice."""
    signals = PLANT.machines["d"].signals

    assert (PLANT.machines["d"].name, PLANT.products["shaft"].name) == ("d", "Shaft 12")
    assert (signals["exec"].address, signals["speed"].address) == ("exec", "ns=2;s=speed")


def test_signals_of_rules_come_once_in_the_order_first_named() -> None:
    """Whoever judges states reads each signal once."""
    machine = PLANT.machines["d"]

    assert [signal.id for signal in machine.state_signals] == ["exec", "speed"]
    assert list(machine.series) == ["d/speed", "d/exec"]


def test_lines_and_machines_come_in_the_order_of_the_file() -> None:
    """A screen shows them as the engineer wrote them."""
    assert [line.id for line in PLANT.lines_of("own")] == ["in-area", "own"]
    assert [machine.id for machine in PLANT.machines_of("own")] == ["c", "d"]


def test_a_plant_does_not_change() -> None:
    """What an edition says stays said."""
    with pytest.raises(ValidationError):
        PLANT.site.name = "other"


def test_every_state_has_a_code_and_a_time_element() -> None:
    """No state is left out of the arithmetic."""
    assert set(TIME_ELEMENT) == set(State)
    assert [CODE[state] for state in STATES] == list(range(len(State)))
