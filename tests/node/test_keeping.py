from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.history import SAMPLES, History
from lineside.jobs import JobState
from lineside.measure import Scope, kpi_rows
from lineside.node import Node, now_us
from lineside.node.forecast import HORIZON_DAYS, Disk, Growth, days_until_full, verdict
from lineside.node.keeping import RETAIN, Keeping, classes, rules
from lineside.plant import Edition, PlantFileError, Timeline, parse_plant
from lineside.trust import Label, Statement, Who

PATIENCE_S = 60
SECOND = 1_000_000
DAY = 86_400 * SECOND
NOW = 20_000 * DAY + DAY // 2
KEEP = "[keep]\n"


class Unhurried:
    """Work that nobody stops."""

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Nobody looks."""

    def check(self) -> None:
        """It is wanted."""


def edition(number: int, text: str, valid_from: int | None = None) -> Edition:
    """An edition of a plant file."""
    return Edition(number, valid_from, str(number), text)


@pytest.fixture
def text(plant: Any) -> str:
    """A plant of one machine: KPIs read its mode and its parts, and nobody its load."""
    return str(plant.head + plant.source("s", "file", "") + plant.machine("press", "s"))


def fill(history: History, days: int) -> None:
    """So many days before the present: a load each second, a mode and a part each minute, all heard."""
    ids = {
        key: history.series(f"press/{key}", kind=kind)
        for key, kind in (("load", "measure"), ("mode", "state"), ("parts", "counter"), ("program", "text"))
    }
    for day in range(NOW // DAY - days, NOW // DAY):
        for key, step in (("load", 1), ("mode", 60), ("parts", 60), ("program", 3600)):
            time = np.arange(day * DAY, (day + 1) * DAY, step * SECOND)
            number = np.where(key in {"mode", "program"}, np.nan, (time - day * DAY) // SECOND // step)
            word = "ACTIVE" if key == "mode" else "P1" if key == "program" else None
            history.append(
                pa.table(
                    {
                        "series": np.full(len(time), ids[key], np.int32),
                        "time": pa.array(time, pa.timestamp("us", "UTC")),
                        "number": pa.array(number.astype(float), from_pandas=True),
                        "text": pa.array([word] * len(time), pa.string()),
                        "quality": np.zeros(len(time), np.int16),
                    }
                ).cast(SAMPLES),
                bulk=True,
            )
    history.hear("s", (NOW // DAY - days) * DAY, NOW)


@pytest.fixture
def history(tmp_path: Path) -> Any:
    """Five days of the press."""
    with History.open(tmp_path) as opened:
        fill(opened, 5)
        yield opened


def kept(history: History, key: str) -> list[int]:
    """How many samples of a signal each of the days holds."""
    time = history.read(history.series(f"press/{key}"), 0, NOW, carry=False).time
    return [int((time // DAY == day).sum()) for day in range(NOW // DAY - 5, NOW // DAY)]


def keep(history: History, text: str, labels: Mapping[str, int] | None = None) -> Keeping:
    """What applies the rules of a plant file, and those of labels, to a history at noon."""
    days = labels or {}
    return Keeping(history, lambda: Timeline((edition(1, text),)), lambda: NOW, lambda _: None, lambda _: days)


def test_without_rules_nothing_is_removed(history: History, text: str) -> None:
    """A plant file that says nothing keeps everything."""
    done = keep(history, text).work(Unhurried(), {})

    assert (done["thinned"], done["removed"], done["kpi_removed"]) == (0, 0, 0)
    assert kept(history, "load") == [86_400] * 5


def test_old_numbers_become_minutes_and_then_nothing(history: History, text: str) -> None:
    """Each class by its own days, and what KPIs read stays whole: their numbers are the same before and after."""
    timeline = Timeline((edition(1, text),))
    scope, span = [Scope("machine", "press")], ((NOW // DAY - 5) * DAY, NOW // DAY * DAY)
    before = kpi_rows(history, timeline, scope, *span)

    done = keep(history, text + KEEP + "measures_days = 2\nminutes_days = 4\ntexts_days = 3\n").work(Unhurried(), {})

    assert kept(history, "load") == [1, 2 * 1440, 2 * 1440, 86_400, 86_400]  # it only rises: first and last of a minute
    assert kept(history, "program") == [0, 1, 24, 24, 24]
    assert (kept(history, "mode"), kept(history, "parts")) == ([1440] * 5, [1440] * 5)
    assert (done["removed"], done["kpi_removed"]) == (86_399 + 47, 0)
    assert kpi_rows(history, timeline, scope, *span) == before


def test_what_kpis_read_goes_only_when_the_file_says_so(tmp_path: Path, text: str) -> None:
    """With it goes that the source was heard, so that the time is no data rather than a wrong number."""
    with History.open(tmp_path) as history:
        fill(history, 34)
        done = keep(history, text + KEEP + "kpi_days = 32\n").work(Unhurried(), {})

        first = (NOW // DAY - 32) * DAY
        assert done["kpi_removed"] == 2 * 2 * 1440 - 2
        assert history.heard("s", 0, NOW).tolist() == [[first, NOW]]
        assert len(history.read(history.series("press/load"), 0, first, carry=False)) == 2 * 86_400


def test_a_label_takes_its_values_sooner_than_the_plant_file(history: History, text: str) -> None:
    """Each series by its own days, a longer limit of a label changes nothing, and KPIs stay as they are."""
    timeline = Timeline((edition(1, text),))
    scope, span = [Scope("machine", "press")], ((NOW // DAY - 5) * DAY, NOW // DAY * DAY)
    before = kpi_rows(history, timeline, scope, *span)
    keeper = keep(history, text + KEEP + "texts_days = 3\n", {"press/load": 2, "press/program": 4, "press/gone": 2})

    done = keeper.work(Unhurried(), {})

    assert kept(history, "load") == [0, 0, 1, 86_400, 86_400]  # what held at the limit stays
    assert kept(history, "program") == [0, 1, 24, 24, 24]
    assert (done["removed"], done["kpi_removed"]) == (3 * 86_400 - 1 + 47, 0)
    assert kpi_rows(history, timeline, scope, *span) == before


def test_a_label_on_what_kpis_read_leaves_no_half_of_a_day(history: History, text: str) -> None:
    """The source was not heard before, so that the time is no data rather than a day without parts."""
    begin, first = (NOW // DAY - 5) * DAY, (NOW // DAY - 2) * DAY
    timeline, scope = Timeline((edition(1, text),)), [Scope("machine", "press")]
    after = kpi_rows(history, timeline, scope, first, NOW)

    done = keep(history, text, {"press/parts": 2}).work(Unhurried(), {})

    (row,) = kpi_rows(history, timeline, scope, begin, first)
    assert kept(history, "parts") == [0, 0, 1, 1440, 1440]
    assert kept(history, "mode") == [1440] * 5
    assert done["kpi_removed"] == 3 * 1440 - 1
    assert history.heard("s", 0, NOW).tolist() == [[first, NOW]]
    assert set(row.values.values()) == {None}
    assert [lack.code for lack in row.lacks if lack.code.startswith("no_data")] == ["no_data"]
    assert kpi_rows(history, timeline, scope, first, NOW) == after


def test_a_label_waits_a_day_before_it_takes_anything(plant: Any, text: str) -> None:
    """What was said of the label, or of the thing, within a day does not count yet; the shortest label counts."""
    (plant.folder / "plant.toml").write_text(text, "utf-8")
    with Node.open(plant.folder) as node:
        said, who = node.catalogue.gradings, Who("sina", "contract 7")
        said.keep_label(Label("recipe", "customer recipe", keep_days=30), who)
        said.keep_label(Label("trial", "trial", keep_days=7), who)
        said.keep_label(Label("other", "of no end"), who)
        said.keep([Statement("signal/press/load", "is", None, frozenset({"recipe", "trial", "other"}))], who)
        said.keep([Statement("signal/press/parts", "is", None, frozenset({"recipe"}))], who)
        said.keep([Statement("states/press", "is", None, frozenset({"trial"}))], who)
        now = now_us()
        at_once, later = node.catalogue.label_days(now), node.catalogue.label_days(now + DAY)
        said.keep([Statement("signal/press/load", "is", None)], who)

        assert at_once == {}
        assert later == {"press/load": 7, "press/parts": 30}
        assert node.catalogue.label_days(now + DAY) == {"press/parts": 30}


def test_a_number_says_what_was_removed_by_a_rule(tmp_path: Path, text: str) -> None:
    """Time that [keep] took is told as removed and named, what was never heard as no data, also after a restart."""
    begin, first = (NOW // DAY - 34) * DAY, (NOW // DAY - 32) * DAY
    timeline, press = Timeline((edition(1, text),)), [Scope("machine", "press")]

    def lacks(history: History, start: int, end: int) -> list[tuple[str, object]]:
        (row,) = kpi_rows(history, timeline, press, start, end)
        told = [lack for lack in row.lacks if lack.code in {"removed", "no_data", "no_data_part"}]
        return [(lack.code, dict(lack.fields).get("seconds")) for lack in told]

    with History.open(tmp_path) as history:
        fill(history, 34)
        rules = keep(history, text + KEEP + "kpi_days = 32\n")
        rules.work(Unhurried(), {})
        before = lacks(history, begin, first)
    with History.open(tmp_path) as history:
        assert lacks(history, begin, first) == before == [("removed", 2 * 86_400)]
        assert lacks(history, begin - DAY, first + DAY) == [("removed", 2 * 86_400), ("no_data_part", 86_400)]
        assert lacks(history, begin - DAY, begin) == [("no_data", None)]
        assert lacks(history, first, first + DAY) == []


def test_a_rule_waits_a_day_before_it_takes_anything(text: str) -> None:
    """Of all editions since yesterday the longest limit counts: a slip of the pen can be mended."""
    slip = edition(2, text + KEEP + "measures_days = 2\n", NOW - DAY // 2)
    of_before = edition(1, text + KEEP + "measures_days = 90\ntexts_days = 90\n")

    assert rules(Timeline((of_before, slip)), NOW) == {"measures_days": 90}
    assert rules(Timeline((of_before, slip)), NOW + DAY) == {"measures_days": 2}
    assert rules(Timeline((edition(1, text), slip)), NOW) == {}


def test_what_any_edition_reads_is_kept_for_kpis(history: History, text: str) -> None:
    """Earlier time is judged by the edition of then, also when today's reads other signals."""
    other = text.replace('total = "parts"', 'total = "load"').replace(
        'load = { kind = "measure"', 'load = { kind = "count"'
    )
    names = {series.id: series.key for series in history.catalogue().values()}

    found = classes(Timeline((edition(1, other), edition(2, text, NOW))), history.catalogue().values())

    assert {names[one] for one in found.kpi} == {"press/mode", "press/parts", "press/load"}
    assert ([names[one] for one in found.measures], [names[one] for one in found.texts]) == ([], ["press/program"])


