"""Grades over HTTP."""

from __future__ import annotations

from typing import TypeAlias

from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.node import Node
from lineside.trust import Grade

Client: TypeAlias = AsyncTestClient[Litestar]
RECIPE = {"branch": "signal/press/mode", "grade": "important", "labels": ["recipe"]}
LABEL = {
    "id": "recipe",
    "words": "customer recipe",
    "least": "important",
    "leaves": False,
    "keep_days": 90,
    "reason": "contract",
}


async def test_the_catalogue_names_everything_with_its_grade(client: Client) -> None:
    """Each thing of a known kind; facts with source and confidence; in the reader's language."""
    told = (await client.get("/api/grades")).json()
    chinese = (await client.get("/api/grades", params={"lang": "zh"})).json()

    rows = {one["id"]: one for one in told["things"]}
    assert rows["signal/press/load"]["grade"] == "general"
    assert rows["accounts"]["labels"] == ["personal"]
    assert rows["kpi/machine/press/quality/by-product"]["name"] == "Press 1 · Quality ratio · by product"
    assert {one["id"].partition("/")[0] for one in told["things"]} <= told["kinds"].keys()
    assert {one["confidence"] for one in (*told["grades"], *told["duties"], *told["falls"])} <= {
        "found",
        "memory",
        "own",
    }
    assert chinese["kinds"]["signal"]["name"] == "信号"
    assert chinese["grades"][1]["name"] == "重要数据"


async def test_a_thing_is_graded_after_a_look_and_opens_to_its_path(client: Client) -> None:
    """Label, preview, grading, and the way by which a number came to its grade; every version in its history."""
    labels = (await client.post("/api/grades/labels", json=LABEL)).json()
    preview = (await client.post("/api/grades/preview", json={"statements": [RECIPE]})).json()
    done = await client.post("/api/grades", json={"statements": [RECIPE], "reason": "contract 7"})
    opened = (await client.get("/api/grades/thing", params={"thing": "kpi/line/cell/oee"})).json()
    signal = (await client.get("/api/grades/thing", params={"thing": "signal/press/mode"})).json()

    assert {
        "id": "recipe",
        "words": "customer recipe",
        "least": "important",
        "leaves": False,
        "own": True,
        "keep_days": 90,
        "used": 0,
    } in labels
    assert (done.status_code, done.json()) == (201, preview)
    assert preview["raised"]["kpi"] > 0
    way = ["kpi/line/cell/oee", "kpi/machine/press/oee", "states/press", "signal/press/mode"]
    assert [one["thing"] for one in opened["path"]] == way
    assert opened["label_paths"] == {"recipe": way}
    assert "contract 7" in opened["path"][-1]["because"]
    assert [(one["reason"], one["by"]) for one in signal["history"]] == [("contract 7", "local owner")]
    assert {"thing": "states/press", "grade": "important"} in signal["goes_into"]


async def test_what_is_wrong_is_told(client: Client) -> None:
    """With a problem for each slip."""
    wrong = (
        ({**RECIPE, "grade": "secret", "labels": []}, "grades.no_grade"),
        ({**RECIPE, "mode": "maybe", "labels": []}, "grades.no_mode"),
        ({**RECIPE, "branch": "press", "labels": []}, "grades.no_branch"),
        (RECIPE, "grades.no_label"),
    )
    for statement, key in wrong:
        answer = await client.post("/api/grades", json={"statements": [statement], "reason": "why"})
        assert (answer.status_code, answer.json()["key"]) == (400, key)
    gone = await client.get("/api/grades/thing", params={"thing": "signal/press/x"})
    assert (gone.status_code, gone.json()["key"]) == (404, "grades.no_thing")
    assert (await client.delete("/api/grades/labels/recipe?reason=why")).json()["key"] == "grades.no_label"


async def test_a_table_goes_out_and_comes_back(client: Client, node: Node) -> None:
    """First only looked at, then kept; a wrong row keeps all of it out."""
    table = (await client.get("/api/grades/table")).text
    edited = table.replace("signal/press/load,is,general", "signal/press/load,is,core")
    wrong = edited.replace("signal/press/mode,is,general", "signal/press/mode,is,high")

    looked = (await client.post("/api/grades/table", content=edited)).json()
    refused = (await client.post("/api/grades/table?dry=false&reason=r", content=wrong)).json()
    before = node.catalogue.of("signal/press/load").grade
    kept = (await client.post("/api/grades/table?dry=false&reason=filing", content=edited)).json()

    assert (looked["kept"], looked["rows"], looked["preview"]["raised"]["signal"]) == (False, 1, 1)
    assert (refused["kept"], refused["preview"], len(refused["problems"])) == (False, None, 1)
    assert before is Grade.GENERAL
    assert kept["kept"]
    assert node.catalogue.of("signal/press/load").grade is Grade.CORE
    assert "accounts" not in (await client.get("/api/grades/table?least=core")).text
