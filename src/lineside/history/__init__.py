"""The historian of facts: samples, coverage and events of one plant folder, kept once and for good."""

from lineside.history.copying import copy_history, examine_history
from lineside.history.events import Event
from lineside.history.history import Appended, History, Series
from lineside.history.samples import Last, Quality, Samples
from lineside.history.schema import FORMAT, SAMPLES

__all__ = [
    "FORMAT",
    "SAMPLES",
    "Appended",
    "Event",
    "History",
    "Last",
    "Quality",
    "Samples",
    "Series",
    "copy_history",
    "examine_history",
]
