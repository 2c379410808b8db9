"""Energy and carbon by unit and by output value: computed of the site's meters, else absent with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineside.exchange import Value, catalogue, shown
from lineside.node.member.telling import MonthTold
from tests.node.test_indicators import MACHINE, PLANT, Works, at

ENERGY = """
[energy]
carriers = ["electricity"]
grid = "cn-jiangsu"
[meter.main]
of = "site"
source = "plc"
unit = "kWh"
"""
NAMES = ("energy_per_unit", "carbon_per_unit", "energy_per_value", "carbon_per_value")
FACTOR = 0.5978
"""Of Jiangsu, the newest there is: of 2022."""


@pytest.fixture
def works() -> Iterator[list[Works]]:
    """A plant of one press, to open."""
    made = list[Works]()
    yield made
    for one in made:
        one.node.close()


def opened(works: list[Works], folder: Path, energy: str = ENERGY, *, until: int = 31) -> Works:
    """One that ran all of May and was metered until a day of it: 980 good units, 100 kWh an hour."""
    works.append(Works(folder, PLANT + energy + MACHINE.format(name="press")))
    found = works[0]
    found.put("press/mode", (at(1), "ACTIVE"))
    found.put("press/parts", (at(1), 0.0), (at(2, 7), 600.0), (at(20, 7), 1000.0))
    found.put("press/scrap", (at(1), 0.0), (at(2, 7), 20.0))
    metered(found, 1, until)
    return found


def metered(found: Works, first: int, until: int) -> None:
    """The main meter and the press are heard from the first day to the other's end."""
    hours = range((first - 1) * 24, until * 24 + 1)
    found.put("meter/main", *((at(1, 6 + hour), 100.0 * hour) for hour in hours))
    found.hear(at(first), at(until, 30))


def told(found: Works) -> MonthTold:
    """What would be told of May."""
    return found.node.member.months.told("2026-05", lambda _: True, at(3, month=6))


def values(found: Works) -> dict[str, Value]:
    """The four of them."""
    return {one.indicator: one for one in told(found).values if one.indicator in NAMES}


def test_by_unit_they_are_measured_and_by_value_they_look_entered(works: list[Works], tmp_path: Path) -> None:
    """31 days at 100 kWh an hour over 980 good units; over an output value as soon as somebody entered one."""
    found = opened(works, tmp_path)
    energy = 31 * 24 * 100.0

    before = values(found)
    found.node.member.entered.enter(catalogue(), "2026-05", "output_value", 500.0, "books")
    after = values(found)

    assert before["energy_per_unit"].value == pytest.approx(energy / 980)
    assert before["carbon_per_unit"].value == pytest.approx(energy * FACTOR / 980)
    assert (before["energy_per_unit"].origin, before["energy_per_unit"].coverage) == ("measured", 1.0)
    assert before["energy_per_value"].absent == before["carbon_per_value"].absent == "no_output_value"
    assert after["energy_per_value"].value == pytest.approx(energy / 500)
    assert after["carbon_per_value"].value == pytest.approx(energy * FACTOR / 500)
    assert {after[name].origin for name in NAMES[2:]} == {"entered"}
    assert {after[name].origin for name in NAMES[:2]} == {"measured"}


def test_each_comes_out_of_its_evidence_again(works: list[Works], tmp_path: Path) -> None:
    """Meters, carriers and good units, and of carbon the factor with its grid, year and source."""
    found = opened(works, tmp_path)
    found.node.member.entered.enter(catalogue(), "2026-05", "output_value", 500.0)
    month = told(found)

    for one in month.values:
        if one.indicator in NAMES:
            evidence = month.evidence[one.indicator]
            again = shown(evidence.document.decode())
            assert again.again == pytest.approx(one.value, rel=1e-12)
            assert evidence.sha256 == one.evidence
    factors = json.loads(month.evidence["carbon_per_unit"].document)["from"]["carriers"]["electricity"]["factors"]
    assert [(one["grid"], one["year"], one["confidence"]) for one in factors] == [("cn-jiangsu", 2022, "found")]


@pytest.mark.parametrize(
    ("energy", "name", "absent"),
    [
        ("", "energy_per_unit", "no_meter"),
        (ENERGY.replace('["electricity"]', '["electricity", "coal"]'), "energy_per_unit", "no_meter"),
        (ENERGY.replace('of = "site"', 'of = "machine/press"'), "energy_per_value", "no_meter"),
        (ENERGY.replace('grid = "cn-jiangsu"', ""), "carbon_per_unit", "no_factor"),
        (ENERGY.replace('grid = "cn-jiangsu"', ""), "energy_per_value", "no_output_value"),
    ],
)
def test_what_is_missing_has_its_reason(
    works: list[Works], tmp_path: Path, energy: str, name: str, absent: str
) -> None:
    """No meter of the whole site for each carrier, no factor, no output value."""
    assert values(opened(works, tmp_path, energy))[name].absent == absent


def test_without_counted_units_there_is_nothing_to_divide_by(works: list[Works], tmp_path: Path) -> None:
    """A line whose pace-setting machine does not count its good units."""
    works.append(Works(tmp_path, PLANT + ENERGY + MACHINE.format(name="press").replace('rejected = "scrap"', "")))
    metered(works[0], 1, 31)

    assert values(works[0])["energy_per_unit"].absent == "no_units"


def test_half_a_month_is_no_value_until_late_readings_come(works: list[Works], tmp_path: Path) -> None:
    """The energy of ten days over the units of all would be too little; what somebody entered stands until then."""
    found = opened(works, tmp_path, until=10)
    found.node.member.entered.enter(catalogue(), "2026-05", "energy_per_unit", 80.0, "bill")

    early = values(found)
    metered(found, 10, 31)
    late = values(found)

    assert (early["energy_per_unit"].value, early["energy_per_unit"].origin) == (80.0, "entered")
    assert early["carbon_per_unit"].absent == "too_little_coverage"
    assert early["carbon_per_unit"].coverage == pytest.approx(10 / 31)
    assert late["energy_per_unit"].value == pytest.approx(31 * 24 * 100.0 / 980)
    assert late["energy_per_unit"].origin == "measured"
