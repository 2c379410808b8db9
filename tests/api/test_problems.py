from __future__ import annotations

import re

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import plant_routes
from lineside.history import History

Client = AsyncTestClient[Litestar]

DAY = "from=2026-03-04&to=2026-03-05"

FILES = {"/api/grades/table": ["text/csv"], "/api/ledger/export": ["application/jsonl"]}
REFUSED: list[tuple[str, str, object, int, str]] = [
    ("GET", "/api/nothing", None, 404, "api.nothing_here"),
    ("POST", "/api/nothing", None, 404, "api.nothing_here"),
    ("DELETE", "/api/plant", None, 405, "api.method"),
    ("GET", "/api/lanes", None, 400, "api.request"),
    ("GET", "/api/lanes?from=2026-03-04", None, 400, "api.request"),
    ("GET", "/api/lanes?from=noon&to=night", None, 400, "measure.moment"),
    ("GET", "/api/lanes?from=2026-03-04&to=2026-03-04", None, 400, "measure.window_empty"),
    ("GET", "/api/lanes?from=2026-03-05&to=2026-03-04", None, 400, "measure.window_empty"),
    ("GET", "/api/lanes?from=2006-03-04&to=2026-03-04", None, 400, "measure.window_long"),
    ("GET", f"/api/lanes?{DAY}&machine=lathe", None, 400, "measure.no_scope"),
    ("GET", f"/api/kpi?{DAY}&by=week", None, 400, "api.request"),
    ("GET", f"/api/kpi?{DAY}&scope=machine/lathe", None, 400, "measure.no_scope"),
    ("GET", f"/api/kpi?{DAY}&scope=galaxy/milky-way", None, 400, "measure.no_scope"),
    ("GET", "/api/kpi?from=2026-03-05&to=2026-03-04", None, 400, "measure.window_empty"),
    ("GET", f"/api/number?{DAY}&kpi=luck&scope=site", None, 400, "api.request"),
    ("GET", f"/api/number?{DAY}&kpi=oee&scope=line/none", None, 400, "measure.no_scope"),
    ("GET", f"/api/shifts?{DAY}&scope=machine/lathe", None, 400, "measure.no_scope"),
    ("GET", f"/api/samples?{DAY}&series=press/none", None, 400, "api.no_series"),
    ("GET", f"/api/samples?{DAY}&series=lathe/load", None, 400, "api.no_series"),
    ("GET", f"/api/samples?{DAY}&series=press/load&points=3", None, 400, "api.request"),
    ("GET", f"/api/texts?{DAY}&series=press", None, 400, "api.no_series"),
    ("GET", f"/api/texts?{DAY}&series=press/mode&limit=0", None, 400, "api.request"),
    ("GET", "/api/jobs/77", None, 404, "jobs.unknown"),
    ("DELETE", "/api/jobs/77", None, 404, "jobs.unknown"),
    ("POST", "/api/jobs", {"kind": "compact"}, 400, "api.job_kind"),
    ("POST", "/api/jobs", {"kind": "import", "params": {"files": "one.csv"}}, 400, "api.job_kind"),
    ("POST", "/api/jobs", {"kind": "import", "colour": "red"}, 400, "api.request"),
    ("POST", "/api/tally", {"machine": "press", "good": 1}, 400, "node.no_tally"),
    ("POST", "/api/tally", {"machine": "lathe", "good": 1}, 400, "node.no_tally"),
    ("POST", "/api/tally", {"machine": "bench"}, 400, "node.tally_empty"),
    ("POST", "/api/tally", {"machine": "bench", "good": -1}, 400, "api.request"),
    ("POST", "/api/tally", {"machine": "bench", "good": 1, "time": "2126-01-01"}, 400, "node.tally_future"),
    ("POST", "/api/tally", {"machine": "bench", "good": 1, "time": "soon"}, 400, "measure.moment"),
]


def is_chinese(text: str) -> bool:
    """Whether a text is written in Chinese."""
    return re.search("[\u4e00-\u9fff]", text) is not None


async def test_a_method_that_is_not_taken_is_told_which_are(client: Client) -> None:
    """As RFC 9110 asks for; those that nobody gets an answer to are not among them."""
    for method, path, allowed in (
        ("DELETE", "/api/plant", "GET"),
        ("TRACE", "/api/factors", "GET, PUT"),
        ("GET", "/api/login", "POST"),
    ):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


