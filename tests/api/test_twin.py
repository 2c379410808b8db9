from __future__ import annotations

import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import text

from lineside.node import Node, submit_question
from lineside.twin import parse_line
from lineside.twin.fit import Twin, keep_twin

Client = AsyncTestClient[Litestar]

GOOD = {"verdict": "good"}


def keep(node: Node, trust: dict[str, Any] | None = GOOD) -> None:
    """Keeps a twin of the cell: the press always has a blank, the bench a few places before it."""
    line = parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"blanks": {"to": "press"}},
            "stations": {
                "press": {"work": 2, "buffer": 1, "to": "bench"},
                "bench": {"work": 3, "buffer": 3, "to": "out"},
            },
        }
    )
    twin = Twin(line, {}, (), (), (), (), None, 0.0, 28_800.0, 9_000, 28_800.0)
    with node.books.session() as session:
        keep_twin(session, "cell", twin.plain(), trust, {}, made_us=2_000_000, start_us=0, end_us=1_000_000)


async def test_a_line_without_a_twin_says_so(client: Client) -> None:
    """The page gets an empty view to offer its button; nothing is made up."""
    view = (await client.get("/api/twin/cell")).json()
    listed = (await client.get("/api/twin")).json()

    assert (view["line"], view["twin"], view["job"]) == ("cell", None, None)
    assert listed == [{"line": "cell", "name": "cell", "made_ms": None, "verdict": None}]
    assert (await client.get("/api/twin/cell/answers")).json() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "key"),
    [
        ("GET", "/api/twin/cell/tonight", None, "node.no_twin"),
        ("GET", "/api/twin/cell/candidates", None, "node.no_twin"),
        ("GET", "/api/twin/cell/document", None, "node.no_twin"),
        ("POST", "/api/twin/cell/ask", {"question": "rank"}, "node.no_twin"),
        ("POST", "/api/twin/mill/fit", {}, "record.no_line"),
        ("POST", "/api/twin/cell/fit", {"change": {"since": "noon", "changes": []}}, "measure.moment"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_its_cure(
    client: Client, method: str, path: str, body: Any, key: str
) -> None:
    """In the reader's language, as every refusal."""
    answer = await client.request(method, path, json=body, headers={"Accept-Language": "zh"})

    told = answer.json()
    assert (answer.status_code, told["key"]) == (400, key)
    assert told["cure"]


async def test_the_list_tells_verdicts_without_reading_the_twins(client: Client, node: Node) -> None:
    """A document of a year's fits need not be whole, nor be read, for that; the newest fit of a line counts."""
    keep(node, {"verdict": "good"})
    keep(node, {"verdict": "limited"})
    with node.books.session() as session:
        session.execute(text("UPDATE twins SET twin = '{', today = '{'"))

    listed = (await client.get("/api/twin")).json()

    offered = (await client.get("/api/schedule")).json()["twins"]

    assert listed == [{"line": "cell", "name": "cell", "made_ms": 2000, "verdict": "limited"}]
    assert offered == [{"line": "cell", "name": "cell"}]


async def test_a_twin_without_a_trial_is_listed_as_untested(client: Client, node: Node) -> None:
    """Nothing is claimed of it."""
    keep(node, None)

    assert (await client.get("/api/twin")).json()[0]["verdict"] == "untested"


@pytest.mark.parametrize(
    ("trust", "key"),
    [
        ({"verdict": "worse"}, "node.twin_worse"),
        ({"verdict": "untested", "reason": {"key": "validate.too_short", "fields": {}}}, "node.twin_untested"),
        (None, "node.twin_untested"),
    ],
)
async def test_a_twin_that_the_page_closes_answers_nobody(client: Client, node: Node, trust: Any, key: str) -> None:
    """Neither a question nor a forecast, and with the same words and cure; nor is it offered to judge schedules by."""
    keep(node, trust)

    assert (await client.get("/api/schedule")).json()["twins"] == []
    answers = [
        await client.post("/api/twin/cell/ask", json={"question": "rank"}),
        await client.get("/api/twin/cell/tonight"),
    ]

    assert [(answer.status_code, answer.json()["key"]) for answer in answers] == [(400, key)] * 2
    assert all("build it anew" in answer.json()["cure"] for answer in answers)


@pytest.mark.parametrize(
    ("language", "first"), [("en", "Press 1: cycle 10 % shorter"), ("zh", "Press 1：节拍缩短 10 %")]
)
async def test_what_is_proposed_speaks_of_machines_by_their_names(
    client: Client, node: Node, language: str, first: str
) -> None:
    """As the plant file names them, also in a ranking of them all; nothing is proposed where it would do nothing."""
    keep(node)
    headers = {"Accept-Language": language}
    offered = (await client.get("/api/twin/cell/candidates", headers=headers)).json()
    job = (await client.post("/api/twin/cell/ask", json={"question": "rank"}, headers=headers)).json()
    done: Any = node.jobs.wait(job["id"], 600)  # the first one compiles

    names = [change["name"] for change in offered]
    assert names[0] == first
    assert {one["name"] for one in done.result["ranking"]} == {None, *names}
    assert [pointer for change in offered for pointer in change.get("set", {}) if "buffer" in pointer] == [
        "/stations/bench/buffer/capacity"
    ]


async def test_answers_come_a_page_at_a_time(client: Client, node: Node) -> None:
    """The newest first, as many as are asked for; other lines' and other jobs' do not count."""
    keep(node)
    asked = [submit_question(node.jobs, node.plant, "cell", "bottleneck", {}).id for _ in range(3)]
    node.jobs.submit("twin.ask", "elsewhere", {"line": "elsewhere", "question": "bottleneck"})
    node.jobs.submit("compact", "upkeep")

    two = (await client.get("/api/twin/cell/answers?limit=2")).json()
    whole = (await client.get("/api/twin/cell/answers")).json()
    wrong = [await client.get(f"/api/twin/cell/answers?limit={limit}") for limit in ("0", "201", "x")]

    assert [job["id"] for job in two] == asked[:0:-1]
    assert [job["id"] for job in whole] == asked[::-1]
    assert [answer.status_code for answer in wrong] == [400] * 3


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_changes_that_are_refused_are_told_one_by_one(client: Client, node: Node, language: str) -> None:
    """Each with its place, and in words of the reader's language what is wrong there and what to write."""
    keep(node)
    wrong = [{"name": "", "scale": {"/stations/press/work": -1, "press": 0.9}}, {"nmae": "x"}]
    asked = {"question": "what_if", "changes": wrong}
    stated = {"change": {"since": "2025-04-03T10:00", "changes": wrong}}
    where = ["[1].name", "[1].scale./stations/press/work", "[1].scale.press.[key]", "[2].name", "[2].nmae"]
    for path, body in (("ask", asked), ("fit", stated)):
        answer = await client.post(f"/api/twin/cell/{path}", json=body, headers={"Accept-Language": language})

        told = answer.json()
        assert (answer.status_code, told["key"]) == (400, "answers.refused")
        assert [one["path"] for one in told["findings"]] == [f"changes{place}" for place in where]
        for one in told["findings"]:
            chinese = re.search("[\u4e00-\u9fff]", one["sentence"]) is not None
            assert chinese == (language == "zh"), one


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"set": {"/stations/press/colour": "red"}}, "twin.refused"),
        ({"remove": ["/stations/bench"]}, "twin.refused"),
        ({"scale": {"/stations/lathe/work": 0.9}}, "answers.nothing_there"),
    ],
)
async def test_a_change_that_does_not_fit_the_twin_is_refused_at_once(
    client: Client, node: Node, change: Any, key: str
) -> None:
    """No job is queued that can only fail; what the changed line would contradict is told one by one."""
    keep(node)
    body = {"question": "rank", "changes": [{"name": "wrong", **change}]}
    answer = await client.post("/api/twin/cell/ask", json=body)

    told = answer.json()
    assert (answer.status_code, told["key"]) == (400, key)
    assert bool(told.get("findings")) == (key == "twin.refused")
    assert node.jobs.recent() == []


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"question": "buffers"}, "node.question_needs"),
        ({"question": "shock"}, "node.question_needs"),
        ({"question": "shock", "shock": {"kind": "flood", "start": 1, "duration": 1}}, "api.request"),
        ({"question": "shock", "shock": {"kind": "power"}}, "api.request"),
        (
            {"question": "shock", "shock": {"kind": "source", "name": "x", "start": 1, "duration": 1}},
            "answers.not_there",
        ),
        ({"question": "why"}, "node.no_question"),
    ],
)
async def test_a_question_that_lacks_something_is_refused_at_once(
    client: Client, node: Node, body: Any, key: str
) -> None:
    """With what it needs, not as a job that fails by a fault of ours."""
    keep(node)
    answer = await client.post("/api/twin/cell/ask", json=body)

    assert (answer.status_code, answer.json()["key"]) == (400, key)
    assert answer.json()["cure"]
    assert node.jobs.recent() == []


async def test_a_fit_of_a_line_that_never_worked_fails_with_the_reason(client: Client) -> None:
    """The job ends, and says what to do."""
    job = (await client.post("/api/twin/cell/fit", json={"from": "2020-01-01", "to": "2020-01-02"})).json()
    while (state := (await client.get(f"/api/jobs/{job['id']}")).json())["state"] in ("queued", "running"):
        pass

    assert (state["state"], state["error"]["key"]) == ("failed", "fit.nothing")
    view = (await client.get("/api/twin/cell")).json()
    assert view["job"]["id"] == job["id"]
