"""The language of rules: expressions over named inputs that are read into trees and never run as a program."""

from lineside.rules.expressions.parsing import (
    LARGEST,
    ChoiceName,
    Misread,
    Names,
    NumberName,
    TruthName,
    parse_number,
    parse_truth,
)
from lineside.rules.expressions.ranges import ANYWHERE, Kleene, Range, Ranges, all_of
from lineside.rules.expressions.tree import (
    Arithmetic,
    Comparison,
    Junction,
    Named,
    Negation,
    Number,
    Order,
    Truth,
    names_in,
)
from lineside.rules.expressions.units import PURE, Unit
from lineside.rules.expressions.working import Algebra, Values, Working

__all__ = [
    "ANYWHERE",
    "LARGEST",
    "PURE",
    "Algebra",
    "Arithmetic",
    "ChoiceName",
    "Comparison",
    "Junction",
    "Kleene",
    "Misread",
    "Named",
    "Names",
    "Negation",
    "Number",
    "NumberName",
    "Order",
    "Range",
    "Ranges",
    "Truth",
    "TruthName",
    "Unit",
    "Values",
    "Working",
    "all_of",
    "names_in",
    "parse_number",
    "parse_truth",
]
