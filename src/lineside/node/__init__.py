"""Wires a node together: plant folder, history, sources, jobs and the present."""

from lineside.node.agent import Agent, Standing
from lineside.node.backup import LAST_BACKUP, back_up, submit_backup
from lineside.node.board import Board, current_shift, machine_window, site_window
from lineside.node.discoveries import DISCOVER, Discoveries
from lineside.node.editions import Editions
from lineside.node.imports import Reading, import_files, source_of, submit_import
from lineside.node.intake import PASSIVE, Health, Intake, now_us
from lineside.node.manifest import BOOKS, HISTORY, Manifest
from lineside.node.node import DATA, Node
from lineside.node.offer import DEVICE, NO_VALUE, PATH, Item, id_of
from lineside.node.restore import BackupDamaged, Restored, restore, verify
from lineside.node.ring import Bools, Told
from lineside.node.schedules import SOLVE, Schedules
from lineside.node.series import Routing, routing
from lineside.node.tally import Tally, record_tally
from lineside.node.tonight import tonight
from lineside.node.trials import LISTEN, Trials
from lineside.node.twins import QUESTIONS, Twins, submit_fit, submit_question

__all__ = [
    "BOOKS",
    "DATA",
    "DEVICE",
    "DISCOVER",
    "HISTORY",
    "LAST_BACKUP",
    "LISTEN",
    "NO_VALUE",
    "PASSIVE",
    "PATH",
    "QUESTIONS",
    "SOLVE",
    "Agent",
    "BackupDamaged",
    "Board",
    "Bools",
    "Discoveries",
    "Editions",
    "Health",
    "Intake",
    "Item",
    "Manifest",
    "Node",
    "Reading",
    "Restored",
    "Routing",
    "Schedules",
    "Standing",
    "Tally",
    "Told",
    "Trials",
    "Twins",
    "back_up",
    "current_shift",
    "id_of",
    "import_files",
    "machine_window",
    "now_us",
    "record_tally",
    "restore",
    "routing",
    "site_window",
    "source_of",
    "submit_backup",
    "submit_fit",
    "submit_import",
    "submit_question",
    "tonight",
    "verify",
]
