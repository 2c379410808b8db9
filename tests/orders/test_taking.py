"""What a source tells is judged row by row: the good ones are taken, the others named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lineside.orders import Taken
from tests.orders.office import NOON, ORDER, Office

Keys = Callable[[Taken], list[tuple[str, str]]]
GOOD = {**ORDER, "start": "2026-12-01", "end": "2026-12-02"}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"product": "boltt"}, "orders.unknown_product"),
        ({"line": "moon"}, "orders.unknown_place"),
        ({"line": ""}, "orders.nowhere"),
        ({"end": "2026-11-30"}, "orders.backwards"),
        ({"quantity": "500 pcs"}, "orders.unit"),
        ({"quantity": None}, "orders.missing"),
        ({"id": " "}, "orders.missing"),
        ({"end": None}, "orders.missing"),
        ({"state": "purple"}, "orders.state"),
        ({"priority": "soon"}, "orders.rank"),
        ({"priority": 1.5}, "orders.rank"),
        ({"priority": "-1"}, "orders.rank"),
        ({"colour": "red"}, "orders.unknown_field"),
        ({"note": "x" * 300}, "orders.long"),
        ({"start": "3/4/2026"}, "orders.day_month"),
        ({"start": "1926-12-01"}, "orders.far"),
        ({"end": "2126-12-01"}, "orders.far"),
    ],
)
def test_a_wrong_row_is_named_and_the_others_are_taken(
    office: Office, keys: Keys, change: dict[str, Any], key: str
) -> None:
    """One bad row never holds up a good one, and nothing of it is stored."""
    taken = office.tell({**GOOD, "id": "before"}, {**GOOD, **change}, {**GOOD, "id": "after"})

    assert keys(taken) == [("3", key)]
    assert (taken.new, taken.refused) == (2, 1)
    assert {order.id for order in office.plant.orders} == {"before", "after"}
    assert all(finding.cure("zh") and finding.sentence("zh") for finding in taken.findings)


def test_rows_that_tell_one_order_in_two_ways_are_both_refused(office: Office, keys: Keys) -> None:
    """Nobody can know which of them is meant; the same row twice is one."""
    taken = office.tell(GOOD, {**GOOD, "quantity": 7}, {**GOOD, "id": "B"}, {**GOOD, "id": "B"})

    assert keys(taken) == [("2", "orders.twice"), ("3", "orders.twice")]
    assert (taken.new, taken.same) == (1, 1)


def test_telling_again_changes_nothing(office: Office) -> None:
    """Tomorrow's file holds today's orders again: only what differs is a new version."""
    first, again = office.tell(GOOD), office.tell(GOOD)
    changed = office.tell({**GOOD, "quantity": 120})

    assert [(t.new, t.changed, t.same) for t in (first, again, changed)] == [(1, 0, 0), (0, 0, 1), (0, 1, 0)]
    office.ledger.refresh()
    versions = office.ledger.records("orders")["A1"]
    assert [(v.number, v.fields["quantity"], v.origin) for v in versions] == [
        (1, 100, "test.xlsx"),
        (2, 120, "test.xlsx"),
    ]


def test_a_row_leaves_out_what_stays(office: Office) -> None:
    """A list of states alone moves known orders on; an order nobody knows needs everything."""
    office.tell(GOOD)

    taken = office.tell({"id": "A1", "state": "TECO"}, {"id": "new", "state": "REL"})

    assert (taken.changed, taken.refused) == (1, 1)
    assert office.newest("orders")["A1"].fields["state"] == "done"


def test_a_dry_run_stores_nothing(office: Office) -> None:
    """It only says what would be."""
    taken = office.tell(GOOD, dry_run=True)

    assert taken.new == 1
    assert office.plant.orders == ()


def test_a_place_is_known_by_id_or_name_in_either_column(office: Office) -> None:
    """An ERP's work centre may be a line or a machine of the plant; a new place replaces the old one."""
    office.tell({**GOOD, "line": "Cell 1"}, {**GOOD, "id": "B", "line": "robot"})
    office.tell({"id": "A1", "machine": "robot"})

    assert {(o.id, o.line, o.machine) for o in office.plant.orders} == {("A1", None, "robot"), ("B", None, "robot")}


