from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.errors import ConfigurationError
from lineside.valve import Cell, Published, Rules, Statistic, Table, Verdict, coded, judge, longer, rounded, wider

HOUR = 3_600_000_000
RULES = Rules(contributors=3, largest=((1, 0.75), (2, 0.85)), closeness=0.1, span_us=HOUR)


def cell(
    values: Mapping[str, float] | list[float],
    statistic: Statistic = Statistic.SUM,
    hours: tuple[int, int] = (0, 8),
    label: str = "line",
    **more: object,
) -> Cell:
    """Return a figure over machines a, b, c... with these values."""
    named = values if isinstance(values, Mapping) else dict(zip("abcdefghijklmnopqrstuvwxyz", values, strict=False))
    return Cell(label, "energy", statistic, hours[0] * HOUR, hours[1] * HOUR, named, **more)  # type: ignore[arg-type]


def asked(*cells: Cell, rules: Rules = RULES) -> Verdict:
    """Return what becomes of these cells where nothing was told before."""
    return judge(Table(cells, "hub"), rules, Published(rules))


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ([4.0, 3.0, 2.0], None),
        ([4.0, 3.0], "contributors"),
        ([80.0, 10.0, 10.0], "dominance"),
        ([50.0, 40.0, 10.0], "dominance"),
        ([-80.0, 10.0, 10.0], "dominance"),
        ([60.0, 2.0, 1.9, 1.9], "dominance"),
        ([0.0, 0.0, 0.0], "nothing"),
    ],
)
def test_a_figure_needs_enough_contributors_of_whom_none_is_most_of_it(values: list[float], rule: str | None) -> None:
    """Each rule refuses what it should, magnitudes counting by their absolute value."""
    ruling = asked(cell(values)).rulings[0]

    assert (ruling.broken.rule if ruling.broken else None) == rule


def test_the_second_may_not_estimate_the_first() -> None:
    """The rule of closeness: what the others give must hide the largest from the second."""
    rules = replace(RULES, largest=(), closeness=0.2)

    close = asked(cell([50.0, 49.0, 5.0]), rules=rules).rulings[0]
    hidden = asked(cell([50.0, 49.0, 10.0]), rules=rules).rulings[0]

    assert close.broken is not None
    assert close.broken.rule == "closeness"
    assert hidden.allowed


def test_a_figure_needs_its_time() -> None:
    """Shorter than the owner allows is refused, also as what is left between two figures."""
    rules = replace(RULES, span_us=2 * HOUR)
    short = asked(cell([4.0, 3.0, 2.0], hours=(0, 1)), rules=rules).rulings[0]
    long, part = cell([8.0, 6.0, 4.0], hours=(0, 8)), cell([7.0, 5.0, 3.0], hours=(0, 7))

    rest = asked(long, part, rules=rules)

    assert short.broken is not None
    assert short.broken.rule == "span"
    assert [ruling.allowed for ruling in rest.rulings] == [True, False]


def test_means_and_shares_count_as_the_sums_behind_them() -> None:
    """A mean of all but one machine after the sum of all is a difference like any other; so is a share's complement."""
    whole = cell([4.0, 3.0, 2.0, 5.0], per="units", weights=dict.fromkeys("abcd", 10.0), statistic=Statistic.MEAN)
    without = replace(whole, values=dict.fromkeys("abc", 3.0), weights=dict.fromkeys("abc", 10.0), label="three")
    plain = Cell("sum", "energy", Statistic.SUM, 0, 8 * HOUR, dict.fromkeys("abc", 4.0))
    good = dict.fromkeys("abcd", 10.0) | {"a": 9.0}
    one_rejects = cell(good, Statistic.SHARE, per="units", weights=dict.fromkeys("abcd", 10.0))

    verdict = asked(whole, without, plain)
    share = asked(one_rejects)

    assert [ruling.value for ruling in verdict.rulings] == [14 / 40, None, None]
    assert share.rulings[0].broken is not None
    assert share.rulings[0].broken.rule == "dominance"


def test_a_quantile_is_the_mean_of_enough_values_around_it() -> None:
    """No one's own value is told, and the values around it count as a figure told."""
    values = [float(v) for v in range(9)]

    verdict = asked(cell(values, Statistic.QUANTILE), cell(values))
    beside = asked(cell(values[:5], Statistic.QUANTILE), cell(values[:5]))

    assert [ruling.value for ruling in verdict.rulings] == [4.0, 36.0]
    assert [ruling.allowed for ruling in beside.rulings] == [False, True]


def test_what_other_products_give_is_judged_where_nobody_named_them() -> None:
    """A total of all products, then one of them: the rest is judged by values, as nobody knows what is left."""
    total = cell([5.0, 5.0, 5.0, 5.0])
    some = cell([4.0, 3.0, 4.0, 3.0], where={"product": frozenset("A")})
    all_but_one = cell([5.0, 5.0, 5.0, 1.0], where={"product": frozenset("A")})

    passes, refused = asked(total, some), asked(total, all_but_one)

    assert [ruling.allowed for ruling in passes.rulings] == [True, True]
    assert [ruling.allowed for ruling in refused.rulings] == [True, False]


