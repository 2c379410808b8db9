from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lineside.errors import ConfigurationError, UnusableData
from lineside.jobs import JobState
from lineside.node import Node, Reading, import_files, now_us, source_of, submit_import

Values = Callable[[Node, str], list[float | str | None]]

PROGRAM = Path(__file__).with_name("kill_import_program.py")
MINUTE_US = 60_000_000
SIX_US = 1_772_604_000_000_000
PATIENCE_S = 180
ROWS = 6_000

FILES = """
[source.left]
type = "file"
files = "left-*.csv"
[source.right]
type = "file"
files = "right-*.csv"
"""


def bring_in(node: Node, *paths: Path, reading: Reading | None = None) -> list[dict[str, Any]]:
    """Imports files without a job."""
    return import_files(node.history, node.plant, paths, lambda *_: None, now_us(), reading)


def minutes(node: Node, source: str) -> list[tuple[float, float]]:
    """When a source was heard, in minutes after six in the morning (UTC) of the day of these tests."""
    spans: Sequence[Sequence[int]] = node.history.heard(source, 0, 2**60).tolist()
    return [((start - SIX_US) / MINUTE_US, (end - SIX_US) / MINUTE_US) for start, end in spans]


@pytest.fixture
def two(plant: Any) -> Path:
    """A plant with two sources of files, a machine each."""
    folder: Path = plant.write(FILES, plant.machine("press", "left"), plant.machine("drill", "right"))
    return folder


@pytest.fixture
def one(plant: Any) -> Path:
    """A plant with a single source of files."""
    folder: Path = plant.write(plant.source("only", "file", ""), plant.machine("press", "only"))
    return folder


def large(folder: Path) -> Path:
    """A recording of several blocks: few rows, with a long remark each."""
    path = folder / "large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("time,parts,remark\n")
        for number in range(ROWS):
            hour, rest = divmod(number, 3600)
            stamp = f"2026-03-04T{6 + hour:02}:{rest // 60:02}:{rest % 60:02}Z"
            file.write(f"{stamp},{number},{'x' * 2500}\n")
    return path


def test_an_import_repeated_adds_nothing(one: Path, plant: Any, values: Values) -> None:
    """As often as one likes: what is there already is counted as repeated."""
    path = plant.table("a.csv", [("2026-03-04T06:00Z", "parts", 1), ("2026-03-04T06:01Z", "parts", 2)])

    with Node.open(one) as node:
        first = bring_in(node, path)[0]
        second = bring_in(node, path)[0]

        assert (first["stored"], first["repeated"]) == (2, 0)
        assert (second["stored"], second["repeated"]) == (0, 2)
        assert values(node, "press/parts") == [1.0, 2.0]


def test_an_import_says_what_it_found_and_what_it_set_aside(one: Path, plant: Any) -> None:
    """Nothing disappears: unreadable values, unwanted addresses and steps back in time are counted."""
    rows = [
        ("2026-03-04T06:05Z", "parts", 1),
        ("2026-03-04T06:00Z", "parts", 2),
        ("2026-03-04T06:06Z", "parts", "many"),
        ("yesterday", "parts", 3),
        ("2026-03-04T06:07Z", "coffee", 4),
    ]

    with Node.open(one) as node:
        told = bring_in(node, plant.table("a.csv", rows))[0]

    assert (told["source"], told["format"], told["lines"]) == ("only", "csv", 6)
    assert (told["observations"], told["stored"], told["backwards"]) == (3, 3, 1)
    assert told["unwanted"] == {"coffee": 1}
    assert told["set_aside"]["bad_timestamp"] == {"count": 1, "line": 5, "example": "yesterday"}
    assert told["set_aside"]["not_a_number"] == {"count": 1, "line": 4, "example": "many"}
    assert (told["first"], told["last"]) == (1_772_604_000_000, 1_772_604_360_000)


