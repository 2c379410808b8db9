"""Orders over HTTP: rows and files in, lists and files out."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

ROW = {
    "id": "A1",
    "product": "bolt",
    "line": "cell",
    "quantity": 100,
    "start": "2026-12-01T06:00:00+01:00",
    "end": "2026-12-01T14:00",
}
TABLE = (
    "Order;Item;Qty;Start;Finish;Colour\nA7;bolt;9;2026-12-01;2026-12-01;red\nA8;bolt;9 pcs;2026-12-01;2026-12-01;red\n"
)


async def test_rows_are_taken_and_listed(client: Any) -> None:
    """What was posted is listed with the version, and planned from the answer on."""
    posted = await client.post("/api/erp/orders?origin=sap", json=[ROW])
    listed = (await client.get("/api/erp/orders?from=2026-11-01&place=cell&state=planned")).json()["rows"]

    assert (posted.status_code, posted.json()["new"]) == (httpx.codes.OK, 1)
    assert [(r["id"], r["quantity"], r["start"], r["origin"], r["version"]) for r in listed] == [
        ("A1", 100, "2026-12-01T06:00:00+01:00", "sap", 1)
    ]


async def test_wrong_rows_are_named_and_the_others_taken(client: Any) -> None:
    """The answer is a problem with a finding a row; the good row is there."""
    posted = await client.post("/api/erp/orders", json=[ROW, {**ROW, "id": "A2", "product": "moon"}])
    versions = (await client.get("/api/erp/orders/versions?id=A1")).json()

    told = posted.json()
    assert (posted.status_code, told["key"]) == (httpx.codes.UNPROCESSABLE_ENTITY, "orders.refused")
    assert [(f["path"], "moon" in f["sentence"], bool(f["cure"])) for f in told["findings"]] == [("2", True, True)]
    assert len(versions) == 1


async def test_an_order_plans_its_time_at_once(client: Any) -> None:
    """The KPI asked for after the answer is judged by the order, says that it came late, and its units are counted.

    Before the first order the calendar plans: two hours from six to eight, then the hour of the order.
    """
    order = {**ROW, "quantity": 1000, "start": "2026-03-04T08:00", "end": "2026-03-04T09:00"}
    window = {"scope": "machine/press", "from": "2026-03-04T06:00", "to": "2026-03-04T14:00"}
    before = (await client.get("/api/kpi", params=window)).json()["rows"][0]

    await client.post("/api/erp/orders", json=[order])

    after = (await client.get("/api/kpi", params=window)).json()["rows"][0]
    assert (before["planned_busy_s"], after["planned_busy_s"]) == (8 * 3600 - 900, 3 * 3600)
    assert [s["code"] for s in after["suspect"] if s["code"] == "told_late"] == ["told_late"]
    assert "A1" in next(s["what"] for s in after["suspect"] if s["code"] == "told_late")
    made = (await client.get("/api/erp/completions?from=2026-03-01")).json()["rows"]
    assert [(m["order"], m["good"], m["basis"], m["end"]) for m in made] == [
        ("A1", 900.0, "counted", "2026-03-04T08:45:00+01:00")
    ]
    file = await client.get("/api/erp/completions/file?name=made.csv&from=2026-03-01")
    assert file.text.splitlines()[1:] == ["A1,bolt,cell,,1000,900,,2026-03-04 08:30:00,2026-03-04 08:45:00,counted"]


@pytest.mark.parametrize("body", ["{}", "[1]", "nonsense", '[{"id": {}}]'])
async def test_a_body_that_is_no_list_of_rows_is_refused(client: Any, body: str) -> None:
    """Nothing of it is taken."""
    answer = await client.post("/api/erp/orders", content=body)

    assert (answer.status_code, answer.json()["key"]) == (httpx.codes.UNPROCESSABLE_ENTITY, "orders.not_json")


async def test_an_unknown_kind_is_not_found(client: Any) -> None:
    """The cure names the kinds."""
    answer = await client.get("/api/erp/stars")

    assert (answer.status_code, answer.json()["key"]) == (httpx.codes.NOT_FOUND, "orders.no_kind")


async def test_a_file_is_shown_before_it_is_taken(client: Any) -> None:
    """The preview says the mapping, the first rows and what is wrong; the second request takes what is good."""
    shown = (await client.post("/api/erp/orders/file?name=w49.csv", content=TABLE)).json()
    before = (await client.get("/api/erp/orders?from=2026-11-01")).json()["rows"]
    taken = (await client.post("/api/erp/orders/file?name=w49.csv&dry_run=false", content=TABLE)).json()
    after = (await client.get("/api/erp/orders?from=2026-11-01")).json()["rows"]

    assert shown["mapping"]["columns"] == {
        "id": "Order", "product": "Item", "quantity": "Qty", "start": "Start", "end": "Finish"
    }  # fmt: skip
    assert shown["sample"][0] == ["A7", "bolt", "9", "2026-12-01", "2026-12-01", "red"]
    assert [f["path"] for f in shown["taken"]["findings"]] == ["3"]
    assert (before, taken["taken"]["new"]) == ([], 1)
    assert [(r["id"], r["origin"]) for r in after] == [("A7", "w49.csv")]


async def test_a_file_nobody_can_map_says_so_in_the_preview(client: Any) -> None:
    """The columns are shown, so that a person can say which is which; a chosen mapping then reads it, and is kept."""
    text = "X,Y,Z,S,E\nA1,bolt,5,2026-12-01,2026-12-02\n"
    columns = {"id": "X", "product": "Y", "quantity": "Z", "start": "S", "end": "E"}

    shown = (await client.post("/api/erp/orders/file?name=odd.csv", content=text)).json()
    chosen = json.dumps({**shown["mapping"], "columns": columns})
    mapped = (await client.post("/api/erp/orders/file", params={"name": "odd.csv", "as": chosen}, content=text)).json()
    kept = await client.post("/api/erp/orders/mappings", json={"name": "odd", "mapping": mapped["mapping"]})
    listed = (await client.get("/api/erp/orders/mappings")).json()
    again = (await client.post("/api/erp/orders/file?name=next.csv", content=text)).json()
    dropped = (await client.delete("/api/erp/orders/mappings?name=odd")).json()

    assert shown["taken"] is None
    assert "no column is known" in shown["problem"]["sentence"]
    assert (mapped["taken"]["new"], mapped["problem"]) == (1, None)
    assert (list(kept.json()), list(listed), again["saved"], dropped) == (["odd"], ["odd"], "odd", {})


async def test_lists_come_as_files(client: Any) -> None:
    """XLSX and CSV by the ending of the name; another ending is refused."""
    await client.post("/api/erp/orders", json=[ROW])

    book = await client.get("/api/erp/orders/file?name=orders.xlsx&from=2026-11-01")
    text = await client.get("/api/erp/orders/file?name=orders.csv&from=2026-11-01")
    wrong = await client.get("/api/erp/orders/file?name=orders.pdf")

    assert load_workbook(io.BytesIO(book.content)).active["A2"].value == "A1"
    assert text.text.splitlines()[1].startswith("A1,bolt,")
    assert "orders.csv" in text.headers["content-disposition"]
    assert wrong.json()["key"] == "orders.format"


async def test_an_order_of_the_plant_file_is_listed_too(client: Any) -> None:
    """Products of the file and told ones are one list, each with where it comes from."""
    await client.post("/api/erp/products", json=[{"id": "cap", "ideal_cycle_s": 3, "codes": ["C", "D"]}])

    rows = (await client.get("/api/erp/products")).json()["rows"]

    assert {(r["id"], r["origin"], r["ideal_cycle_s"]) for r in rows} == {
        ("bolt", "plant.toml", 2.0),
        ("cap", "REST", 3.0),
    }