def test_the_owner_is_told_why_and_the_recipient_is_not() -> None:
    """The owner reads rule, numbers and what passes in both languages; the recipient one sentence for all."""
    small = replace(cell([1.0, 2.0]), label="cell 2")
    most = replace(cell({"x": 80.0, "y": 10.0, "z": 10.0}), label="cell 3")
    whole = replace(cell({"a": 30.0, "b": 40.0, "x": 80.0, "y": 10.0, "z": 10.0, "w": 90.0}), label="the hall")
    verdict = asked(small, most, whole)

    assert [verdict.for_owner(ruling) for ruling in verdict.rulings] == [
        "cell 2: 2 contributors, 3 are needed. It is told as a part of the hall.",
        "cell 3: Its largest contributors (1) give 80 %; at most 75 % may. It is told as a part of the hall.",
        "",
    ]
    assert "2 个贡献者，需要 3 个" in verdict.for_owner(verdict.rulings[0], "zh")


def test_a_refusal_for_what_would_be_left_names_it() -> None:
    """Who may not be told apart is named as the rest of the wider figure."""
    whole, part = replace(cell([3.0] * 5), label="plant"), replace(cell([3.0] * 4), label="line 1")

    verdict = asked(part, whole)

    assert verdict.for_owner(verdict.rulings[0]).startswith("line 1, by what it would leave of plant: 1 contributors")


def test_transformations_compose_and_say_what_they_did() -> None:
    """Hours to days, machines to a hall, codes and rounding: figures that pass, and a sentence for each step."""
    cells = [
        replace(cell({f"{line}{i}": 10.0 + i for i in range(2)}, hours=(h, h + 1)), label=f"{line} {h}")
        for line in "AB"
        for h in range(2)
    ]
    table = coded(Table(tuple(cells), "hub"), 0.0, 10.5)

    days = longer(table, 2 * HOUR)
    table = rounded(wider(days, {each.label: "hall" for each in days.cells}), 5.0)
    verdict = judge(table, RULES, Published(RULES))

    assert [(ruling.cell.label, ruling.value) for ruling in verdict.rulings] == [("hall", 80.0)]
    assert verdict.words() == [
        "Contributions below 0 count as 0, those above 10.5 as 10.5.",
        "4 figures were joined into 2, each within 2 h.",
        "2 figures were joined into 1 of a wider scope.",
        "Figures are rounded to multiples of 5.",
    ]


def test_what_is_withheld_is_counted() -> None:
    """The recipient learns that figures are missing, not which rule they broke."""
    assert asked(cell([1.0])).words() == ["1 figures are withheld."]


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: cell([1.0], hours=(3, 3)), "valve.no_time"),
        (lambda: cell([float("nan")]), "valve.not_a_number"),
        (lambda: cell([1.0], per="units"), "valve.weights_differ"),
        (lambda: cell([1.0], per="energy", weights={"a": 1.0}), "valve.weights_differ"),
        (lambda: cell([1.0], Statistic.SHARE), "valve.no_whole"),
        (lambda: cell([1.0], where={"product": frozenset()}), "valve.where_unusable"),
        (lambda: cell([1.0], quantile=1.0), "valve.no_quantile"),
        (lambda: Rules(contributors=1), "valve.too_few_contributors"),
        (lambda: Rules(closeness=2), "valve.no_share"),
        (lambda: Rules(span_us=-1), "valve.no_span"),
        (lambda: Rules(related=(frozenset("ab"), frozenset("bc"))), "valve.related_twice"),
        (lambda: judge(Table((), "bank"), replace(RULES, pooled=False), Published(RULES)), "valve.other_recipient"),
        (lambda: coded(Table((), "hub"), 2, 1), "valve.no_bounds"),
        (lambda: rounded(Table((), "hub"), 0), "valve.no_step"),
        (lambda: longer(Table((), "hub"), 0), "valve.no_span"),
        (lambda: longer(Table((cell([1.0]),), "hub"), 5 * HOUR), "valve.not_joined"),
        (lambda: wider(Table((cell([1.0]), cell([1.0])), "hub"), {"line": "hall"}), "valve.not_joined"),
    ],
)
def test_what_cannot_be_is_refused_by_name(make: object, key: str) -> None:
    """Each mistake has its own sentence and cure."""
    with pytest.raises(ConfigurationError) as error:
        make()  # type: ignore[operator]

    assert error.value.key == key
    assert error.value.cure()


values = st.lists(st.floats(-100, 100).map(lambda v: round(v, 1)), min_size=9, max_size=9)


@settings(max_examples=60, deadline=None)
@given(
    values=values,
    parts=st.lists(st.tuples(st.integers(0, 8), st.integers(1, 9)), max_size=6),
    signs=st.lists(st.sampled_from([-2, -1, 0, 1, 3]), min_size=7, max_size=7),
)
def test_no_combination_of_figures_told_is_mostly_one_contributors(
    values: list[float], parts: list[tuple[int, int]], signs: list[int]
) -> None:
    """Sums and differences of what was told keep dominance and closeness, weighed by what each contributor gives."""
    names = "abcdefghi"
    spans = [(0, 9), *((a, b) for a, b in parts if b - a > 2)]
    cells = [cell(dict(zip(names[a:b], values[a:b], strict=True)), label=f"{a}-{b}") for a, b in spans]

    told = asked(*cells).allowed
    given_by = {c: sum(s for s, r in zip(signs, told, strict=False) if c in r.cell.values) for c in names}
    weighed = sorted((abs(given_by[c] * v) for c, v in zip(names, values, strict=True)), reverse=True)

    assert weighed[0] <= 0.75 * sum(weighed) + 1e-6
    assert sum(weighed[:2]) <= 0.85 * sum(weighed) + 1e-6
    assert sum(weighed[2:]) >= 0.1 * weighed[0] - 1e-6
