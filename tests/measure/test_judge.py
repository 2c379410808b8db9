from __future__ import annotations

from collections.abc import Callable

import pytest

from lineside.measure import Lack, Row
from lineside.plant import State, Timeline

Make = Callable[..., Timeline]
Do = Callable[..., None]
Change = Callable[..., str]
Ask = Callable[..., list[Row]]

MINUTE = 60_000_000
HOUR = 60 * MINUTE
MIDNIGHT = 20_000 * 24 * HOUR


def clock(text: str) -> int:
    """A moment of the day."""
    hour, minute = map(int, text.split(":"))
    return MIDNIGHT + hour * HOUR + minute * MINUTE


EARLY = (clock("06:00"), clock("14:00"))


@pytest.fixture
def shift(tell: Do, hear: Do) -> None:
    """An early shift as it might be: see the arithmetic in the first test."""
    hear("press")
    tell(
        "press/execution",
        (clock("06:00"), "SETUP"),
        (clock("06:30"), "ACTIVE"),
        (clock("09:00"), "READY"),
        (clock("09:30"), "ACTIVE"),
        (clock("11:00"), "FAULT"),
        (clock("12:00"), "CLEANING"),
        (clock("12:30"), "ACTIVE"),
        (clock("13:40"), "WAITING"),
    )
    tell("press/parts", (clock("05:59"), 1000.0), (clock("08:00"), 1300.0), (clock("13:39"), 1775.0))
    tell("press/scrap", (clock("05:59"), 40.0), (clock("10:00"), 71.0))


@pytest.mark.usefixtures("shift")
def test_a_shift_is_judged_as_iso_22400_2_says(ask: Ask, timeline: Make, plant_text: str) -> None:
    """The KPIs of a shift computed by hand.

    Shift 06:00-14:00 less the break 09:00-09:30:        28 800 - 1 800 = 27 000 s
    less the planned stop (cleaning, 12:00-12:30): PBT = 27 000 - 1 800 = 25 200 s
    running 06:30-09:00, 09:30-11:00, 12:30-13:40: APT = 9 000 + 5 400 + 4 200 = 18 600 s
    parts 1 000 -> 1 775: PQ = 775; scrap 40 -> 71: 31 rejected, GQ = 744; PRI = 20 s, PRI x PQ = 15 500 s
    availability = 18 600 / 25 200; effectiveness = 15 500 / 18 600; quality = 744 / 775 = 0.96
    OEE = 15 500 x 0.96 / 25 200 = 14 880 / 25 200
    """
    (row,) = ask(timeline(plant_text), "machine/press", *EARLY)

    assert (row.planned_busy_s, row.production_s, row.ideal_s) == (25_200, 18_600, 15_500)
    assert (row.produced, row.good, row.rejected) == (775, 744, 31)
    assert row.values["availability"] == pytest.approx(0.738_095_238)
    assert row.values["effectiveness"] == pytest.approx(0.833_333_333)
    assert row.values["quality"] == pytest.approx(0.96)
    assert row.values["oee"] == pytest.approx(0.590_476_190)
    assert (row.coverage, row.basis, row.bounds, row.lacks, row.suspects) == (1.0, "calendar", {}, (), ())


@pytest.mark.usefixtures("shift")
def test_the_times_of_a_row_sum_to_its_window(ask: Ask, timeline: Make, plant_text: str) -> None:
    """All states together last as long as the window, those inside planned time as long as the shift."""
    (row,) = ask(timeline(plant_text), "machine/press", clock("04:00"), clock("15:00"))

    assert sum(row.times.values()) == 11 * 3600
    assert sum(row.planned_times.values()) == 27_000
    assert row.times[State.STARVED] == 80 * 60
    assert row.planned_times[State.STARVED] == 20 * 60


@pytest.mark.usefixtures("shift")
def test_the_losses_lead_from_planned_busy_time_down_to_oee(ask: Ask, timeline: Make, plant_text: str) -> None:
    """Setup 1 800, starved 1 200, down 3 600; speed 18 600 - 15 500 = 3 100; rejects 31 x 20 = 620 s."""
    (row,) = ask(timeline(plant_text), "machine/press", *EARLY)

    assert {loss.id: round(loss.seconds or 0, 6) for loss in row.losses} == {
        "setup": 1800,
        "starved": 1200,
        "down": 3600,
        "speed": 3100,
        "rejects": 620,
    }
    assert sum(loss.seconds or 0 for loss in row.losses) == pytest.approx(25_200 - 14_880)


