from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.valve import Cell, Published, Rules, Statistic, Table, judge

HOUR = 3_600_000_000
LOOSE = Rules(contributors=3, largest=((1, 0.99),), closeness=0, span_us=HOUR)
"""Rules that look at contributors alone, or nearly so: what remains is structure."""

Slot = tuple[int, int, str, int]
"""An elementary contribution: contributor, hour, product, and which correction of it (0: as it was first)."""


class Facts:
    """Contributions by contributor, hour and product, which may be corrected; figures over them."""

    def __init__(self, people: int, hours: int, products: str = "A") -> None:
        self.people, self.hours, self.products = people, hours, products
        self.values = {
            (c, h, p): 10.0 + 3 * ((5 * c + 7 * h + ord(p)) % 4)
            for c in range(people)
            for h in range(hours)
            for p in products
        }
        self.corrections: dict[tuple[int, int, str], int] = {}

    def correct(self, contributor: int, hour: int, by: float = 4.0) -> None:
        """A late fact changes what a contributor gave in an hour."""
        slot = (contributor, hour, self.products[0])
        self.values[slot] += by
        self.corrections[slot] = self.corrections.get(slot, 0) + 1

    def cell(self, who: Iterable[int], begin: int, end: int, products: str | None = None) -> Cell:
        """The sum over some contributors, hours and products."""
        kinds = self.products if products is None else products
        values = {f"c{c}": sum(self.values[c, h, p] for h in range(begin, end) for p in kinds) for c in who}
        where = {"product": frozenset(kinds)} if len(self.products) > 1 else {}
        label = f"{sorted(values)} {begin}-{end} {kinds}"
        return Cell(label, "energy", Statistic.SUM, begin * HOUR, end * HOUR, values, where)

    def row(self, cell: Cell) -> dict[Slot, int]:
        """The cell as a linear function of all elementary contributions and their corrections."""
        hours = range(cell.from_us // HOUR, cell.until_us // HOUR)
        kinds = cell.where.get("product", frozenset(self.products))
        return {
            (int(c[1:]), h, p, edition): 1
            for c in cell.values
            for h in hours
            for p in kinds
            for edition in range(self.corrections.get((int(c[1:]), h, p), 0) + 1)
        }


def rank(rows: list[list[Fraction]]) -> int:
    """The exact rank of a matrix."""
    rows = [row.copy() for row in rows]
    found = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            if rows[i][column]:
                factor = rows[i][column] / rows[found][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def isolates(rows: list[dict[Slot, int]], k: int) -> tuple[int, ...] | None:
    """Fewer than `k` contributors of which some combination of the rows speaks alone: an oracle by exact ranks.

    A combination that vanishes outside some columns exists where the rank without these columns is smaller.
    """
    slots = sorted({slot for row in rows for slot in row})
    people = sorted({slot[0] for slot in slots})
    matrix = [[Fraction(row.get(slot, 0)) for slot in slots] for row in rows]
    whole = rank(matrix)
    for few in combinations(people, min(k - 1, len(people))):
        outside = [i for i, slot in enumerate(slots) if slot[0] not in few]
        if rank([[row[i] for i in outside] for row in matrix]) < whole:
            return few
    return None


def release(cells: Iterable[Cell], published: Published, rules: Rules = LOOSE) -> tuple[list[Cell], Published]:
    """The cells that may be told, and what was published then."""
    verdict = judge(Table(tuple(cells), "hub"), rules, published)
    return [ruling.cell for ruling in verdict.allowed], verdict.published


PEOPLE, HOURS = 8, 4


@st.composite
def boxes(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[frozenset[int], int, int, str]:
    """Contributors, hours and products of a figure, often of the usual kind."""
    halves = st.sampled_from([frozenset(range(8)), frozenset(range(4)), frozenset(range(4, 8)), frozenset(range(3))])
    who = draw(st.one_of(halves, st.frozensets(st.integers(0, PEOPLE - 1), min_size=2)))
    begin = draw(st.integers(0, HOURS - 1))
    end = draw(st.integers(begin + 1, HOURS))
    kinds = draw(st.sampled_from(["A", "B", "AB", "AB"]))
    return who, begin, end, kinds


@settings(max_examples=60, deadline=None)
@given(tables=st.lists(st.lists(boxes(), min_size=1, max_size=5), min_size=1, max_size=4))
def test_no_combination_of_figures_told_speaks_of_few(tables: list[list[tuple[frozenset[int], int, int, str]]]) -> None:
    """Whatever is asked in whatever order: no sum of multiples of what was told is about fewer than k contributors."""
    facts, published = Facts(PEOPLE, HOURS, "AB"), Published(LOOSE)
    rows: list[dict[Slot, int]] = []

    for table in tables:
        told, published = release([facts.cell(*box) for box in table], published)
        rows += [facts.row(cell) for cell in told]

    assert isolates(rows, LOOSE.contributors) is None


Step = tuple[str, list[Any]]
step: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("tell"), st.lists(boxes(), min_size=1, max_size=4)),
    st.tuples(st.just("correct"), st.lists(st.integers(0, PEOPLE - 1), min_size=1, max_size=5, unique=True)),
    st.tuples(st.just("again"), st.just([])),
)


@settings(max_examples=80, deadline=None)
@given(steps=st.lists(step, min_size=2, max_size=7))
def test_corrections_isolate_nobody(steps: list[Step]) -> None:
    """Facts that change between releases, figures told anew and new ones over old hours: still nobody stands alone."""
    facts, published = Facts(PEOPLE, HOURS), Published(LOOSE)
    rows: list[dict[Slot, int]] = []
    asked: list[tuple[frozenset[int], int, int]] = []

    for kind, things in steps:
        if kind == "correct":
            for contributor in things:
                facts.correct(contributor, contributor % HOURS if len(things) < 3 else 0)
            continue
        if kind == "tell":
            asked += [(who, begin, end) for who, begin, end, _ in things]
        told, published = release([facts.cell(*box) for box in dict.fromkeys(asked)], published)
        rows += [facts.row(cell) for cell in told]

    assert isolates(rows, LOOSE.contributors) is None


def test_the_oracle_finds_what_counting_alone_lets_pass() -> None:
    """Each of two figures has enough contributors, their difference is one machine: the oracle names it."""
    facts = Facts(6, 1)
    rows = [facts.row(facts.cell(range(6), 0, 1)), facts.row(facts.cell(range(1, 6), 0, 1))]

    assert isolates(rows, 3) == (0, 1)
    assert isolates(rows[:1], 3) is None


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ((range(8), 0, 4), (range(1, 8), 0, 4)),
        ((range(8), 0, 3), (range(8), 1, 4)),
        ((range(8), 4, 8), (range(8), 5, 9)),
        ((range(4), 0, 4), (range(2, 8), 0, 4)),
        ((range(6), 0, 4), (range(4), 0, 4)),
    ],
    ids=["all but one", "shifted window", "shifted later", "overlapping scopes", "a part that leaves two"],
)
def test_what_would_isolate_by_difference_is_refused(
    first: tuple[range, int, int], then: tuple[range, int, int]
) -> None:
    """A second figure that passes alone is refused after the first."""
    facts = Facts(8, 9)
    alone, _ = release([facts.cell(*then)], Published(LOOSE))
    told, published = release([facts.cell(*first)], Published(LOOSE))

    after, _ = release([facts.cell(*then)], published)

    assert (len(alone), len(told), len(after)) == (1, 1, 0)


