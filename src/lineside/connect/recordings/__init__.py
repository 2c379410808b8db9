"""Recordings: files of what a machine said, in SHDR, CSV or Parquet."""

from lineside.connect.recordings.hearing import QUIET_US
from lineside.connect.recordings.items import Item, recording_items
from lineside.connect.recordings.keeping import Summary
from lineside.connect.recordings.recording import Recording, read_recording

__all__ = ["QUIET_US", "Item", "Recording", "Summary", "read_recording", "recording_items"]
