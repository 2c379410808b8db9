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
from lineside.connect.memory import MemorySink, Told
from lineside.connect.mqtt_broker import BROKER_OPTIONS, Broker, broker_of, broker_session, what_broke
from lineside.connect.observations import OBSERVATIONS, Observation
from lineside.connect.opcua_pairing import Pairing, look_at_pairing, paired_options
from lineside.connect.opcua_security import KEY, KEYS, OWN, look_at_server, make_certificate
from lineside.connect.opcua_trust import application_uri, fingerprint, thumbprint
from lineside.connect.push import PUSH, PushSource
from lineside.connect.push_lines import Found
from lineside.connect.push_rows import RowsRefused, RowsTold
from lineside.connect.recordings import (
    QUIET_US,
    Columns,
    Item,
    Peek,
    Recording,
    Summary,
    find_layout,
    peek,
    read_recording,
    recording_items,
    tells_time,
)
from lineside.connect.registry import source, sources
from lineside.connect.running import keep_running
from lineside.connect.set_aside import Fault, Reason
from lineside.connect.sheets import Cell, Sheet, SheetRow, cell_text, read_sheet
from lineside.connect.source import FileRead, Option, Promise, Sink, Source, SourceState, checked_options
from lineside.connect.sparkplug_encode import Metric, rebirth_request, write_birth, write_data
from lineside.connect.sparkplug_payload import Type as MetricType
from lineside.connect.sparkplug_payload import read_commands, told_in
from lineside.connect.sql_view import Viewed, read_view
from lineside.connect.tasks import together
from lineside.connect.vitals import Failure, Vitals
from lineside.connect.wording import without_password
from lineside.plant import SourceSettings

__all__ = [
    "BROKER_OPTIONS",
    "KEY",
    "KEYS",
    "LONGEST_WATCH_S",
    "OBSERVATIONS",
    "OWN",
    "PUSH",
    "QUIET_US",
    "UNITS_NS",
    "WATCH_S",
    "Broker",
    "Came",
    "Cell",
    "Columns",
    "Confidence",
    "Ear",
    "Failure",
    "Fault",
    "FileRead",
    "Found",
    "Item",
    "Look",
    "MemorySink",
    "Metric",
    "MetricType",
    "Note",
    "Observation",
    "Offer",
    "Option",
    "Pack",
    "Pairing",
    "Peek",
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
    "Sheet",
    "SheetRow",
    "Sink",
    "Source",
    "SourceSettings",
    "SourceState",
    "Summary",
    "Surroundings",
    "Told",
    "Viewed",
    "Vitals",
    "application_uri",
    "broker_of",
    "broker_session",
    "cell_text",
    "checked_options",
    "discover",
    "find_layout",
    "fingerprint",
    "keep_running",
    "line_of",
    "listen",
    "look_at_pairing",
    "look_at_server",
    "make_certificate",
    "packs",
    "paired_options",
    "peek",
    "proposal_json",
    "read_commands",
    "read_recording",
    "read_sheet",
    "read_table",
    "read_view",
    "rebirth_request",
    "recording_items",
    "source",
    "sources",
    "tells_time",
    "thumbprint",
    "together",
    "told_in",
    "what_broke",
    "without_password",
    "write_birth",
    "write_data",
    "write_fragment",
    "write_table",
]
