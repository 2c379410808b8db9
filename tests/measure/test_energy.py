"""Energy and carbon of a site by carrier: flows, factors of their year, carriers without a meter, editions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from lineside.history import SAMPLES, History
from lineside.measure import EnergyUse, energy_use
from lineside.plant import Edition, Timeline

HOUR = 3_600_000_000
PLANT = """\
[site]
id = "works"
timezone = "UTC"
[source.s]
type = "push"
[energy]
carriers = ["electricity", "natural_gas"]
grid = "cn-east"
[meter.main]
of = "site"
source = "s"
unit = "kWh"
[meter.gas]
of = "site"
source = "s"
carrier = "natural_gas"
unit = "m3"
"""
SOLAR = """\
[meter.roof]
of = "site"
source = "s"
flow = "produced"
unit = "kWh"
[meter.fed]
of = "site"
source = "s"
flow = "sold"
unit = "kWh"
"""


def at(day: int, hour: float = 0, *, year: int = 2026, month: int = 3) -> int:
    """A moment in microseconds UTC."""
    return int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1_000_000 + hour * HOUR)


def judged(*texts: tuple[int | None, str]) -> Timeline:
    """Editions, each from a moment on."""
    return Timeline(tuple(Edition(number, since, "0" * 64, text) for number, (since, text) in enumerate(texts, 1)))


class Told:
    """A history in which meters told what a test wants."""

    def __init__(self, history: History) -> None:
        self.history = history

    def put(self, meter: str, *rows: tuple[int, float]) -> None:
        """Values of a meter at their times, by a source that was heard from the first to the last."""
        table = {
            "series": [self.history.series(f"meter/{meter}")] * len(rows),
            "time": pa.array([time for time, _ in rows], pa.timestamp("us", "UTC")),
            "number": [value for _, value in rows],
            "text": pa.nulls(len(rows), pa.string()),
            "quality": [0] * len(rows),
        }
        self.history.append(pa.table(table).cast(SAMPLES))
        self.history.hear("s", rows[0][0], rows[-1][0])

    def day(self, timeline: Timeline, start: int = at(1), end: int = at(2)) -> EnergyUse:
        """What there is of the 1st of March."""
        return energy_use(self.history, timeline, [(start, end)])[0]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """An empty history."""
    with History.open(tmp_path) as history:
        yield Told(history)


def hourly(a_day: float, first: float = 0.0, start: int = at(1)) -> list[tuple[int, float]]:
    """A running total that grows evenly over a day."""
    return [(start + hour * HOUR, first + a_day * hour / 24) for hour in range(25)]


def test_energy_is_the_sum_of_carriers_and_carbon_goes_by_their_factors(told: Told) -> None:
    """Electricity by the newest factor of the grid that is not of a later year, gas by its calorific value."""
    told.put("main", *hourly(240.0, 1000.0))
    told.put("gas", *hourly(24.0, 7.0))

    use = told.day(judged((None, PLANT)))

    power, gas = use.carriers
    assert power.kwh == pytest.approx(240.0)
    assert power.kg_co2 == pytest.approx(240.0 * 0.55)
    assert (power.factors[0].grid, power.factors[0].year) == ("cn-east", 2023)
    assert gas.kwh == pytest.approx(24.0 * 10.81)
    assert gas.kg_co2 == pytest.approx(24.0 * 2.16)
    assert use.kwh == pytest.approx(240.0 + 24.0 * 10.81)
    assert use.kg_co2 == pytest.approx(240.0 * 0.55 + 24.0 * 2.16)
    assert use.coverage == 1.0


def test_a_carrier_without_a_meter_leaves_the_site_without_a_number(told: Told) -> None:
    """Half of the energy is not the energy: the electricity is told, and of the site why there is no sum."""
    told.put("main", *hourly(240.0))

    use = told.day(judged((None, PLANT.partition("[meter.gas]")[0])))

    assert [one.kwh for one in use.carriers] == [pytest.approx(240.0), None]
    assert use.kwh is None
    assert use.kg_co2 is None
    assert use.why_no_energy == use.why_no_carbon == "no_meter"
    assert use.coverage == 0.0


def test_a_carrier_that_is_named_twice_counts_once(told: Told) -> None:
    """And so does its carbon."""
    told.put("main", *hourly(240.0))
    text = PLANT.partition("[meter.gas]")[0].replace('"natural_gas"', '"electricity"')

    use = told.day(judged((None, text)))

    assert use.kwh == pytest.approx(240.0)
    assert use.kg_co2 == pytest.approx(240.0 * 0.55)


def test_without_a_grid_there_is_energy_and_no_carbon(told: Told) -> None:
    """No factor is guessed."""
    told.put("main", *hourly(240.0))
    told.put("gas", *hourly(24.0))

    use = told.day(judged((None, PLANT.replace('grid = "cn-east"\n', ""))))

    assert use.kwh is not None
    assert use.kg_co2 is None
    assert use.why_no_carbon == "no_factor"


def test_sun_is_used_without_carbon_and_what_is_sold_takes_off_energy_alone(told: Told) -> None:
    """Used is bought and produced without sold; carbon is that of what was bought."""
    for meter, a_day in (("main", 240.0), ("roof", 96.0), ("fed", 48.0), ("gas", 0.0)):
        told.put(meter, *hourly(a_day))

    use = told.day(judged((None, PLANT + SOLAR)))

    assert use.kwh == pytest.approx(240.0 + 96.0 - 48.0)
    assert use.kg_co2 == pytest.approx(240.0 * 0.55)


def test_each_year_has_its_factor_and_an_own_one_holds_from_its_date(told: Told) -> None:
    """A window over New Year is cut there; the supplier's factor takes the place of the grid's on its day."""
    start, end = at(31, year=2022, month=12), at(3, year=2023, month=1)
    told.put("main", *((start + hour * HOUR, 10.0 * hour) for hour in range(73)))
    text = PLANT.partition("[meter.gas]")[0].replace(', "natural_gas"', "")
    own = '[energy.factor.electricity]\nkg_co2_per_kwh = 0.1\nsource = "contract"\nsince = 2023-01-02\n'
    text = text.replace("[meter.main]", f"{own}[meter.main]")

    use = told.day(judged((None, text)), start, end)

    assert use.kg_co2 == pytest.approx(240.0 * 0.5617 + 240.0 * 0.55 + 240.0 * 0.1)
    assert [one.year for one in use.carriers[0].factors] == [2022, 2023, 2023]
    assert [one.grid for one in use.carriers[0].factors] == ["cn-east", "cn-east", None]


def test_time_is_judged_by_the_meters_in_force_then(told: Told) -> None:
    """A unit that was corrected at noon counts from then on; a change of something else cuts no step in two."""
    told.put("main", *hourly(240.0))
    told.put("gas", (at(1), 0.0), (at(2), 24.0))
    noon = at(1, 12)
    other = PLANT.replace('id = "works"', 'id = "works"\nname = "Works"')

    named = told.day(judged((None, PLANT), (noon, other)))
    mended = told.day(judged((None, PLANT), (noon, PLANT.replace('unit = "kWh"', 'unit = "MWh"'))))

    assert named.carriers[1].kwh == pytest.approx(24.0 * 10.81)
    assert mended.carriers[0].kwh == pytest.approx(120.0 + 120_000.0)


def test_a_gap_shows_as_coverage_and_the_step_over_it_counts(told: Told) -> None:
    """A source that was silent for six hours: the total knows how much it was, a power does not."""
    text = PLANT.replace('unit = "kWh"', 'unit = "kW"')
    for first, last in ((0, 9), (15, 24)):
        told.put("main", *((at(1, first + n / 12), 10.0) for n in range((last - first) * 12 + 1)))
        told.put("gas", *((at(1, hour), float(hour)) for hour in range(first, last + 1)))

    use = told.day(judged((None, text)))

    power, gas = use.carriers
    assert power.kwh == pytest.approx(180.0)
    assert power.coverage == pytest.approx(18 / 24)
    assert gas.kwh == pytest.approx(24.0 * 10.81)
    assert gas.coverage == 1.0
    assert use.coverage == pytest.approx(18 / 24)


def test_readings_by_hand_count_whole_or_not_at_all(told: Told) -> None:
    """A table of a reading a day, at eight: the day it is asked for lies over two steps, two days hold one of them."""
    told.put("main", *((at(day, 8), 240.0 * day) for day in range(1, 4)))
    timeline = judged((None, PLANT.replace('"push"', '"file"').partition("[meter.gas]")[0]))

    days = energy_use(told.history, timeline, [(at(2), at(3)), (at(1), at(3))])

    assert [one.carriers[0].kwh for one in days] == [None, pytest.approx(240.0)]
    assert [one.carriers[0].coverage for one in days] == [0.0, pytest.approx(24 / 48)]


def test_meters_of_a_machine_are_told_and_add_nothing_to_the_site(told: Told) -> None:
    """A submeter measures what the main meter measured already."""
    told.put("main", *hourly(240.0))
    told.put("gas", *hourly(0.0))
    told.put("oven", *hourly(100.0))
    text = PLANT + (
        '[area.a]\n[line.l]\narea = "a"\n[machine.m]\nline = "l"\n'
        '[meter.oven]\nof = "machine/m"\nsource = "s"\nunit = "kWh"\n'
    )

    use = told.day(judged((None, text)))

    assert use.kwh == pytest.approx(240.0)
    assert {one.meter.id: one.kwh for one in use.meters} == pytest.approx({"main": 240.0, "gas": 0.0, "oven": 100.0})
