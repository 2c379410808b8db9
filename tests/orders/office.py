"""A plant of two lines, and somebody who tells it what an ERP knows."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from lineside.books import Books
from lineside.orders import Entry, Kind, Ledger, Taken, Version, take
from lineside.plant import Edition, Plant, Timeline, moment

PLANT = """\
[site]
id = "works"
timezone = "Europe/Berlin"
production_day_starts = "06:00"
calendar = "two-shift"
[calendar.two-shift]
[[calendar.two-shift.shift]]
name = "early"
start = "06:00"
end = "14:00"
[[calendar.two-shift.shift]]
name = "late"
start = "14:00"
end = "22:00"
[area.hall]
[line.cell]
name = "Cell 1"
area = "hall"
product = "bolt"
[line.weld]
area = "hall"
[product.bolt]
name = "Bolt M8"
codes = ["4711"]
ideal_cycle_s = 60.0
[product.nut]
[source.press]
type = "push"
[machine.press]
line = "cell"
source = "press"
[machine.press.signals]
mode = { kind = "state" }
good = { kind = "count" }
scrap = { kind = "count" }
[[machine.press.states]]
state = "running"
when = { mode = "ACTIVE" }
[machine.press.units]
good = "good"
rejected = "scrap"
[machine.robot]
line = "weld"
"""
BERLIN = ZoneInfo("Europe/Berlin")
NOON = 1_796_122_800_000_000
"""2026-12-01 12:00 in Berlin, in microseconds."""
HOUR = 3_600_000_000
ORDER = {"id": "A1", "product": "bolt", "line": "cell", "quantity": 100}


class Office:
    """Somebody who tells the plant what an ERP knows."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.ledger = Ledger(books)
        self.text = PLANT

    @property
    def timeline(self) -> Timeline:
        """The plant with what was told."""
        self.ledger.refresh()
        return Timeline((Edition(1, None, "sha", self.text, self.ledger.told),))

    @property
    def plant(self) -> Plant:
        """The plant as it stands."""
        return self.timeline.newest

    def newest(self, kind: Kind) -> dict[str, Version]:
        """Records of a kind as they stand."""
        self.ledger.refresh()
        return self.ledger.newest(kind)

    def tell(self, *rows: dict[str, Any] | Entry, kind: Kind = "orders", now: int = NOON, **how: Any) -> Taken:
        """Tells rows, numbered from 2 as in a spreadsheet."""
        entries = [one if isinstance(one, Entry) else Entry(str(i), one) for i, one in enumerate(rows, 2)]
        return take(self.books, self.plant, kind, entries, origin="test.xlsx", now_us=now, **how)

    def order(self, start: int, end: int, now: int, **more: Any) -> Taken:
        """Tells order A1 with hours after noon, at an hour after noon."""
        times = {name: moment(NOON + at * HOUR, BERLIN) for name, at in (("start", start), ("end", end))}
        return self.tell({**ORDER, **times, **more}, now=NOON + now * HOUR)
