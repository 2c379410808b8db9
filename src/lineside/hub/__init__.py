"""A hub: members, what they said, proof of it, and the figures that are made of it."""

from lineside.hub.agreement import agreement, agreement_hash
from lineside.hub.copied import Copied, copied
from lineside.hub.enrolling import figures_of, size_of
from lineside.hub.export import EXPORT, export_hub, submit_export
from lineside.hub.figures import REASONS, Figures, Origin, Series, Snapshot
from lineside.hub.hub import Hub
from lineside.hub.invitations import DAYS, Invited, labels_of
from lineside.hub.member import KeySpan, Member, Standing
from lineside.hub.objections import Against, Objection, Pleaded
from lineside.hub.records import RefusedRecord
from lineside.hub.registrar import Waiting
from lineside.hub.scaffold import scaffold_hub
from lineside.hub.settings import HubSettings, Population, Protection, Region, books_url, read_hub
from lineside.hub.spoken import Spoken, odd, spoken
from lineside.hub.tiers import TELL
from lineside.plant import HUB_FILE

__all__ = [
    "DAYS",
    "EXPORT",
    "HUB_FILE",
    "REASONS",
    "TELL",
    "Against",
    "Copied",
    "Figures",
    "Hub",
    "HubSettings",
    "Invited",
    "KeySpan",
    "Member",
    "Objection",
    "Origin",
    "Pleaded",
    "Population",
    "Protection",
    "RefusedRecord",
    "Region",
    "Series",
    "Snapshot",
    "Spoken",
    "Standing",
    "Waiting",
    "agreement",
    "agreement_hash",
    "books_url",
    "copied",
    "export_hub",
    "figures_of",
    "labels_of",
    "odd",
    "read_hub",
    "scaffold_hub",
    "size_of",
    "spoken",
    "submit_export",
]
