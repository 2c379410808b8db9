"""The historian of facts: samples, coverage and events of one plant folder, kept once and for good."""

from lineside.history.events import Event
from lineside.history.history import Appended, History, Series
from lineside.history.samples import Last, Quality, Samples
from lineside.history.schema import SAMPLES

__all__ = ["SAMPLES", "Appended", "Event", "History", "Last", "Quality", "Samples", "Series"]
