"""How long values are kept: the rules of the plant file applied to the history, and how long the disk will do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lineside.errors import LinesideError
from lineside.history import DENSE_DAY, History, Series, Stock
from lineside.jobs import JobContext
from lineside.node.forecast import Disk, Growth, days_until_full, verdict
from lineside.plant import NUMBER_KINDS, Timeline

RETAIN = "retain"
EVER = 253_370_764_800_000_000
"""The year 9999, microseconds: everything is before it."""
_DAY = 86_400_000_000
_WEEK_DAYS = 7
_LEAST_ROWS = 10_000
"""With fewer the file is mostly empty, and tells nothing of the bytes a sample takes."""

_THIN_OF_A_DAY = 4 * 1440


@dataclass(frozen=True, slots=True)
class Classes:
    """The ids of all series by what becomes of them."""

    kpi: tuple[int, ...]
    measures: tuple[int, ...]
    texts: tuple[int, ...]


def classes(timeline: Timeline, series: Iterable[Series]) -> Classes:
    """What a KPI or a twin reads by any edition, earlier time being judged by earlier ones; other numbers; the rest."""
    read = {key for edition in timeline.editions for key in edition.kpi_series}
    found: dict[str, list[int]] = {"kpi": [], "measures": [], "texts": []}
    for one in series:
        kind = "kpi" if one.key in read else "measures" if one.kind in NUMBER_KINDS else "texts"
        found[kind].append(one.id)
    return Classes(**{kind: tuple(ids) for kind, ids in found.items()})


def rules(timeline: Timeline, now: int) -> dict[str, int]:
    """The limits in days. Of all editions in force since this time yesterday the longest one counts.

    What is removed is gone: a slip of the pen in plant.toml has a day to be noticed.
    """
    recent = [edition.plant.keep.days for _, _, edition in timeline.during(now - _DAY, now + 1)]
    return {key: max(days[key] for days in recent) for key in recent[0] if all(key in days for days in recent)}


def silent(timeline: Timeline, keys: Iterable[str]) -> dict[str, list[str]]:
    """The sources, with their machines, of whose past nothing is known any more once series that KPIs read are gone.

    Counts that stop halfway through a shift would look like little work.
    """
    read = {key for edition in timeline.editions for key in edition.kpi_series}
    gone = {key.partition("/")[0] for key in keys if key in read}
    machines = [one for edition in timeline.editions for one in edition.plant.machines.values()]
    sources = {one.source for one in machines if one.id in gone and one.source is not None}
    return {source: sorted({one.id for one in machines if one.source == source}) for source in sorted(sources)}


class Keeping:
    """Applies the rules as a job, and keeps what it found out about the disk; `tell` is given how much was removed.

    `label_days` says of series, by key, how many days at most their labels let them be kept at a time.
    """

    def __init__(
        self,
        history: History,
        timeline: Callable[[], Timeline],
        now: Callable[[], int],
        tell: Callable[[dict[str, int]], None],
        label_days: Callable[[int], Mapping[str, int]],
    ) -> None:
        self._history, self._tell, self.label_days = history, tell, label_days
        self._timeline = timeline
        self._now = now
        self._stock: tuple[int, Stock] | None = None
        self._applied: object = None
        self.last: dict[str, Any] | None = None
        """What the last run that had something to do did."""

    def work(self, context: JobContext, _: Mapping[str, object]) -> dict[str, Any]:
        """The job kind "retain": once a day, and when rules or signals have changed; takes stock for the forecast."""
        now, timeline = self._now(), self._timeline()
        limits, groups = rules(timeline, now), classes(timeline, self._history.catalogue().values())
        labelled = self.label_days(now)
        todo = (now // _DAY, limits, groups, labelled)
        if todo == self._applied:
            return self.last or {}
        done = self._apply(limits, groups, now, context.check)
        self._apply_labels(labelled, groups, timeline, done, context.check)
        if any(done.values()):
            self._tell(done)
        self.last = {"time_ms": now // 1000, **done}
        week = now // _DAY * _DAY
        if timeline.newest.keep.parquet:
            self.last["hours"] = self._history.write_hours(now, context.check, whole=True).files
        self._stock = (now, self._history.stock(week - _WEEK_DAYS * _DAY, week))
        self._applied = todo
        return self.last

    def _apply(self, limits: Mapping[str, int], groups: Classes, now: int, check: Callable[[], None]) -> dict[str, int]:
        def before(key: str) -> int:
            return (now // _DAY - limits[key]) * _DAY

        history = self._history
        done = {"thinned": 0, "removed": 0, "kpi_removed": 0}
        if "minutes_days" in limits:
            done["removed"] += history.remove(groups.measures, before("minutes_days"), check)
        if "texts_days" in limits:
            done["removed"] += history.remove(groups.texts, before("texts_days"), check)
        if "measures_days" in limits:
            done["thinned"] = history.thin_out(groups.measures, before("measures_days"), check)
        if "kpi_days" in limits:
            done["kpi_removed"] = history.remove(groups.kpi, before("kpi_days"), check)
            history.forget_heard(before("kpi_days"))
        return done

    def _apply_labels(
        self,
        labelled: Mapping[str, int],
        groups: Classes,
        timeline: Timeline,
        done: dict[str, int],
        check: Callable[[], None],
    ) -> None:
        """The shorter limits of labels. What KPIs read makes earlier time *no data*, before it is removed."""
        history, known, today = self._history, self._history.catalogue(), self._now() // _DAY
        kpi = set(groups.kpi)
        for days in sorted(set(labelled.values())):
            keys = [key for key, told in labelled.items() if told == days and key in known]
            before = (today - days) * _DAY
            for source in silent(timeline, keys):
                history.unhear(source, -EVER, before)
            ids = {known[key].id for key in keys}
            done["kpi_removed"] += history.remove(sorted(ids & kpi), before, check)
            done["removed"] += history.remove(sorted(ids - kpi), before, check)

    @property
    def stock(self) -> tuple[int, Stock] | None:
        """What there was when stock was last taken, and when that was (microseconds UTC)."""
        return self._stock

    def told(self, language: str) -> dict[str, Any]:
        """How much room there is and for how long, in numbers and in words."""
        keep = self._timeline().newest.keep
        budget = None if keep.budget_gb is None else round(keep.budget_gb * 10**9)
        disk = Disk(*self._history.disk(), budget)
        days, per_day = self._foretold(disk)
        state, sentence = self._judged(disk, days, known=per_day is not None)
        return {
            "state": state,
            "reason": sentence.sentence(language),
            "cure": None if state == "well" else sentence.cure(language),
            "used_bytes": disk.used,
            "files_bytes": disk.files,
            "free_bytes": disk.free,
            "budget_bytes": budget,
            "bytes_per_day": per_day,
            "days_until_full": days,
            "keep": keep.days,
            "hours": dict(zip(("files", "bytes"), self._history.hours(), strict=True)) if keep.parquet else None,
            "last": self.last,
        }

    def _judged(self, disk: Disk, days: int | None, *, known: bool) -> tuple[str, LinesideError]:
        fields = {"used": _gb(disk.used), "room": _gb(disk.room)}
        if disk.budget is not None and disk.used > disk.budget:
            return "wrong", LinesideError("node.disk_over", **fields)
        if not known:
            return "well", LinesideError("node.disk_young", **fields)
        if days is None:
            return "well", LinesideError("node.disk_long", **fields)
        return verdict(days), LinesideError("node.disk_until", **fields, days=days)

    def _foretold(self, disk: Disk) -> tuple[int | None, int | None]:
        """Whole days until the disk is full, and bytes a day now; None where that cannot be told yet."""
        if self._stock is None:
            return None, None
        time, stock = self._stock
        total = sum(stock.rows.values())
        week = time // _DAY * _DAY
        if total < _LEAST_ROWS or stock.first is None or week - stock.first < _DAY:
            return None, None
        kinds = _growths(self._timeline(), self._history.catalogue().values(), stock, (week - stock.first) / _DAY)
        per_row = disk.used / total
        slope = sum(kind.slope(kind.rows) for kind in kinds)
        return days_until_full(disk, kinds, per_row), round(slope * per_row)


def _growths(timeline: Timeline, series: Iterable[Series], stock: Stock, days: float) -> list[Growth]:
    """How each class of series grows, by what came in the last days."""
    groups, limits = classes(timeline, series), timeline.newest.keep.days
    daily = {one: rows / days for one, rows in stock.recent.items()}

    def growth(ids: Iterable[int], kept: str) -> Growth:
        known = [one for one in ids if one in stock.rows]
        return Growth(sum(stock.rows[one] for one in known), sum(daily[one] for one in known), limits.get(kept))

    thin = sum(
        min(daily[o], _THIN_OF_A_DAY) if daily[o] > DENSE_DAY else daily[o] for o in groups.measures if o in daily
    )
    measures = growth(groups.measures, "minutes_days")
    return [
        growth(groups.kpi, "kpi_days"),
        growth(groups.texts, "texts_days"),
        replace(measures, raw_days=limits.get("measures_days"), thin_rows_per_day=thin),
    ]


def _gb(size: int) -> str:
    return f"{size / 10**9:,.2f} GB"
