"""Where each thing lives, how much of it there is, how long it is kept and which ways take it outside today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from lineside.books import Books
from lineside.history import History, Series, Stock
from lineside.node.intake import now_us
from lineside.node.keeping import Keeping, classes
from lineside.plant import Plant, Timeline
from lineside.texts import say
from lineside.trust import AT_NODE, People, Thing, ThingKind, facts
from lineside.valve import Release

_BOOKS_TABLES = {table for kind in facts().kinds.values() if kind.holds.endswith("sqlite") for table in kind.tables}
_PUBLISHED = {"states": {"state"}, "units": {"produced", "good", "rejected"}}


@dataclass(frozen=True, slots=True)
class Amount:
    """Rows, bytes and the time from the first to the last (microseconds UTC); None: not known, or not counted yet."""

    rows: int | None = None
    bytes: int | None = None
    first: int | None = None
    last: int | None = None


class Whereabouts:
    """A look at the folder of a plant, once for all its things."""

    def __init__(
        self,
        folder: Path,
        history: History,
        books: Books,
        timeline: Timeline,
        keeping: Keeping,
        people: People,
        open_releases: Iterable[Release] = (),
    ) -> None:
        self._releases = [one for one in open_releases if not one.terms.own]
        self._plant, self._history = timeline.newest, history
        self._series = history.catalogue()
        taken = keeping.stock
        self.counted = None if taken is None else taken[0]
        """When the samples were counted (microseconds UTC); None: not since the node began."""
        self._stock = None if taken is None else taken[1]
        self._byte = _bytes_of_a_row(history, self._stock)
        groups = classes(timeline, self._series.values())
        self._class = dict.fromkeys(groups.kpi, "kpi") | dict.fromkeys(groups.measures, "measures")
        self._label_days = keeping.label_days(now_us())
        self._rows = _counts(books)
        self._files = {kind.holds: _size(folder / kind.holds) for kind in facts().kinds.values() if kind.holds}
        self._reading = any(token for account in people.everybody() for token in account.tokens if not account.disabled)

    def amount(self, thing: Thing) -> Amount:
        """How much there is of a thing."""
        kind = facts().kinds[thing.kind]
        if thing.kind == "signal":
            return self._samples(thing.id.partition("/")[2])
        if kind.holds.endswith("sqlite"):
            return Amount(rows=sum(self._rows.get(table, 0) for table in kind.tables))
        return Amount(bytes=None if kind.tables else self._files.get(kind.holds))

    def _samples(self, key: str) -> Amount:
        series, stock = self._series.get(key), self._stock
        if series is None:
            return Amount(0, 0)
        if stock is None:
            return Amount()
        rows = stock.rows.get(series.id, 0)
        return Amount(rows, round(rows * self._byte), *stock.extent.get(series.id, (None, None)))

    def kept(self, thing: Thing, language: str) -> str:
        """How long a thing is kept, in words; nothing where it is not kept at all."""
        keep, kind = self._plant.keep.days, facts().kinds[thing.kind]
        if kind.keep == "signal":
            series = self._series.get(thing.id.partition("/")[2])
            if series is None:
                return ""
            return self._series_kept(series, keep, language)
        if kind.keep == "kpi_days":
            return _days(keep.get("kpi_days"), language)
        return say(f"grades.keep.{kind.keep}", language) if kind.keep else ""

    def _series_kept(self, series: Series, keep: Mapping[str, int], language: str) -> str:
        """By the plant file, or by its labels where these take it earlier."""
        group, label = self._class.get(series.id, "texts"), self._label_days.get(series.key)
        dense = keep.get("measures_days") if group == "measures" else None
        until = keep.get({"kpi": "kpi_days", "measures": "minutes_days"}.get(group, "texts_days"))
        if label is not None and label <= (until or label):
            if dense is None or label <= dense:
                return say("grades.keep.label", language, days=label)
            return say("grades.keep.label_thinned", language, days=dense, until=label)
        if dense is not None:
            how = "thinned" if until is None else "thinned_until"
            return say(f"grades.keep.{how}", language, days=dense, until=until)
        return _days(until, language)

    def outward(self, thing: Thing) -> list[str]:
        """The ways that take a thing outside today: "sparkplug", "mtconnect", "tokens" or "files"."""
        plant, kind = self._plant, facts().kinds[thing.kind]
        ways = {
            "sparkplug": lambda: _published(plant, thing),
            "mtconnect": lambda: plant.mtconnect is not None and not thing.gone,
            "tokens": lambda: self._reading,
            "files": lambda: thing.kind != "hours" or plant.keep.parquet,
        }
        return [way for way in kind.out if ways[way]()]

    def released(self, thing: Thing) -> list[int]:
        """The open releases by which a thing may leave, but that of the plant's own people; its grade may hold it."""
        return [one.id for one in self._releases if thing.id in one.things]


def readers(kind: ThingKind) -> list[str]:
    """The roles that may see a kind of things."""
    return [role.value for role, given in AT_NODE.permissions.items() if any(one in given for one in kind.reads)]


def _published(plant: Plant, thing: Thing) -> bool:
    """Whether the edge node says a thing at a broker."""
    node = plant.sparkplug
    if node is None:
        return False
    _, _, rest = thing.id.partition("/")
    level, name, what = "machine", rest, _PUBLISHED.get(thing.kind, set())
    if thing.kind == "kpi":
        level, _, rest = rest.partition("/")
        name, _, kpi = rest.partition("/")
        what = {kpi}
    told = {"machine": node.machines, "line": node.lines}.get(level, ())
    return bool(what & set(node.metrics)) and (told is None or name in told)


def _days(days: int | None, language: str) -> str:
    return say("grades.keep.ever", language) if days is None else say("grades.keep.days", language, days=days)


def _bytes_of_a_row(history: History, stock: Stock | None) -> float:
    rows = 0 if stock is None else sum(stock.rows.values())
    return history.disk()[0] / rows if rows else 0.0


def _counts(books: Books) -> Mapping[str, int]:
    with books.reading() as rows:
        return {one: int(rows.scalar(text(f'SELECT count(*) FROM "{one}"')) or 0) for one in sorted(_BOOKS_TABLES)}  # noqa: S608 - names of our own


def _size(path: Path) -> int | None:
    """How many bytes a file or all files of a folder take; None where it is not there."""
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file()) if path.is_dir() else None
