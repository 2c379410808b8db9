"""Feeds and B2MML on the page of orders, in a real browser on a plant of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.axe import broken_rules
from tests.web.stage import node

pytestmark = pytest.mark.browser

PLANT = """
[site]
id = "works"
timezone = "Europe/Berlin"
[area.hall]
[line.cell]
area = "hall"
[product.flange]
[feed.erp]
name = "The ERP"
url = "sqlite:///{file}"
select = "orders"
every_s = 86400
"""
PLAN = """<ProductionSchedule xmlns="http://www.mesa.org/xml/B2MML-V0600"><ProductionRequest>
  <ID>B-1</ID><StartTime>2036-12-01T06:00:00Z</StartTime><EndTime>2036-12-01T14:00:00Z</EndTime>
  <SegmentRequirement><MaterialProducedRequirement><MaterialDefinitionID>flange</MaterialDefinitionID>
    <Quantity><QuantityString>5</QuantityString></Quantity></MaterialProducedRequirement></SegmentRequirement>
</ProductionRequest></ProductionSchedule>"""


class Erp:
    """A database of orders, and the address of a node that reads it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.address = ""

    def say(self, statement: str) -> None:
        """Does something to the database."""
        with closing(sqlite3.connect(self.file)) as database, database:
            database.execute(statement)


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    """A plant that reads a good and a wrong order."""
    folder = tmp_path_factory.mktemp("plant")
    erp = Erp(folder / "erp.sqlite")
    erp.say("CREATE TABLE orders (wo TEXT, item TEXT, qty INTEGER, start TEXT, finish TEXT)")
    for number, product in (("E-1", "flange"), ("E-2", "flansch")):
        erp.say(f"INSERT INTO orders VALUES ('{number}', '{product}', 9, '2036-12-01 06:00', '2036-12-01 14:00')")  # noqa: S608
    (folder / "plant.toml").write_text(PLANT.format(file=erp.file), "utf-8")
    with node("run", folder) as address:
        erp.address = address
        yield erp


def test_a_feed_tells_what_it_took_and_is_read_when_asked(page: Page, erp: Erp) -> None:
    """A wrong row is named with its key; mended, it is taken when somebody asks. Axe finds nothing."""
    page.goto(f"{erp.address}/orders")
    card = page.get_by_role("region", name="Out of the ERP's database")

    expect(card.get_by_text("1 of 2 row(s) were refused")).to_be_visible()
    expect(card.get_by_text("Row 2 (E-2), item: the plant has no product flansch.")).to_be_visible()
    assert broken_rules(page) == []

    erp.say("UPDATE orders SET item = 'flange'")
    card.get_by_role("button", name="Read now").click()
    expect(card.get_by_text("every row was taken")).to_be_visible()


def test_a_document_needs_no_mapping(page: Page, erp: Erp) -> None:
    """B2MML is shown as what it says, without columns to choose, and taken."""
    page.goto(f"{erp.address}/orders")
    plan = {"name": "plan.xml", "mimeType": "application/xml", "buffer": PLAN.encode()}
    page.locator("input[type=file]").set_input_files(plan)  # type: ignore[arg-type]

    page.get_by_role("button", name="Take 1 rows").click()
    expect(page.get_by_role("status").filter(has_text="plan.xml: 1 rows")).to_contain_text("Taken: 1 new")
    expect(page.get_by_role("group", name="Columns")).to_have_count(0)
    expect(page.get_by_role("row", name="B-1 ")).to_contain_text("plan.xml")
