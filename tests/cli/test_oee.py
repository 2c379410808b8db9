from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]

KEYS = {
    "scope",
    "from",
    "to",
    "availability",
    "effectiveness",
    "quality",
    "oee",
    "planned_busy_s",
    "times_s",
    "good",
    "rejected",
    "coverage",
    "missing",
}


@pytest.fixture(scope="module")
def stopped(first_run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's folder on which nothing runs, for tests that only read."""
    return Path(shutil.copytree(first_run.folder, tmp_path_factory.mktemp("stopped") / "demo"))


@pytest.fixture(scope="module")
def day(first_run: Any) -> tuple[str, str]:
    """A whole day in the middle of the history, as a person writes it."""
    start = datetime.fromisoformat(first_run.rows[0]["from"]) + timedelta(days=7)
    return start.strftime("%Y-%m-%dT%H:%M"), (start + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


def rows_of(result: Result) -> list[dict[str, Any]]:
    """The rows a command printed as JSON."""
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def test_rows_carry_what_programs_need(run: Run, stopped: Path, day: tuple[str, str]) -> None:
    """Each row of --json has its scope, window, KPIs, times, counts, coverage and what is missing."""
    rows = rows_of(run("oee", stopped, "--line", "pumps", "--from", day[0], "--to", day[1], "--json"))

    assert len(rows) == 1
    assert rows[0].keys() >= KEYS
    assert rows[0]["scope"] == "line/pumps"
    assert rows[0]["oee"] == pytest.approx(
        rows[0]["availability"] * rows[0]["effectiveness"] * rows[0]["quality"], abs=1e-5
    )
    assert rows[0]["missing"] == []


def test_only_the_scopes_named_are_shown(run: Run, stopped: Path, day: tuple[str, str]) -> None:
    """Machines, lines, areas and the site can be named together; without any, all there are come."""
    window = ("--from", day[0], "--to", day[1], "--json")

    named = rows_of(run("oee", stopped, "--machine", "weld", "--machine", "bench", "--line", "cell", "--site", *window))
    every = rows_of(run("oee", stopped, *window))

    assert [row["scope"] for row in named] == ["machine/weld", "machine/bench", "line/cell", "site/demo"]
    assert [row["level"] for row in every].count("machine") == 11


@pytest.mark.parametrize(
    ("by", "expected"),
    [("shift", ["early", "late", "night"]), ("day", [None]), ("product", None)],
)
def test_a_window_can_be_told_in_pieces(
    run: Run, stopped: Path, day: tuple[str, str], by: str, expected: list[str | None] | None
) -> None:
    """One row a shift, production day or product; the pieces make the whole."""
    window = ("--line", "pumps", "--from", day[0], "--to", day[1], "--json")

    pieces = rows_of(run("oee", stopped, *window, "--by", by))
    whole = rows_of(run("oee", stopped, *window))[0]

    assert sum(row["good"] for row in pieces) == whole["good"] > 1000
    if expected is None:
        assert {row["product"] for row in pieces} <= {"pump-a", "pump-b"}
    else:
        assert [row["shift"] for row in pieces] == expected


def test_days_named_by_date_are_whole_and_others_are_marked(run: Run, stopped: Path, day: tuple[str, str]) -> None:
    """Dates mean production days; a window that cuts one says so at the row and below the table."""
    dates = [text[:10] for text in day]
    whole = run("oee", stopped, "--line", "pumps", "--by", "day", "--from", dates[0], "--to", dates[1])
    cut = run("oee", stopped, "--line", "pumps", "--by", "day", "--from", f"{dates[0]}T00:00", "--to", day[1])

    lines = [line for line in whole.output.splitlines() if line.startswith("line/pumps")]
    assert [line.split()[1] for line in lines] == [dates[0]]
    assert "*" not in whole.output
    assert sum(" * " in line for line in cut.output.splitlines() if line.startswith("line/pumps")) == 1
    assert "* not the whole of it" in cut.output


def test_a_cause_in_several_pieces_is_told_once(run: Run, stopped: Path, day: tuple[str, str]) -> None:
    """What three shifts lack alike is one line, and says how often."""
    window = ("--by", "shift", "--from", day[0], "--to", day[1])
    table = run("oee", stopped, "--machine", "mazak-1", "--area", "machining", *window).output

    assert table.count("no unit counters for Mazak turn-mill 1") == 1
    assert "no unit counters for Mazak turn-mill 1 (in 3 rows)" in table


def test_a_line_that_cannot_be_told_in_shifts_has_no_row_of_dashes(run: Run, tmp_path: Path) -> None:
    """Two machines and no pace station: their rows stand, and one sentence explains those of line, area and site."""
    run("new", tmp_path)
    text = (tmp_path / "plant.toml").read_text("utf-8").replace('pace = "machine-1"', "")
    (tmp_path / "plant.toml").write_text(text + '[machine.machine-2]\nline = "line-1"\n', "utf-8")

    table = run("oee", tmp_path, "--by", "shift", "--from", "2026-03-02", "--to", "2026-03-03").output

    assert [line.split()[0] for line in table.splitlines()[1:3]] == ["machine/machine-1", "machine/machine-2"]
    assert table.count("names no pace station") == 1
    assert "site" not in table.splitlines()[1]
    assert "None" not in table


def test_a_table_says_the_same_for_people(run: Run, stopped: Path, day: tuple[str, str]) -> None:
    """The table shows the window, the numbers of --json, and what is missing with its cure."""
    window = ("--from", day[0], "--to", day[1])
    row = rows_of(run("oee", stopped, "--line", "pumps", *window, "--json"))[0]

    table = run("oee", stopped, "--line", "pumps", "--line", "cell", *window).output

    pumps = next(line for line in table.splitlines() if line.startswith("line/pumps"))
    assert f"{row['oee'] * 100:.1f} %" in pumps
    assert f"{row['good']:,}" in pumps
    assert "no unit counters for Mazak turn-mill 1" in table
    assert "Name counters in [machine.mazak-1.units]" in table


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--machine", "lathe"), "The plant has no machine/lathe."),
        (("--from", "noon"), "noon is no moment."),
        (("--from", "2025-06-13", "--to", "2025-06-12"), "The window from 2025-06-13 to 2025-06-12 is empty."),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    run: Run, stopped: Path, arguments: tuple[str, ...], said: str
) -> None:
    """An unknown machine, moment or window is named, with what would do."""
    refused = run("oee", stopped, *arguments)

    assert refused.exit_code == 1
    assert said in refused.stderr
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 2


def test_a_running_node_gives_the_same_numbers(
    run: Run, stopped: Path, running: tuple[Path, Any], day: tuple[str, str]
) -> None:
    """Asked while a node owns the folder, the command answers what it answers without one."""
    window = ("--from", day[0], "--to", day[1], "--by", "shift", "--json")

    assert rows_of(run("oee", running[0], *window)) == rows_of(run("oee", stopped, *window))


def test_a_running_node_refuses_the_same(run: Run, stopped: Path, running: tuple[Path, Any]) -> None:
    """An unknown machine is the same mistake whoever answers."""
    here, there = (run("oee", folder, "--machine", "lathe") for folder in (stopped, running[0]))

    assert (here.exit_code, here.stderr) == (there.exit_code, there.stderr)


def test_the_future_is_left_out(run: Run, stopped: Path) -> None:
    """A window that ends tomorrow counts only up to now, as the pages do."""
    tomorrow = datetime.now().astimezone() + timedelta(days=1)

    row = rows_of(run("oee", stopped, "--line", "pumps", "--to", tomorrow.isoformat(), "--json"))[0]

    assert datetime.fromisoformat(row["to"]) < tomorrow - timedelta(hours=23)


def test_a_plant_that_was_never_heard_says_so(run: Run, tmp_path: Path) -> None:
    """Without any data there is an instruction instead of a table."""
    run("new", tmp_path)

    refused = run("oee", tmp_path)

    assert refused.exit_code == 1
    assert "Nothing was ever heard of this plant." in refused.stderr
