from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.history import History, Quality, Samples
from lineside.measure import derive_states, read_facts, seconds_by_state
from lineside.plant import Machine, State, Timeline, parse_plant

Make = Callable[..., Timeline]
Do = Callable[..., None]
Change = Callable[..., str]

HOUR = 3_600_000_000
NOON = 20_000 * 24 * HOUR + 12 * HOUR

ON_FAULT = '[[machine.press.states]]\nstate = "down"\nwhen = { execution = "FAULT" }\n'
ON_DOOR = '[[machine.press.states]]\nstate = "blocked"\nwhen = { door = "OPEN" }\n'
BY_POWER = (
    'when = { execution = "ACTIVE" }',
    'when = { execution = "ACTIVE", power = "> 2.5" }',
)


@pytest.fixture
def states(history: History) -> Callable[..., list[tuple[float, str]]]:
    """Gives the states of the press from noon on, as hours and names."""

    def found(timeline: Timeline, hours: float = 4) -> list[tuple[float, str]]:
        facts = read_facts(history, timeline, ["press"], NOON, NOON + int(hours * HOUR))["press"]
        rows = [facts.states[i] for i in range(len(facts.states))]
        return [((end - start) / HOUR, state.value) for start, end, state in rows]

    return found


States = Callable[..., list[tuple[float, str]]]


@pytest.mark.parametrize("age", [1, HOUR, 3 * 7 * 24 * HOUR], ids=["1 us", "1 h", "3 weeks"])
def test_the_state_in_force_before_the_window_is_carried_in(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
    age: int,
) -> None:
    """A machine that went to work weeks ago and said nothing since is running all the window."""
    hear("press")
    tell("press/execution", (NOON - age - HOUR, "FAULT"), (NOON - age, "ACTIVE"))

    assert states(timeline(plant_text)) == [(4, "running")]


