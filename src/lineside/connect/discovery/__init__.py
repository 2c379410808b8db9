"""Discovery: looks around at an address, and proposes the sources, machines and signals of a plant file."""

from lineside.connect.discovery.discover import LONGEST_WATCH_S, WATCH_S, Progress, discover
from lineside.connect.discovery.fragment import line_of, write_fragment
from lineside.connect.discovery.packs import Pack, packs
from lineside.connect.discovery.plainly import proposal_json
from lineside.connect.discovery.proposal import Confidence, Proposal, ProposedMachine, ProposedSignal
from lineside.connect.discovery.table import read_table, write_table

__all__ = [
    "LONGEST_WATCH_S",
    "WATCH_S",
    "Confidence",
    "Pack",
    "Progress",
    "Proposal",
    "ProposedMachine",
    "ProposedSignal",
    "discover",
    "line_of",
    "packs",
    "proposal_json",
    "read_table",
    "write_fragment",
    "write_table",
]