def test_the_name_of_a_file_tells_its_source(two: Path, plant: Any, values: Values) -> None:
    """The pattern in the plant file picks the source of each file of one import."""
    left = plant.table("left-1.csv", [("2026-03-04T06:00Z", "parts", 1)])
    right = plant.table("right-1.csv", [("2026-03-04T06:00Z", "parts", 2)])

    with Node.open(two) as node:
        told = bring_in(node, right, left)

        assert [one["source"] for one in told] == ["right", "left"]
        assert (values(node, "press/parts"), values(node, "drill/parts")) == ([1.0], [2.0])


def test_a_person_may_name_the_source_or_the_machine(two: Path) -> None:
    """What a person says counts more than the name of the file."""
    with Node.open(two) as node:
        assert source_of(node.plant, Path("left-1.csv"), "right") == "right"
        assert source_of(node.plant, Path("left-1.csv"), "drill") == "right"


def test_a_file_that_could_belong_to_several_sources_is_not_guessed(two: Path, plant: Any) -> None:
    """The error names the candidates, and nothing is read, not even of the files that are clear."""
    clear = plant.table("left-1.csv", [("2026-03-04T06:00Z", "parts", 1)])
    open_one = plant.table("other.csv", [("2026-03-04T06:00Z", "parts", 1)])

    with Node.open(two) as node:
        with pytest.raises(ConfigurationError) as raised:
            bring_in(node, clear, open_one)

        assert raised.value.key == "node.import_open"
        assert "other.csv" in raised.value.sentence()
        assert "left, right" in (raised.value.cure() or "")
        assert node.history.extent() is None


def test_of_two_patterns_that_match_only_those_are_candidates(plant: Any) -> None:
    """Sources whose pattern does not match are not named."""
    both = FILES.replace("right-*", "left-1*") + '[source.third]\ntype = "file"\n'

    with Node.open(plant.write(both)) as node, pytest.raises(ConfigurationError) as raised:
        source_of(node.plant, Path("left-1.csv"), None)

    assert raised.value.fields["known"] == "left, right"


def test_an_unknown_source_is_answered_with_the_known_ones(two: Path) -> None:
    """Sources and machines may be named, so both are listed."""
    with Node.open(two) as node, pytest.raises(ConfigurationError) as raised:
        source_of(node.plant, Path("left-1.csv"), "middle")

    assert (raised.value.key, raised.value.fields["known"]) == ("node.import_unknown", "left, right, press, drill")


def test_a_missing_file_is_named_before_anything_is_read(one: Path, plant: Any) -> None:
    """An import either has all its files or does not begin."""
    there = plant.table("a.csv", [("2026-03-04T06:00Z", "parts", 1)])

    with Node.open(one) as node:
        with pytest.raises(ConfigurationError) as raised:
            bring_in(node, there, there.with_name("gone.csv"))

        assert raised.value.key == "node.import_no_file"
        assert "gone.csv" in raised.value.sentence()
        assert node.history.extent() is None


def test_a_recording_cut_in_the_middle_gives_what_it_holds(one: Path, plant: Any, values: Values) -> None:
    """A copy that broke off mid-line keeps its whole lines and counts the cut one."""
    path: Path = plant.table("a.csv", [(f"2026-03-04T06:0{i}:00Z", "parts", i) for i in range(5)])
    path.write_bytes(path.read_bytes()[:-12])

    with Node.open(one) as node:
        told = bring_in(node, path)[0]

        assert values(node, "press/parts") == [0.0, 1.0, 2.0, 3.0]
        assert sum(reason["count"] for reason in told["set_aside"].values()) == 1


def test_a_file_that_is_no_recording_is_refused(one: Path, tmp_path: Path) -> None:
    """It is named, with what can be read."""
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))

    with Node.open(one) as node, pytest.raises(UnusableData) as raised:
        bring_in(node, picture)

    assert "photo.jpg" in raised.value.sentence()


