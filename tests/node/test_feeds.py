"""Feeds of a running node: an ERP's database is read, taken, told about, and harms nobody."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lineside.connect import SourceState
from lineside.node import FeedHealth, Node

PLANT = """
[site]
id = "works"
timezone = "Europe/Berlin"
[area.hall]
[line.cell]
area = "hall"
[product.flange]
"""
FEED = """
[feed.{name}]
url = "sqlite:///{file}"
select = "{select}"
{more}
"""
COLUMNS = '"Order" TEXT, item TEXT, qty INTEGER, planned_start TEXT, planned_end TEXT, changed INTEGER'
DAY = "2026-11-27 06:00", "2026-11-27 14:00"
PATIENCE_S = 60


class Office:
    """An ERP's database, and the plant folder that reads it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.file = folder / "erp.sqlite"
        self.say(f"CREATE TABLE orders ({COLUMNS})")

    def say(self, statement: str, *rows: tuple[object, ...]) -> None:
        """Does something to the database."""
        with closing(sqlite3.connect(self.file)) as database, database:
            database.executemany(statement, rows) if rows else database.execute(statement)

    def add(self, *rows: tuple[object, ...]) -> None:
        """Writes orders: number, product, quantity and when they changed."""
        told = [(*row[:3], *DAY, *row[3:]) for row in rows]
        self.say("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", *told)

    def write(self, *feeds: tuple[str, str, str], plant: str = PLANT) -> None:
        """Writes the plant file: each feed with its name, what it reads and more keys."""
        parts = (FEED.format(name=name, file=self.file, select=select, more=more) for name, select, more in feeds)
        (self.folder / "plant.toml").write_text(plant + "".join(parts), "utf-8")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with one order and a feed that is read every 50 ms."""
    office = Office(tmp_path)
    office.add(("4711", "flange", 100, 1))
    office.write(("erp", "orders", 'since = "changed"\nevery_s = 0.05'))
    return office


async def until(node: Node, name: str, holds: Callable[[FeedHealth], bool]) -> FeedHealth:
    """Waits until something holds of a feed."""
    async with asyncio.timeout(PATIENCE_S):
        while name not in node.feeds.health or not holds(node.feeds.health[name]):  # noqa: ASYNC110 - another's work
            await asyncio.sleep(0.01)
    return node.feeds.health[name]


def quantities(node: Node) -> dict[str, int]:
    """What the plant works with."""
    return {order.id: order.quantity for order in node.plant.orders}


async def test_a_feed_brings_orders_and_their_changes(office: Office) -> None:
    """What stands in the view is the plant's, and so is what is added or changed there later."""
    with Node.open(office.folder) as node:
        async with node.live():
            first = await until(node, "erp", lambda health: health.read_us is not None)
            assert (first.state, quantities(node)) == (SourceState.ACTIVE, {"4711": 100})

            office.add(("4712", "flange", 7, 2))
            office.say("UPDATE orders SET qty = 90, changed = 3 WHERE qty = 100")
            async with asyncio.timeout(PATIENCE_S):
                while quantities(node) != {"4711": 90, "4712": 7}:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.01)


async def test_a_wrong_row_is_told_with_its_key_and_read_again(office: Office) -> None:
    """The others are taken; when the product it lacks is there, the row is taken too."""
    office.add(("4712", "bolt", 7, 2), ("4713", "flange", 8, 3))
    with Node.open(office.folder) as node:
        async with node.live():
            health = await until(node, "erp", lambda health: health.key == "feed.refused")
            assert quantities(node) == {"4711": 100, "4713": 8}
            assert health.taken is not None
            assert "2 (4712)" in health.taken.findings[0].sentence("en")
            assert "bolt" in health.taken.findings[0].sentence("zh")
            assert "1 of 3" in health.reason("en")

            office.write(("erp", "orders", 'since = "changed"\nevery_s = 0.05'), plant=PLANT + "[product.bolt]\n")
            await until(node, "erp", lambda health: health.state is SourceState.ACTIVE)
            assert quantities(node) == {"4711": 100, "4712": 7, "4713": 8}


async def test_a_backlog_in_parts_is_told_as_a_whole(office: Office) -> None:
    """A wrong row in the first part of many is still told at the end, and taken when it is mended."""
    office.add(*((f"{number}", "bolt" if number == 4712 else "flange", 7, number) for number in range(4712, 4720)))
    office.write(("erp", "orders", 'since = "changed"\nevery_s = 0.05\nmost = 2'))
    with Node.open(office.folder) as node:
        async with node.live():
            health = await until(node, "erp", lambda health: health.key == "feed.refused")
            assert "1 of 9" in health.reason("en")
            assert len(quantities(node)) == 8

            office.say("UPDATE orders SET item = 'flange' WHERE item = 'bolt'")
            await until(node, "erp", lambda health: health.state is SourceState.ACTIVE)
            assert len(quantities(node)) == 9


async def test_a_database_that_is_away_harms_nobody_and_is_tried_again(office: Office) -> None:
    """The reason is told, other feeds go on, and the feed recovers when the database is back."""
    other = Office(office.folder / "other")
    other.add(("8", "flange", 80, 1))
    away = office.file.rename(office.folder / "away")
    office.write(("erp", "orders", "every_s = 0.05"))
    with (office.folder / "plant.toml").open("a", encoding="utf-8") as file:
        file.write(FEED.format(name="other", file=other.file, select="orders", more="every_s = 60"))
    with Node.open(office.folder) as node:
        async with node.live():
            health = await until(node, "erp", lambda health: health.state is SourceState.DEGRADED)
            assert "unable to open" in health.reason("en")
            assert health.cure("zh")
            await until(node, "other", lambda health: health.state is SourceState.ACTIVE)
            assert quantities(node) == {"8": 80}

            away.rename(office.file)
            await until(node, "erp", lambda health: health.state is SourceState.ACTIVE)
            assert quantities(node) == {"4711": 100, "8": 80}


async def test_columns_that_nobody_knows_are_told(office: Office) -> None:
    """A view whose columns name no fields gives the columns it has."""
    office.write(("erp", "SELECT 1 AS x, 2 AS y", "every_s = 0.05"))
    with Node.open(office.folder) as node:
        async with node.live():
            health = await until(node, "erp", lambda health: health.state is SourceState.DEGRADED)

    assert health.key == "orders.unmapped"
    assert "x, y" in str(health.cure("en"))


async def test_reading_now_does_not_wait(office: Office) -> None:
    """A feed that is read once a day is read at once when somebody asks."""
    office.write(("erp", "orders", "every_s = 86400"))
    with Node.open(office.folder) as node:
        async with node.live():
            first = (await until(node, "erp", lambda health: health.read_us is not None)).read_us
            office.add(("4712", "flange", 7, 2))
            node.feeds.read_now("erp")
            await until(node, "erp", lambda health: health.read_us != first)

            assert quantities(node) == {"4711": 100, "4712": 7}


async def test_a_database_that_hangs_does_not_keep_the_node(office: Office) -> None:
    """A driver that never comes back is told as slow; the node ends without it."""
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed: lineside[postgresql]")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://reader@127.0.0.1:{silent.getsockname()[1]}/erp"
        plant = f'{PLANT}[feed.erp]\nurl = "{url}"\nselect = "orders"\ntimeout_s = 0.1\n'
        (office.folder / "plant.toml").write_text(plant, "utf-8")
        with Node.open(office.folder) as node:
            async with node.live():
                health = await until(node, "erp", lambda health: health.state is SourceState.DEGRADED)

    assert health.key == "sql.slow"
