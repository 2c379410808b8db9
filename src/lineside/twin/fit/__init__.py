"""The fit: from what is known of a line's past to a line model whose every parameter shows where it came from."""

from lineside.twin.fit.historian import record_of_line
from lineside.twin.fit.record import GOOD, NOBODY, REJECTED, UNKNOWN, Record, Spans, Visits, no_spans

__all__ = ["GOOD", "NOBODY", "REJECTED", "UNKNOWN", "Record", "Spans", "Visits", "no_spans", "record_of_line"]
