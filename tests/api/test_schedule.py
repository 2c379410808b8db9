from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.node import Node
from tests.twin.schedules import FT06

Client = AsyncTestClient[Litestar]
PATIENCE_S = 600
"""A first search compiles, which takes a minute and a slow machine several."""

ROUTE = [{"on": {"saw": 10}}, {"on": {"mill": 20, "spare": 30}}]
PROBLEM: dict[str, Any] = {
    "schema": "lineside.schedule/1",
    "name": "two",
    "objective": {"makespan": 1, "tardiness": 5},
    "machines": {"saw": {"variation": {"type": "exponential", "mean": 1}}, "mill": {}, "spare": {}},
    "jobs": {"a": {"operations": ROUTE}, "b": {"due": 30, "operations": ROUTE}},
}
A_FIRST = {"saw": [["a", "1"], ["b", "1"]], "mill": [["a", "2"], ["b", "2"]]}


async def solved(client: Client, node: Node, **asked: Any) -> dict[str, Any]:
    """Return a search that is over."""
    job = (await client.post("/api/schedule", json={"problem": PROBLEM, "seconds": 20} | asked)).json()
    node.jobs.wait(job["id"], PATIENCE_S)
    found: dict[str, Any] = (await client.get(f"/api/schedule/{job['id']}")).json()
    return found


async def test_a_problem_becomes_a_plan_that_can_be_come_back_to(client: Client, node: Node) -> None:
    """The best plan with its prospect, and whose laws it rests on; the list tells its figures."""
    view = await solved(client, node)

    assert (view["state"], view["title"], view["problem"]) == ("done", "two", PROBLEM)
    assert (view["found"]["plan"]["cost"], view["found"]["plan"]["optimal"]) == (50, True)
    assert 0 < view["found"]["prospect"]["jobs"]["b"]["on_time"]["mean"] < 1
    assert view["found"]["laws"] == {"saw": "problem", "mill": "none", "spare": "none"}
    listed = (await client.get("/api/schedule")).json()
    assert (listed["solver"], listed["twins"]) == (True, [])
    [search] = listed["searches"]
    assert (search["id"], search["figures"]["cost"], search["figures"]["late"]) == (view["id"], 50, 0)
    assert "problem" not in search
    [in_jobs] = (await client.get("/api/jobs")).json()
    assert in_jobs["result"] is None


async def test_a_changed_plan_is_timed_anew_and_judged(client: Client, node: Node) -> None:
    """The new cost and lateness beside the same luck; an impossible change is refused in the reader's language.

    Another search's plan is judged by this one's laws; one of another problem is refused.
    """
    view = await solved(client, node)
    sure = await solved(client, node, problem=PROBLEM | {"machines": {"saw": {}, "mill": {}, "spare": {}}})
    unlike = await solved(client, node, problem=PROBLEM | {"jobs": {"a": PROBLEM["jobs"]["a"]}})
    path = f"/api/schedule/{view['id']}/edit"

    told = (await client.post(path, json={"machines": A_FIRST})).json()
    impossible = {"saw": [["a", "1"], ["b", "1"], ["a", "2"]], "mill": [["b", "2"]]}
    answer = await client.post(path, json={"machines": impossible}, headers={"Accept-Language": "zh"})

    assert (told["plan"]["cost"], told["plan"]["jobs"]["b"]["late"], told["plan"]["bound"]) == (150, 20, 50)
    before = view["found"]["prospect"]["jobs"]["b"]["on_time"]["mean"]
    assert told["prospect"]["jobs"]["b"]["on_time"]["mean"] < before
    assert (answer.status_code, answer.json()["key"]) == (400, "schedule.edit_refused")
    assert answer.json()["findings"] == [{"path": "a.2", "sentence": "机器 saw 不能做它。", "cure": ""}]
    beside = (await client.get(f"/api/schedule/{view['id']}/beside/{sure['id']}")).json()
    assert (sure["found"]["prospect"], beside["prospect"]) == (None, view["found"]["prospect"])
    other = (await client.get(f"/api/schedule/{view['id']}/beside/{unlike['id']}")).json()
    assert other["key"] == "schedule.other_plan"


async def test_a_search_that_is_cancelled_keeps_the_best_so_far(client: Client, node: Node) -> None:
    """Progress names the cost and the bound; after the cancel the plan is there, marked as stopped."""
    jobs = {f"j{i}": {"due": 40 + 9 * i % 50, "operations": ROUTE} for i in range(30)}
    asked = {"problem": PROBLEM | {"jobs": jobs}, "seconds": 300}
    job = (await client.post("/api/schedule", json=asked)).json()
    while not (state := (await client.get(f"/api/jobs/{job['id']}")).json())["message"]:
        assert state["state"] in ("queued", "running")
        await asyncio.sleep(0.2)

    await client.delete(f"/api/jobs/{job['id']}")
    node.jobs.wait(job["id"], PATIENCE_S)

    view = (await client.get(f"/api/schedule/{job['id']}")).json()
    assert state["message"].startswith("cost ")
    assert (view["state"], view["found"]["stopped"]) == ("done", True)
    assert len(view["found"]["plan"]["operations"]) == 60
    assert state["total"] == 300


async def test_an_instance_of_the_literature_is_read(client: Client) -> None:
    """As text, with its name."""
    job = (await client.post("/api/schedule", json={"text": FT06, "name": "ft06", "seconds": 1})).json()

    assert job["title"] == "ft06"
    await client.delete(f"/api/jobs/{job['id']}")


async def test_what_cannot_be_planned_is_refused_at_once(client: Client) -> None:
    """A wrong problem with every finding, a twin that is not there, a time nobody waits; nothing is queued."""
    wrong = PROBLEM | {"jobs": {"a": {"operations": [{"on": {"lathe": 1}}]}}}
    told = (await client.post("/api/schedule", json={"problem": wrong})).json()
    assert (told["key"], told["findings"][0]["path"]) == ("schedule.refused", "jobs.a.operations[1].on.lathe")

    for asked, key in (
        ({"problem": PROBLEM, "twin": "cell"}, "node.no_twin"),
        ({"problem": PROBLEM, "seconds": 0}, "node.schedule_seconds"),
        ({"problem": PROBLEM, "seed": -1}, "api.seed"),
        ({"text": "4 x"}, "schedule.no_numbers"),
    ):
        answer = await client.post("/api/schedule", json=asked)
        assert (answer.status_code // 100, answer.json()["key"]) == (4, key)
        assert answer.json()["cure"]
    assert (await client.get("/api/schedule")).json()["searches"] == []


async def test_a_job_of_another_kind_holds_no_plan(client: Client, node: Node) -> None:
    """The upkeep of the node is no schedule."""
    job = node.jobs.submit("compact", "Sort")

    for answer in (
        await client.get(f"/api/schedule/{job.id}"),
        await client.post(f"/api/schedule/{job.id}/edit", json={"machines": {}}),
    ):
        assert (answer.status_code, answer.json()["key"]) == (400, "node.no_plan")


def test_a_node_never_loads_the_solver() -> None:
    """OR-Tools brings pandas, which slows the node down: it stays in the process of the search."""
    code = "import sys, lineside.api, lineside.node; sys.exit(any(m in sys.modules for m in ('ortools', 'pandas')))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