def test_a_person_may_say_how_to_read_a_table(one: Path, tmp_path: Path, values: Values) -> None:
    """The column of times, and whether the day comes first, where the file does not tell."""
    path = tmp_path / "a.csv"
    path.write_text("when,parts\n3/4/2026 06:00,1\n", "utf-8")

    with Node.open(one) as node:
        told = bring_in(node, path, reading=Reading(time_column="when", day_first=False))[0]

        assert values(node, "press/parts") == [1.0]
        assert told["first"] == 1_772_600_400_000  # six in the morning of 4 March in Berlin


def test_recordings_less_than_a_quarter_of_an_hour_apart_are_one(one: Path, plant: Any) -> None:
    """A day file begins a moment after the last one ended; the machine was heard all the time."""
    rows = [("2026-03-04T06:00Z", "parts", 1), ("2026-03-04T06:10Z", "parts", 2)]
    soon = [("2026-03-04T06:24Z", "parts", 3), ("2026-03-04T06:30Z", "parts", 4)]

    with Node.open(one) as node:
        bring_in(node, plant.table("a.csv", rows))
        bring_in(node, plant.table("b.csv", soon))

        assert minutes(node, "only") == [(0, 30)]


def test_recordings_further_apart_leave_a_gap(one: Path, plant: Any) -> None:
    """More than a quarter of an hour in which nothing was recorded is a time without data."""
    rows = [("2026-03-04T06:00Z", "parts", 1), ("2026-03-04T06:10Z", "parts", 2)]
    late = [("2026-03-04T06:26Z", "parts", 3), ("2026-03-04T06:30Z", "parts", 4)]

    with Node.open(one) as node:
        bring_in(node, plant.table("a.csv", rows))
        bring_in(node, plant.table("b.csv", late))

        assert minutes(node, "only") == [(0, 10), (26, 30)]


def test_the_order_of_imports_does_not_matter_for_what_was_heard(one: Path, plant: Any) -> None:
    """A file that fills the time between two others joins both."""
    first = plant.table("a.csv", [("2026-03-04T06:00Z", "parts", 1), ("2026-03-04T06:10Z", "parts", 2)])
    middle = plant.table("b.csv", [("2026-03-04T06:20Z", "parts", 3), ("2026-03-04T06:30Z", "parts", 4)])
    last = plant.table("c.csv", [("2026-03-04T06:40Z", "parts", 5), ("2026-03-04T06:50Z", "parts", 6)])

    with Node.open(one) as node:
        bring_in(node, last, first)
        apart = minutes(node, "only")
        bring_in(node, middle)

        assert apart == [(0, 10), (40, 50)]
        assert minutes(node, "only") == [(0, 50)]


def test_old_values_at_the_top_of_a_file_cover_nothing(one: Path, tmp_path: Path, values: Values) -> None:
    """Friday's file ends running, Monday's opens with that old value: nobody knows of the weekend between."""
    friday, monday = tmp_path / "friday.shdr", tmp_path / "monday.shdr"
    friday.write_text("2026-03-04T06:00:00Z|mode|ACTIVE\n2026-03-04T06:10:00Z|mode|ACTIVE\n", "utf-8")
    monday.write_text(
        "2026-03-04T06:10:00Z|mode|ACTIVE\n2026-03-04T09:00:00Z|parts|5\n2026-03-04T09:05:00Z|mode|READY\n", "utf-8"
    )

    with Node.open(one) as node:
        bring_in(node, friday, monday)

        assert minutes(node, "only") == [(0, 10), (180, 185)]
        assert values(node, "press/mode") == ["ACTIVE", "ACTIVE", "READY"]


def test_a_file_does_not_close_the_gap_to_what_was_heard_live(one: Path, plant: Any) -> None:
    """A cable that was cut for ten minutes stays a gap on both sides of a logger's file."""
    rows = [("2026-03-04T06:15Z", "parts", 1), ("2026-03-04T06:20Z", "parts", 2)]
    live = [(-10, 10), (30, 40)]

    with Node.open(one) as node:
        for start, end in live:
            node.history.hear("only", SIX_US + start * MINUTE_US, SIX_US + end * MINUTE_US)
        bring_in(node, plant.table("a.csv", rows))

        assert minutes(node, "only") == [(-10, 10), (15, 20), (30, 40)]


