"""Values that people enter for what the node cannot compute: every version is kept, and they always look different."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.exchange import Catalogue, month_name, month_number
from lineside.node.member.records import EnteredRecord
from lineside.trust import HERE, Kind, Ledger

MOST_NOTE = 500


@dataclass(frozen=True, slots=True)
class EnteredValue:
    """What somebody entered, how they came to it, who and when (microseconds since 1970)."""

    value: float
    note: str
    by: str
    at_us: int


class Entered:
    """The entered values of a folder."""

    def __init__(self, books: Books, ledger: Ledger, now_us: Callable[[], int]) -> None:
        self._books, self._ledger, self._now = books, ledger, now_us
        with books.reading() as rows:
            self.indicators = _indicators(rows)
        """Those of which a value was ever entered."""

    def of(self, month: str) -> Mapping[str, EnteredValue]:
        """The values of a month that stand, by indicator."""
        chosen = select(EnteredRecord).where(EnteredRecord.month == month).order_by(EnteredRecord.id)
        found: dict[str, EnteredValue] = {}
        with self._books.reading() as rows:
            for one in rows.scalars(chosen):
                found.pop(one.indicator, None)
                if one.value is not None:
                    found[one.indicator] = EnteredValue(one.value, one.note, one.by, one.at_us)
        return found

    def enter(
        self, catalogue: Catalogue, month: str, indicator: str, value: float | None, note: str = "", who: str = HERE
    ) -> None:
        """Keeps a value; None takes back the one that stands. Raises LinesideError for what can be none."""
        month, known = month_name(month_number(month)), catalogue.of(indicator)
        if value is not None and not (math.isfinite(value) and known.low <= value <= known.high):
            limits = {"low": f"{known.low:g}", "high": f"{known.high:g}", "unit": known.unit}
            raise ConfigurationError("member.value", indicator=indicator, value=value, **limits)
        if len(note) > MOST_NOTE:
            raise ConfigurationError("member.note", most=MOST_NOTE)
        with self._books.session() as rows:
            kept = {"month": month, "indicator": indicator, "value": value, "note": note.strip()}
            rows.add(EnteredRecord(**kept, by=who, at_us=self._now()))
            facts = {"month": month, "value": "" if value is None else f"{value:g}"}
            self._ledger.write(rows, Kind.INDICATOR_ENTERED, who=who, about=f"indicator/{indicator}", **facts)
            rows.flush()
            self.indicators = _indicators(rows)


def _indicators(rows: Rows) -> frozenset[str]:
    return frozenset(rows.scalars(select(EnteredRecord.indicator).distinct()))
