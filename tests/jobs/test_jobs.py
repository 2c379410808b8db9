from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from lineside.books import Books
from lineside.errors import LinesideError, UnusableData
from lineside.jobs import Cancelled, JobContext, Jobs, JobState, Work
from lineside.jobs.job import Json
from lineside.jobs.progress import Progress, Reporter

PATIENCE_S = 60


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """New books."""
    with Books.open(tmp_path) as opened:
        yield opened


class Gate:
    """Work that says when it has begun, and goes on until it is let through or cancelled."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()
        self.params: list[Json] = []

    def __call__(self, context: JobContext, params: Json) -> Json:
        """Waits at the gate."""
        self.params.append(params)
        self.begun.set()
        while not self.open.wait(0.005):
            context.check()
        return {"echo": params.get("say")}


def at_once(context: JobContext, params: Json) -> Json:
    """Work that is done as soon as it is begun."""
    context.progress(1, 2, "half")
    context.progress(2, 2, "all")
    return {"told": dict(params)}


def test_a_job_runs_and_its_result_is_kept(tmp_path: Path) -> None:
    """A job goes from queued to done, and what it gave back is there after a restart."""
    with Books.open(tmp_path) as books, Jobs(books, {"import": at_once}) as jobs:
        job = jobs.submit("import", "March", {"file": "a.txt"})
        assert (job.state, job.params) == (JobState.QUEUED, {"file": "a.txt"})
        jobs.wait(job.id, PATIENCE_S)

    with Books.open(tmp_path) as books, Jobs(books, {}) as jobs:
        found = jobs.get(job.id)

    assert found.state is JobState.DONE
    assert found.result == {"told": {"file": "a.txt"}}
    assert (found.done, found.total, found.message) == (2, 2, "all")
    assert found.submitted_us <= (found.started_us or 0) <= (found.finished_us or 0)


def test_jobs_run_one_after_another_in_order(books: Books) -> None:
    """The first submitted is the first done, and the newest is the first shown."""
    order: list[object] = []

    def note(_: JobContext, params: Json) -> Json:
        order.append(params["number"])
        return {}

    with Jobs(books, {"note": note}) as jobs:
        ids = [jobs.submit("note", f"job {number}", {"number": number}).id for number in range(5)]
        jobs.wait(ids[-1], PATIENCE_S)

        assert order == [0, 1, 2, 3, 4]
        assert [job.id for job in jobs.recent(2)] == [ids[4], ids[3]]


def test_short_work_does_not_wait_for_long_work(books: Books) -> None:
    """While a long job runs, short ones are done; the next long one waits all the same."""
    gate = Gate()
    with Jobs(books, {"fit": gate, "listen": at_once}, short={"listen"}) as jobs:
        long = jobs.submit("fit", "long")
        assert gate.begun.wait(PATIENCE_S)
        next_long = jobs.submit("fit", "next")

        short = jobs.wait(jobs.submit("listen", "mill").id, PATIENCE_S)

        assert short.state is JobState.DONE
        assert jobs.get(long.id).state is JobState.RUNNING
        assert jobs.get(next_long.id).state is JobState.QUEUED
        assert jobs.unfinished() == {JobState.QUEUED: 1, JobState.RUNNING: 1}
        gate.open.set()
        assert jobs.wait(next_long.id, PATIENCE_S).state is JobState.DONE


def test_kinds_that_are_apart_are_never_done_at_once(books: Books) -> None:
    """A backup waits for the upkeep that runs, what is behind it in its lane goes on, and the same the other way."""
    for first, second in (("compact", "backup"), ("backup", "compact")):
        gate = Gate()
        kinds: dict[str, Work] = {first: gate, second: at_once, "listen": at_once, "fit": at_once}
        with Jobs(books, kinds, short={"backup", "listen"}, apart={"compact", "backup"}) as jobs:
            running = jobs.submit(first, "first")
            assert gate.begun.wait(PATIENCE_S)
            held = jobs.submit(second, "second")
            behind = jobs.submit("listen" if second == "backup" else "fit", "behind")
            assert jobs.wait(behind.id, PATIENCE_S).state is JobState.DONE
            assert jobs.get(held.id).state is JobState.QUEUED

            gate.open.set()

            assert jobs.wait(running.id, PATIENCE_S).state is JobState.DONE
            assert jobs.wait(held.id, PATIENCE_S).state is JobState.DONE


def test_closing_ends_both_lanes(books: Books) -> None:
    """Work of both lanes is told to stop, and what may be begun again is taken up at the next start."""
    long, short = Gate(), Gate()
    kinds = {"import": long, "look": short}
    with Jobs(books, kinds, short={"look"}, resumable=kinds) as jobs:
        ids = [jobs.submit(kind, kind).id for kind in ("import", "look")]
        assert long.begun.wait(PATIENCE_S)
        assert short.begun.wait(PATIENCE_S)
    long.open.set()
    short.open.set()

    looking = Jobs(books, {})
    assert [looking.get(one).state for one in ids] == [JobState.QUEUED, JobState.QUEUED]
    with Jobs(books, kinds, short={"look"}, resumable=kinds) as jobs:
        assert [jobs.wait(one, PATIENCE_S).state for one in ids] == [JobState.DONE, JobState.DONE]


def test_a_queued_job_is_cancelled_at_once_and_never_begun(books: Books) -> None:
    """What has not begun is not begun any more."""
    gate = Gate()
    with Jobs(books, {"gate": gate}) as jobs:
        first = jobs.submit("gate", "first")
        second = jobs.submit("gate", "second", {"say": 2})
        assert gate.begun.wait(PATIENCE_S)

        assert jobs.cancel(second.id).state is JobState.CANCELLED

        gate.open.set()
        assert jobs.wait(first.id, PATIENCE_S).state is JobState.DONE
    assert gate.params == [{}]


def test_a_running_job_is_cancelled_when_its_work_looks(books: Books) -> None:
    """Running work learns that it is no longer wanted, and the next job follows."""
    gate = Gate()
    with Jobs(books, {"gate": gate, "import": at_once}) as jobs:
        running = jobs.submit("gate", "long")
        following = jobs.submit("import", "next")
        assert gate.begun.wait(PATIENCE_S)

        jobs.cancel(running.id)

        assert jobs.wait(running.id, PATIENCE_S).state is JobState.CANCELLED
        assert jobs.wait(following.id, PATIENCE_S).state is JobState.DONE
        assert jobs.cancel(following.id).state is JobState.DONE


def test_a_job_that_fails_says_why_and_the_next_one_runs(books: Books, caplog: pytest.LogCaptureFixture) -> None:
    """An error of ours keeps its key; a fault is named too and logged with its traceback."""

    def refuse(_: JobContext, params: Json) -> Json:
        raise UnusableData("history.missing_columns", columns=params["columns"], place=Path("a"))

    def crash(_: JobContext, params: Json) -> Json:
        return {"never": params["there"]}

    with Jobs(books, {"refuse": refuse, "crash": crash, "import": at_once}) as jobs:
        refused = jobs.wait(jobs.submit("refuse", "one", {"columns": "time"}).id, PATIENCE_S)
        crashed = jobs.wait(jobs.submit("crash", "two").id, PATIENCE_S)
        done = jobs.wait(jobs.submit("import", "three").id, PATIENCE_S)

    assert (refused.state, refused.error_key) == (JobState.FAILED, "history.missing_columns")
    assert refused.error_fields == {"columns": "time", "place": "a"}
    assert (crashed.state, crashed.error_key) == (JobState.FAILED, "jobs.failed")
    assert crashed.error_fields == {"title": "two", "detail": "KeyError: 'there'"}
    assert "Traceback" in caplog.text
    assert done.state is JobState.DONE


def test_progress_is_written_at_most_four_times_a_second() -> None:
    """However often work reports, the books hear of it four times a second; the last word is kept."""
    written: list[float] = []
    reporter = Reporter(lambda: None, lambda _: written.append(time.monotonic()))
    began, said = time.monotonic(), 0

    while len(written) < 4:
        said += 1
        reporter.progress(said, None, f"row {said}")

    assert said > 100
    assert all(time - began >= 0.25 * number for number, time in enumerate(written))
    assert reporter.latest == Progress(said, None, f"row {said}")


@contextmanager
def refusing(folder: Path, state: JobState) -> Iterator[None]:
    """Books that cannot note this state of a job."""
    with closing(sqlite3.connect(folder / "data" / "books.sqlite", isolation_level=None)) as connection:
        connection.execute(
            f"CREATE TRIGGER refuse BEFORE UPDATE ON jobs WHEN NEW.state = '{state}'"
            " BEGIN SELECT RAISE(ABORT, 'the disk is sick'); END"
        )
        yield
        connection.execute("DROP TRIGGER refuse")


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE])
def test_books_that_fail_delay_the_jobs_and_end_none(
    tmp_path: Path, books: Books, caplog: pytest.LogCaptureFixture, state: JobState
) -> None:
    """While the beginning or the end of a job cannot be written it is tried again; then all jobs are done."""
    with Jobs(books, {"import": at_once}, retry_s=0.05) as jobs:
        with refusing(tmp_path, state):
            ids = [jobs.submit("import", title).id for title in ("one", "two")]
            while caplog.text.count("trying again in 0.05 s") < 2:
                time.sleep(0.01)
            meanwhile = [jobs.get(one).state for one in ids]
        ends = [jobs.wait(one, PATIENCE_S) for one in ids]

    assert JobState.DONE not in meanwhile
    assert [(end.state, end.result) for end in ends] == [(JobState.DONE, {"told": {}})] * 2


def test_whoever_only_looks_begins_nothing(tmp_path: Path) -> None:
    """Jobs that are looked at stay as they are; the first submit or a start begins with what waited."""
    gate = Gate()
    with Books.open(tmp_path) as books:
        with Jobs(books, {"import": gate}, resumable={"import"}) as jobs:
            job = jobs.submit("import", "long")
            assert gate.begun.wait(PATIENCE_S)
        gate.open.set()

        looking = Jobs(books, {"import": gate}, resumable={"import"})
        assert looking.recent()[0].state is JobState.QUEUED
        looking.close()
        assert len(gate.params) == 1

        with Jobs(books, {"import": gate}, resumable={"import"}) as jobs:
            assert jobs.wait(job.id, PATIENCE_S).state is JobState.DONE


def test_upkeep_is_queued_once_and_kept_once(books: Books) -> None:
    """Upkeep does not pile up: one waits or runs at most, and of those that are over the newest is shown."""
    gate = Gate()
    with Jobs(books, {"compact": gate, "import": at_once}) as jobs:
        jobs.keep_up("compact", "Sort closed hours")
        assert gate.begun.wait(PATIENCE_S)
        jobs.keep_up("compact", "Sort closed hours")
        first = [job.id for job in jobs.recent()]
        gate.open.set()
        jobs.wait(first[0], PATIENCE_S)
        other = jobs.submit("import", "March")
        jobs.keep_up("compact", "Sort closed hours")
        second = [job.id for job in jobs.recent()]

    assert len(first) == 1
    assert len(second) == 2
    assert second[0] > second[1] == other.id
    assert first[0] not in second


def test_stopping_the_node_leaves_the_running_job_to_the_next_start(tmp_path: Path) -> None:
    """At the next start a resumable job runs again, and another one has failed as interrupted."""
    for kind, state in (("import", JobState.DONE), ("export", JobState.FAILED)):
        gate = Gate()
        with Books.open(tmp_path) as books:
            with Jobs(books, {kind: gate}, resumable={"import"}) as jobs:
                job = jobs.submit(kind, "long", {"say": "again"})
                waiting = jobs.submit(kind, "after", {"say": "first time"})
                assert gate.begun.wait(PATIENCE_S)
            assert len(gate.params) == 1

            gate.open.set()
            with Jobs(books, {kind: gate}, resumable={"import"}) as jobs:
                assert jobs.wait(waiting.id, PATIENCE_S).result == {"echo": "first time"}
                found = jobs.get(job.id)

        assert found.state is state
        assert (found.error_key == "jobs.interrupted") == (state is JobState.FAILED)
        assert found.result == ({"echo": "again"} if state is JobState.DONE else None)


CRASH = """
import sys, os
from pathlib import Path
from lineside.books import Books
from lineside.jobs import Jobs
def work(context, params):
    os._exit(7)
