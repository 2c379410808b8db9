from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lineside.books import Books
from lineside.errors import FolderInUse
from lineside.jobs import JobState
from lineside.jobs.records import JobRecord
from lineside.node import Node
from lineside.node.threads import in_own_thread
from lineside.plant import PlantFileError, Timeline

Make = Callable[[], Awaitable[Any]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Values = Callable[[Node, str], list[float | str | None]]

OPEN_AND_WAIT = """
import sys
from pathlib import Path
from lineside.node import Node
with Node.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_node_is_told_which_process_owns_the_folder(plant: Any) -> None:
    """A folder has one node; the other is told its process and what to do."""
    folder = plant.write()

    with subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_WAIT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        with pytest.raises(FolderInUse) as raised:
            Node.open(folder)
        owner.communicate()

    assert str(owner.pid) in raised.value.sentence()
    assert "Stop that process" in (raised.value.cure() or "")
    Node.open(folder).close()


def test_one_process_opens_a_folder_once(plant: Any) -> None:
    """A second node in the same process is refused too, and the first goes on."""
    with Node.open(plant.write()) as node:
        with pytest.raises(FolderInUse) as raised:
            Node.open(node.folder)

        assert raised.value.fields["process"] == str(os.getpid())
        assert node.history.series("press/load") > 0


def test_a_folder_with_a_broken_file_is_free_again_once_it_is_refused(plant: Any) -> None:
    """What is wrong is told in findings, and the folder opens as soon as the file is mended."""
    folder: Path = plant.write("[machine.press]\nline = 'nowhere'\n")

    with pytest.raises(PlantFileError) as raised:
        Node.open(folder)
    plant.write()
    with Node.open(folder) as node:
        machines = node.plant.machines

    assert [finding.key for finding in raised.value.findings] == ["machine.press.line"]
    assert machines == {}


async def test_what_a_source_said_is_there_after_a_restart(
    plant: Any, adapter: Make, until: Until, values: Values
) -> None:
    """Acknowledged means durable: values and coverage are read back by the next node."""
    one = await adapter()
    folder = plant.write(one.source("s"), plant.machine("press", "s"))
    said = one.say("parts", 41)

    with Node.open(folder) as node:
        async with node.live():
            await until(lambda: node.intake.health["s"].values == 1)
            one.say("parts", 42)
            await until(lambda: node.intake.health["s"].values == 2)
            await until(lambda: len(node.history.heard("s", said, 2**60)) == 1)
    with Node.open(folder) as again:
        stored = values(again, "press/parts")
        heard = again.history.heard("s", 0, 2**60)

    assert stored == [41.0, 42.0]
    assert len(heard) == 1


async def test_a_present_that_cannot_be_renewed_holds_up_no_source(
    plant: Any, adapter: Make, until: Until, values: Values, caplog: pytest.LogCaptureFixture
) -> None:
    """The failure is logged once, values flow, and the present goes on as soon as it can."""
    one = await adapter()

    with Node.open(plant.write(one.source("s"), plant.machine("press", "s"))) as node:
        async with node.live():
            timeline, node.editions.timeline = node.editions.timeline, Timeline(())
            await until(lambda: "the present could not be renewed" in caplog.text)
            one.say("parts", 5)
            await until(lambda: values(node, "press/parts") == [5.0])
            await asyncio.sleep(1.1)  # two more beats
            node.editions.timeline = timeline
            before = node.now
            await until(lambda: node.now is not before)

    assert caplog.text.count("the present could not be renewed") == 1


def test_sorting_closed_hours_is_a_job(plant: Any) -> None:
    """The upkeep of the history runs as a job and says how many rows it moved."""
    with Node.open(plant.write()) as node:
        job = node.jobs.wait(node.jobs.submit("compact", "Sort closed hours").id, 60)

    assert job.result == {"rows": 0}


async def test_jobs_are_taken_up_by_a_node_that_lives(plant: Any, until: Until) -> None:
    """A node that is opened to be read leaves the jobs alone; one that runs goes on with them."""
    folder: Path = plant.write(plant.source("only", "file", ""), plant.machine("press", "only"))
    file = plant.table("a.csv", [("2026-03-04T06:00Z", "parts", 1)])
    with Books.open(folder) as books, books.session() as session:
        session.add(JobRecord(kind="import", title="a.csv", params={"files": [str(file)]}, submitted_us=1))

    with Node.open(folder) as node:
        pass
    with Node.open(folder) as node:
        before = node.jobs.recent()[0].state
        async with node.live():
            await until(lambda: node.jobs.recent()[0].state is JobState.DONE)

    assert before is JobState.QUEUED


async def test_what_a_thread_has_begun_is_over_before_whoever_asked_is(tmp_path: Path) -> None:
    """A beat that is cancelled in the midst of judging has judged, so that nobody closes the history under it."""
    begun, ended = threading.Event(), threading.Event()

    def judge() -> None:
        begun.set()
        (tmp_path / "judged").write_text("", "utf-8")
        time.sleep(0.2)
        ended.set()

    beat = asyncio.create_task(in_own_thread(judge))
    await asyncio.to_thread(begun.wait, 60)
    beat.cancel()
    with suppress(asyncio.CancelledError):
        await beat

    assert beat.cancelled()
    assert ended.is_set()
