"""The twin: a line as plain data, and engines that say what it will do.

The engine is compiled and imported at the first simulation.
"""

from lineside.twin.model import OUT, SCHEMA, Line
from lineside.twin.reading import Finding, LineRefused, parse_line, read_line
from lineside.twin.simulation import CONFIDENCE, RESULT, Engine, Measure, Result, simulate
from lineside.twin.tally import STATES, Tally

__all__ = [
    "CONFIDENCE",
    "OUT",
    "RESULT",
    "SCHEMA",
    "STATES",
    "Engine",
    "Finding",
    "Line",
    "LineRefused",
    "Measure",
    "Result",
    "Tally",
    "parse_line",
    "read_line",
    "simulate",
]
