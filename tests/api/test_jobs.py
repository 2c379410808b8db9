from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.errors import UnusableData
from lineside.jobs.progress import Reporter
from lineside.node import Node

Client = AsyncTestClient[Litestar]

PATIENCE_S = 60


ROWS = ["time,address,value", *(f"2026-03-04T10:0{i}Z,parts,{i}" for i in range(3)), "2026-03-04T10:03Z,tea,1"]
TEXT = "\n".join(ROWS) + "\n"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Three parts of the press, and a value nobody wants."""
    path = tmp_path / "press-1.csv"
    path.write_text(TEXT, "utf-8", newline="\n")
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """The same under a name that says nothing."""
    path = tmp_path / "export.csv"
    path.write_text(TEXT, "utf-8", newline="\n")
    return path


async def submit(client: Client, **params: Any) -> Any:
    """The job of an import."""
    answer = await client.post("/api/jobs", json={"kind": "import", "params": params})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_an_import_through_the_api(client: Client, node: Node, recording: Path) -> None:
    """Queued at once, done soon; the result says what was read and what was set aside."""
    job = await submit(client, files=[str(recording)])
    node.jobs.wait(job["id"], PATIENCE_S)
    done = (await client.get(f"/api/jobs/{job['id']}")).json()

    assert (job["kind"], job["title"], job["state"], job["result"]) == ("import", "press-1.csv", "queued", None)
    assert (done["state"], done["error"]) == ("done", None)
    (file,) = done["result"]["files"]
    assert (file["source"], file["stored"], file["unwanted"]) == ("disk", 3, {"tea": 1})
    assert done["submitted_ms"] <= done["started_ms"] <= done["finished_ms"]


async def test_progress_is_in_bytes_of_the_files(client: Client, node: Node, recording: Path) -> None:
    """At its end an import has read all there is, and says of which file."""
    job = await submit(client, files=[str(recording)])
    node.jobs.wait(job["id"], PATIENCE_S)
    done = (await client.get(f"/api/jobs/{job['id']}")).json()

    assert (done["done"], done["total"]) == (len(TEXT), len(TEXT))
    assert done["message"] == "press-1.csv"


async def test_an_import_that_fails_says_why(client: Client, node: Node, tmp_path: Path) -> None:
    """Key, fields, sentence and cure, as of any error, each time in the language of who reads it."""
    letter = tmp_path / "press-letter.csv"
    letter.write_text("Dear all\n", "utf-8")
    job = await submit(client, files=[str(letter)])
    node.jobs.wait(job["id"], PATIENCE_S)

    error = (await client.get(f"/api/jobs/{job['id']}")).json()["error"]

    assert (error["key"], error["fields"]) == ("connect.recording.format", {"file": letter.name})
    assert letter.name in error["detail"]
    assert error["cure"]
    for path in ("/api/jobs", f"/api/jobs/{job['id']}"):
        answer = (await client.get(path, headers={"Accept-Language": "zh"})).json()
        told = (answer[0] if isinstance(answer, list) else answer)["error"]
        wanted = UnusableData(error["key"], **error["fields"])
        assert (told["detail"], told["cure"]) == (wanted.sentence("zh"), wanted.cure("zh"))


@pytest.mark.parametrize(
    ("files", "key"), [([], "node.import_none"), (["gone.csv"], "node.import_no_file"), (["."], "node.import_folder")]
)
async def test_what_is_no_file_is_refused_at_once(
    client: Client, node: Node, tmp_path: Path, files: list[str], key: str
) -> None:
    """No job is queued that can only fail, and none that has nothing to do."""
    params = {"files": [str(tmp_path / file) for file in files]}
    answer = await client.post("/api/jobs", json={"kind": "import", "params": params})

    assert (answer.status_code, answer.json()["key"]) == (400, key)
    assert node.jobs.recent(20) == []


async def test_a_person_may_say_whose_a_file_is(client: Client, node: Node, export: Path) -> None:
    """Where its name does not tell, by machine or by source."""
    unsaid = await submit(client, files=[str(export)])
    said = await submit(client, files=[str(export)], source="press")

    ends = [node.jobs.wait(job["id"], PATIENCE_S) for job in (unsaid, said)]

    assert [(end.state, end.error_key) for end in ends] == [("failed", "node.import_open"), ("done", None)]


async def test_jobs_are_listed_the_newest_first(client: Client, node: Node, recording: Path) -> None:
    """With all that one of them says about itself but its result, which can be long: the one job gives it."""
    ids = [(await submit(client, files=[str(recording)]))["id"] for _ in range(3)]
    node.jobs.wait(ids[-1], PATIENCE_S)

    listed = (await client.get("/api/jobs")).json()

    assert [job["id"] for job in listed] == ids[::-1]
    alone = (await client.get(f"/api/jobs/{ids[-1]}")).json()
    assert alone["result"]["files"]
    assert listed[0] == alone | {"result": None}


async def test_an_import_is_cancelled(
    client: Client, node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A running one stops soon and keeps what it read; a waiting one never begins."""
    asked, progress = threading.Event(), Reporter.progress

    def slowly(reporter: Reporter, done: int, total: int | None = None, message: str = "") -> None:
        progress(reporter, done, total, message)
        asked.wait(PATIENCE_S)  # else it could be over before we ask

    monkeypatch.setattr(Reporter, "progress", slowly)
    path = tmp_path / "press-large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("time,parts,remark\n")
        file.writelines(f"2026-03-04T10:{i // 60:02}:{i % 60:02}Z,{i},{'x' * 20_000}\n" for i in range(3000))
    running = (await submit(client, files=[str(path)]))["id"]
    waiting = (await submit(client, files=[str(path)]))["id"]

    answers = [await client.delete(f"/api/jobs/{job}") for job in (waiting, running)]
    asked.set()
    ends = [node.jobs.wait(job, PATIENCE_S).state for job in (waiting, running)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["state"] == "cancelled"
    assert ends == ["cancelled", "cancelled"]


async def test_what_is_over_cannot_be_cancelled(client: Client, node: Node, recording: Path) -> None:
    """It stays as it ended."""
    job = await submit(client, files=[str(recording)])
    node.jobs.wait(job["id"], PATIENCE_S)

    answer = await client.delete(f"/api/jobs/{job['id']}")

    assert (answer.status_code, answer.json()["state"]) == (200, "done")


@pytest.mark.parametrize("number", ["7", "12345678901234567890", "-12345678901234567890"])
async def test_a_job_that_never_was_is_not_found(client: Client, number: str) -> None:
    """However long its number is."""
    answers = [await client.get(f"/api/jobs/{number}"), await client.delete(f"/api/jobs/{number}")]

    assert [(answer.status_code, answer.json()["key"]) for answer in answers] == [(404, "jobs.unknown")] * 2
