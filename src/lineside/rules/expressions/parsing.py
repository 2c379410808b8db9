"""Reads an expression of a rule: a few forms of Python's syntax become a tree, all others are refused; nothing runs.

Numbers are added and compared in one unit; a number that stands in the rule takes that of the other side.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from lineside.rules.expressions.tree import (
    Among,
    Arithmetic,
    Comparison,
    Either,
    Extreme,
    Figure,
    Flag,
    Junction,
    Named,
    Negation,
    Number,
    Operation,
    Order,
    Truth,
)
from lineside.rules.expressions.units import PURE, Unit

LONGEST = 1000
"""Characters of an expression."""
DEEPEST = 40
LARGEST = 1e15
"""No figure of a rule or a firm is larger."""
_SIGNS: dict[type[ast.operator], Arithmetic] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_ORDERS: dict[type[ast.cmpop], tuple[Order, bool]] = {
    ast.Lt: ("<", False),
    ast.LtE: ("<=", False),
    ast.Gt: ("<", True),
    ast.GtE: ("<=", True),
    ast.Eq: ("==", False),
    ast.NotEq: ("==", False),
}
"""How a comparison is told by those of the tree, and whether its sides are changed."""


class Misread(ValueError):
    """Something of a rule that cannot be read; carries the key of its sentence, and its fields."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields


