from __future__ import annotations

from collections.abc import Callable

import pytest

from lineside.errors import ConfigurationError
from lineside.measure import Lack, Number, Row, Scope, pace_of
from lineside.plant import Timeline, parse_plant

Make = Callable[..., Timeline]
Do = Callable[..., None]
Change = Callable[..., str]
Ask = Callable[..., list[Row]]
Open = Callable[..., Number]

HOUR = 3_600_000_000
MIDNIGHT = 20_000 * 24 * HOUR
SHIFT = (MIDNIGHT + 6 * HOUR, MIDNIGHT + 14 * HOUR)

CALENDARS = """\
[calendar.{id}]
[[calendar.{id}.shift]]
name = "early"
start = "06:00"
end = "{end}"
"""

WORKS = (
    """\
[site]
id = "works"
name = "The works"
timezone = "UTC"
calendar = "full"
"""
    + CALENDARS.format(id="full", end="14:00")
    + CALENDARS.format(id="half", end="10:00")
    + """\
[area.hall]
name = "Hall"
[area.yard]
[line.one]
area = "hall"
pace = "a1"
product = "lid"
[line.two]
area = "hall"
calendar = "half"
product = "lid"
[line.three]
area = "yard"
product = "lid"
[product.lid]
ideal_cycle_s = 36.0
[source.plc]
type = "opcua"
"""
)

MACHINE = """\
[machine.{id}]
line = "{line}"
source = "plc"
[machine.{id}.signals]
execution = {{ kind = "state" }}
good = {{ kind = "counter" }}
bad = {{ kind = "counter" }}
[[machine.{id}.states]]
state = "running"
when = {{ execution = "ACTIVE" }}
[[machine.{id}.states]]
state = "down"
when = {{ execution = "FAULT" }}
[machine.{id}.units]
good = "good"
rejected = "bad"
"""


def works(**lines: str) -> str:
    """The works with machines named to their lines."""
    return WORKS + "".join(MACHINE.format(id=machine, line=line) for machine, line in lines.items())


FULL = works(a1="one", a2="one", b1="two", c1="three")


@pytest.fixture
def day(tell: Do, hear: Do) -> None:
    """A day of four machines.

    a1 runs 4 of its 8 h and makes 300 good, 100 rejected: A = 0.5,  E = 400 x 36 / 14 400 = 1,    Q = 0.75
    a2 runs all 8 h and makes 800 good
    b1 runs 3 of its 4 h and makes 150 good:               A = 0.75, E = 150 x 36 / 10 800 = 0.5,  Q = 1
    c1 runs 2 of its 8 h and makes 100 good, 100 rejected: A = 0.25, E = 200 x 36 / 7 200 = 1,     Q = 0.5
    """
    hear("plc")
    for machine, hours, good, bad in (("a1", 4, 300, 100), ("a2", 8, 800, 0), ("b1", 3, 150, 0), ("c1", 2, 100, 100)):
        tell(f"{machine}/execution", (SHIFT[0], "ACTIVE"), (SHIFT[0] + hours * HOUR, "FAULT"))
        tell(f"{machine}/good", (SHIFT[0], 0.0), (SHIFT[0] + HOUR, float(good)))
        tell(f"{machine}/bad", (SHIFT[0], 0.0), (SHIFT[0] + HOUR, float(bad)))


@pytest.mark.usefixtures("day")
def test_a_line_is_judged_at_its_pace_station(ask: Ask, timeline: Make) -> None:
    """Line one has two machines: its KPIs are those of a1, whom the plant file names, and a2's do not count."""
    (line,) = ask(timeline(FULL), "line/one", *SHIFT)
    (machine,) = ask(timeline(FULL), "machine/a1", *SHIFT)

    assert (line.values, line.produced, line.times) == (machine.values, 400, machine.times)
    assert line.values["oee"] == pytest.approx(0.375)
    assert (line.scope, line.rule, line.pace) == ("line/one", "pace_station", "a1")
    assert line.members == (machine,)


