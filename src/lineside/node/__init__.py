"""Wires a node together: plant folder, history, sources, jobs and the present."""

from lineside.node.agent import Agent, Standing
from lineside.node.backup import BACKUP, LAST_BACKUP, back_up, submit_backup
from lineside.node.board import Board, current_shift, machine_window, site_window
from lineside.node.catalogue import Catalogue, Preview
from lineside.node.discoveries import DISCOVER, Discoveries
from lineside.node.editions import Editions
from lineside.node.erasing import EVER, Erased, chosen, erase, remains, silent
from lineside.node.erp import Erp
from lineside.node.feeds import FeedHealth, Feeds
from lineside.node.grade_table import read_table, row_problems, write_table
from lineside.node.hub_backup import back_up_hub, hub_kinds, require_file_books
from lineside.node.imports import Reading, import_files, source_of, submit_import
from lineside.node.indicators import Evidence, MonthFacts, computed, read_month
from lineside.node.intake import PASSIVE, Health, Intake, now_us
from lineside.node.manifest import BOOKS, HISTORY, Manifest
from lineside.node.member import (
    MEMBER,
    TOLD_AFTER_US,
    CalledSum,
    Carried,
    EnteredValue,
    Kept,
    Member,
    Membership,
    MonthTold,
    Progress,
    Said,
    Stage,
    months_due,
    told_before,
)
from lineside.node.node import DATA, Node
from lineside.node.offer import DEVICE, NO_VALUE, PATH, Item, id_of
from lineside.node.overseen import (
    CONCERNS,
    Answer,
    Depends,
    Document,
    Draft,
    FromTwin,
    Happened,
    Held,
    Look,
    Overseen,
    Taken,
    ToldIncident,
    Wish,
    recovery_of,
)
from lineside.node.packs import (
    FORESEE,
    MEASURE,
    Applied,
    BeforeAfter,
    Fetched,
    KeptPack,
    Offer,
    Offered,
    Outlook,
    PackDraft,
    Packs,
    PostedNeed,
    compared,
    outlook,
    series_of,
    written,
)
from lineside.node.pairings import NAMES
from lineside.node.previews import LONG, WIDE, preview
from lineside.node.restore import BackupDamaged, Restored, restore, unsealed, verify
from lineside.node.ring import Bools, Told
from lineside.node.schedules import SOLVE, Schedules
from lineside.node.sealed import unseal
from lineside.node.series import Routing, routing
from lineside.node.tally import Tally, record_tally
from lineside.node.things import kpi_thing
from lineside.node.tonight import tonight
from lineside.node.trials import LISTEN, Trials
from lineside.node.twins import QUESTIONS, Twins, submit_fit, submit_question
from lineside.node.uploads import LARGEST, Arriving, Upload, Uploads
from lineside.node.whereabouts import Whereabouts, readers

__all__ = [
    "BACKUP",
    "BOOKS",
    "CONCERNS",
    "DATA",
    "DEVICE",
    "DISCOVER",
    "EVER",
    "FORESEE",
    "HISTORY",
    "LARGEST",
    "LAST_BACKUP",
    "LISTEN",
    "LONG",
    "MEASURE",
    "MEMBER",
    "NAMES",
    "NO_VALUE",
    "PASSIVE",
    "PATH",
    "QUESTIONS",
    "SOLVE",
    "TOLD_AFTER_US",
    "WIDE",
    "Agent",
    "Answer",
    "Applied",
    "Arriving",
    "BackupDamaged",
    "BeforeAfter",
    "Board",
    "Bools",
    "CalledSum",
    "Carried",
    "Catalogue",
    "Depends",
    "Discoveries",
    "Document",
    "Draft",
    "Editions",
    "EnteredValue",
    "Erased",
    "Erp",
    "Evidence",
    "FeedHealth",
    "Feeds",
    "Fetched",
    "FromTwin",
    "Happened",
    "Health",
    "Held",
    "Intake",
    "Item",
    "Kept",
    "KeptPack",
    "Look",
    "Manifest",
    "Member",
    "Membership",
    "MonthFacts",
    "MonthTold",
    "Node",
    "Offer",
    "Offered",
    "Outlook",
    "Overseen",
    "PackDraft",
    "Packs",
    "PostedNeed",
    "Preview",
    "Progress",
    "Reading",
    "Restored",
    "Routing",
    "Said",
    "Schedules",
    "Stage",
    "Standing",
    "Taken",
    "Tally",
    "Told",
    "ToldIncident",
    "Trials",
    "Twins",
    "Upload",
    "Uploads",
    "Whereabouts",
    "Wish",
    "back_up",
    "back_up_hub",
    "chosen",
    "compared",
    "computed",
    "current_shift",
    "erase",
    "hub_kinds",
    "id_of",
    "import_files",
    "kpi_thing",
    "machine_window",
    "months_due",
    "now_us",
    "outlook",
    "preview",
    "read_month",
    "read_table",
    "readers",
    "record_tally",
    "recovery_of",
    "remains",
    "require_file_books",
    "restore",
    "routing",
    "row_problems",
    "series_of",
    "silent",
    "site_window",
    "source_of",
    "submit_backup",
    "submit_fit",
    "submit_import",
    "submit_question",
    "told_before",
    "tonight",
    "unseal",
    "unsealed",
    "verify",
    "write_table",
    "written",
]
