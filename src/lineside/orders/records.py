"""What was told, version by version: nothing is overwritten, and each version says from when it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lineside.books import Base, Books
from lineside.orders.fields import KINDS, WITHDRAWN, Kind
from lineside.plant import Order, OrderSpan, Product, ProductTold, Told, moment, rank_of_order

_EVER = 2**62
_CHUNK = 500
_UTC = ZoneInfo("UTC")


class ToldRecord(Base):
    """One version of one record."""

    __tablename__ = "told"
    __table_args__ = (UniqueConstraint("kind", "key", "version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    version: Mapped[int]
    fields: Mapped[dict[str, object]]
    origin: Mapped[str]
    received_us: Mapped[int]
    since_us: Mapped[int | None]
    """From when it judges facts; None: from the beginning."""


@dataclass(frozen=True, slots=True)
class Version:
    """A record as it was told once; times in microseconds UTC."""

    number: int
    fields: Mapping[str, Any]
    origin: str
    received_us: int
    since_us: int | None


def newest(session: Session, kind: Kind, keys: Sequence[str]) -> dict[str, Version]:
    """The last version of those of the keys that are known."""
    found: dict[str, Version] = {}
    for first in range(0, len(keys), _CHUNK):
        wanted = ToldRecord.key.in_(keys[first : first + _CHUNK])
        rows = session.scalars(select(ToldRecord).where(ToldRecord.kind == kind, wanted).order_by(ToldRecord.id))
        found |= {row.key: _version(row) for row in rows}
    return found


def _version(row: ToldRecord) -> Version:
    return Version(row.version, row.fields, row.origin, row.received_us, row.since_us)


class Ledger:
    """All that was told, kept in memory as the books hold it."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._last = 0
        self._lock = Lock()
        self._records: dict[Kind, dict[str, list[Version]]] = {kind: {} for kind in KINDS}
        self._orders: dict[str, tuple[Order | None, tuple[OrderSpan, ...]]] = {}
        self._products: list[ProductTold] = []
        self.told = Told()

    def refresh(self) -> bool:
        """Takes in what the books hold and this does not; True where that changes the plant."""
        with self._lock:
            with self._books.reading() as session:
                rows = session.scalars(
                    select(ToldRecord).where(ToldRecord.id > self._last).order_by(ToldRecord.id)
                ).all()
                found = [(row.id, cast("Kind", row.kind), row.key, _version(row)) for row in rows]
            changed: dict[str, None] = {}
            for id_, kind, key, version in found:
                self._last = id_
                self._records[kind].setdefault(key, []).append(version)
                if kind == "products":
                    self._products.append(ProductTold(version.since_us, product_of(key, version.fields)))
                elif kind == "orders":
                    changed[key] = None
            for key in changed:
                versions = self._records["orders"][key]
                self._orders[key] = order_of(key, versions[-1].fields), tuple(spans_of(key, versions))
            if not changed and len(self._products) == len(self.told.products):
                return False
            orders = tuple(order for order, _ in self._orders.values() if order is not None)
            spans = tuple(span for _, some in self._orders.values() for span in some)
            self.told = Told(orders, spans, tuple(self._products))
            return True

    def records(self, kind: Kind) -> Mapping[str, Sequence[Version]]:
        """Every record of a kind with its versions, oldest first."""
        return dict(self._records[kind])

    def newest(self, kind: Kind) -> dict[str, Version]:
        """Every record of a kind as it stands."""
        return {key: versions[-1] for key, versions in self.records(kind).items()}


def spans_of(order: str, versions: Iterable[Version]) -> Iterator[OrderSpan]:
    """The time an order planned, each part by the version that was known then.

    The first version holds also before it came; each other one from its `since` on, and what it begins before is gone.
    """
    begun: list[tuple[int, Version]] = []
    for version in versions:
        since = -_EVER if version.since_us is None else version.since_us
        while begun and begun[-1][0] >= since:
            begun.pop()
        begun.append((since, version))
    ends = [*(since for since, _ in begun[1:]), _EVER]
    for (since, version), until in zip(begun, ends, strict=True):
        told = version.fields
        if told.get("state") == WITHDRAWN:
            continue
        start, end = max(int(told["start"]), since), min(int(told["end"]), until)
        if start < end:
            place = told.get("line"), told.get("machine")
            rank = rank_of_order(told.get("priority"))
            yield OrderSpan(start, end, told["product"], order, *place, version.received_us, rank)


def order_of(id: str, fields: Mapping[str, Any]) -> Order | None:
    """An order as it stands; None for one that was withdrawn."""
    if fields.get("state") == WITHDRAWN:
        return None
    return Order.model_construct(
        id=id,
        product=fields["product"],
        line=fields.get("line"),
        machine=fields.get("machine"),
        quantity=fields["quantity"],
        start=moment(fields["start"], _UTC),
        end=moment(fields["end"], _UTC),
        priority=fields.get("priority"),
    )


def product_of(id: str, fields: Mapping[str, Any]) -> Product:
    """A product as it was told."""
    told: dict[str, Any] = {"id": id, "name": fields.get("name") or id}
    if (cycle := fields.get("ideal_cycle_s")) is not None:
        told["ideal_cycle_s"] = cycle
    if codes := fields.get("codes"):
        told["codes"] = tuple(codes)
    return Product.model_construct(**told)