jobs = Jobs(Books.open(Path(sys.argv[1])), {"import": work, "export": work})
jobs.wait(jobs.submit(sys.argv[2], "long").id)
"""


DIE_AGAIN = """
import sys, os, threading
from pathlib import Path
from lineside.books import Books
from lineside.jobs import Jobs
jobs = Jobs(Books.open(Path(sys.argv[1])), {"import": lambda *_: os._exit(7)}, resumable={"import"})
jobs.recent() or jobs.submit("import", "long")
jobs.start()
threading.Event().wait(120)
"""


@pytest.mark.parametrize(("kind", "state"), [("import", JobState.DONE), ("export", JobState.FAILED)])
def test_a_crash_is_taken_up_like_a_stop(tmp_path: Path, kind: str, state: JobState) -> None:
    """When the process dies under a job, the next start knows."""
    died = subprocess.run([sys.executable, "-c", CRASH, str(tmp_path), kind], check=False)
    assert died.returncode == 7

    with Books.open(tmp_path) as books, Jobs(books, {kind: at_once}, resumable={"import"}) as jobs:
        assert jobs.wait(jobs.recent()[0].id, PATIENCE_S).state is state


def test_a_job_that_kills_the_process_is_given_up(tmp_path: Path) -> None:
    """After three deaths under it a job has failed, says so, and holds up the others no longer."""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", DIE_AGAIN, str(tmp_path)], check=False)

    with Books.open(tmp_path) as books, Jobs(books, {"import": at_once}, resumable={"import"}) as jobs:
        (found,) = jobs.recent()

    assert (found.state, found.error_key) == (JobState.FAILED, "jobs.given_up")
    assert found.error_fields == {"title": "long", "starts": 3}


def test_stops_on_purpose_are_not_counted(books: Books) -> None:
    """However often a person stops the node, a long job is taken up again."""
    gate = Gate()
    for _ in range(5):
        gate.begun.clear()
        with Jobs(books, {"import": gate}, resumable={"import"}) as jobs:
            if not jobs.recent():
                jobs.submit("import", "long")
            assert gate.begun.wait(PATIENCE_S)

    assert Jobs(books, {}).recent()[0].state is JobState.QUEUED


def test_unknown_kinds_and_numbers_are_named(books: Books) -> None:
    """Asking for what does not exist is answered with what does."""
    with Jobs(books, {"import": at_once}) as jobs:
        with pytest.raises(LinesideError, match="export"):
            jobs.submit("export", "March")
        with pytest.raises(LinesideError, match="77"):
            jobs.cancel(77)
        with pytest.raises(LinesideError, match="12345678901234567890"):
            jobs.get(12345678901234567890)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a thread a priority of its own")
def test_jobs_yield_the_processor_to_the_machines(books: Books) -> None:
    """Work runs at a lower priority than the threads that take in data."""

    def ask(_: JobContext, __: Json) -> Json:
        return {"niceness": os.getpriority(os.PRIO_PROCESS, threading.get_native_id())}

    with Jobs(books, {"ask": ask}) as jobs:
        result = jobs.wait(jobs.submit("ask", "how nice").id, PATIENCE_S).result

    assert result == {"niceness": 10}
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == 0


def test_work_that_reports_is_cancelled_too(books: Books) -> None:
    """Reporting progress is enough to be cancellable; work sees Cancelled and can clean up."""
    cleaned = threading.Event()
    begun = threading.Event()

    def report(context: JobContext, _: Json) -> Json:
        try:
            while True:
                context.progress(1)
                begun.set()
        except Cancelled:
            cleaned.set()
            raise

    with Jobs(books, {"report": report}) as jobs:
        job = jobs.submit("report", "endless")
        assert begun.wait(PATIENCE_S)
        jobs.cancel(job.id)

        assert jobs.wait(job.id, PATIENCE_S).state is JobState.CANCELLED
    assert cleaned.is_set()
