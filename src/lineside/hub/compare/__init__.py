"""What a hub tells of its members: benchmarks by cell, protected; inequality; means for the public, with noise."""

from lineside.hub.compare.bands import PERCENTS, Bands, Told, bands
from lineside.hub.compare.behind import Behind, left_behind
from lineside.hub.compare.benchmarks import Benchmarks
from lineside.hub.compare.given import Compared, Members, Scale
from lineside.hub.compare.indices import Interval, Split, gini, split_l, split_t, theil_l, theil_t
from lineside.hub.compare.line import Distribution, Hold, Movement, distribution, holds, movement
from lineside.hub.compare.observatory import (
    BUDGET,
    Fineness,
    Period,
    PublicFigure,
    clear,
    expected_error,
    public,
    publish,
)
from lineside.hub.compare.panel import Panel, alike, formed, reporting
from lineside.hub.compare.panels import grow_panel, keep_panel, panel_for, read_panel
from lineside.hub.compare.peers import LEVELS, Cell, Peers, cells_of, peers
from lineside.hub.compare.point import Band, Position, Worth, position
from lineside.hub.compare.records import BlockRecord, PanelRecord, PublicRecord, SeatRecord, ToldMonthRecord
from lineside.hub.compare.rules import Secrecy
from lineside.hub.compare.surface import (
    Coverage,
    Enterprises,
    Inequality,
    Kind,
    RegionMedian,
    coverage,
    inequality,
    regions,
)
from lineside.hub.compare.telling import Asked, Panels, basis_of, tell, told_bytes, told_months

__all__ = [
    "BUDGET",
    "LEVELS",
    "PERCENTS",
    "Asked",
    "Band",
    "Bands",
    "Behind",
    "Benchmarks",
    "BlockRecord",
    "Cell",
    "Compared",
    "Coverage",
    "Distribution",
    "Enterprises",
    "Fineness",
    "Hold",
    "Inequality",
    "Interval",
    "Kind",
    "Members",
    "Movement",
    "Panel",
    "PanelRecord",
    "Panels",
    "Peers",
    "Period",
    "Position",
    "PublicFigure",
    "PublicRecord",
    "RegionMedian",
    "Scale",
    "SeatRecord",
    "Secrecy",
    "Split",
    "Told",
    "ToldMonthRecord",
    "Worth",
    "alike",
    "bands",
    "basis_of",
    "cells_of",
    "clear",
    "coverage",
    "distribution",
    "expected_error",
    "formed",
    "gini",
    "grow_panel",
    "holds",
    "inequality",
    "keep_panel",
    "left_behind",
    "movement",
    "panel_for",
    "peers",
    "position",
    "public",
    "publish",
    "read_panel",
    "regions",
    "reporting",
    "split_l",
    "split_t",
    "tell",
    "theil_l",
    "theil_t",
    "told_bytes",
    "told_months",
]
