"""Connect: machines and files in, observations out. It reads machines and never writes to one."""

from lineside.connect.live import without_password
from lineside.connect.memory import MemorySink, Told
from lineside.connect.observations import OBSERVATIONS, Observation
from lineside.connect.recordings import QUIET_US, Item, Recording, Summary, read_recording, recording_items
from lineside.connect.registry import source, sources
from lineside.connect.set_aside import Reason
from lineside.connect.source import Option, Promise, Sink, Source, SourceState
from lineside.plant import SourceSettings

__all__ = [
    "OBSERVATIONS",
    "QUIET_US",
    "Item",
    "MemorySink",
    "Observation",
    "Option",
    "Promise",
    "Reason",
    "Recording",
    "Sink",
    "Source",
    "SourceSettings",
    "SourceState",
    "Summary",
    "Told",
    "read_recording",
    "recording_items",
    "source",
    "sources",
    "without_password",
]
