"""Records as people and programs list them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from lineside.measure import iso, order_span
from lineside.orders.completions import Completion
from lineside.orders.fields import Kind
from lineside.orders.records import Ledger, Version
from lineside.orders.writing import MOMENTS
from lineside.plant import Order, Plant, rank_of_order

FILE = "plant.toml"
"""The origin of what stands in the plant file."""


def order_rows(plant: Plant, ledger: Ledger, made: Mapping[str, Completion]) -> list[dict[str, Any]]:
    """Every order, those of the file and those that were told, by their start; times in microseconds UTC.

    `why_not` says why an order that was told plans nothing: `in_file` where the file has the id, `no_product` or
    `no_place` where the plant has them no more, `withdrawn`.
    """
    own = {order.id for order in plant.orders if plant.in_file(order.id)}
    rows = [_of_file(plant, order) for order in plant.orders if order.id in own]
    for key, version in ledger.newest("orders").items():
        rows.append({**_told(key, version), "why_not": _why_not(plant, version.fields, shadowed=key in own)})
    for row in rows:
        product = plant.products.get(row["product"])
        row["product_name"] = None if product is None else product.name
        if (done := made.get(row["id"])) is not None and row["why_not"] is None:
            row |= {"good": done.good, "rejected": done.rejected, "basis": done.basis}
    return sorted(rows, key=lambda row: (row["start"], rank_of_order(row.get("priority")), row["id"]))


def _of_file(plant: Plant, order: Order) -> dict[str, Any]:
    start, end = order_span(order, plant)
    told = {name: getattr(order, name) for name in ("id", "product", "line", "machine", "quantity")}
    if order.priority is not None:
        told["priority"] = order.priority
    return {**told, "start": start, "end": end, "state": "planned", "origin": FILE, "why_not": None}


def _told(key: str, version: Version) -> dict[str, Any]:
    known = {"version": version.number, "origin": version.origin, "received": version.received_us}
    return {"id": key, **version.fields, **known}


def _why_not(plant: Plant, fields: Mapping[str, Any], *, shadowed: bool) -> str | None:
    if shadowed:
        return "in_file"
    if fields["state"] == "withdrawn":
        return "withdrawn"
    if fields["product"] not in plant.products:
        return "no_product"
    return None if plant.places(fields["product"], fields.get("line"), fields.get("machine")) else "no_place"


def rows_of(kind: Kind, plant: Plant, ledger: Ledger, made: Mapping[str, Completion]) -> list[dict[str, Any]]:
    """The records of a kind as they stand; times in microseconds UTC."""
    if kind == "orders":
        return order_rows(plant, ledger, made)
    if kind == "products":
        return list(_products(plant, ledger))
    if kind == "costs":
        return [_told(key, version) for key, version in ledger.newest("costs").items()]
    return [_completion_row(one) for one in made.values()]


def _products(plant: Plant, ledger: Ledger) -> Iterator[dict[str, Any]]:
    """As the plant works with them."""
    told = ledger.newest("products")
    for product in plant.products.values():
        version = told.get(product.id)
        row = {
            "id": product.id,
            "name": product.name,
            "ideal_cycle_s": product.ideal_cycle_s,
            "codes": list(product.codes),
            "origin": FILE if version is None else version.origin,
        }
        yield row if version is None else {**row, "version": version.number, "received": version.received_us}


def _completion_row(one: Completion) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("order", "product", "line", "machine", "planned", "good", "rejected")}
    return {**told, "start": one.start_us, "end": one.end_us, "basis": one.basis, "state": one.state}


def plain_row(row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """A row with its times as ISO 8601 in the plant's zone."""
    return {name: iso(value, zone) if name in MOMENTS and value is not None else value for name, value in row.items()}


def history_of(ledger: Ledger, kind: Kind, key: str) -> list[dict[str, Any]]:
    """Every version of a record, oldest first."""
    return [{**_told(key, one), "since": one.since_us} for one in ledger.records(kind).get(key, ())]