@pytest.mark.usefixtures("day")
def test_the_only_machine_of_a_line_is_its_pace_station(ask: Ask, timeline: Make) -> None:
    """Line two names nobody, but has nobody else either."""
    (line,) = ask(timeline(FULL), "line/two", *SHIFT)

    assert line.pace == "b1"
    assert line.values["oee"] == pytest.approx(0.375)


@pytest.mark.usefixtures("day")
def test_a_line_of_several_machines_without_pace_station_claims_nothing(ask: Ask, timeline: Make) -> None:
    """No mean of its machines is invented: every KPI is missing, and the cure says to name the pace station."""
    plant = timeline(FULL.replace('pace = "a1"\n', ""))

    (line,) = ask(plant, "line/one", *SHIFT)

    assert set(line.values.values()) == {None}
    assert (line.lacks, line.pace, line.members) == ((Lack("pace", "line/one"),), None, ())
    assert pace_of(plant.newest, "one") is None


@pytest.mark.usefixtures("day")
def test_an_area_is_the_mean_of_its_lines_weighted_by_planned_busy_time(ask: Ask, timeline: Make) -> None:
    """The hall: line one is planned for 8 h, line two for 4 h.

    availability = (0.5 x 8 + 0.75 x 4) / 12; effectiveness = (1 x 8 + 0.5 x 4) / 12;
    quality = (0.75 x 8 + 1 x 4) / 12; OEE = (0.375 x 8 + 0.375 x 4) / 12: a mean of OEE, not a product of means
    """
    (area,) = ask(timeline(FULL), "area/hall", *SHIFT)

    assert area.values == pytest.approx(
        {"availability": 7 / 12, "effectiveness": 10 / 12, "quality": 10 / 12, "oee": 0.375}
    )
    assert (area.planned_busy_s, area.rule, area.name) == (12 * 3600, "weighted_mean", "Hall")
    assert [row.scope for row in area.members] == ["line/one", "line/two"]


@pytest.mark.usefixtures("day")
def test_the_site_is_the_weighted_mean_of_all_its_lines(ask: Ask, timeline: Make) -> None:
    """(0.375 x 8 + 0.375 x 4 + 0.125 x 8) / 20."""
    (site,) = ask(timeline(FULL), "site", *SHIFT)

    assert site.values["oee"] == pytest.approx((0.375 * 12 + 0.125 * 8) / 20)
    assert (site.scope, len(site.members)) == ("site/works", 3)


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize("by", [None, "shift", "day"])
def test_a_line_that_lacks_a_value_makes_its_area_and_site_lack_it(ask: Ask, timeline: Make, by: str | None) -> None:
    """Line one without a pace station: whole or by shift or day, the hall has no OEE and says why; the yard has one."""
    plant = timeline(FULL.replace('pace = "a1"\n', ""))

    hall, site, yard = (ask(plant, scope, *SHIFT, by) for scope in ("area/hall", "site", "area/yard"))

    assert all(set(row.values.values()) == {None} for row in (*hall, *site))
    assert all(Lack("pace", "line/one") in row.lacks for row in (*hall, *site))
    assert [row.values["oee"] for row in yard] == [pytest.approx(0.125)]


@pytest.mark.usefixtures("day")
def test_a_line_without_calendar_is_not_forgotten_in_rows_by_shift(ask: Ask, timeline: Make) -> None:
    """Where one line names no shifts, the area's row of a shift lacks its KPIs instead of leaving the line out."""
    one_only = FULL.replace('calendar = "full"\n', "").replace('calendar = "half"\n', "")
    plant = timeline(one_only.replace('pace = "a1"\n', 'pace = "a1"\ncalendar = "full"\n'))

    rows = ask(plant, "area/hall", *SHIFT, "shift")

    assert [(row.domain.shift, row.values["oee"]) for row in rows] == [("early", None)]
    assert Lack("calendar", "machine/b1") in rows[0].lacks


@pytest.mark.usefixtures("day")
def test_a_line_with_nothing_planned_weighs_nothing(ask: Ask, timeline: Make) -> None:
    """From 10:00 on line two is closed, so the hall is line one alone."""
    (hall,) = ask(timeline(FULL), "area/hall", MIDNIGHT + 10 * HOUR, SHIFT[1])
    (line,) = ask(timeline(FULL), "line/one", MIDNIGHT + 10 * HOUR, SHIFT[1])

    assert (hall.values["availability"], hall.planned_busy_s) == (line.values["availability"], 4 * 3600)