def test_days_in_a_week_and_lines_in_a_plant_pass() -> None:
    """The usual tables nest, so all of them may be told, and again later."""
    facts = Facts(8, 4)
    usual = [
        facts.cell(who, begin, end)
        for who in (range(8), range(4), range(4, 8))
        for begin, end in ((0, 4), (0, 2), (2, 4))
    ]

    first, published = release(usual, Published(LOOSE))
    again, _ = release(usual, published)

    assert len(first) == len(usual)
    assert len(again) == len(usual)


def test_both_margins_of_a_table_pass_where_all_of_it_is_told() -> None:
    """Totals of lines over the week and of days over all lines cross, but say no more than the cells do."""
    facts = Facts(8, 4)
    cells = [facts.cell(who, h, h + 1) for who in (range(4), range(4, 8)) for h in range(4)]
    margins = [facts.cell(range(4), 0, 4), facts.cell(range(4, 8), 0, 4)]
    margins += [facts.cell(range(8), h, h + 1) for h in range(4)]

    told, _ = release([*cells, *margins, facts.cell(range(8), 0, 4)], Published(LOOSE))

    assert len(told) == 15


def test_a_part_is_withheld_to_protect_another() -> None:
    """Of three lines one is too small: a second one is withheld, or the total would tell it."""
    facts = Facts(8, 1)
    total, big, middle, small = (facts.cell(who, 0, 1) for who in (range(8), range(3), range(3, 6), range(6, 8)))

    told, _ = release([small, middle, big, total], Published(LOOSE))

    assert {cell.label for cell in told} == {total.label, middle.label}