def test_an_order_due_alone_ends_when_it_is_due(office: Office) -> None:
    """Where the ERP plans no end, the due date is it; moving the date moves the end."""
    office.tell({**GOOD, "end": None, "due": "2026-12-03"})
    first = office.plant.orders[0].end
    office.tell({"id": "A1", "due": "2026-12-04"})

    assert (office.plant.orders[0].end - first).days == 1


def test_products_bring_cycles_in_any_unit(office: Office, keys: Keys) -> None:
    """Seconds, minutes and pieces an hour are the same ideal cycle; 0 pieces an hour is none."""
    taken = office.tell(
        {"id": "cap", "name": "Cap", "per_hour": "120", "codes": "C1; C-2"},
        {"id": "lid/7", "ideal_cycle_min": "0,5"},
        {"id": "pin", "per_hour": 0},
        kind="products",
    )

    plant = office.plant
    assert keys(taken) == [("4", "orders.zero")]
    assert (plant.ideal_cycle_s("cap", "press"), plant.ideal_cycle_s("lid/7", "press")) == (30.0, 30.0)
    assert (plant.product_named("C-2"), plant.products["cap"].name) == ("cap", "Cap")


def test_costs_know_their_currency_and_begin(office: Office, keys: Keys) -> None:
    """A rate needs its currency and from when it holds; another begin is another rate."""
    taken = office.tell(
        {"what": "Maschinenstunde", "of": "press", "amount": "85,50", "currency": "€", "start": "2026-01-01"},
        {"what": "machine hour", "of": "press", "amount": 90, "currency": "EUR", "start": "2027-01-01"},
        {"what": "material", "of": "4711", "amount": 1.2, "currency": "CNY", "start": "2026-01-01"},
        {"what": "labour_hour", "amount": 40, "currency": "¥", "start": "2026-01-01"},
        {"what": "material", "amount": 1, "currency": "EUR", "start": "2026-01-01"},
        kind="costs",
    )

    costs = office.newest("costs").values()
    assert keys(taken) == [("5", "orders.currency"), ("6", "orders.missing")]
    assert [(c.fields["what"], c.fields["of"], c.fields["amount"]) for c in costs] == [
        ("machine_hour", "press", 85.5),
        ("machine_hour", "press", 90.0),
        ("material", "bolt", 1.2),
    ]


def test_what_the_plant_file_says_holds(office: Office) -> None:
    """An order of the file keeps its plan, and of a product only what the file leaves open is taken; both are told."""
    office.text += (
        '[[order]]\nid = "A1"\nproduct = "nut"\nline = "weld"\nquantity = 5\n'
        "start = 2026-12-01T06:00:00\nend = 2026-12-01T14:00:00\n"
    )

    taken = office.tell(GOOD)
    office.tell(
        {"id": "bolt", "ideal_cycle_s": 99, "name": "Other"}, {"id": "nut", "ideal_cycle_s": 7}, kind="products"
    )

    assert taken.shadowed == ("A1",)
    assert [(o.id, o.product) for o in office.plant.orders] == [("A1", "nut")]
    assert (office.plant.products["bolt"].ideal_cycle_s, office.plant.products["bolt"].name) == (60.0, "Bolt M8")
    assert office.plant.ideal_cycle_s("nut", "press") == 7.0


def test_an_order_whose_product_left_the_plant_plans_nothing(office: Office) -> None:
    """It stays in the books; the plant goes on without it."""
    office.tell({**GOOD, "product": "nut"}, now=NOON)
    office.text = office.text.replace("[product.nut]\n", "")

    assert office.plant.orders == ()
    assert office.plant.spans_of(office.plant.machines["press"]) == []
