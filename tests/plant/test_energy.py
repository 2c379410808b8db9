"""Meters and factors of a plant file: what fits together, and what is said where something does not."""

from __future__ import annotations

import pytest

from lineside.plant import CARRIERS, Edition, PlantFileError, factors, parse_plant

BASE = """\
[site]
id = "works"
timezone = "UTC"
[area.a]
[line.l]
area = "a"
[machine.m]
line = "l"
[source.s]
type = "push"
[source.clerk]
type = "tally"
"""
ENERGY = '[energy]\ncarriers = ["electricity", "natural_gas"]\ngrid = "cn-east"\n'


def meter(**keys: object) -> str:
    """A meter of the whole site's electricity, but for these keys."""
    told = {"of": "site", "source": "s", "unit": "kWh", **keys}
    return "[meter.main]\n" + "".join(f"{key} = {value!r}\n" for key, value in told.items())


def problems(text: str) -> list[str]:
    """What is wrong with a file, by key and sentence."""
    with pytest.raises(PlantFileError) as refused:
        parse_plant(text)
    for finding in refused.value.findings:
        assert finding.cure("en")
        assert finding.cure("zh")
    return [f"{finding.key} {finding.problem}" for finding in refused.value.findings]


def test_a_meter_names_what_it_measures_and_where() -> None:
    """One of the site, one of a machine; the address is the id, and the values are kept under meter/<id>."""
    oven = meter(of="machine/m", unit="kW").replace("main", "oven")

    plant = parse_plant(BASE + ENERGY + meter() + oven)

    main, other = plant.meters.values()
    assert (main.series, main.address, main.kind, main.whole, main.kwh) == ("meter/main", "main", "counter", True, 1.0)
    assert (other.of, other.kind, other.whole, other.kwh) == (("machine/m",), "measure", False, 1.0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (meter(unit="gal"), "meter.main.unit plant.meter_unit"),
        (meter(unit="t", carrier="electricity"), "meter.main.unit plant.meter_unit"),
        (meter(carrier="natural_gas", flow="sold"), "meter.main.flow plant.meter_flow"),
        (meter(carrier="coal"), "meter.main.carrier plant.meter_carrier"),
        (meter(of=["site", "line/l"]), "meter.main.of plant.meter_site"),
        (meter(of="line/ll"), "meter.main.of[1] plant.unknown_name_near"),
        (meter(of="hall"), "meter.main.of[1] plant.meter_place"),
        (meter(unit="kW", rollover=10.0), "meter.main.unit plant.meter_power"),
        (meter(source="clerk"), "meter.main.source plant.meter_tally"),
        (meter(source="t"), "meter.main.source plant.unknown_name"),
        (meter(carrier="steam"), "meter.main.carrier plant.wants_one_of"),
    ],
)
def test_what_does_not_fit_is_named_with_its_cure(text: str, problem: str) -> None:
    """Each by its key, in both languages."""
    assert problems(BASE + ENERGY + text) == [problem]


def test_steam_by_weight_needs_what_the_supplier_tells() -> None:
    """With it, a tonne is that much energy."""
    plant = parse_plant(
        BASE + ENERGY.replace("natural_gas", "heat") + meter(unit="t", carrier="heat", kwh_per_unit=760.0)
    )

    assert plant.meters["main"].kwh == 760.0


def test_a_grid_that_is_not_in_the_table_and_a_machine_called_meter() -> None:
    """The near name is offered; the values of meters are kept under the name of no machine."""
    text = BASE.replace("[machine.m]", "[machine.meter]") + ENERGY.replace("cn-east", "cn-est") + meter()

    assert sorted(problems(text)) == ["energy.grid plant.unknown_name_near", "machine.meter plant.meter_machine"]


def test_every_carrier_has_a_fuel_and_every_factor_its_source() -> None:
    """Ids of the table are those of the plant file, and no factor is without the document that it is from."""
    table = factors()

    assert tuple(table.fuels) == CARRIERS
    assert all(one.source and one.confidence in ("found", "own") for one in [*table.fuels.values()])
    assert all(one.source and one.names["en"] and one.names["zh"] for one in table.grids.values())
    assert all(0.05 < value < 1.2 for one in table.grids.values() for value in one.kg_co2_per_kwh.values())
    assert {name for name, one in table.fuels.items() if one.kg_co2_per_kwh is None} == {"electricity"}


def test_a_factor_is_the_newest_that_is_not_of_a_later_year() -> None:
    """Provinces have none of 2023, and nobody has one of 2020."""
    grids = factors().grids

    assert grids["cn-east"].of_year(2026) == (2023, 0.55)
    assert grids["cn-jiangsu"].of_year(2023) == (2022, 0.5978)
    assert grids["cn"].of_year(2021) == (2021, 0.5568)
    assert grids["cn"].of_year(2020) is None


def test_fuels_agree_with_the_carbon_in_them() -> None:
    """Calorific value, carbon content and oxidation as the source names them give the factor, within a percent."""
    named = {
        "natural_gas": (38.93, 15.3, 0.99, 2.16),
        "diesel": (42.65, 20.2, 0.98, 3.10),
        "gasoline": (43.07, 18.9, 0.98, 2.93),
        "coal": (20.91, 26.37, 0.94, 1.90),
    }
    for carrier, (mj, t_c_per_tj, oxidation, kg_co2) in named.items():
        assert mj * t_c_per_tj * oxidation * 44 / 12 / 1000 == pytest.approx(kg_co2, rel=0.01)
        assert factors().fuels[carrier].kg_co2_per_kwh == pytest.approx(kg_co2 / (mj / 3.6), rel=0.01)


def test_meters_are_what_kpis_read() -> None:
    """So their values are never thinned, not even where a part of the edition was set aside."""
    text = BASE + ENERGY + meter()
    later = text + '[machine.m.signals]\nhot = { kind = "a kind to come" }\n'

    assert "meter/main" in Edition(1, None, "0" * 64, text).kpi_series
    assert "meter/main" in Edition(1, None, "0" * 64, later).kpi_series
