"""What the node exchanges with an ERP: orders, products and costs in, completions out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lineside.books import Books
from lineside.connect import Sheet
from lineside.history import History
from lineside.node.editions import Editions
from lineside.orders import (
    Completion,
    Entry,
    Kind,
    Offer,
    SheetMapping,
    Taken,
    completions,
    drop_mapping,
    offer_of_feed,
    read_offer,
    rows_of,
    save_mapping,
    saved_mappings,
    take,
)
from lineside.plant import Feed
from lineside.trust import HERE, NODE, Ledger
from lineside.trust import Kind as Said

_EVER = 2**62
SHOWN_BEFORE_US = 7 * 86_400_000_000
"""Orders that ended longer ago are listed when somebody asks for them."""


@dataclass(frozen=True, slots=True)
class Erp:
    """One plant's exchange."""

    history: History
    books: Books
    editions: Editions
    now: Callable[[], int]
    signed: Ledger

    def take(
        self,
        kind: Kind,
        entries: Iterable[Entry],
        *,
        origin: str,
        since_us: int | None = None,
        dry_run: bool = False,
        by: str = HERE,
        about: str = "orders",
    ) -> Taken:
        """Judges entries and stores the good ones, told in the ledger; the plant works with them on return."""

        def tell(rows: Session, counts: Mapping[str, int]) -> None:
            self.signed.write(
                rows, Said.ORDERS, who=by, about=about, kind=kind, new=counts["new"], changed=counts["changed"]
            )

        self.editions.hear()
        plant, now = self.editions.timeline.newest, self.now()
        taken = take(
            *(self.books, plant, kind, entries),
            origin=origin,
            now_us=now,
            since_us=since_us,
            dry_run=dry_run,
            tell=tell,
        )
        self.editions.hear()
        return taken

    def take_feed(self, feed: Feed, sheet: Sheet) -> Taken:
        """Takes the rows of a view of a database."""
        offer = offer_of_feed(feed, sheet, self.mappings(feed.kind))
        return self.take(feed.kind, offer.entries(), origin=f"feed {feed.id}", by=NODE, about=f"feed/{feed.id}")

    def made(self, start: int, end: int) -> dict[str, Completion]:
        """What was made for the orders planned in a window."""
        editions = self.editions
        return completions(self.history, editions.timeline, editions.ledger, start, end, self.now())

    def rows(self, kind: Kind, start: int | None = None, end: int | None = None) -> list[dict[str, Any]]:
        """The records of a kind; orders and completions as far as they are planned in a window.

        Without a start it begins a week ago. Times in microseconds UTC.
        """
        self.editions.hear()
        first = self.now() - SHOWN_BEFORE_US if start is None else start
        last = _EVER if end is None else end
        made = self.made(first, last) if kind in ("orders", "completions") else {}
        rows = rows_of(kind, self.editions.timeline.newest, self.editions.ledger, made)
        if kind == "orders":
            return [row for row in rows if row["start"] < last and row["end"] > first]
        return rows

    def offer(
        self,
        kind: Kind,
        data: bytes,
        name: str,
        *,
        named: str | None = None,
        mapping: SheetMapping | None = None,
    ) -> Offer:
        """A table with the mapping that it would be read by."""
        return read_offer(kind, data, name, self.mappings(kind), named=named, mapping=mapping)

    def mappings(self, kind: Kind) -> Mapping[str, SheetMapping]:
        """The mappings that are kept for a kind."""
        with self.books.reading() as session:
            return saved_mappings(session, kind)

    def save(self, name: str, mapping: SheetMapping, *, by: str = HERE) -> None:
        """Keeps a mapping."""
        with self.books.session() as session:
            save_mapping(session, name, mapping, self.now())
            self.signed.write(session, Said.MAPPING, who=by, about="orders", kind=mapping.kind, kept=True)

    def drop(self, name: str, *, by: str = HERE) -> None:
        """Forgets a mapping."""
        with self.books.session() as session:
            drop_mapping(session, name)
            self.signed.write(session, Said.MAPPING, who=by, about="orders", kept=False)