def test_how_long_the_disk_will_do_is_told(history: History, text: str) -> None:
    """From what came in the last days; a budget that is too small is told as wrong, with the cure in both languages."""
    plain = keep(history, text)
    young = plain.told("en")
    plain.work(Unhurried(), {})
    wide = plain.told("en")
    per_day = wide["bytes_per_day"]
    small = keep(history, text + KEEP + f"budget_gb = {(wide['used_bytes'] + 20 * per_day) / 1e9}\n")
    small.work(Unhurried(), {})
    narrow = small.told("zh")
    over = keep(history, text + KEEP + "budget_gb = 0.0001\n").told("en")

    assert (young["state"], young["days_until_full"]) == ("well", None)
    assert 0 < per_day == pytest.approx(wide["used_bytes"] / 5, rel=0.1)
    assert (narrow["state"], narrow["days_until_full"]) == ("note", pytest.approx(20, abs=1))
    assert "[keep]" in narrow["cure"]
    assert (over["state"], over["budget_bytes"]) == ("wrong", 100_000)


def test_hours_as_parquet_hold_what_is_kept(history: History, text: str) -> None:
    """What is thinned or removed leaves the files as well, and the file of a node says how many there are."""
    keeper = keep(history, text + KEEP + "parquet = true\nmeasures_days = 2\nminutes_days = 4\n")
    history.write_hours(NOW, Unhurried().check)
    before = keeper.told("en")["hours"]

    done = keeper.work(Unhurried(), {})

    with duckdb.connect() as other:
        files = history._data / "parquet" / "*" / "*.parquet"  # noqa: SLF001 - where it is is the manual's matter
        read = other.execute(
            "SELECT day, count(*) FROM read_parquet(?) WHERE series = 'press/load' GROUP BY 1 ORDER BY 1", [str(files)]
        ).fetchall()
    assert before["files"] == 5 * 24
    assert [rows for _, rows in read] == [rows for rows in kept(history, "load") if rows]
    assert done["hours"] == 3 * 24
    assert keeper.told("en")["hours"]["bytes"] < before["bytes"]