@pytest.mark.usefixtures("day")
def test_an_area_in_which_nothing_was_planned_says_so(ask: Ask, timeline: Make) -> None:
    """At night every KPI of the site is missing, and its row tells why."""
    (site,) = ask(timeline(FULL), "site", MIDNIGHT, MIDNIGHT + HOUR)

    assert set(site.values.values()) == {None}
    assert {lack.code for lack in site.lacks} == {"nothing_planned"}


def test_unknown_time_of_a_line_widens_the_range_of_its_area(tell: Do, hear: Do, ask: Ask, timeline: Make) -> None:
    """Line one silent for 2 of 8 h, line two heard: the hall's availability is open by 2 of 12 h."""
    hear("plc")
    tell("a1/execution", (SHIFT[0], "ACTIVE"), (SHIFT[0] + 6 * HOUR, None))
    tell("b1/execution", (SHIFT[0], "ACTIVE"))

    (hall,) = ask(timeline(FULL), "area/hall", *SHIFT)

    assert hall.bounds["availability"] == pytest.approx((10 / 12, 1.0))
    assert hall.coverage == pytest.approx(10 / 12)


@pytest.mark.usefixtures("day")
def test_rows_of_an_area_by_shift_join_the_same_shift_of_its_lines(ask: Ask, timeline: Make) -> None:
    """Lines one and two have different early shifts: each is judged for itself, none is mixed into the other's time."""
    rows = ask(timeline(FULL), "area/hall", *SHIFT, "shift")

    assert [((r.domain.end - r.domain.start) / HOUR, [m.id for m in r.members]) for r in rows] == [
        (8, ["one"]),
        (4, ["two"]),
    ]


def test_scopes_are_named_by_level_and_id() -> None:
    """`machine/a1`, `line/one`, `area/hall` and the site with or without its id."""
    plant = parse_plant(FULL)

    assert Scope.parse("line/one", plant) == Scope("line", "one")
    assert Scope.parse("site", plant) == Scope.parse("site/works", plant) == Scope("site", "works")
    assert [f"{s.level}/{s.id}" for s in Scope.every(plant)] == [
        "site/works",
        "area/hall",
        "line/one",
        "machine/a1",
        "machine/a2",
        "line/two",
        "machine/b1",
        "area/yard",
        "line/three",
        "machine/c1",
    ]


@pytest.mark.parametrize(
    ("scope", "known"),
    [("machine/zz", "a1, a2, b1, c1"), ("zone/one", "machine, line, area, site"), ("site/other", "works")],
)
def test_a_scope_the_plant_has_not_is_refused_with_those_it_has(scope: str, known: str) -> None:
    """The error names what was asked and what there is."""
    with pytest.raises(ConfigurationError) as refused:
        Scope.parse(scope, parse_plant(FULL))

    assert (refused.value.key, refused.value.fields) == ("measure.no_scope", {"scope": scope, "known": known})


@pytest.mark.usefixtures("day")
def test_an_opened_area_shows_its_lines_and_their_weights(open_kpi: Open, timeline: Make) -> None:
    """An area's number opens to its members; it has no intervals of its own."""
    number = open_kpi(timeline(FULL), "area/hall", "oee", *SHIFT)

    members = number.row.members
    assert [(m.id, m.planned_busy_s) for m in members] == [("one", 8 * 3600), ("two", 4 * 3600)]
    assert [m.values["oee"] for m in members] == pytest.approx([0.375, 0.375])
    assert (number.inputs, number.intervals, number.substituted) == ((), (), None)


@pytest.mark.usefixtures("day")
def test_an_opened_line_without_pace_station_is_empty_and_says_why(open_kpi: Open, timeline: Make) -> None:
    """There is nothing to open, and the row names the lack."""
    number = open_kpi(timeline(FULL.replace('pace = "a1"\n', "")), "line/one", "availability", *SHIFT)

    assert (number.inputs, number.substituted) == ((), None)
    assert number.row.lacks == (Lack("pace", "line/one"),)
