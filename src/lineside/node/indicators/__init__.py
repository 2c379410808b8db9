"""What a plant may tell a hub of a month, computed from facts alone, with the evidence of it."""

from lineside.node.indicators.computing import Computed, computed
from lineside.node.indicators.evidence import Evidence, told_bytes
from lineside.node.indicators.month import MachineMonth, MonthFacts, OrderMonth, TwinsOf, month_of, read_month
from lineside.node.indicators.stops import Stops, ended_stops
from lineside.node.indicators.twin import TwinMonth

__all__ = [
    "Computed",
    "Evidence",
    "MachineMonth",
    "MonthFacts",
    "OrderMonth",
    "Stops",
    "TwinMonth",
    "TwinsOf",
    "computed",
    "ended_stops",
    "month_of",
    "read_month",
    "told_bytes",
]