def test_a_node_applies_its_rules_as_a_job(plant: Any, text: str) -> None:
    """The job is known to the node, does nothing the second time of a day, and says what it did."""
    (plant.folder / "plant.toml").write_text(text, "utf-8")
    with Node.open(plant.folder) as node:
        node.history.append(plant_row(node.history.series("press/load", kind="measure")))
        first = node.jobs.wait(node.jobs.submit(RETAIN, "Apply what is kept").id, PATIENCE_S)
        second = node.jobs.wait(node.jobs.submit(RETAIN, "Apply what is kept").id, PATIENCE_S)

    assert (first.state, second.state) == (JobState.DONE, JobState.DONE)
    assert first.result is not None
    assert first.result["removed"] == 0
    assert second.result == first.result


def plant_row(series: int) -> pa.Table:
    """One value of now."""
    rows = {"series": [series], "time": [NOW], "number": [1.0], "text": [None], "quality": [0]}
    return pa.table(rows, SAMPLES)


def test_minutes_are_not_removed_before_they_are_made(text: str) -> None:
    """Limits that contradict each other are a mistake of the file, at its line."""
    with pytest.raises(PlantFileError) as raised:
        parse_plant(text + KEEP + "measures_days = 30\nminutes_days = 30\n")

    assert [(found.key, found.problem) for found in raised.value.findings] == [
        ("keep.minutes_days", "plant.keep_order")
    ]