@pytest.mark.usefixtures("shift")
def test_what_was_made_in_a_break_is_no_part_of_the_kpis_and_is_told(
    tell: Do, ask: Ask, timeline: Make, plant_text: str
) -> None:
    """A machine that runs through a break gains nothing by it, and the row says that it did."""
    tell("press/execution", (clock("09:10"), "ACTIVE"))
    tell("press/parts", (clock("09:20"), 1303.0))

    (row,) = ask(timeline(plant_text), "machine/press", *EARLY)

    assert (row.planned_busy_s, row.production_s, row.produced) == (25_200, 18_600, 772)
    assert row.suspects == (Lack("outside_planned", "machine/press", (("seconds", 1200), ("units", 3))),)


@pytest.mark.usefixtures("shift")
def test_an_effectiveness_above_one_is_shown_and_suspected(
    ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """With an ideal cycle of 30 s the 775 parts need 23 250 s of the 18 600 s: 125 %, and nothing hides it."""
    slow = change(plant_text, ("ideal_cycle_s = 20.0", "ideal_cycle_s = 30.0"))

    (row,) = ask(timeline(slow), "machine/press", *EARLY)

    assert row.values["effectiveness"] == pytest.approx(1.25)
    assert row.suspects == (Lack("effectiveness_above_one", "machine/press", (("percent", 125.0),)),)


@pytest.mark.usefixtures("shift")
def test_more_rejects_than_units_are_shown_and_suspected(
    ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """Total and rejected the wrong way round give a quality below zero, which says what to check."""
    swapped = change(plant_text, ('total = "parts"\nrejected = "scrap"', 'total = "scrap"\nrejected = "parts"'))

    (row,) = ask(timeline(swapped), "machine/press", *EARLY)

    assert row.values["quality"] == pytest.approx((31 - 775) / 31)
    assert Lack("rejects_exceed", "machine/press", (("good", -744.0),)) in row.suspects


@pytest.mark.usefixtures("shift")
def test_a_fall_of_a_counter_is_told(tell: Do, ask: Ask, timeline: Make, plant_text: str) -> None:
    """A counter that restarted is counted from zero and shown beside the number."""
    tell("press/parts", (clock("13:50"), 5.0))

    (row,) = ask(timeline(plant_text), "machine/press", *EARLY)

    assert row.produced == 780
    assert row.suspects == (Lack("counter_restart", "machine/press", (("before", 1775.0), ("after", 5.0))),)


GOOD_AND_REJECTED = 'good = "parts"\nrejected = "scrap"'


@pytest.mark.usefixtures("shift")
@pytest.mark.parametrize(
    ("rule", "counts"),
    [
        ('total = "parts"\nrejected = "scrap"', (775, 744, 31)),
        ('total = "parts"\ngood = "scrap"', (775, 31, 744)),
        (GOOD_AND_REJECTED, (806, 775, 31)),
        ('total = "parts"', (775, None, None)),
        ('good = "parts"', (None, 775, None)),
        ('rejected = "parts"', (None, None, 775)),
    ],
)
def test_any_two_counters_give_the_third(
    ask: Ask,
    timeline: Make,
    plant_text: str,
    change: Change,
    rule: str,
    counts: tuple[float | None, float | None, float | None],
) -> None:
    """Total, good and rejected follow from any two; from one alone nothing is made up."""
    text = change(plant_text, ('total = "parts"\nrejected = "scrap"', rule))

    (row,) = ask(timeline(text), "machine/press", *EARLY)

    assert (row.produced, row.good, row.rejected) == counts


# -- what is missing ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("shift")
@pytest.mark.parametrize(
    ("pairs", "codes", "missing"),
    [
        ([('calendar = "early"\n', "")], ["calendar"], ["availability", "effectiveness", "oee"]),
        ([("ideal_cycle_s = 20.0\n", "")], ["ideal_cycle"], ["effectiveness", "oee"]),
        ([('rejected = "scrap"\n', "")], ["reject_count"], ["quality", "oee"]),
        ([('product = "lid"\n', "")], ["product"], ["effectiveness", "oee"]),
        (
            [('[machine.press.units]\ntotal = "parts"\nrejected = "scrap"\n', "")],
            ["counts"],
            ["effectiveness", "quality", "oee"],
        ),
        (
            [('total = "parts"\nrejected = "scrap"', 'good = "parts"')],
            ["total_count"],
            ["effectiveness", "quality", "oee"],
        ),
        (
            [('calendar = "early"\n', ""), ("ideal_cycle_s = 20.0\n", ""), ('rejected = "scrap"\n', "")],
            ["calendar", "reject_count", "ideal_cycle"],
            ["availability", "effectiveness", "quality", "oee"],
        ),
    ],
    ids=["calendar", "cycle time", "reject count", "product", "counts", "total", "several"],
)
def test_a_missing_input_is_named_and_what_needs_it_is_missing(
    ask: Ask,
    timeline: Make,
    plant_text: str,
    change: Change,
    pairs: list[tuple[str, str]],
    codes: list[str],
    missing: list[str],
) -> None:
    """Each input left out of the plant file is said to be missing, with exactly the KPIs that need it."""
    (row,) = ask(timeline(change(plant_text, *pairs)), "machine/press", *EARLY)

    assert [lack.code for lack in row.lacks] == codes
    assert [kpi for kpi, value in row.values.items() if value is None] == missing


@pytest.mark.usefixtures("shift")
def test_without_a_calendar_no_production_inside_planned_time_is_claimed(
    ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """Production time is the running time inside planned busy time: without a plan it is unknown, not zero."""
    (row,) = ask(timeline(change(plant_text, ('calendar = "early"\n', ""))), "machine/press", *EARLY)

    assert (row.planned_busy_s, row.production_s, row.basis) == (None, None, None)
    assert row.times[State.RUNNING] == 18_600


@pytest.mark.usefixtures("shift")
def test_a_window_in_which_nothing_was_planned_says_so(ask: Ask, timeline: Make, plant_text: str) -> None:
    """After the shift there is no planned busy time, so nothing to judge against."""
    (row,) = ask(timeline(plant_text), "machine/press", clock("20:00"), clock("22:00"))

    assert (row.planned_busy_s, [lack.code for lack in row.lacks]) == (0, ["nothing_planned"])
    assert set(row.values.values()) == {None}


def test_no_data_at_all_and_some_no_data_are_told_apart(
    tell: Do, hear: Do, ask: Ask, timeline: Make, plant_text: str
) -> None:
    """A silent machine has no availability; one silent for an hour has a range and says how long."""
    tell("press/execution", (clock("05:00"), "ACTIVE"))
    plant = timeline(plant_text)
    (silent,) = ask(plant, "machine/press", *EARLY)
    hear("press", (clock("06:00"), clock("13:00")))

    (partly,) = ask(plant, "machine/press", *EARLY)

    assert (silent.coverage, silent.values["availability"]) == (0.0, None)
    assert "no_data" in [lack.code for lack in silent.lacks]
    assert partly.values["availability"] == pytest.approx(23_400 / 27_000)
    assert partly.bounds["availability"] == pytest.approx((23_400 / 27_000, 1.0))
    assert Lack("no_data_part", "machine/press", (("seconds", 3600),)) in partly.lacks


def test_unmapped_time_is_told_with_its_length(tell: Do, hear: Do, ask: Ask, timeline: Make, plant_text: str) -> None:
    """Half an hour of a value no rule names is neither running nor loss, and is said."""
    hear("press")
    tell("press/execution", (clock("06:00"), "ACTIVE"), (clock("13:30"), "WHAT"))

    (row,) = ask(timeline(plant_text), "machine/press", *EARLY)

    assert Lack("unmapped", "machine/press", (("seconds", 1800),)) in row.lacks
    assert row.coverage == 1.0


def test_a_machine_without_rules_lacks_them(hear: Do, ask: Ask, timeline: Make, plant_text: str) -> None:
    """Without state rules the row names them beside the missing data."""
    hear("press")
    rules = plant_text[plant_text.index("[[machine.press.states]]") : plant_text.index("[machine.press.units]")]

    (row,) = ask(timeline(plant_text.replace(rules, "")), "machine/press", *EARLY)

    assert "state_rules" in [lack.code for lack in row.lacks]


def test_a_bench_counted_by_hand_is_not_asked_for_rules(
    ask: Ask, timeline: Make, plant_text: str, bench_text: str
) -> None:
    """Nothing could feed a state rule there, so the cure is another one."""
    (row,) = ask(timeline(plant_text + bench_text), "machine/bench", *EARLY)

    assert {"states_by_hand", "state_rules"} & {lack.code for lack in row.lacks} == {"states_by_hand"}


def test_a_kpi_that_divides_by_nothing_says_why_it_is_missing(
    tell: Do, hear: Do, ask: Ask, timeline: Make, plant_text: str
) -> None:
    """Down all shift and nothing made: OEE is zero; effectiveness and quality are missing, each with its reason."""
    hear("press")
    tell("press/execution", (clock("05:00"), "FAULT"))

    (row,) = ask(timeline(plant_text), "machine/press", *EARLY)

    assert (row.values["oee"], row.values["effectiveness"], row.values["quality"]) == (0.0, None, None)
    assert [lack.code for lack in row.lacks] == ["never_ran", "nothing_made"]


def test_units_counted_while_it_stood_are_named_as_the_reason_oee_is_missing(
    tell: Do, hear: Do, ask: Ask, timeline: Make, plant_text: str
) -> None:
    """Down all shift and eleven units: OEE is missing, and the contradiction says why."""
    hear("press")
    tell("press/execution", (clock("05:00"), "FAULT"))
    tell("press/parts", (clock("05:00"), 0.0), (clock("08:00"), 11.0))
    tell("press/scrap", (clock("05:00"), 0.0))

    (row,) = ask(timeline(plant_text), "machine/press", *EARLY)

    assert (row.values["availability"], row.values["oee"]) == (0.0, None)
    assert row.lacks == (Lack("made_standing", "machine/press", (("units", 11),)),)


def test_what_rounds_to_nothing_is_not_told(tell: Do, hear: Do, ask: Ask, timeline: Make, plant_text: str) -> None:
    """0.3 s without data, unmapped or outside planned time are no reason to doubt a shift."""
    hear("press", (0, clock("08:00")), (clock("08:00") + 300_000, clock("15:00")))
    tell("press/execution", (clock("05:59"), "READY"), (clock("06:00") - 300_000, "ACTIVE"))
    tell("press/execution", (clock("09:00"), "READY"), (clock("09:30"), "ACTIVE"))
    tell("press/execution", (clock("10:00"), "WHAT"), (clock("10:00") + 300_000, "ACTIVE"), (clock("14:00"), "READY"))
    tell("press/parts", (clock("05:00"), 0.0), (clock("07:00"), 60.0))
    tell("press/scrap", (clock("05:00"), 0.0))

    (row,) = ask(timeline(plant_text), "machine/press", clock("05:00"), clock("15:00"))

    assert (row.lacks, row.suspects) == ((), ())


# -- a window that reaches into the present ---------------------------------------------------------------------


@pytest.mark.parametrize(("late", "missing"), [(2, []), (29, []), (31, ["no_data_part"])])
def test_a_window_that_ends_a_moment_after_the_last_beat_misses_nothing(
    tell: Do, hear: Do, ask: Ask, timeline: Make, plant_text: str, late: int, missing: list[str]
) -> None:
    """A source heard 2 s ago is well: the end is not judged yet. After stale_after_s, 30 s, the silence is a gap."""
    hear("press", (0, clock("08:00")))
    tell("press/execution", (clock("05:00"), "ACTIVE"))
    tell("press/parts", (clock("05:00"), 0.0), (clock("07:00"), 180.0))
    tell("press/scrap", (clock("05:00"), 0.0))

    (row,) = ask(timeline(plant_text), "machine/press", clock("06:00"), clock("08:00") + late * 1_000_000)

    assert [lack.code for lack in row.lacks] == missing
    assert (row.planned_busy_s, row.coverage == 1.0) == (7200 + late * bool(missing), not missing)
    assert bool(row.bounds) == bool(missing)


def test_silence_before_the_source_was_heard_again_is_a_gap(
    tell: Do, hear: Do, ask: Ask, timeline: Make, plant_text: str
) -> None:
    """Two seconds nobody can fill any more are no data, however short."""
    hear("press", (0, clock("08:00")), (clock("08:10"), clock("09:00")))
    tell("press/execution", (clock("05:00"), "ACTIVE"))

    (row,) = ask(timeline(plant_text), "machine/press", clock("06:00"), clock("08:00") + 2_000_000)

    assert row.planned_times[State.NO_DATA] == 2


# -- what only an earlier edition lacks -------------------------------------------------------------------------


@pytest.mark.usefixtures("shift")
@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (('calendar = "early"\n', ""), "calendar"),
        (("ideal_cycle_s = 20.0\n", ""), "ideal_cycle"),
        (('rejected = "scrap"\n', ""), "reject_count"),
        (('product = "lid"\n[product.lid]', "[product.lid]"), "product"),
        (('[machine.press.units]\ntotal = "parts"\nrejected = "scrap"\n', ""), "counts"),
        (('total = "parts"\nrejected = "scrap"', 'good = "parts"'), "total_count"),
    ],
)
def test_a_lack_of_an_earlier_edition_names_it_when_the_newest_has_it(
    ask: Ask, timeline: Make, plant_text: str, change: Change, pair: tuple[str, str], code: str
) -> None:
    """Who has added what was missing is told why it still is: another edition judges that time."""
    poor = change(plant_text, pair)
    (cured,) = ask(timeline(poor, (clock("20:00"), plant_text)), "machine/press", *EARLY)
    (lacking,) = ask(timeline(poor, (clock("20:00"), poor)), "machine/press", *EARLY)

    told = {lack.code: dict(lack.fields) for lack in cured.lacks}
    assert told[code].items() >= {"edition": 1, "until": "2024-10-04 20:00"}.items()
    assert all("edition" not in dict(lack.fields) for lack in lacking.lacks)


@pytest.mark.usefixtures("shift")
def test_a_machine_added_later_says_so_before(ask: Ask, timeline: Make, plant_text: str) -> None:
    """Before its edition a machine has no plan; what is missing then is the machine, not a shift."""
    without = plant_text[: plant_text.index("[machine.press]")].replace('pace = "press"\n', "")

    (row,) = ask(timeline(without, (clock("20:00"), plant_text)), "machine/press", *EARLY)

    assert [(lack.code, dict(lack.fields)["edition"]) for lack in row.lacks] == [("no_machine", 1)]


@pytest.mark.usefixtures("shift")
def test_an_unknown_product_outside_planned_time_takes_nothing_away(
    ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """Orders name the product while they last; that nobody knows it at night is no lack."""
    order = (
        '[[order]]\nid = "1"\nproduct = "lid"\nline = "press"\nquantity = 9\n'
        "start = 2024-10-04T06:00:00\nend = 2024-10-04T14:00:00\n"
    )
    text = change(plant_text, ('product = "lid"\n[product.lid]', "[product.lid]")) + order

    (row,) = ask(timeline(text), "machine/press", clock("00:00"), clock("23:00"))

    assert (row.lacks, row.basis) == ((), "orders")
    assert row.values["oee"] == pytest.approx(14_880 / 25_200)


# -- several products, several editions -----------------------------------------------------------------------------


@pytest.mark.usefixtures("shift")
def test_each_product_is_judged_by_its_own_cycle_time(
    tell: Do, ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """300 lids of 20 s until 08:00, then 475 pots of 40 s: 6 000 + 19 000 s of ideal time."""
    tell("press/program", (clock("05:00"), "lid"), (clock("08:00") + 1, "P-40"))
    text = change(plant_text, ("[machine.press.units]\n", '[machine.press.units]\nproduct = "program"\n'))

    (row,) = ask(timeline(text), "machine/press", *EARLY)

    assert row.ideal_s == 25_000


@pytest.mark.usefixtures("shift")
def test_a_cycle_time_for_one_machine_goes_before_the_products_own(
    ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """`ideal_cycle_on` names 16 s for this press: 775 x 16 s."""
    text = change(plant_text, ("ideal_cycle_s = 20.0", "ideal_cycle_s = 20.0\nideal_cycle_on = { press = 16.0 }"))

    (row,) = ask(timeline(text), "machine/press", *EARLY)

    assert row.ideal_s == 775 * 16


@pytest.mark.usefixtures("shift")
def test_a_cycle_time_changed_in_a_new_edition_holds_from_then_on(
    ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """300 units at 20 s before noon's edition, 475 at 10 s after it; the row names both editions."""
    faster = change(plant_text, ("ideal_cycle_s = 20.0", "ideal_cycle_s = 10.0"))

    (row,) = ask(timeline(plant_text, (clock("12:00"), faster)), "machine/press", *EARLY)

    assert row.ideal_s == 300 * 20 + 475 * 10
    assert row.editions == (1, 2)


@pytest.mark.usefixtures("shift")
def test_a_calendar_missing_in_one_edition_makes_the_whole_lack_it(
    ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """Half a plan is no plan: planned busy time of the window is missing, not halved."""
    unplanned = change(plant_text, ('calendar = "early"\n', ""))

    (row,) = ask(timeline(unplanned, (clock("12:00"), plant_text)), "machine/press", *EARLY)

    assert (row.planned_busy_s, [lack.code for lack in row.lacks]) == (None, ["calendar"])
