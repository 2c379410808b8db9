"""Connect: machines and files in, observations out. It reads machines and never writes to one."""

from lineside.connect.discovery import (
    LONGEST_WATCH_S,
    WATCH_S,
    Confidence,
    Pack,
    Progress,
    Proposal,
    ProposedMachine,
    ProposedSignal,
    discover,
    line_of,
    packs,
    proposal_json,
    read_table,
    write_fragment,
    write_table,
)
from lineside.connect.found import Look, Note, Offer, Seen, Surroundings
from lineside.connect.line_protocol import UNITS_NS
from lineside.connect.listening import Came, Ear, listen
from lineside.connect.live import without_password
from lineside.connect.memory import MemorySink, Told
from lineside.connect.observations import OBSERVATIONS, Observation
from lineside.connect.opcua_security import fingerprint, look_at_server, make_certificate
from lineside.connect.push import PUSH, PushSource
from lineside.connect.push_lines import Found
from lineside.connect.push_rows import RowsRefused, RowsTold
from lineside.connect.recordings import QUIET_US, Item, Recording, Summary, read_recording, recording_items
from lineside.connect.registry import source, sources
from lineside.connect.set_aside import Reason
from lineside.connect.source import Option, Promise, Sink, Source, SourceState
from lineside.connect.vitals import Failure, Vitals
from lineside.plant import SourceSettings

__all__ = [
    "LONGEST_WATCH_S",
    "OBSERVATIONS",
    "PUSH",
    "QUIET_US",
    "UNITS_NS",
    "WATCH_S",
    "Came",
    "Confidence",
    "Ear",
    "Failure",
    "Found",
    "Item",
    "Look",
    "MemorySink",
    "Note",
    "Observation",
    "Offer",
    "Option",
    "Pack",
    "Progress",
    "Promise",
    "Proposal",
    "ProposedMachine",
    "ProposedSignal",
    "PushSource",
    "Reason",
    "Recording",
    "RowsRefused",
    "RowsTold",
    "Seen",
    "Sink",
    "Source",
    "SourceSettings",
    "SourceState",
    "Summary",
    "Surroundings",
    "Told",
    "Vitals",
    "discover",
    "fingerprint",
    "line_of",
    "listen",
    "look_at_server",
    "make_certificate",
    "packs",
    "proposal_json",
    "read_recording",
    "read_table",
    "recording_items",
    "source",
    "sources",
    "without_password",
    "write_fragment",
    "write_table",
]