def test_a_correction_of_one_is_not_told() -> None:
    """A late fact of one machine: the figure stays as it was told. Of enough machines: it is told anew."""
    facts = Facts(8, 1)
    _, published = release([facts.cell(range(8), 0, 1)], Published(LOOSE))

    facts.correct(0, 0)
    one, published = release([facts.cell(range(8), 0, 1)], published)
    facts.correct(1, 0)
    facts.correct(2, 0)
    three, _ = release([facts.cell(range(8), 0, 1)], published)

    assert (len(one), len(three)) == (0, 1)


def test_a_correction_is_told_in_all_figures_or_in_none() -> None:
    """The day that was corrected, told anew without its week, would be compared with it."""
    facts = Facts(8, 2)
    day, rest, week = (0, 1), (1, 2), (0, 2)
    _, published = release([facts.cell(range(8), *span) for span in (day, rest, week)], Published(LOOSE))
    for contributor in range(3):
        facts.correct(contributor, 0)

    alone, _ = release([facts.cell(range(8), *day)], published)
    two, _ = release([facts.cell(range(8), *span) for span in (day, rest)], published)
    together, _ = release([facts.cell(range(8), *span) for span in (day, rest, week)], published)

    assert (len(alone), len(two), len(together)) == (0, 1, 3)


def test_corrections_told_one_after_the_other_are_not_compared() -> None:
    """Six machines corrected in the total, then four of them in their part: the difference would be the other two."""
    facts = Facts(6, 4)
    whole, part = (range(6), 0, 4), (range(1, 5), 0, 3)
    _, published = release([facts.cell(*whole), facts.cell(*part)], Published(LOOSE))
    for contributor in range(6):
        facts.correct(contributor, 1)

    first, published = release([facts.cell(*whole)], published)
    then, _ = release([facts.cell(*part)], published)

    assert (len(first), len(then)) == (0, 0)


def test_recipients_are_judged_together_unless_they_are_said_not_to_talk() -> None:
    """What one was told counts for the other, by default."""
    facts = Facts(8, 1)
    whole, but_one = facts.cell(range(8), 0, 1), facts.cell(range(1, 8), 0, 1)
    apart = Rules(contributors=3, largest=((1, 0.99),), closeness=0, span_us=HOUR, pooled=False)
    pooled = judge(Table((whole,), "hub"), LOOSE, Published(LOOSE))
    alone = judge(Table((whole,), "hub"), apart, Published(apart, "hub"))

    after = judge(Table((but_one,), "bank"), LOOSE, pooled.published)
    bank = judge(Table((but_one,), "bank"), apart, Published(apart, "bank", alone.told))
    hub = judge(Table((but_one,), "hub"), apart, Published(apart, "hub", alone.told))

    assert [len(verdict.allowed) for verdict in (after, bank, hub)] == [0, 1, 0]


def test_related_measures_are_one_family() -> None:
    """All units of eight machines, less the good and the rejected ones of seven, are the units of the eighth."""
    related = Rules(3, ((1, 0.99),), 0, HOUR, related=(frozenset({"units", "good", "rejected"}),))
    facts = Facts(8, 1)
    whole, part = facts.cell(range(8), 0, 1), facts.cell(range(1, 8), 0, 1)

    def told(rules: Rules) -> list[bool]:
        published, passed = Published(rules), []
        for measure, cell in (("units", whole), ("good", part), ("rejected", part)):
            asked = Cell(measure, measure, Statistic.SUM, cell.from_us, cell.until_us, cell.values)
            verdict = judge(Table((asked,), "hub"), rules, published)
            published = verdict.published
            passed.append(bool(verdict.allowed))
        return passed

    assert told(LOOSE) == [True, True, True]
    assert told(related) == [True, False, False]


def test_what_was_told_around_older_facts_is_not_corrected() -> None:
    """A day told around an hour that may have changed stays; around an hour told again with it, it may be corrected."""

    def corrected(*, hour_again: bool) -> int:
        facts = Facts(6, 3)
        hour, day = facts.cell(range(6), 0, 1), facts.cell(range(6), 0, 3)
        _, published = release([hour], Published(LOOSE))
        _, published = release([hour, day] if hour_again else [day], published)
        for contributor in range(6):
            facts.correct(contributor, 0)
        told, _ = release([facts.cell(range(6), 0, 1), facts.cell(range(6), 0, 3)], published)
        return len(told)

    assert [corrected(hour_again=again) for again in (False, True)] == [0, 2]
