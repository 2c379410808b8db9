"""Takes what a source tells: judges every entry, stores the good ones at once, names what is wrong with the others."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from lineside.books import Books
from lineside.orders.cells import Wrong, read_value
from lineside.orders.entries import Entry, Taken, WrongEntry
from lineside.orders.fields import FIELDS, Kind, field_of
from lineside.orders.records import ToldRecord, Version, newest
from lineside.plant import Plant, moment

NAMED = 200
"""Wrong entries of one source that are told one by one; the others are counted."""
_EARLIEST = 631_152_000_000_000
"""1990-01-01 in microseconds: what claims to be older is a mistake."""
_FARTHEST = 20 * 366 * 86_400_000_000
_NEAR = 20
"""So many wrong entries are told what is near to the name that they use: finding it takes its time."""
_AS_SECONDS: Mapping[str, Callable[[float], float]] = {
    "ideal_cycle_s": lambda told: told,
    "ideal_cycle_min": lambda told: told * 60,
    "per_hour": lambda told: 3600 / told,
}


class _Read(NamedTuple):
    entry: Entry
    key: str
    fields: dict[str, Any]


def take(  # noqa: PLR0913 - what is told, and how it is taken
    books: Books,
    plant: Plant,
    kind: Kind,
    entries: Iterable[Entry],
    *,
    origin: str,
    now_us: int,
    since_us: int | None = None,
    dry_run: bool = False,
    tell: Callable[[Session, Mapping[str, int]], None] | None = None,
) -> Taken:
    """Stores the good entries as new records or new versions, durable on return; a `dry_run` stores nothing.

    What an entry leaves out stays as it was, and one that says nothing new makes no version. A new record judges all
    facts, a changed one those from `since_us` on, or from now where that is not said. `tell` is given the session in
    which something is stored, and how much.
    """
    given = list(entries)
    judge = _Judge(plant, kind, since_us, now_us)
    read = [one for entry in given if (one := judge.read(entry)) is not None]
    with books.reading() if dry_run else books.session() as session:
        judge.compare(session, read)
        if not dry_run:
            session.add_all(judge.records(origin))
            if tell is not None and judge.taken:
                tell(session, judge.counts)
    counts = judge.counts
    own = {order.id for order in plant.orders if plant.in_file(order.id)} if kind == "orders" else set()
    shadowed = [one.key for one in judge.taken if one.key in own]
    return Taken(
        len(given), counts["new"], counts["changed"], counts["same"], judge.refused, judge.findings, tuple(shadowed)
    )


class _Judge:
    """Judges the entries of one source."""

    def __init__(self, plant: Plant, kind: Kind, since_us: int | None, now_us: int) -> None:
        self._plant = plant
        self._kind = kind
        self._since, self._now = since_us, now_us
        self._known: dict[str, Version] = {}
        self._orders_known: set[str] = set()
        self.findings: list[WrongEntry] = []
        self.refused = 0
        self.taken: list[_Read] = []
        self.counts = {"new": 0, "changed": 0, "same": 0}

    def read(self, entry: Entry) -> _Read | None:
        """The entry with its values read, or None where one of them is wrong."""
        try:
            fields = self._values(entry)
            return _Read(entry, _key(self._kind, entry, fields), fields)
        except WrongEntry as wrong:
            self._refuse(wrong)
            return None

    def _refuse(self, wrong: WrongEntry) -> None:
        self.refused += 1
        if len(self.findings) < NAMED:
            self.findings.append(wrong)

    def _values(self, entry: Entry) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name, value in entry.fields.items():
            field = field_of(self._kind, name)
            if field is None:
                known = ", ".join(one.name for one in FIELDS[self._kind])
                raise WrongEntry(entry, name, "orders.unknown_field", known=known)
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            try:
                fields[name] = read_value(value, field.type, entry.reading, self._plant)
            except Wrong as wrong:
                raise WrongEntry(entry, name, wrong.key, **wrong.fields) from None
        return fields

    def compare(self, session: Session, read: list[_Read]) -> None:
        """Lays the entries beside what is known, and refuses those that cannot stand."""
        self._known = newest(session, self._kind, [one.key for one in read])
        if self._kind == "completions":
            named = [str(one.fields["order"]) for one in read]
            self._orders_known = {order.id for order in self._plant.orders} | newest(session, "orders", named).keys()
        judged: dict[str, list[_Read]] = {}
        for one in read:
            before = self._known.get(one.key)
            try:
                whole = self._whole(one.entry, {**_kept(before, one.fields), **one.fields})
            except WrongEntry as wrong:
                self._refuse(wrong)
            else:
                judged.setdefault(one.key, []).append(_Read(one.entry, one.key, whole))
        for key, some in judged.items():
            if any(one.fields != some[0].fields for one in some):
                places = ", ".join(one.entry.place for one in some)
                for one in some:
                    self._refuse(
                        WrongEntry(one.entry, FIELDS[self._kind][0].name, "orders.twice", id=key, places=places)
                    )
                continue
            before = self._known.get(key)
            said = "new" if before is None else "same" if before.fields == some[0].fields else "changed"
            self.counts[said] += 1
            self.counts["same"] += len(some) - 1
            if said != "same":
                self.taken.append(some[0])
        self.findings.sort(key=_place)

    def records(self, origin: str) -> Iterable[ToldRecord]:
        """The new versions."""
        for one in self.taken:
            before = self._known.get(one.key)
            yield ToldRecord(
                kind=self._kind,
                key=one.key,
                version=1 if before is None else before.number + 1,
                fields=one.fields,
                origin=origin,
                received_us=self._now,
                since_us=self._since if before is None or self._since is not None else self._now,
            )

    def _whole(self, entry: Entry, fields: dict[str, Any]) -> dict[str, Any]:
        if self._kind == "orders" and "due" in fields:
            fields.setdefault("end", fields["due"])
        for field in FIELDS[self._kind]:
            if field.needed and field.name not in fields:
                raise WrongEntry(entry, field.name, "orders.missing")
        return getattr(self, f"_{self._kind}")(entry, fields)  # type: ignore[no-any-return]

    def _orders(self, entry: Entry, fields: dict[str, Any]) -> dict[str, Any]:
        if "end" not in fields:
            raise WrongEntry(entry, "end", "orders.missing")
        if fields["end"] <= fields["start"]:
            raise WrongEntry(entry, "end", "orders.backwards", id=fields["id"])
        for name, far in (("start", fields["start"] < _EARLIEST), ("end", fields["end"] > self._now + _FARTHEST)):
            if far:
                raise WrongEntry(
                    entry, name, "orders.far", value=f"{moment(fields[name], self._plant.site.zone):%Y-%m-%d}"
                )
        fields["product"] = self._product(entry, "product", fields["product"])
        told = {name: self._named(entry, name, fields.pop(name)) for name in ("machine", "line") if name in fields}
        lines = self._plant.lines
        if not told and len(lines) != 1:
            raise WrongEntry(entry, "line", "orders.nowhere", known=", ".join(lines) or "-")
        place = told.get("machine") or told.get("line") or ("line", next(iter(lines)))
        return {**fields, place[0]: place[1], "state": fields.get("state", "planned")}

    def _products(self, entry: Entry, fields: dict[str, Any]) -> dict[str, Any]:
        for name in ("per_hour", "ideal_cycle_min", "ideal_cycle_s"):
            if name in entry.fields and name in fields:
                told = fields.pop(name)
                if told == 0:
                    raise WrongEntry(entry, name, "orders.zero")
                fields["ideal_cycle_s"] = _AS_SECONDS[name](told)
        return fields

    def _costs(self, entry: Entry, fields: dict[str, Any]) -> dict[str, Any]:
        if fields["what"] == "material":
            if "of" not in fields:
                raise WrongEntry(entry, "of", "orders.missing")
            fields["of"] = self._product(entry, "of", fields["of"])
        elif "of" in fields:
            fields["of"] = self._named(entry, "of", fields["of"])[1]
        return fields

    def _completions(self, entry: Entry, fields: dict[str, Any]) -> dict[str, Any]:
        order = fields["order"]
        if order not in self._orders_known:
            raise WrongEntry(entry, "order", "orders.unknown_order", order=order)
        if {"start", "end"} <= fields.keys() and fields["end"] <= fields["start"]:
            raise WrongEntry(entry, "end", "orders.backwards", id=order)
        return fields

    def _product(self, entry: Entry, field: str, word: str) -> str:
        """The id of the product that a word names: its id, a code, or its name where only one has it."""
        found = self._words.get(word)
        if found is None:
            near = difflib.get_close_matches(word, self._plant.products, 1) if len(self.findings) < _NEAR else []
            raise WrongEntry(entry, field, "orders.unknown_product", product=word, near=near[0] if near else "-")
        return found

    @cached_property
    def _words(self) -> dict[str, str]:
        """The products by what they are called: ids go before codes, codes before names."""
        products = self._plant.products.values()
        often = Counter(product.name for product in products)
        found = {product.name: product.id for product in products if often[product.name] == 1}
        found |= {code: product.id for product in reversed([*products]) for code in product.codes}
        return found | {product.id: product.id for product in products}

    def _named(self, entry: Entry, field: str, word: str) -> tuple[str, str]:
        """The machine or line that a word names by id or name, whichever of both columns it stands in."""
        kinds: tuple[tuple[str, Mapping[str, Any]], ...] = (
            ("machine", self._plant.machines),
            ("line", self._plant.lines),
        )
        for kind, known in kinds if field != "line" else reversed(kinds):
            named = [one.id for one in known.values() if word in (one.id, one.name)]
            if word in known or len(named) == 1:
                return kind, word if word in known else named[0]
        known = {"line": self._plant.lines, "machine": self._plant.machines}.get(field, self._plant.machines)
        raise WrongEntry(entry, field, "orders.unknown_place", name=word, known=", ".join(known) or "-")


def _kept(before: Version | None, told: Mapping[str, Any]) -> dict[str, Any]:
    """What was told before and still holds where it is not told again."""
    if before is None:
        return {}
    gone = {"line", "machine"} if {"line", "machine"} & told.keys() else set()
    if "due" in told and before.fields.get("end") == before.fields.get("due"):
        gone.add("end")
    return {name: value for name, value in before.fields.items() if name not in gone}


def _key(kind: Kind, entry: Entry, fields: Mapping[str, Any]) -> str:
    """What a record is known by."""
    if kind == "costs":
        if missing := [name for name in ("what", "start") if name not in fields]:
            raise WrongEntry(entry, missing[0], "orders.missing")
        return f"{fields['what']}/{fields.get('of', '')}/{fields['start']}"
    if kind == "completions":
        if "order" not in fields:
            raise WrongEntry(entry, "order", "orders.missing")
        told = fields.get("id") or fields.get("start") or fields.get("end")
        if told is None:
            raise WrongEntry(entry, "id", "orders.no_key")
        return f"{fields['order']}/{told}"
    if "id" not in fields:
        raise WrongEntry(entry, "id", "orders.missing")
    return str(fields["id"])


def _place(wrong: WrongEntry) -> tuple[int, str]:
    place = wrong.path
    return (int(place), "") if place.isdecimal() else (0, place)
