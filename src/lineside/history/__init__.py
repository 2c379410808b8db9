"""The historian of facts: samples, coverage and events of one plant folder, kept once and for good."""

from lineside.history.copying import copy_history, examine_history, rewrite_history
from lineside.history.events import Event
from lineside.history.history import HOURS, Appended, History, Series
from lineside.history.hours import examine_hours
from lineside.history.retention import DENSE_DAY
from lineside.history.rows import Rows
from lineside.history.samples import Last, Quality, Samples
from lineside.history.schema import FORMAT, SAMPLES
from lineside.history.stock import Stock

__all__ = [
    "DENSE_DAY",
    "FORMAT",
    "HOURS",
    "SAMPLES",
    "Appended",
    "Event",
    "History",
    "Last",
    "Quality",
    "Rows",
    "Samples",
    "Series",
    "Stock",
    "copy_history",
    "examine_history",
    "examine_hours",
    "rewrite_history",
]