MB = 10**6


@pytest.mark.parametrize(
    ("growth", "days"),
    [
        (Growth(0, 10), 100),
        (Growth(0, 10, kept_days=50), None),
        (Growth(500, 10, kept_days=50), None),
        (Growth(0, 10, raw_days=50, thin_rows_per_day=1), 550),
        (Growth(0, 10, kept_days=100, raw_days=50, thin_rows_per_day=1), None),
        (Growth(0, 0), None),
    ],
)
def test_growth_ends_where_as_much_goes_as_comes(growth: Growth, days: int | None) -> None:
    """A thousand rows of room, ten a day: what is kept for ever fills it, what is removed in time does not."""
    assert days_until_full(Disk(used=0, files=0, free=1000 * MB, budget=None), [growth], MB) == days


def test_a_budget_below_the_disk_counts() -> None:
    """And the disk where the budget promises more than it has."""
    kinds = [Growth(0, 1)]
    assert days_until_full(Disk(used=0, files=0, free=100 * MB, budget=10 * MB), kinds, MB) == 10
    assert days_until_full(Disk(used=0, files=5 * MB, free=5 * MB, budget=100 * MB), kinds, MB) == 10


@given(st.floats(0, 1e9), st.floats(0, 1e8), st.none() | st.integers(1, 400), st.integers(1, 10**12))
def test_a_longer_limit_never_fills_the_disk_later(rows: float, a_day: float, limit: int | None, free: int) -> None:
    """More kept is never less room."""
    disk = Disk(0, 0, free, None)
    short = days_until_full(disk, [Growth(rows, a_day, limit)], 5.0)
    ever = days_until_full(disk, [Growth(rows, a_day)], 5.0)

    assert (HORIZON_DAYS if ever is None else ever) <= (HORIZON_DAYS if short is None else short)


def test_the_last_week_is_wrong_and_the_last_two_months_are_a_note() -> None:
    """Time enough to buy a disk, and then to hurry."""
    assert [verdict(days) for days in (None, 61, 60, 8, 7, 0)] == ["well", "well", "note", "note", "wrong", "wrong"]
