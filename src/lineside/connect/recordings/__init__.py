"""Recordings: files of what a machine said, in SHDR, CSV, XLSX or Parquet."""

from lineside.connect.recordings.hearing import QUIET_US
from lineside.connect.recordings.items import Item, recording_items
from lineside.connect.recordings.keeping import Summary
from lineside.connect.recordings.peek import Peek, peek, tells_time
from lineside.connect.recordings.recording import Recording, read_recording
from lineside.connect.recordings.tables import Columns, find_layout

__all__ = [
    "QUIET_US",
    "Columns",
    "Item",
    "Peek",
    "Recording",
    "Summary",
    "find_layout",
    "peek",
    "read_recording",
    "recording_items",
    "tells_time",
]
