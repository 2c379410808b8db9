"""Point, line and surface, running: figures of the register told in time, and read by members, analysts and all."""

from lineside.hub.tiers.about import about
from lineside.hub.tiers.chain import chain
from lineside.hub.tiers.line import line
from lineside.hub.tiers.observatory import observatory
from lineside.hub.tiers.point import point, told_point
from lineside.hub.tiers.reader import Reader
from lineside.hub.tiers.ripe import day, last_ripe
from lineside.hub.tiers.sources import Sources
from lineside.hub.tiers.surface import surface
from lineside.hub.tiers.telling import TELL, Telling, submit_tell, tell_job
from lineside.hub.tiers.tiers import Tiers

__all__ = [
    "TELL",
    "Reader",
    "Sources",
    "Telling",
    "Tiers",
    "about",
    "chain",
    "day",
    "last_ripe",
    "line",
    "observatory",
    "point",
    "submit_tell",
    "surface",
    "tell_job",
    "told_point",
]
