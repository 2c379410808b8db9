"""What was told of one measure: a family of nested or separate boxes, and what is left of each beside those inside it.

The figures told can say no more than the sums over what is left (the atoms). So it is these that must keep the rules;
the proof stands in decision 24. Plain lists: a figure has some tens of contributors, for which arrays are slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lineside.valve.boxes import Box, Lie
from lineside.valve.rules import Broken, Rules, broken_by

EQUAL = 1e-9
"""Two values are the same where they differ by less than this share: sums of the same floats in another order."""


class Crowd(NamedTuple):
    """Contributors: their names in the order of all values of a node, their bits, the place of each."""

    who: tuple[str, ...]
    mask: int
    place: Mapping[str, int]


class Node(NamedTuple):
    """A figure told. `rest` and `left` are what its contributors have beside the nodes inside it: value and volume.

    Without any inside, `left` is None. A loose node fits no order with the others: nothing may touch it. A mixed one
    was told around others whose facts may have changed by then: what it is part of cannot be corrected.
    """

    label: str
    box: Box
    crowd: Crowd
    values: Sequence[float]
    rest: Sequence[float]
    left: Sequence[int] | None = None
    parent: int | None = None
    children: tuple[int, ...] = ()
    loose: bool = False
    mixed: bool = False

    def without(self, *others: Node, again: Iterable[Node] = ()) -> Node:
        """This node with more inside it, and with `again` no longer inside it."""
        rest, left = list(self.rest), list(self.left or [self.box.volume] * len(self.rest))
        place = self.crowd.place
        for sign, nodes in ((1, others), (-1, again)):
            for node in nodes:
                covered = sign * node.box.covers(self.box)
                for name, value in zip(node.crowd.who, node.values, strict=True):
                    at = place[name]
                    rest[at] -= sign * value
                    left[at] -= covered
        return self._replace(rest=rest, left=left)

    @property
    def blur(self) -> float:
        """Differences below this are rounding."""
        return EQUAL * sum(map(abs, self.values))

    def differs(self, other: Node) -> bool:
        """Whether another figure of the same box has other values."""
        blur = self.blur
        return self.values != other.values and any(
            abs(a - b) > blur for a, b in zip(self.values, other.values, strict=True)
        )


class Change(NamedTuple):
    """What telling one figure more would make of a family: nodes by number; none where it says nothing new."""

    nodes: Mapping[int, Node]


class Family:
    """The figures told of one measure. `bare` looks at contributors and time alone, not at values."""

    def __init__(self, *, bare: bool = False) -> None:
        self.bare = bare
        self.nodes: list[Node] = []
        self.numbers: dict[Box, int] = {}
        self.current: set[int] = set()
        """The nodes known to be of the facts of this moment; a copy begins without."""
        self._slots: dict[tuple[int, int], tuple[tuple[int, Box], ...]] = {}
        self._widths: tuple[int, ...] = ()

    def copy(self) -> Family:
        """A family of its own with the same figures."""
        other = Family(bare=self.bare)
        other.nodes, other.numbers = self.nodes.copy(), self.numbers.copy()
        other._slots, other._widths = self._slots.copy(), self._widths
        return other

    def node(self, label: str, box: Box, crowd: Crowd, values: Sequence[float]) -> Node:
        """A figure as a node with nothing inside it; `values` in the order of the crowd."""
        told = [0.0] * len(values) if self.bare else values
        return Node(label, box, crowd, told, told)

    def plan(self, node: Node, rules: Rules) -> Change | Broken:
        """What telling this figure would change, or the rule that forbids it."""
        same = self.numbers.get(node.box)
        if same is not None:
            known = self.nodes[same]
            return Broken("changed", {"other": known.label}) if known.differs(node) else Change({})
        inside, around, crossing = self._neighbours(node.box)
        if crossing is not None:
            if self._is_sum(node, around):
                return Change({})
            return Broken("crossing", {"other": self.nodes[crossing].label})
        changed = self._placed(node, inside, around)
        return self._broken(changed, rules) or Change(changed)

    def add(self, change: Change) -> None:
        """Keeps what was planned last."""
        for number, node in sorted(change.nodes.items()):
            if number < len(self.nodes):
                self.nodes[number] = node
            else:
                self._append(node)

    def tell(self, node: Node, *, mixed: bool) -> None:
        """Keeps a figure that was told, whatever the rules say now; later ones may not touch what fits no order."""
        node = node._replace(mixed=mixed)
        same = self.numbers.get(node.box)
        if same is not None:
            self.restate({same: node})
            return
        inside, around, crossing = self._neighbours(node.box)
        if crossing is None:
            placed = self._placed(node, inside, around)
            number = len(self.nodes)
            self.add(Change(placed | {number: placed[number]._replace(mixed=mixed)}))
        elif not self._is_sum(node, around):
            self._append(node._replace(loose=True))

    def restate(self, told: Mapping[int, Node]) -> list[tuple[Node, Node]]:
        """Puts new values in the place of old ones; gives each node concerned as it was and as it is."""
        before: dict[int, Node] = {}
        for number, node in told.items():
            old = self.nodes[number]
            before.setdefault(number, old)
            rest = [r + new - was for r, new, was in zip(old.rest, node.values, old.values, strict=True)]
            self.nodes[number] = old._replace(values=node.values, rest=rest)
            if old.parent is not None:
                parent = self.nodes[old.parent]
                before.setdefault(old.parent, parent)
                self.nodes[old.parent] = parent.without(node, again=[old])
        return [(old, self.nodes[number]) for number, old in before.items()]

    def restate_by(self, told: Mapping[int, Node], present: set[int], rules: Rules) -> Broken | None:
        """Puts new values in the place of old ones, or gives the rule they break; then the family is spoilt.

        All figures that hang together with those must be `present`, so that all are of the same facts again: of two
        figures corrected one after the other, the difference could be the correction of a few.
        """
        for number in told:
            tree = self._tree(number)
            if missing := tree - present:
                return Broken("together", {"other": self.nodes[min(missing)].label})
            if mixed := [i for i in tree if self.nodes[i].mixed or self.nodes[i].loose]:
                return Broken("mixed", {"other": self.nodes[min(mixed)].label})
        for before, after in self.restate(told):
            if broken := self._judge_correction(before, after, rules):
                return broken
        return None

    def _tree(self, number: int) -> set[int]:
        """All nodes around this one, and all inside these."""
        while (parent := self.nodes[number].parent) is not None:
            number = parent
        tree, below = {number}, [number]
        while below:
            children = self.nodes[below.pop()].children
            tree.update(children)
            below.extend(children)
        return tree

    def judge(self, node: Node, rules: Rules) -> Broken | None:
        """The rule that what is left of a node breaks. Nothing left is as good as enough."""
        rest, least = list(map(abs, node.rest)), node.box.end - node.box.start
        if node.left is not None:
            blur = node.blur
            if any(value > blur for value, left in zip(rest, node.left, strict=True) if left <= 0):
                return Broken("changed", {"other": node.label})
            rest = [value if value > blur else 0.0 for value, left in zip(rest, node.left, strict=True) if left > 0]
            if not rest:
                return None
            least = min(left for left in node.left if left > 0) * least // node.box.volume
        if least < rules.span_us:
            return Broken("span", {"have": _hours(least), "need": _hours(rules.span_us)})
        if self.bare:
            enough = len(rest) >= rules.contributors
            return None if enough else Broken("contributors", {"have": len(rest), "need": rules.contributors})
        return broken_by(rest, rules)

    def _judge_correction(self, before: Node, after: Node, rules: Rules) -> Broken | None:
        """The rule that restated values break: nobody may be told what a few contributors were corrected by."""
        blur = max(before.blur, after.blur)
        changes = [abs(new - old) for new, old in zip(after.rest, before.rest, strict=True)]
        changes = [change for change in changes if change > blur]
        if changes and (broken := broken_by(changes, rules)):
            return Broken("correction", {**broken.fields, "other": after.label})
        return self.judge(after, rules)

    def _append(self, node: Node) -> None:
        number, box = len(self.nodes), node.box
        width = (box.end - box.start).bit_length()
        if width not in self._widths:
            self._widths = tuple(sorted((*self._widths, width)))
        slot = (width, box.start >> width)
        self._slots[slot] = (*self._slots.get(slot, ()), (number, box))
        self.nodes.append(node)
        self.current.add(number)
        self.numbers.setdefault(box, number)

    def _near(self, box: Box) -> Iterator[tuple[int, Box]]:
        """The nodes that share time and contributors with a box.

        A time lies in the slot of its width that it begins in, so one that touches the box begins there or one before.
        """
        mask, start, end, _ = box
        for width in self._widths:
            for slot in range((start >> width) - 1, ((end - 1) >> width) + 1):
                for number, other in self._slots.get((width, slot), ()):
                    if other[0] & mask and other[1] < end and other[2] > start:
                        yield number, other

    def _neighbours(self, box: Box) -> tuple[list[int], list[int], int | None]:
        """Those around this box, those inside it, one that crosses it."""
        inside, around, crossing = [], [], None
        for number, other in self._near(box):
            lie = box.lies_to(other)
            if lie is Lie.APART:
                continue
            if self.nodes[number].loose or lie not in {Lie.INSIDE, Lie.AROUND}:
                crossing = number
            elif lie is Lie.INSIDE:
                inside.append(number)
            else:
                around.append(number)
        return inside, around, crossing

    def _placed(self, node: Node, inside: list[int], around: list[int]) -> dict[int, Node]:
        number = len(self.nodes)
        parent = min(inside, key=lambda i: self.nodes[i].box.size, default=None)
        children = [i for i in around if self.nodes[i].parent == parent]
        moved = [self.nodes[i] for i in children]
        changed = {i: child._replace(parent=number) for i, child in zip(children, moved, strict=True)}
        if moved:
            node = node.without(*moved)
        if parent is not None:
            outer = self.nodes[parent]
            others = tuple(i for i in outer.children if i not in changed)
            changed[parent] = outer.without(node, again=moved)._replace(children=(*others, number))
        mixed = node.mixed or not self.current.issuperset(children)
        changed[number] = node._replace(parent=parent, children=tuple(children), mixed=mixed)
        return changed

    def _broken(self, changed: Mapping[int, Node], rules: Rules) -> Broken | None:
        new = changed[len(self.nodes)]
        if broken := self.judge(new, rules):
            return broken
        if new.parent is not None and (broken := self.judge(changed[new.parent], rules)):
            return Broken(broken.rule, {**broken.fields, "other": changed[new.parent].label})
        return None

    def _is_sum(self, node: Node, around: list[int]) -> bool:
        """Whether figures told make this one up, so that it says nothing new."""
        within = set(around)
        node = node.without(*(self.nodes[i] for i in around if self.nodes[i].parent not in within))
        blur = node.blur
        return node.left is not None and not any(node.left) and all(abs(value) <= blur for value in node.rest)


def _hours(span_us: int) -> str:
    return f"{span_us / 3_600_000_000:g} h"
