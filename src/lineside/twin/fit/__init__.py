"""The fit: from what is known of a line's past to a line model whose every parameter shows where it came from."""

from lineside.twin.fit.calibrate import fit
from lineside.twin.fit.historian import record_of_line
from lineside.twin.fit.keeping import TwinRecord, keep_twin, newest_twin, verdicts
from lineside.twin.fit.record import GOOD, NOBODY, REJECTED, UNKNOWN, Record, Spans, Visits, no_spans
from lineside.twin.fit.scribe import simulated_record
from lineside.twin.fit.twin import TWIN, Change, Parameter, Seen, Twin, parse_twin, plain_line

__all__ = [
    "GOOD",
    "NOBODY",
    "REJECTED",
    "TWIN",
    "UNKNOWN",
    "Change",
    "Parameter",
    "Record",
    "Seen",
    "Spans",
    "Twin",
    "TwinRecord",
    "Visits",
    "fit",
    "keep_twin",
    "newest_twin",
    "no_spans",
    "parse_twin",
    "plain_line",
    "record_of_line",
    "simulated_record",
    "verdicts",
]
