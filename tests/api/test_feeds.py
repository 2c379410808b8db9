"""B2MML both ways, and views of a database, through the API."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from litestar import Litestar
from litestar.testing import AsyncTestClient
from lxml import etree

from lineside.node import Node

PLAN = """<ProductionSchedule xmlns="http://www.mesa.org/xml/B2MML-V0600">
  <ProductionRequest>
    <ID>B-1</ID><StartTime>2026-03-04T08:00:00+01:00</StartTime><EndTime>2026-03-04T09:00:00+01:00</EndTime>
    <SegmentRequirement>
      <EquipmentRequirement><EquipmentID>cell</EquipmentID></EquipmentRequirement>
      <MaterialProducedRequirement><MaterialDefinitionID>bolt</MaterialDefinitionID>
        <Quantity><QuantityString>{quantity}</QuantityString></Quantity></MaterialProducedRequirement>
    </SegmentRequirement>
  </ProductionRequest>
</ProductionSchedule>"""
XML = {"Content-Type": "application/xml"}


async def test_a_schedule_is_posted_and_its_performance_fetched(client: AsyncTestClient[Litestar], node: Node) -> None:
    """An order told by B2MML plans the line, and what the line made of it is told as B2MML."""
    posted = await client.post("/api/erp/orders", content=PLAN.format(quantity=1000), headers=XML)
    fetched = await client.get("/api/erp/completions/file", params={"name": "done.xml", "from": "2026-03-01"})

    assert (posted.status_code, posted.json()["new"]) == (200, 1)
    assert [(order.id, order.line, order.quantity) for order in node.plant.orders] == [("B-1", "cell", 1000)]
    assert fetched.headers["content-type"].startswith("application/xml")
    root = etree.fromstring(fetched.content)
    assert root.findtext("{*}ProductionResponse/{*}ProductionRequestID") == "B-1"
    assert root.findtext(".//{*}QuantityString") == "900"


async def test_an_order_that_is_refused_names_its_request(client: AsyncTestClient[Litestar]) -> None:
    """A document with a wrong quantity is answered with the place in it; another kind of XML by its root."""
    wrong = await client.post("/api/erp/orders", content=PLAN.format(quantity="10 t"), headers=XML)
    other = await client.post("/api/erp/orders", content="<?xml version='1.0'?><Order/>", headers=XML)

    assert (wrong.status_code, other.status_code) == (422, 422)
    assert "ProductionRequest 1" in wrong.json()["findings"][0]["sentence"]
    assert other.json()["key"] == "b2mml.root"


async def test_a_document_is_previewed_as_a_table(client: AsyncTestClient[Litestar], node: Node) -> None:
    """The page shows what a document holds before it is taken."""
    shown = await client.post("/api/erp/orders/file", params={"name": "plan.xml"}, content=PLAN.format(quantity=5))

    assert shown.json()["columns"] == ["id", "product", "machine", "quantity", "start", "end"]
    assert shown.json()["sample"][0][:4] == ["B-1", "bolt", "cell", "5"]
    assert (shown.json()["taken"]["new"], node.plant.orders) == (1, ())


async def test_feeds_are_listed_and_read_when_asked(
    client: AsyncTestClient[Litestar], node: Node, folder: Path
) -> None:
    """The list tells how a feed is doing and what became of its rows; one that is not there is told."""
    with closing(sqlite3.connect(folder / "erp.sqlite")) as database, database:
        database.execute("CREATE TABLE products (material TEXT, cycle_time REAL)")
        database.execute("INSERT INTO products VALUES ('nut', 1.5)")
    with (folder / "plant.toml").open("a", encoding="utf-8") as file:
        file.write(f'[feed.erp]\nkind = "products"\nurl = "sqlite:///{folder}/erp.sqlite"\nselect = "products"\n')
    node.editions.notice(2**50)
    async with node.live(), asyncio.timeout(60):
        while (told := (await client.get("/api/feeds")).json()[0])["state"] == "starting":  # noqa: ASYNC110 - another's work
            await asyncio.sleep(0.01)
        again = await client.post("/api/feeds/erp/read")
        nobody = await client.post("/api/feeds/sap/read")

    assert (told["state"], told["kind"], told["taken"]["new"]) == ("active", "products", 1)
    assert node.plant.products["nut"].ideal_cycle_s == 1.5
    assert (again.status_code, nobody.status_code) == (202, 404)
