from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from lineside.history import SAMPLES, History
from lineside.node import Board, Node, current_shift, machine_window, now_us, site_window

Make = Callable[[], Awaitable[Any]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
BERLIN = ZoneInfo("Europe/Berlin")


def at(hour: int, minute: int = 0, day: int = 4) -> int:
    """A moment in March 2026 at the plant, in microseconds UTC."""
    return int(datetime(2026, 3, day, hour, minute, tzinfo=BERLIN).timestamp()) * SECOND_US


class Ear:
    """Heard every source until a given time, and had nothing to complain about."""

    def __init__(self, until: int | None) -> None:
        self.until = until

    def last_heard(self, _: str) -> int | None:
        """The same time for every source."""
        return self.until

    def reason(self, _: str, __: str) -> str | None:
        """No complaint."""
        return None


def put(history: History, key: str, *rows: tuple[int, float | str]) -> None:
    """Stores values of a series."""
    series = history.series(key)
    history.append(
        pa.table(
            {
                "series": [series] * len(rows),
                "time": pa.array([time for time, _ in rows], pa.timestamp("us", "UTC")),
                "number": pa.array([None if isinstance(v, str) else v for _, v in rows], pa.float64()),
                "text": pa.array([v if isinstance(v, str) else None for _, v in rows], pa.string()),
                "quality": [0] * len(rows),
            }
        ).cast(SAMPLES)
    )


@pytest.fixture
def press(plant: Any) -> Any:
    """A folder with one machine whose source is stale after half a minute."""
    return plant.write(plant.source("s", "file", "stale_after_s = 30"), plant.machine("press", "s"))


def test_the_state_of_now_and_since_when(press: Any) -> None:
    """A new value changes the state, since its own time; the same state again changes nothing."""
    with Node.open(press) as node:
        ear = Ear(at(7, 10))
        board = Board(node.history, ear)
        put(node.history, "press/mode", (at(7), "READY"), (at(7, 5), "ACTIVE"))
        node.history.hear("s", at(7), at(7, 10))
        first = board.snapshot(node.timeline, at(7, 10))["machines"]["press"]
        put(node.history, "press/mode", (at(7, 11), "READY"))
        ear.until = at(7, 12)
        second = board.snapshot(node.timeline, at(7, 12))["machines"]["press"]
        put(node.history, "press/mode", (at(7, 13), "READY"))
        ear.until = at(7, 14)
        third = board.snapshot(node.timeline, at(7, 14))["machines"]["press"]

    assert (first["state"], first["since_ms"], first["stale"]) == ("running", at(7, 5) // 1000, False)
    assert (second["state"], second["since_ms"]) == ("stopped", at(7, 11) // 1000)
    assert (third["state"], third["since_ms"]) == ("stopped", at(7, 11) // 1000)


class Deaf(Ear):
    """Fails for one of the sources."""

    def last_heard(self, source: str) -> int | None:
        """Nothing for a source called "bad"."""
        if source == "bad":
            raise RuntimeError(source)
        return self.until


def test_a_fault_at_one_machine_leaves_the_others_live(plant: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The machine says that it cannot be told and why, in both languages; the fault is logged once."""
    sources = [plant.source(name, "file", "") for name in ("good", "bad")]
    folder = plant.write(*sources, plant.machine("press", "good"), plant.machine("drill", "bad"))
    with Node.open(folder) as node:
        put(node.history, "press/mode", (at(7), "ACTIVE"))
        node.history.hear("good", at(7), at(7, 1))
        board = Board(node.history, Deaf(at(7, 1)))
        machines = [board.snapshot(node.timeline, at(7, 1) + seconds)["machines"] for seconds in (1, 2)]

    assert machines[1]["press"]["state"] == "running"
    assert machines[0]["drill"] == machines[1]["drill"]
    assert (machines[1]["drill"]["state"], machines[1]["drill"]["stale"]) == ("no_data", True)
    assert machines[1]["drill"]["reason"]["en"] == "What drill is doing cannot be told: RuntimeError: bad"
    assert "drill" in machines[1]["drill"]["reason"]["zh"]
    assert caplog.text.count("the present of drill cannot be told") == 1


def test_kpis_that_cannot_be_judged_are_left_out(
    press: Any, tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """A scope that fails is logged by its name, and the present is shown without its KPIs."""
    with Node.open(press) as node:
        history = History.open(tmp_path_factory.mktemp("closed"))
        board = Board(history, Ear(None))
        board.judge(node.timeline, at(7))
        whole = board.snapshot(node.timeline, at(7))
        history.close()
        board.judge(node.timeline, at(7, 1))
        less = board.snapshot(node.timeline, at(7, 1))

    assert "oee" in whole["machines"]["press"]
    assert "oee" not in less["machines"]["press"]
    assert less["lines"] == {}
    assert less["machines"]["press"]["state"] == "no_data"
    assert "the present of machine/press cannot be told" in caplog.text


def test_a_silent_machine_is_stale_since_it_was_last_heard(press: Any) -> None:
    """Whatever it last said, nobody knows what it does now; the age says how long nobody knows."""
    with Node.open(press) as node:
        ear = Ear(at(7, 1))
        board = Board(node.history, ear)
        put(node.history, "press/mode", (at(7), "ACTIVE"))
        node.history.hear("s", at(7), at(7, 1))
        heard = board.snapshot(node.timeline, at(7, 1))["machines"]["press"]
        silent = board.snapshot(node.timeline, at(7, 3))["machines"]["press"]

    assert (heard["state"], heard["age_s"]) == ("running", None)
    assert (silent["state"], silent["stale"], silent["age_s"]) == ("no_data", True, 120)
    assert silent["since_ms"] == at(7, 1) // 1000


def test_a_machine_heard_again_runs_since_it_is_heard_again(press: Any) -> None:
    """Silence is not rewritten: what it did meanwhile stays unknown, as on its time line."""
    with Node.open(press) as node:
        ear = Ear(at(7, 1))
        board = Board(node.history, ear)
        put(node.history, "press/mode", (at(7), "ACTIVE"))
        node.history.hear("s", at(7), at(7, 1))
        board.snapshot(node.timeline, at(7, 1))
        board.snapshot(node.timeline, at(7, 30))
        node.history.hear("s", at(7, 40), at(7, 41))
        ear.until = at(7, 41)
        again = board.snapshot(node.timeline, at(7, 41))["machines"]["press"]

    assert (again["state"], again["since_ms"]) == ("running", at(7, 40) // 1000)


def test_a_new_edition_does_not_restart_the_time_of_a_state(press: Any) -> None:
    """After an edit the board asks the facts since when a state holds."""
    with Node.open(press) as node:
        ear = Ear(at(7, 10))
        board = Board(node.history, ear)
        put(node.history, "press/mode", (at(7, 5), "ACTIVE"))
        node.history.hear("s", at(7), at(7, 10))
        board.snapshot(node.timeline, at(7, 10))
        board.forget()
        after = board.snapshot(node.timeline, at(7, 10) + 5 * SECOND_US)["machines"]["press"]

    assert (after["state"], after["since_ms"]) == ("running", at(7, 5) // 1000)


def test_a_machine_never_heard_has_no_data_and_no_age(press: Any) -> None:
    """Nothing is made up for it."""
    with Node.open(press) as node:
        shown = Board(node.history, Ear(None)).snapshot(node.timeline, at(7))["machines"]["press"]

    assert (shown["state"], shown["stale"], shown["age_s"]) == ("no_data", True, None)


def test_a_recorded_machine_is_silent_since_its_recording_ends(press: Any) -> None:
    """Nobody listened for years: the age is that of its newest value, also when a newer recording comes."""
    with Node.open(press) as node:
        board = Board(node.history, Ear(None))
        put(node.history, "press/mode", (at(7), "ACTIVE"))
        first = board.snapshot(node.timeline, at(7, day=24))["machines"]["press"]
        put(node.history, "press/mode", (at(9), "READY"))
        second = board.snapshot(node.timeline, at(7, day=24))["machines"]["press"]

    assert (first["state"], first["stale"], first["since_ms"]) == ("no_data", True, at(7) // 1000)
    assert first["age_s"] == 20 * 24 * 3600
    assert second["since_ms"] == at(9) // 1000


def test_values_no_rule_catches_are_shown_as_such(press: Any) -> None:
    """A word the plant file does not know is unmapped, not guessed."""
    with Node.open(press) as node:
        put(node.history, "press/mode", (at(7), "DANCING"))
        node.history.hear("s", at(7), at(7, 1))
        shown = Board(node.history, Ear(at(7, 1))).snapshot(node.timeline, at(7, 1))["machines"]["press"]

    assert shown["state"] == "unmapped"


def telling(plant: Any) -> Any:
    """A folder with a press that makes what the line plans, and a drill that says what it makes."""
    drill = plant.machine("drill", "s").replace('total = "parts"', 'total = "parts"\nproduct = "job"')
    drill = drill.replace("[machine.drill.signals]\n", '[machine.drill.signals]\njob = { kind = "text" }\n')
    nut = '[product.nut]\nname = "Nut M8"\ncodes = ["N-8"]\n'
    return plant.write(nut, plant.source("s", "file", ""), plant.machine("press", "s"), drill)


def test_the_product_in_force_is_named_as_people_call_it(plant: Any) -> None:
    """The planned product of the line, or what the machine itself says."""
    with Node.open(telling(plant)) as node:
        board = Board(node.history, Ear(None))
        put(node.history, "drill/job", (at(7), "unheard-of"))
        before = board.snapshot(node.timeline, at(7))["machines"]
        put(node.history, "drill/job", (at(7, 1), "N-8"))
        after = board.snapshot(node.timeline, at(7, 1))["machines"]

    assert {name: machine["product"] for name, machine in before.items()} == {"press": "Bolt M8", "drill": None}
    assert {name: machine["product"] for name, machine in after.items()} == {"press": "Bolt M8", "drill": "Nut M8"}


def test_a_machine_that_never_said_what_it_makes_makes_nothing_known(plant: Any) -> None:
    """A product signal that has not spoken yet holds up nothing."""
    with Node.open(telling(plant)) as node:
        board = Board(node.history, Ear(None))
        board.judge(node.timeline, at(7))
        shown = board.snapshot(node.timeline, at(7))["machines"]["drill"]

    assert shown["product"] is None


def test_the_kpis_are_those_of_the_running_shift(press: Any) -> None:
    """What was made before the shift began counts for the one before."""
    with Node.open(press) as node:
        board = Board(node.history, Ear(at(14, 30)))
        put(node.history, "press/mode", (at(13), "ACTIVE"), (at(14, 15), "READY"))
        put(node.history, "press/parts", (at(13), 0.0), (at(13, 59), 1000.0), (at(14, 15), 1300.0))
        node.history.hear("s", at(13), at(14, 30))
        board.judge(node.timeline, at(14, 30))
        shown = board.snapshot(node.timeline, at(14, 30))

    assert shown["shift"] == {
        "name": "late",
        "start_ms": at(14) // 1000,
        "end_ms": at(22) // 1000,
        "production_day": "2026-03-04",
    }
    press_now = shown["machines"]["press"]
    assert press_now["units"] == {"good": None, "rejected": None, "produced": 300}
    assert press_now["oee"]["availability"] == pytest.approx(0.5)
    assert press_now["oee"]["effectiveness"] == pytest.approx(300 * 2.0 / 900, abs=1e-4)
    assert press_now["oee"]["lacks"] == ["reject_count"]
    assert shown["lines"]["cell"]["availability"] == pytest.approx(0.5)
    assert shown["areas"]["hall"]["availability"] == shown["site"]["availability"] == pytest.approx(0.5)


def test_without_a_shift_the_production_day_so_far_is_judged(plant: Any) -> None:
    """A plant without a calendar is shown since its production day began, and says what is missing."""
    head = plant.head.replace('calendar = "three-shift"\n', "")
    folder = plant.write(plant.source("s", "file", ""), plant.machine("press", "s"), head=head)

    with Node.open(folder) as node:
        board = Board(node.history, Ear(at(5, day=5)))
        put(node.history, "press/parts", (at(5), 0.0), (at(7), 10.0), (at(4, day=5), 25.0))
        board.judge(node.timeline, at(5, day=5))
        shown = board.snapshot(node.timeline, at(5, day=5))
        window = site_window(node.plant, at(5, day=5))

    assert shown["shift"] is None
    assert window == (at(6), at(5, day=5))
    assert shown["machines"]["press"]["units"]["produced"] == 25
    assert "calendar" in shown["machines"]["press"]["oee"]["lacks"]


def test_a_machine_with_a_calendar_of_its_own_has_a_window_of_its_own(plant: Any) -> None:
    """Its shift may have begun at another time than the site's."""
    own = '[calendar.own]\n[[calendar.own.shift]]\nname = "long"\nstart = "07:00"\nend = "19:00"\n'
    drill = plant.machine("drill", "s").replace('line = "cell"', 'line = "cell"\ncalendar = "own"')

    with Node.open(plant.write(own, plant.source("s", "file", ""), drill)) as node:
        drill_window = machine_window(node.plant, node.plant.machines["drill"], at(15))
        shift = current_shift(node.plant, at(15))

    assert drill_window == (at(7), at(15))
    assert shift is not None
    assert shift.start == at(14)


async def test_a_live_machine_says_what_it_does_since_when(plant: Any, adapter: Make, until: Until) -> None:
    """From the adapter to the board: state, time, product, and the age once it falls silent."""
    one = await adapter()
    one.say("mode", "READY")
    folder = plant.write(one.source("s", stale_after_s=2), plant.machine("press", "s"))

    with Node.open(folder) as node:
        async with node.live():
            await until(lambda: node.now["machines"]["press"]["state"] == "stopped")
            said = one.say("mode", "ACTIVE")
            await until(lambda: node.now["machines"]["press"]["state"] == "running")
            running = node.now["machines"]["press"]
            await one.stop()
            await until(lambda: node.now["machines"]["press"]["stale"])
            silent = node.now["machines"]["press"]
            silent_s = (now_us() // 1000 - silent["since_ms"]) // 1000

    assert running["since_ms"] == said // 1000
    assert (running["stale"], running["reason"], running["product"]) == (False, None, "Bolt M8")
    assert silent["state"] == "no_data"
    assert silent["age_s"] in range(2, silent_s + 1)  # a busy machine may look later
    assert silent["reason"]
    assert silent["since_ms"] <= now_us() // 1000 - 2000
