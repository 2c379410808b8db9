"""The valve: what leaves the plant, to whom, under which release; what may be told of a table, how it is blurred."""

from lineside.valve.books import budget_left, grant, published, record, spend
from lineside.valve.cells import Cell, Done, Statistic, Table
from lineside.valve.gate import Held, Valve
from lineside.valve.judge import Published, Ruling, Told, Verdict, judge
from lineside.valve.leavings import Last, Leavings, Total
from lineside.valve.noise import Contribution, Mechanism, Noised, Question, mechanism, noised
from lineside.valve.records import BudgetRecord, SpendingRecord, ToldRecord
from lineside.valve.release import DOWNLOAD, OWN_PEOPLE, Approval, Closing, Limits, Release, State, Terms
from lineside.valve.release_records import FileRecord, LastRecord
from lineside.valve.releases import Releases
from lineside.valve.rules import Broken, Rules
from lineside.valve.shape import EVERY, FILE, HOWS, HUB, UNITS, Every, How, Shaping, Unit, told_in_files, told_to_hubs
from lineside.valve.shaping import coded, longer, rounded, wider
from lineside.valve.watch import Hour

__all__ = [
    "DOWNLOAD",
    "EVERY",
    "FILE",
    "HOWS",
    "HUB",
    "OWN_PEOPLE",
    "UNITS",
    "Approval",
    "Broken",
    "BudgetRecord",
    "Cell",
    "Closing",
    "Contribution",
    "Done",
    "Every",
    "FileRecord",
    "Held",
    "Hour",
    "How",
    "Last",
    "LastRecord",
    "Leavings",
    "Limits",
    "Mechanism",
    "Noised",
    "Published",
    "Question",
    "Release",
    "Releases",
    "Rules",
    "Ruling",
    "Shaping",
    "SpendingRecord",
    "State",
    "Statistic",
    "Table",
    "Terms",
    "Told",
    "ToldRecord",
    "Total",
    "Unit",
    "Valve",
    "Verdict",
    "budget_left",
    "coded",
    "grant",
    "judge",
    "longer",
    "mechanism",
    "noised",
    "published",
    "record",
    "rounded",
    "spend",
    "told_in_files",
    "told_to_hubs",
    "wider",
]
