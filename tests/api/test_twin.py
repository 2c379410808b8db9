from __future__ import annotations

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

Client = AsyncTestClient[Litestar]


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


async def test_a_fit_of_a_line_that_never_worked_fails_with_the_reason(client: Client) -> None:
    """The job ends, and says what to do."""
    job = (await client.post("/api/twin/cell/fit", json={"from": "2020-01-01", "to": "2020-01-02"})).json()
    while (state := (await client.get(f"/api/jobs/{job['id']}")).json())["state"] in ("queued", "running"):
        pass

    assert (state["state"], state["error"]["key"]) == ("failed", "fit.nothing")
    view = (await client.get("/api/twin/cell")).json()
    assert view["job"]["id"] == job["id"]
