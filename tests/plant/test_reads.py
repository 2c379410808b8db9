"""What a source is read for: signals of machines and meters, each by its address."""

from __future__ import annotations

from lineside.plant import parse_plant, read_by, wanted_of

PLANT = """\
[site]
id = "works"
timezone = "UTC"
[area.a]
[line.l]
area = "a"
[source.s]
type = "push"
[source.t]
type = "push"
[machine.m]
line = "l"
name = "Mill"
source = "s"
[machine.m.signals]
power = { kind = "measure", address = "p1" }
[meter.main]
of = "machine/m"
source = "s"
address = "p1"
unit = "kW"
[meter.gas]
of = "machine/m"
source = "t"
carrier = "natural_gas"
unit = "m3"
"""


def test_meters_are_read_beside_the_signals_of_machines() -> None:
    """A meter may take the address of a signal: then one value fills two series."""
    plant = parse_plant(PLANT)

    assert [(one.key, one.owner_name, one.kind) for one in read_by(plant, "s")] == [
        ("m/power", "Mill", "measure"),
        ("meter/main", "main", "measure"),
    ]
    assert wanted_of(plant, "s") == {"p1": "measure"}
    assert wanted_of(plant, "t") == {"gas": "counter"}
    assert wanted_of(plant, "nobody") == {}