def test_progress_covers_all_files(one: Path, plant: Any) -> None:
    """Bytes of all files together, never more than there are, with the name of the file."""
    paths = [plant.table(f"{name}.csv", [("2026-03-04T06:00Z", "parts", 1)]) for name in "ab"]
    told: list[tuple[int, int, str]] = []

    with Node.open(one) as node:
        import_files(node.history, node.plant, paths, lambda *what: told.append(what), now_us())

    size = paths[0].stat().st_size
    assert told[0] == (size, 2 * size, "a.csv")
    assert told[-1] == (2 * size, 2 * size, "b.csv")


def test_an_import_runs_as_a_job_named_after_its_files(one: Path, plant: Any) -> None:
    """Its result is one summary a file."""
    paths = [plant.table(f"{name}.csv", [("2026-03-04T06:00Z", "parts", i)]) for i, name in enumerate("ab")]

    with Node.open(one) as node:
        job = submit_import(node.jobs, {"files": [str(path) for path in paths]})
        done = node.jobs.wait(job.id, PATIENCE_S)

    assert job.title == "a.csv +1"
    assert done.state is JobState.DONE
    assert done.result is not None
    assert [file["stored"] for file in done.result["files"]] == [1, 1]  # type: ignore[attr-defined]


def test_a_job_that_cannot_be_done_says_why(two: Path, plant: Any) -> None:
    """The error of the import is the error of its job."""
    path = plant.table("other.csv", [("2026-03-04T06:00Z", "parts", 1)])

    with Node.open(two) as node:
        job = node.jobs.wait(submit_import(node.jobs, {"files": [str(path)]}).id, PATIENCE_S)

    assert (job.state, job.error_key) == (JobState.FAILED, "node.import_open")


def test_a_cancelled_import_keeps_what_it_read(one: Path, values: Values, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops between two pieces; importing again adds the rest and nothing twice."""
    path, stored, told = large(one), threading.Event(), threading.Event()

    with Node.open(one) as node, monkeypatch.context() as held:
        append = node.history.append

        def hold(*rows: Any, **how: Any) -> Any:
            """Goes on when the import was cancelled, which would be over before a busy machine got to that."""
            appended = append(*rows, **how)
            stored.set()
            assert told.wait(PATIENCE_S)
            return appended

        held.setattr(node.history, "append", hold)
        job = submit_import(node.jobs, {"files": [str(path)]})
        assert stored.wait(PATIENCE_S)
        node.jobs.cancel(job.id)
        told.set()
        cancelled = node.jobs.wait(job.id, PATIENCE_S)
        kept = values(node, "press/parts")
        again = bring_in(node, path)[0]

        assert cancelled.state is JobState.CANCELLED
        assert 0 < len(kept) < ROWS
        assert kept == list(range(len(kept)))
        assert (again["stored"], again["repeated"]) == (ROWS - len(kept), len(kept))


def test_an_import_killed_in_the_middle_is_finished_by_the_next_start(one: Path, values: Values) -> None:
    """When the process dies under an import the next node takes it up and stores nothing twice."""
    path = large(one)
    killed = subprocess.run([sys.executable, str(PROGRAM), str(one), str(path)], check=False)

    with Node.open(one) as node:
        node.jobs.start()
        job = node.jobs.wait(node.jobs.recent()[0].id, PATIENCE_S)

        assert killed.returncode == 7
        assert job.state is JobState.DONE
        assert job.result is not None
        told = job.result["files"][0]  # type: ignore[index]
        assert told["repeated"] > 0
        assert told["stored"] + told["repeated"] == ROWS
        assert values(node, "press/parts") == list(range(ROWS))
        assert len(minutes(node, "only")) == 1
