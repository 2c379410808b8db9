"""What of a table may be told, after all that was told before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from lineside.errors import ConfigurationError
from lineside.texts import DEFAULT_LANGUAGE, say
from lineside.valve.boxes import Box, Lie
from lineside.valve.cells import Cell, Done, Table
from lineside.valve.family import Change, Crowd, Family, Node
from lineside.valve.rules import Broken, Rules


@dataclass(frozen=True, slots=True)
class Told:
    """A sum that a recipient was told, or that can be calculated from what was told; `values` never leave the node."""

    label: str
    recipient: str
    measure: str
    from_us: int
    until_us: int
    where: Mapping[str, frozenset[str]]
    values: Mapping[str, float]
    mixed: bool = False
    """Whether figures inside it may be of older facts: then it cannot be corrected."""


class Published:
    """What was told before, ready to judge by. Judging gives another one. `number` is the last record in it."""

    def __init__(self, rules: Rules, recipient: str | None = None, told: Iterable[Told] = (), number: int = 0) -> None:
        self.recipient = None if rules.pooled else recipient
        self.number = number
        self.group = {measure: " / ".join(sorted(group)) for group in rules.related for measure in group}
        self._bits: dict[str, int] = {}
        self._crowds: dict[frozenset[str], Crowd] = {}
        self.families: dict[str, Family] = {}
        self._own: set[str] = set()
        self._heard: dict[tuple[str, str, Box], Sequence[float]] = {}
        for one in told:
            if self.recipient in {None, one.recipient}:
                placed = self.nodes(one)
                self.hears(one, placed[0][1])
                for key, node in placed:
                    self.own(key).tell(node, mixed=one.mixed)

    def draft(self) -> Published:
        """A copy to try things in; families are copied once they change."""
        other = object.__new__(Published)
        other.recipient, other.number, other.group = self.recipient, self.number, self.group
        other._bits, other._crowds = self._bits.copy(), self._crowds.copy()
        other.families, other._own = self.families.copy(), set()
        other._heard = self._heard.copy()
        return other

    def own(self, key: str) -> Family:
        """The family of this key, for changes."""
        if key not in self._own:
            known = self.families.get(key)
            self.families[key] = known.copy() if known else Family(bare=key in self.group.values())
            self._own.add(key)
        return self.families[key]

    def hears(self, told: Told, node: Node) -> bool:
        """Whether this sum, which lies in this node, is news for its recipient, who has heard it from now on."""
        heard = told.recipient, told.measure, node.box
        news = self._heard.get(heard) != node.values
        self._heard[heard] = node.values
        return news

    def is_mixed(self, key: str, node: Node) -> bool:
        """Whether a figure told may hold older facts inside it; so may what is only a sum of others."""
        family = self.own(key)
        number = family.numbers.get(node.box)
        return number is None or family.nodes[number].mixed

    def box(self, told: Told | Cell, crowd: Crowd | None = None) -> Box:
        """Where a figure lies."""
        where = tuple(sorted(told.where.items())) if told.where else ()
        return Box((crowd or self.crowd(told.values)).mask, told.from_us, told.until_us, where)

    def nodes(self, told: Told) -> list[tuple[str, Node]]:
        """The families that a sum belongs to, that of its measure first, each with the node it is there."""
        crowd = self.crowd(told.values)
        box = self.box(told, crowd)
        values = [told.values[name] for name in crowd.who]
        keys = [told.measure, *([self.group[told.measure]] if told.measure in self.group else [])]
        return [(key, self.own(key).node(told.label, box, crowd, values)) for key in keys]

    def crowd(self, contributors: Mapping[str, float]) -> Crowd:
        """The contributors, in one order for all figures of the same."""
        names = frozenset(contributors)
        known = self._crowds.get(names)
        if known is None:
            who = tuple(sorted(names))
            mask = sum(1 << self._bits.setdefault(name, len(self._bits)) for name in who)
            known = self._crowds[names] = Crowd(who, mask, {name: at for at, name in enumerate(who)})
        return known


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of a figure: its `value` to be told (None also where its whole is nothing), or the rule it breaks."""

    cell: Cell
    value: float | None = None
    broken: Broken | None = None

    @property
    def allowed(self) -> bool:
        """Whether the figure may be told."""
        return self.broken is None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be told of a table. `told` is what the books do not hold yet: it goes there before anything leaves.

    `published` counts it in.
    """

    table: Table
    rulings: tuple[Ruling, ...]
    told: tuple[Told, ...]
    published: Published
    done: tuple[Done, ...]

    @property
    def allowed(self) -> list[Ruling]:
        """The figures that may be told."""
        return [ruling for ruling in self.rulings if ruling.allowed]

    @property
    def refused(self) -> list[Ruling]:
        """The figures that are withheld."""
        return [ruling for ruling in self.rulings if not ruling.allowed]

    def words(self, language: str = DEFAULT_LANGUAGE) -> list[str]:
        """What was done to the table, one sentence each, for its recipient."""
        return [say(done.key, language, **done.fields) for done in self.done]

    def for_owner(self, ruling: Ruling, language: str = DEFAULT_LANGUAGE) -> str:
        """Why a figure is withheld and what would pass. It speaks of values: the recipient must not see it."""
        if ruling.broken is None:
            return ""
        broken = ruling.broken
        kind = "rest" if "other" in broken.fields and broken.rule in _OF_THE_REST else "figure"
        place = say(f"valve.in_{kind}", language, figure=ruling.cell.label, **broken.fields)
        reason = say(f"valve.rule.{broken.rule}", language, **broken.fields)
        wider = self._wider(ruling.cell)
        passes = say("valve.passes_in", language, figure=wider.label) if wider else say("valve.passes", language)
        return say("valve.refused", language, place=place, reason=reason, passes=passes)

    def _wider(self, cell: Cell) -> Cell | None:
        """The smallest figure told of which this one is a part."""
        box = self.published.box(cell)
        others = [(r.cell, self.published.box(r.cell)) for r in self.allowed if r.cell.measure == cell.measure]
        around = [(other.size, i) for i, (_, other) in enumerate(others) if other.lies_to(box) is Lie.AROUND]
        return others[min(around)[1]][0] if around else None


_OF_THE_REST = {"contributors", "dominance", "closeness", "nothing", "span"}


def judge(table: Table, rules: Rules, published: Published) -> Verdict:
    """What of this table may be told under these rules, after what was told before.

    Pure: nothing is recorded and no clock is read. Wide figures are judged before the narrow ones inside them, so a
    part is withheld rather than its whole, also where it is withheld only to protect another part (complementary
    suppression). Figures whose facts have changed since they were told are told anew all together, or none of them.
    Raises ConfigurationError where `published` is of another recipient.
    """
    if published.recipient not in {None, table.recipient} or rules.pooled != (published.recipient is None):
        raise ConfigurationError("valve.other_recipient", recipient=table.recipient)
    draft = published.draft()
    sums = [_told(cell, table.recipient, rules) for cell in table.cells]
    nodes = [[draft.nodes(told) for told in of_cell] for of_cell in sums]
    restated, broken = _restate(nodes, rules, draft)
    found: dict[int, Broken | None] = dict.fromkeys(restated, broken) if broken else {}
    if broken:
        draft = published.draft()
        nodes = [[draft.nodes(told) for told in of_cell] for of_cell in sums]
    order = sorted(range(len(sums)), key=lambda i: _size(sums[i][0]), reverse=True)
    for i in order:
        if i not in found:
            found[i] = _tell(nodes[i], rules, draft)
    for i in order:  # what crosses others may be their sum, now that all are told
        before = found[i]
        if before is not None and before.rule == "crossing":
            found[i] = _tell(nodes[i], rules, draft)
    if not broken and any(found[i] for i in restated):
        kept = [i for i in range(len(sums)) if i not in restated]
        rest = judge(replace(table, cells=tuple(table.cells[i] for i in kept)), rules, published)
        return _merged(table, rest, kept, {i: found[i] or Broken("another", {}) for i in restated})
    passed = [
        replace(told, mixed=draft.is_mixed(*placed[0]))
        for i, of_cell in enumerate(sums)
        if not found[i]
        for told, placed in zip(of_cell, nodes[i], strict=True)
        if draft.hears(told, placed[0][1])
    ]
    return _verdict(table, rules, [found[i] for i in range(len(sums))], passed, draft)


def _told(cell: Cell, recipient: str, rules: Rules) -> list[Told]:
    return [
        Told(cell.label, recipient, measure, cell.from_us, cell.until_us, cell.where, values)
        for measure, values in cell.sums(rules.contributors)
    ]


def _size(told: Told) -> int:
    return len(told.values) * (told.until_us - told.from_us)


def _tell(nodes: list[list[tuple[str, Node]]], rules: Rules, draft: Published) -> Broken | None:
    changes: dict[str, Change] = {}
    for key, node in chain.from_iterable(nodes):
        planned = draft.own(key).plan(node, rules)
        if isinstance(planned, Broken):
            return planned
        changes[key] = planned
    for key, change in changes.items():
        draft.own(key).add(change)
    return None


def _restate(
    nodes: list[list[list[tuple[str, Node]]]], rules: Rules, draft: Published
) -> tuple[list[int], Broken | None]:
    """Takes the new values of figures told before; gives their places in the table, and the rule they break."""
    places: list[int] = []
    anew: dict[str, dict[int, Node]] = {}
    present: dict[str, set[int]] = {}
    for i, of_cell in enumerate(nodes):
        for key, node in chain.from_iterable(of_cell):
            family = draft.own(key)
            number = family.numbers.get(node.box)
            if number is None:
                continue
            present.setdefault(key, set()).add(number)
            if not family.nodes[number].differs(node):
                family.current.add(number)
            else:
                anew.setdefault(key, {}).setdefault(number, node)
                places.append(i)
    for key, told in anew.items():
        if broken := draft.own(key).restate_by(told, present[key], rules):
            return places, broken
        draft.own(key).current |= present[key]
    return places, None


def _verdict(table: Table, rules: Rules, found: list[Broken | None], told: list[Told], draft: Published) -> Verdict:
    rulings = []
    for cell, broken in zip(table.cells, found, strict=True):
        value = None if broken else cell.figure(rules.contributors)
        if value is not None and table.round_to:
            value = round(value / table.round_to) * table.round_to
        rulings.append(Ruling(cell, value, broken))
    return Verdict(table, tuple(rulings), tuple(told), draft, _done(table, rulings))


def _merged(table: Table, rest: Verdict, kept: list[int], refused: Mapping[int, Broken]) -> Verdict:
    rulings = {i: Ruling(table.cells[i], broken=broken) for i, broken in refused.items()}
    rulings |= dict(zip(kept, rest.rulings, strict=True))
    ordered = [rulings[i] for i in range(len(table.cells))]
    return replace(rest, table=table, rulings=tuple(ordered), done=_done(table, ordered))


def _done(table: Table, rulings: list[Ruling]) -> tuple[Done, ...]:
    withheld = sum(not ruling.allowed for ruling in rulings)
    return (*table.done, Done("valve.done.suppress", {"count": withheld})) if withheld else table.done