@dataclass(frozen=True, slots=True)
class NumberName:
    """A name that stands for a number in some unit."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class TruthName:
    """A name that stands for something true or not."""


@dataclass(frozen=True, slots=True)
class ChoiceName:
    """A name that stands for one of some choices."""

    choices: frozenset[str]


Names = Mapping[str, NumberName | TruthName | ChoiceName]


def parse_truth(text: str, names: Names) -> Truth:
    """The condition that a text is. Raises Misread."""
    reader = _Reader(text, names)
    return reader.truth(reader.body, 0)


def parse_number(text: str, names: Names) -> tuple[Number, Unit | None]:
    """The formula that a text is, and its unit; None where any would do. Raises Misread."""
    reader = _Reader(text, names)
    return reader.number(reader.body, 0)


class _Reader:
    def __init__(self, text: str, names: Names) -> None:
        self._text, self._names = text.strip(), names
        if len(self._text) > LONGEST:
            raise Misread("rules.expression.long", most=LONGEST)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # of what is refused below in any case
                self.body = ast.parse(self._text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise Misread("rules.expression.syntax", text=self._short(self._text)) from error

    def truth(self, node: ast.expr, depth: int) -> Truth:
        """What is true or not."""
        self._not_too_deep(depth)
        match node:
            case ast.BoolOp(op, values):
                return Junction(isinstance(op, ast.And), tuple(self.truth(one, depth + 1) for one in values))
            case ast.UnaryOp(ast.Not(), of):
                return Negation(self.truth(of, depth + 1))
            case ast.Compare(left, ops, others):
                sides = [left, *others]
                found = [self._compared(op, sides[at], sides[at + 1], depth) for at, op in enumerate(ops)]
                return found[0] if len(found) == 1 else Junction(every=True, of=tuple(found))
            case ast.Name(name) if isinstance(self._known(name), TruthName):
                return Flag(name)
        raise self._unfit("rules.expression.no_truth", node)

    def number(self, node: ast.expr, depth: int) -> tuple[Number, Unit | None]:
        """A number, and its unit."""
        self._not_too_deep(depth)
        match node:
            case ast.Constant(bool()):
                raise self._unfit("rules.expression.no_number", node)
            case ast.Constant(int() | float() as value):
                return self._figure(node, value), None
            case ast.Name(name):
                found = self._known(name)
                if isinstance(found, NumberName):
                    return Named(name), found.unit
            case ast.UnaryOp(ast.USub(), of):
                inner, unit = self.number(of, depth + 1)
                return Operation("-", Figure(0.0), inner), unit
            case ast.BinOp(left, op, right) if type(op) in _SIGNS:
                return self._operation(node, _SIGNS[type(op)], left, right, depth)
            case ast.Call(ast.Name("min" | "max" as which), [_, _, *_] as args, []):
                parts = [self.number(one, depth + 1) for one in args]
                return Extreme(which == "min", tuple(one for one, _ in parts)), self._one_unit(node, parts)
            case ast.IfExp(test, body, orelse):
                branches = [self.number(one, depth + 1) for one in (body, orelse)]
                chosen = Either(self.truth(test, depth + 1), branches[0][0], branches[1][0])
                return chosen, self._one_unit(node, branches)
        raise self._unfit("rules.expression.no_number", node)

    def _operation(
        self, node: ast.expr, sign: Arithmetic, left: ast.expr, right: ast.expr, depth: int
    ) -> tuple[Number, Unit | None]:
        parts = [self.number(one, depth + 1) for one in (left, right)]
        made = Operation(sign, parts[0][0], parts[1][0])
        if sign in "+-":
            return made, self._one_unit(node, parts)
        units = [unit for _, unit in parts]
        if units == [None, None]:
            return made, None
        return made, (units[0] or PURE).times(units[1] or PURE, 1 if sign == "*" else -1)

    def _compared(self, op: ast.cmpop, left: ast.expr, right: ast.expr, depth: int) -> Truth:
        if isinstance(left, ast.Name) and isinstance(choice := self._known(left.id), ChoiceName):
            among = Among(left.id, self._choices(choice, op, right))
            return Negation(among) if isinstance(op, ast.NotEq | ast.NotIn) else among
        if type(op) not in _ORDERS:
            raise self._unfit("rules.expression.no_truth", right)
        order, changed = _ORDERS[type(op)]
        parts = [self.number(one, depth + 1) for one in (left, right)]
        self._one_unit(right, parts)
        first, second = reversed(parts) if changed else parts
        found = Comparison(order, first[0], second[0])
        return Negation(found) if isinstance(op, ast.NotEq) else found

    def _choices(self, choice: ChoiceName, op: ast.cmpop, right: ast.expr) -> tuple[str, ...]:
        """What a choice is compared with: one text, or a list of them."""
        one = isinstance(op, ast.Eq | ast.NotEq)
        if not one and not (isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple)):
            raise self._unfit("rules.expression.no_choice", right)
        found = []
        for part in [right] if one else right.elts:  # type: ignore[attr-defined]  # a list or tuple, as was seen
            if not (isinstance(part, ast.Constant) and isinstance(part.value, str)):
                raise self._unfit("rules.expression.no_choice", part)
            if part.value not in choice.choices:
                raise self._unfit("rules.expression.other_choice", part, known=", ".join(sorted(choice.choices)))
            found.append(part.value)
        return tuple(found)

    def _figure(self, node: ast.expr, value: float) -> Figure:
        if not (math.isfinite(value) and abs(value) <= LARGEST):
            raise self._unfit("rules.expression.large", node)
        return Figure(float(value))

    def _known(self, name: str) -> NumberName | TruthName | ChoiceName:
        found = self._names.get(name)
        if found is None:
            raise Misread("rules.expression.no_name", name=self._short(name), known=", ".join(sorted(self._names)))
        return found

    def _one_unit(self, node: ast.expr, parts: list[tuple[Number, Unit | None]]) -> Unit | None:
        told = {unit for _, unit in parts if unit is not None}
        if len(told) > 1:
            raise self._unfit("rules.expression.units", node, units=", ".join(sorted(map(str, told))))
        return told.pop() if told else None

    def _not_too_deep(self, depth: int) -> None:
        if depth > DEEPEST:
            raise Misread("rules.expression.deep", most=DEEPEST)

    def _unfit(self, key: str, node: ast.expr, **fields: object) -> Misread:
        return Misread(key, text=self._short(ast.get_source_segment(self._text, node) or self._text), **fields)

    def _short(self, text: str) -> str:
        return text if len(text) <= 60 else text[:57] + "..."
