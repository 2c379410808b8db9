"""Feeds in the plant file: what is asked of a database, and that no password is kept."""

from __future__ import annotations

import pytest

from lineside.plant import Feed, PlantFileError, parse_plant

PLANT = """
[site]
id = "works"
timezone = "UTC"
[feed.erp]
url = "{url}"
select = '''{select}'''
"""
URL = "postgresql://reader@erp/prod"


def feed(select: str = "orders", url: str = URL) -> Feed:
    """The feed of a plant file."""
    return parse_plant(PLANT.format(url=url, select=select)).feeds["erp"]


def problems(select: str = "orders", url: str = URL) -> list[str]:
    """What is wrong with a plant file, as keys; nothing told repeats a password."""
    with pytest.raises(PlantFileError) as refused:
        feed(select, url)
    assert "hunter2" not in str(refused.value)
    assert all(finding.cure("zh") for finding in refused.value.findings)
    return [finding.problem for finding in refused.value.findings]


@pytest.mark.parametrize(
    "select",
    [
        "DELETE FROM orders",
        "SELECT 1; DELETE FROM orders",
        "WITH gone AS (DELETE FROM orders RETURNING no) SELECT * FROM gone",
        "SELECT * INTO copy FROM orders",
        "SELECT * FROM orders FOR UPDATE",
        "PRAGMA journal_mode",
        "ATTACH x AS y",
        "orders; DROP TABLE orders",
        "/* SELECT */ UPDATE orders SET qty = 0",
        "selected FROM",
        "",
    ],
)
def test_only_a_select_is_accepted(select: str) -> None:
    """Whatever would write, or is more than one statement, is refused with its line in the file."""
    assert problems(select) == ["plant.feed_select"]


@pytest.mark.parametrize(
    "select",
    [
        "sap.open_orders",
        "SELECT ';' AS a, \"update\" FROM t -- delete",
        "(SELECT 1) UNION (SELECT 2)",
        "WITH t AS (SELECT update_date FROM o) SELECT * FROM t;",
        "select $$insert; into$$, replace(a, 'x', '') from [delete from]",
    ],
)
def test_what_only_reads_is_accepted(select: str) -> None:
    """Words in texts, names and comments are no statements; a semicolon at the end is left out."""
    assert feed(select).select == select.rstrip(";")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:hunter2@erp/prod",
        "postgresql://erp/prod?a=b&sslpassword=hunter2",
        "mssql+pyodbc://a:hun/ter2@hunter2",
    ],
)
def test_a_password_in_the_file_is_refused(url: str) -> None:
    """The file is kept edition by edition and shown to many, so it holds no password."""
    assert problems(url=url) == ["plant.feed_password"]


@pytest.mark.parametrize("url", ["erp", "", "://erp/prod"])
def test_an_address_of_no_database_is_refused(url: str) -> None:
    """Without a scheme there is nothing to connect to."""
    assert problems(url=url) == ["plant.feed_url"]
