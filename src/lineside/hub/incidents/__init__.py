"""Incidents that members tell: who has to know looks at them, and each look is shown to the member."""

from lineside.hub.incidents.counting import Count, Spell, counts, quarter_of
from lineside.hub.incidents.incidents import Incidents, Reaches
from lineside.hub.incidents.records import ClosureRecord, LookRecord, ShareRecord
from lineside.hub.incidents.telling import acts_json, told_looks
from lineside.hub.incidents.threads import Closure, Look, Share, Thread, threads

__all__ = [
    "Closure",
    "ClosureRecord",
    "Count",
    "Incidents",
    "Look",
    "LookRecord",
    "Reaches",
    "Share",
    "ShareRecord",
    "Spell",
    "Thread",
    "acts_json",
    "counts",
    "quarter_of",
    "threads",
    "told_looks",
]
