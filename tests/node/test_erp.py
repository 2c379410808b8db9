"""What is told from elsewhere reaches a node, and a plant file that changes keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lineside.books import Books
from lineside.node import Node, now_us
from lineside.orders import Entry, take

ROW: dict[str, Any] = {
    "id": "A1",
    "product": "bolt",
    "line": "cell",
    "quantity": 5,
    "start": "2036-12-01",
    "end": "2036-12-01",
}


def tell(folder: Path, node: Node, **change: Any) -> None:
    """Tell an order as another process does, which writes into the same books."""
    with Books.open(folder) as books:
        take(books, node.plant, "orders", [Entry("1", {**ROW, **change})], origin="file", now_us=now_us())


def test_a_node_takes_up_what_another_process_was_told(plant: Any) -> None:
    """The command writes while the node runs: at its next look the node plans by it, in the same edition."""
    folder = plant.write()
    with Node.open(folder) as node:
        tell(folder, node)
        node.editions.notice(now_us())

        assert [(o.id, o.line) for o in node.plant.orders] == [("A1", "cell")]
        assert [edition.number for edition in node.timeline.editions] == [1]
        assert [row["id"] for row in node.erp.rows("orders")] == ["A1"]


def test_a_new_edition_of_the_file_keeps_what_was_told(plant: Any) -> None:
    """Orders told before the edit are the plant's after it, and after a restart of the node."""
    folder = plant.write()
    with Node.open(folder) as node:
        tell(folder, node)
        plant.write(head=plant.head.replace("Bolt M8", "Bolt M10"))
        node.editions.notice(now_us())
        told = [o.id for o in node.plant.orders]
        tell(folder, node, state="cancelled")

    with Node.open(folder) as again:
        assert told == ["A1"]
        assert again.plant.orders == ()
        assert [row["why_not"] for row in again.erp.rows("orders")] == ["withdrawn"]
        assert again.plant.products["bolt"].name == "Bolt M10"
