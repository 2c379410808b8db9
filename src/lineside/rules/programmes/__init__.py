"""Support programmes as rules: read from data, checked against each other, worked out for a factory."""

from lineside.rules.programmes.evaluating import Judged, Known, Outcome, Result, Standing, Worked, evaluate, work_out
from lineside.rules.programmes.programme import (
    Caution,
    Condition,
    Evidence,
    Input,
    InputKind,
    Parameter,
    Phase,
    Programme,
    Shows,
    Step,
    Timing,
    changed,
)
from lineside.rules.programmes.shelf import FOLDER, Programmes, RuleFinding, programmes, read_programmes
from lineside.rules.programmes.sums import Sum, together

__all__ = [
    "FOLDER",
    "Caution",
    "Condition",
    "Evidence",
    "Input",
    "InputKind",
    "Judged",
    "Known",
    "Outcome",
    "Parameter",
    "Phase",
    "Programme",
    "Programmes",
    "Result",
    "RuleFinding",
    "Shows",
    "Standing",
    "Step",
    "Sum",
    "Timing",
    "Worked",
    "changed",
    "evaluate",
    "programmes",
    "read_programmes",
    "together",
    "work_out",
]
