"""Orders by commands: a file in, a list, a file out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.orders.office import PLANT

Run = Callable[..., Result]
HEAD = "Auftrag;Artikel;Menge;Start;Ende;Linie\n"
ROW = "A1;4711;100;2026-12-01 06:00;2026-12-01 14:00;cell\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plant of two lines."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    return tmp_path


def file(folder: Path, text: str) -> Path:
    """Write an export."""
    path = folder / "export.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_file_goes_in_and_comes_out(folder: Path, run: Run) -> None:
    """Good rows are taken, wrong ones named with the exit status 1, and the list and the export hold the taken ones."""
    export = file(folder, f"{HEAD}{ROW}A2;4711;5 Stk;2026-12-01;2026-12-01;cell\n")

    taken = run("orders", "import", folder, export)
    listed = run("orders", "list", folder, "--from", "2026-11-01", "--json")
    written = run("orders", "export", folder, folder / "out.csv", "--from", "2026-11-01")

    assert taken.exit_code == 1
    assert "2 rows, 1 new, 0 changed, 0 as before, 1 refused" in taken.output
    assert "Row 3, Menge: 5 Stk holds a unit (Stk) with the number. Write 5 alone" in taken.output
    rows: list[dict[str, Any]] = json.loads(listed.output)
    assert [(r["id"], r["product"], r["start"]) for r in rows] == [("A1", "bolt", "2026-12-01T06:00:00+01:00")]
    assert written.exit_code == 0
    assert "A1,bolt,Bolt M8,cell,,100,2026-12-01 06:00:00" in (folder / "out.csv").read_text("utf-8")


def test_a_mapping_is_kept_and_found_again(folder: Path, run: Run) -> None:
    """Columns nobody could guess are said once; the next file of the form needs nothing."""
    odd = "X;Y;Z;S;E\nA1;nut;7;2026-12-01;2026-12-02\n"
    said = [f"--column={one}" for one in ("id=X", "product=Y", "quantity=Z", "start=S", "end=E")]

    refused = run("orders", "import", folder, file(folder, odd))
    first = run("orders", "import", folder, file(folder, odd), *said, "--constant=line=weld", "--save=weekly")
    again = run("orders", "import", folder, file(folder, odd.replace("A1", "A2")), "--json")

    assert refused.exit_code == 1
    assert first.exit_code == 0, first.output
    assert json.loads(again.output)["new"] == 1


PLAN = """<ProductionSchedule xmlns="http://www.mesa.org/xml/B2MML-V0600">
  <ProductionRequest>
    <ID>A1</ID><StartTime>2026-12-01T06:00:00</StartTime><EndTime>2026-12-01T14:00:00</EndTime>
    <SegmentRequirement>
      <EquipmentRequirement><EquipmentID>cell</EquipmentID></EquipmentRequirement>
      <MaterialProducedRequirement><MaterialDefinitionID>4711</MaterialDefinitionID>
        <Quantity><QuantityString>{quantity}</QuantityString><UnitOfMeasure>PCE</UnitOfMeasure></Quantity>
      </MaterialProducedRequirement>
    </SegmentRequirement>
  </ProductionRequest>
</ProductionSchedule>"""


def test_b2mml_goes_in_and_comes_out(folder: Path, run: Run) -> None:
    """A schedule is known by its first element, whatever its name; what was made is written as a performance."""
    plan = file(folder, PLAN.format(quantity="1E2"))
    made = folder / "made.xml"

    taken = run("orders", "import", folder, plan)
    refused = run("orders", "import", folder, file(folder, PLAN.format(quantity="2.5")))
    told = run("orders", "import", folder, file(folder, "order,id,good\nA1,R1,60\n"), "--kind", "completions")
    written = run("orders", "export", folder, made, "--from", "2026-11-01", "--version", "V0700")
    again = run("orders", "import", folder, made, "--json")
    wrong = run("orders", "export", folder, made, "--kind", "costs")

    assert "1 rows, 1 new" in taken.output
    assert "ProductionRequest 1, Quantity: 2.5" in refused.output
    assert (told.exit_code, written.exit_code) == (0, 0)
    assert "<OperationsRequestID>A1</OperationsRequestID>" in made.read_text("utf-8")
    assert (json.loads(again.output)["new"], json.loads(again.output)["mapping"]["kind"]) == (1, "completions")
    assert (wrong.exit_code, "costs are not written" in wrong.output) == (1, True)


def test_a_feed_is_tried_and_read(folder: Path, run: Run) -> None:
    """What a view would bring is said before it is taken, wrong rows with number and key; its name must be known."""
    with closing(sqlite3.connect(folder / "erp.sqlite")) as database, database:
        database.execute("CREATE TABLE wo (aufnr TEXT, matnr TEXT, gamng INTEGER, gstrp TEXT, gltrp TEXT, arbpl TEXT)")
        rows = [
            (id, product, 5, "2026-12-01", "2026-12-02", "cell") for id, product in (("A1", "4711"), ("A2", "4721"))
        ]
        database.executemany("INSERT INTO wo VALUES (?, ?, ?, ?, ?, ?)", rows)
    feed = f'[feed.erp]\nurl = "sqlite:///{folder}/erp.sqlite"\nselect = "wo"\nsince = "aufnr"\nmost = 1\n'
    (folder / "plant.toml").write_text(f"{PLANT}\n{feed}", "utf-8")

    tried = run("orders", "read", folder, "erp", "--dry-run")
    taken = run("orders", "read", folder, "erp")
    unknown = run("orders", "read", folder, "sap")

    assert "Nothing was stored" in tried.output
    assert "1 (A2), matnr: the plant has no product 4721" in taken.output
    assert (taken.exit_code, taken.output.count("1 rows, 1 new")) == (1, 1)
    assert (unknown.exit_code, "Feeds of the plant file: erp" in unknown.output) == (1, True)


def test_a_dry_run_and_a_time_in_the_past(folder: Path, run: Run) -> None:
    """The one stores nothing; a pair without a sign is named."""
    tried = run("orders", "import", folder, file(folder, HEAD + ROW), "--dry-run")
    wrong = run("orders", "import", folder, file(folder, HEAD + ROW), "--constant", "line")
    empty = run("orders", "list", folder)

    assert "Nothing was stored" in tried.output
    assert (wrong.exit_code, "line does not say" in wrong.output) == (1, True)
    assert "nothing to list" in empty.output


def test_a_running_node_works_with_what_a_command_takes(folder: Path, run: Run, launch: Callable[..., Any]) -> None:
    """An import beside a node needs no stop: the list is asked of the node, which knows the orders at once."""
    launch("run", folder, "--port", "0", "--no-browser")

    taken = run("orders", "import", folder, file(folder, HEAD + ROW), "--json")
    listed = run("orders", "list", folder, "--from", "2026-11-01", "--json")
    table = run("orders", "list", folder, "--from", "2026-11-01")
    written = run("orders", "export", folder, folder / "out.xlsx", "--from", "2026-11-01")

    assert json.loads(taken.output)["new"] == 1
    assert [(r["id"], r["end"]) for r in json.loads(listed.output)] == [("A1", "2026-12-01T14:00:00+01:00")]
    assert "2026-12-01 06:00" in table.output
    assert "1 rows" in written.output
    assert (folder / "out.xlsx").read_bytes().startswith(b"PK")