async def test_the_description_names_the_kinds_of_files(client: Client) -> None:
    """What is no JSON is not said to be."""
    told = (await client.get("/api/docs/openapi.json")).json()["paths"]
    kinds = {path: list(told[path]["get"]["responses"]["200"]["content"]) for path in FILES}

    assert kinds == FILES


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_refusal_says_what_is_wrong_and_what_to_do(client: Client, language: str) -> None:
    """Whatever is refused: problem+json with a key to match, and a sentence and a cure in the reader's language."""
    answers = [
        await client.request(method, path, json=body, headers={"Accept-Language": language})
        for method, path, body, _, _ in REFUSED
    ]

    told = [answer.json() for answer in answers]
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert [
        (*case[:3], answer.status_code, problem["key"])
        for case, answer, problem in zip(REFUSED, answers, told, strict=True)
    ] == REFUSED
    assert [problem["status"] for problem in told] == [answer.status_code for answer in answers]
    assert {problem["type"] for problem in told} == {"about:blank"}
    assert all(problem["title"] for problem in told)
    for part in ("detail", "cure"):
        assert {is_chinese(problem[part]) for problem in told} == {language == "zh"}
    assert not any("Traceback" in answer.text for answer in answers)


@pytest.mark.parametrize(
    ("query", "accepted", "chinese"),
    [
        ("", "zh-CN,zh;q=0.9,en;q=0.8", True),
        ("", "fr-FR,zh;q=0.5", True),
        ("", "en-GB,zh;q=0.5", False),
        ("", "fr-FR", False),
        ("&lang=zh", "en", True),
        ("&lang=en", "zh", False),
        ("&lang=tlh", "zh", True),
    ],
)
async def test_the_reader_chooses_the_language(client: Client, query: str, accepted: str, chinese: bool) -> None:
    """`lang` in the address counts most, then the first known one the browser accepts, else English."""
    answer = await client.get(f"/api/lanes?from=x&to=y{query}", headers={"Accept-Language": accepted})

    assert is_chinese(answer.json()["detail"]) is chinese


async def test_fields_name_what_the_error_is_about(client: Client) -> None:
    """Programs need not read sentences."""
    told = (await client.get(f"/api/kpi?{DAY}&scope=machine/lathe")).json()

    assert told["fields"] == {"scope": "machine/lathe", "known": "press, bench"}


async def test_a_body_that_is_no_json_is_refused(client: Client) -> None:
    """What the decoder says is passed on."""
    answer = await client.post("/api/tally", content=b'{"machine": ', headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["key"]) == (400, "api.request")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"machine": "\xed\xa0\x80"}', b"\xff\xfe"])
async def test_a_body_that_cannot_be_read_is_no_fault_of_ours(client: Client, body: bytes) -> None:
    """Nested without end, or no UTF-8: whoever sent it is told."""
    answer = await client.post("/api/tally", content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["cure"]


@pytest.mark.parametrize("path", ["/api/now", "/api/nothing", "/api/lanes", "/mtconnect", "/write"])
async def test_a_host_with_a_port_that_cannot_be_is_refused(client: Client, path: str) -> None:
    """It is not looked into before it is refused."""
    answer = await client.get(path, headers={"Host": "127.0.0.1:99999999"})

    assert answer.status_code in (403, 404, 405)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_description_tells_errors_as_they_are(client: Client) -> None:
    """Programs that are generated from it read them; what else is asked under it is a problem like any other."""
    told = (await client.get("/api/docs/openapi.json")).json()
    nothing = await client.get("/api/docs/nothing")

    wrong = [
        path
        for path, operations in told["paths"].items()
        for one in operations.values()
        if "400" in one["responses"] or "default" not in one["responses"]
    ]
    assert wrong == []
    assert {"key", "detail", "cure"} <= set(told["components"]["schemas"]["Problem"]["properties"])
    assert (nothing.status_code, nothing.json()["key"]) == (404, "api.nothing_here")


async def test_a_body_too_large_is_refused(client: Client) -> None:
    """Files are named by their path, so nobody needs to send more than a megabyte."""
    body = b'{"machine": "' + b"x" * 1_100_000 + b'"}'

    answer = await client.post("/api/tally", content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["key"]) == (413, "api.too_large")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_fault_of_ours_is_logged_and_not_shown(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log holds the traceback; the answer says where to look."""

    def broken() -> int:
        message = "inner secret"
        raise RuntimeError(message)

    monkeypatch.setattr(plant_routes, "now_us", broken)

    answer = await client.get("/api/now", headers={"Accept-Language": "zh"})

    assert (answer.status_code, answer.json()["key"]) == (500, "api.fault")
    assert answer.headers["content-type"] == "application/problem+json"
    assert is_chinese(answer.json()["detail"])
    assert answer.json()["cure"]
    assert "secret" not in answer.text
    assert "inner secret" in caplog.text


async def test_a_full_disk_is_told_as_such(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who counts by hand learns that the tally was not stored, and what to do."""
    monkeypatch.setattr(History, "_has_space", lambda _: False)

    answer = await client.post("/api/tally", json={"machine": "bench", "good": 5})

    assert (answer.status_code, answer.json()["key"]) == (507, "history.disk_full")
    assert "Free space" in answer.json()["cure"]
