from __future__ import annotations

from itertools import product

from lineside.exchange import Profile
from lineside.hub.classification import NOT_TOLD, Tally, classes_of, protected, tallies
from lineside.hub.classification.protecting import told_counts
from lineside.hub.compare import Secrecy
from lineside.texts import LANGUAGES, has

SCHEME = "cn-industry-2017"
SECRECY = Secrecy(5, 2)


def profiles(giants: int, advanced: int, plain: int) -> list[Profile]:
    """So many little giants, advanced smart factories, and others; a third of all told no revenue."""
    traits = [("little-giant",)] * giants + [("smart-factory-advanced",)] * advanced + [()] * plain
    return [
        Profile(
            name=f"W{at}",
            industry=("34", "3911")[at % 2],
            region="north",
            employees=(10, 120, 2000)[at % 3],
            revenue_cny=None if at % 3 == 0 else 50e6,
            traits=words,
        )
        for at, words in enumerate(traits)
    ]


def counted(members: list[Profile]) -> dict[str, Tally]:
    """The exact counts by scheme."""
    return {one.scheme: one for one in tallies([classes_of(one, SCHEME, None) for one in members], SCHEME)}


def test_counts_are_those_of_the_register() -> None:
    """Each member counts once in every scheme: in its class, or among those of whom it is not known."""
    members = profiles(20, 9, 31)

    found = counted(members)

    held = {one.id: one.members for tally in found.values() for one in tally.counts}
    assert (held["little-giant"], held["smart-factory-advanced"], held["high-tech"]) == (20, 9, 30)
    assert held["small"] == sum(one.revenue_cny is not None and one.employees in (120, 2000) for one in members) - (
        held["medium"] or 0
    ) - (held["large"] or 0)
    for tally in found.values():
        assert sum(one.members or 0 for one in tally.counts) + (tally.unknown or 0) == len(members)
    assert found["ladder/cn-sme-ladder"].coverage == 20 / 60
    assert found["ladder/cn-maturity"].coverage == 0


def test_others_are_told_whole_groups_that_leave_a_group_in_doubt() -> None:
    """For every split of members: each count is at least so many, and a group more may be of any class."""
    told_any = 0
    for giants, advanced, plain in product((0, 3, 7, 13, 40), (0, 1, 7, 30), (5, 7, 50)):
        for exact in counted(profiles(giants, advanced, plain)).values():
            told = protected(exact, SECRECY)
            have = [*(one.members or 0 for one in exact.counts), exact.unknown or 0]
            shown = [*(one.members or 0 for one in told.counts), told.unknown or 0]
            assert all(one % SECRECY.group == 0 and one <= most for one, most in zip(shown, have, strict=True))
            assert not any(shown) or exact.members - sum(shown) >= SECRECY.group
            assert told.coverage <= max(exact.coverage, 1 - (told.unknown or 0) / max(exact.members, 1))
            told_any += any(shown)
    assert told_any > 100


def test_no_member_can_be_pinned_by_all_that_is_told() -> None:
    """With the exact number of members and of c of them what they are, a class may still hold none or k of the rest."""
    exact = [23, 0, 9, 61, 4]
    told = told_counts(exact, SECRECY.group)
    free = sum(exact) - sum(told)

    assert told == [21, 0, 7, 56, 0]
    assert free >= SECRECY.group
    for known in range(SECRECY.c + 1):
        assert free - known >= SECRECY.k


def test_one_member_more_changes_what_is_told_only_where_its_part_is_full() -> None:
    """Steps of a group each, not of one."""
    steps = [told_counts([giants, 50], SECRECY.group)[0] for giants in range(14, 29)]

    assert steps == [14] * 7 + [21] * 7 + [28]


def test_what_is_not_told_says_why() -> None:
    """In both languages."""
    for name, language in product(NOT_TOLD, LANGUAGES):
        assert has(f"classification.not_told.{name}"), language
        assert has(f"classification.not_told.{name}.why")