def test_a_state_said_again_changes_nothing(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
) -> None:
    """A source that repeats its last state at every reconnect does not cut the interval."""
    hear("press")
    tell("press/execution", *((NOON + i * HOUR // 2, "ACTIVE") for i in range(5)), (NOON + 3 * HOUR, "FAULT"))
    tell("press/execution", (NOON + 3 * HOUR + 1, "FAULT"))

    assert states(timeline(plant_text)) == [(3, "running"), (1, "down")]


def test_late_samples_land_at_their_own_time(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
) -> None:
    """Samples that arrive backwards give the states they would have given in order."""
    hear("press")
    for hour, word in ((3, "SETUP"), (1, "FAULT"), (2, "READY"), (0, "ACTIVE")):
        tell("press/execution", (NOON + hour * HOUR, word))

    assert states(timeline(plant_text)) == [(1, "running"), (1, "down"), (1, "stopped"), (1, "setup")]


@pytest.mark.parametrize("quality", [Quality.BAD, Quality.NO_DATA])
def test_unavailable_is_no_data(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
    quality: Quality,
) -> None:
    """A signal that says UNAVAILABLE, or a value marked bad, leaves the state unknown until it speaks again."""
    hear("press")
    tell("press/execution", (NOON, "ACTIVE"), (NOON + 3 * HOUR, "FAULT"))
    tell("press/execution", (NOON + HOUR, None if quality is Quality.NO_DATA else "ACTIVE"), quality=quality)

    assert states(timeline(plant_text)) == [(1, "running"), (2, "no_data"), (1, "down")]


def test_an_uncertain_value_counts(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
) -> None:
    """An uncertain value is a value: OPC UA calls it usable with care."""
    hear("press")
    tell("press/execution", (NOON, "ACTIVE"), quality=Quality.UNCERTAIN)

    assert states(timeline(plant_text)) == [(4, "running")]


def test_silence_is_no_data_whatever_was_said_last(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
) -> None:
    """While the source was not heard nobody knows; the last word holds again once it is heard."""
    hear("press", (NOON - HOUR, NOON + HOUR), (NOON + 3 * HOUR, NOON + 5 * HOUR))
    tell("press/execution", (NOON - HOUR, "ACTIVE"))

    assert states(timeline(plant_text)) == [(1, "running"), (2, "no_data"), (1, "running")]


def test_a_source_heard_only_before_and_after_the_window_says_nothing_of_it(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
) -> None:
    """Spans that touch the window from outside are half-open: none of its time was heard."""
    hear("press", (NOON - HOUR, NOON), (NOON + 4 * HOUR, NOON + 5 * HOUR))
    tell("press/execution", (NOON - HOUR, "ACTIVE"))

    assert states(timeline(plant_text)) == [(4, "no_data")]


def test_a_machine_that_never_spoke_has_no_data(hear: Do, timeline: Make, states: States, plant_text: str) -> None:
    """A source may be heard and this machine's signal never come: that is no data, not unmapped."""
    hear("press")

    assert states(timeline(plant_text)) == [(4, "no_data")]


def test_the_first_rule_that_holds_wins(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
    change: Change,
) -> None:
    """Two rules hold while the door is open: the order in the file decides."""
    hear("press")
    tell("press/execution", (NOON, "FAULT"))
    tell("press/door", (NOON, "CLOSED"), (NOON + HOUR, "OPEN"))
    door_first = change(plant_text, (ON_FAULT, ON_DOOR + ON_FAULT))
    door_last = change(plant_text, (ON_FAULT, ON_FAULT + ON_DOOR))

    assert states(timeline(door_first)) == [(1, "down"), (3, "blocked")]
    assert states(timeline(door_last)) == [(4, "down")]


def test_a_rule_over_several_signals_needs_all_of_them(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
    change: Change,
) -> None:
    """ACTIVE alone is not running when the rule wants power above 2.5 kW too; exactly 2.5 is not above."""
    hear("press")
    tell("press/execution", (NOON, "ACTIVE"), (NOON + 3 * HOUR, "FAULT"))
    tell("press/power", (NOON - 1, 2.5), (NOON + HOUR, 2.6), (NOON + 2 * HOUR, 0.4))

    assert states(timeline(change(plant_text, BY_POWER))) == [
        (1, "unmapped"),
        (1, "running"),
        (1, "unmapped"),
        (1, "down"),
    ]


def test_a_rule_can_hold_while_another_rules_signal_is_missing(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
    change: Change,
) -> None:
    """A fault is a fault without a power meter; what only the meter could tell is no data, not unmapped."""
    hear("press")
    tell("press/execution", (NOON, "FAULT"), (NOON + HOUR, "ACTIVE"))

    assert states(timeline(change(plant_text, BY_POWER))) == [(1, "down"), (3, "no_data")]


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ('"> 5"', 5.0, False),
        ('">= 5"', 5.0, True),
        ('"< 5"', 5.0, False),
        ('"<= 5"', 5.0, True),
        ('"!= 5"', 5.0, False),
        ('"!= 5"', 4.0, True),
        ("5", 5.0, True),
        ("[3, 5]", 5.0, True),
        ("[3, 4]", 5.0, False),
    ],
)
def test_a_condition_on_a_number_compares_as_written(condition: str, value: float, holds: bool) -> None:
    """Thresholds, equality and lists of numbers mean what the plant file says."""
    told = parse_plant(LAW.replace('power = "> 2.5"', f"power = {condition}")).machines["m"]

    derived = derive_states(
        told,
        {"execution": samples([(0, "ACTIVE")]), "power": samples([(0, value)])},
        np.array([[0, SECOND]], dtype=np.int64),
        0,
        SECOND,
    )

    assert derived[0][2] is (State.RUNNING if holds else State.STOPPED)


def test_a_value_that_no_rule_names_is_unmapped(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
) -> None:
    """An unknown word is shown as unmapped and never taken for the state before it."""
    hear("press")
    tell("press/execution", (NOON, "ACTIVE"), (NOON + HOUR, "WHAT_IS_THIS"))

    assert states(timeline(plant_text)) == [(1, "running"), (3, "unmapped")]


def test_a_rule_without_conditions_holds_whenever_data_is_there(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
    change: Change,
) -> None:
    """A last rule with `when = {}` catches the rest, but neither silence nor an unavailable signal."""
    hear("press", (NOON, NOON + 3 * HOUR))
    tell("press/execution", (NOON, "ACTIVE"), (NOON + HOUR, "?"), (NOON + 2 * HOUR, None))
    text = change(plant_text, ('when = { execution = ["READY", "STOPPED"] }', "when = {}"))

    assert states(timeline(text)) == [(1, "running"), (1, "stopped"), (2, "no_data")]


def test_a_machine_whose_one_rule_has_no_conditions_is_in_that_state_while_heard(
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
    change: Change,
) -> None:
    """Where being heard is all there is to know, it is enough."""
    hear("press", (NOON + HOUR, NOON + 3 * HOUR))
    rules = plant_text[plant_text.index("[[machine.press.states]]") : plant_text.index("[machine.press.units]")]
    text = change(plant_text, (rules, '[[machine.press.states]]\nstate = "running"\nwhen = {}\n'))

    assert states(timeline(text)) == [(1, "no_data"), (2, "running"), (1, "no_data")]


def test_a_machine_without_rules_has_no_data(
    tell: Do,
    hear: Do,
    timeline: Make,
    states: States,
    plant_text: str,
    change: Change,
) -> None:
    """Without rules no state can be told, however much the machine says."""
    hear("press")
    tell("press/execution", (NOON, "ACTIVE"))
    rules = plant_text[plant_text.index("[[machine.press.states]]") : plant_text.index("[machine.press.units]")]

    assert states(timeline(change(plant_text, (rules, "")))) == [(4, "no_data")]


# -- the law: equal to somebody who looks every second --------------------------------------------------------------

WORDS = ("ACTIVE", "FAULT", "READY", "?", None)
LOG = st.lists(st.tuples(st.integers(-20, 39), st.sampled_from(WORDS)), max_size=12)
METER = st.lists(st.tuples(st.integers(-20, 39), st.sampled_from((None, 0.0, 2.5, 2.6, 9.0))), max_size=12)
HEARD = st.lists(st.booleans(), min_size=40, max_size=40)
SECOND = 1_000_000

LAW = """\
[site]
id = "s"
timezone = "UTC"
[area.a]
[line.l]
area = "a"
[source.m]
type = "shdr"
[machine.m]
line = "l"
source = "m"
[machine.m.signals]
execution = { kind = "state" }
power = { kind = "measure" }
[[machine.m.states]]
state = "down"
when = { execution = "FAULT" }
[[machine.m.states]]
state = "running"
when = { execution = "ACTIVE", power = "> 2.5" }
[[machine.m.states]]
state = "stopped"
when = { execution = ["READY", "ACTIVE"] }
"""


@pytest.fixture(scope="module")
def machine() -> Machine:
    """A machine that is down on a fault, running when active with power, stopped when ready or active without."""
    return parse_plant(LAW).machines["m"]


def samples(log: list[tuple[int, float | str | None]]) -> Samples:
    """The log as the history gives it back: in order, with the value in force at the start in front."""
    rows = sorted(log, key=lambda row: row[0])
    before = [row for row in rows if row[0] <= 0]
    rows = [*before[-1:], *(row for row in rows if row[0] > 0)]
    words = tuple(sorted({value for _, value in rows if isinstance(value, str)}))
    return Samples(
        np.array([time * SECOND for time, _ in rows], dtype=np.int64),
        np.array([np.nan if v is None or isinstance(v, str) else v for _, v in rows], dtype=np.float64),
        np.array([words.index(v) if isinstance(v, str) else -1 for _, v in rows], dtype=np.int32),
        words,
        np.array([Quality.NO_DATA if v is None else Quality.GOOD for _, v in rows], dtype=np.int16),
    )


def value_at(log: list[tuple[int, float | str | None]], second: int) -> float | str | None:
    """What the log said last."""
    said: float | str | None = None
    for time, value in sorted(log, key=lambda row: row[0]):
        if time <= second:
            said = value
    return said


def looked_up(execution: float | str | None, power: float | str | None, *, heard: bool) -> State:
    """The state by the rules above, as a person would read them out."""
    if not heard:
        return State.NO_DATA
    if execution == "FAULT":
        return State.DOWN
    if execution == "ACTIVE" and isinstance(power, float) and power > 2.5:
        return State.RUNNING
    if execution in ("ACTIVE", "READY"):
        return State.STOPPED
    if execution is None or power is None:
        return State.NO_DATA
    return State.UNMAPPED


@given(execution=LOG, power=METER, heard=HEARD)
def test_states_equal_looking_every_second(
    machine: Machine,
    execution: list[tuple[int, float | str | None]],
    power: list[tuple[int, float | str | None]],
    heard: list[bool],
) -> None:
    """Whatever comes in whatever order, the seconds in each state are those of a person with a watch."""
    spans = [(i * SECOND, (i + 1) * SECOND) for i, there in enumerate(heard) if there]
    tally: dict[State, float] = {}
    for second in range(40):
        state = looked_up(value_at(execution, second), value_at(power, second), heard=heard[second])
        tally[state] = tally.get(state, 0.0) + 1

    derived = derive_states(
        machine,
        {"execution": samples(execution), "power": samples(power)},
        np.array(spans, dtype=np.int64).reshape(-1, 2),
        0,
        40 * SECOND,
    )

    assert seconds_by_state(derived, [(0, 40 * SECOND)]) == tally
    assert all(derived[i][1] == derived[i + 1][0] for i in range(len(derived) - 1))
    assert all(before != after for before, after in pairwise(derived.codes.tolist()))
