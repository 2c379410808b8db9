from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from lineside.hub.pilots import REST, Adoption, diffusion, large_groups, told_count, told_diffusion

LEAST, COLLUDERS = 7, 2
MONTHS = (100, 106)


def world(seed: int) -> tuple[dict[int, str], list[Adoption]]:
    """Return members in industries of many sizes, some of which adopt, with the extremes among them."""
    random = np.random.default_rng(seed)
    sizes = random.choice([1, 3, 6, 7, 8, 13, 14, 15, 22, 40], 6)
    groups = {member: f"C{g}" for member, g in enumerate(np.repeat(np.arange(6), sizes).tolist())}
    likely = random.choice([0.0, 0.05, 0.3, 0.9, 1.0], 6)
    adoptions = [
        Adoption(member, "p", int(random.integers(98, 108)))
        for member, group in groups.items()
        if random.random() < likely[int(group[1])]
    ]
    return groups, [*adoptions, Adoption(0, "other", 100), Adoption(9999, "p", 100)]


def test_counts_are_those_of_members_that_adopted_by_then() -> None:
    """Each member counts from its first adoption on; other packs and strangers do not."""
    groups = {1: "34", 2: "34", 3: "17"}
    adoptions = [Adoption(1, "p", 103), Adoption(1, "p", 101), Adoption(3, "p", 90), Adoption(2, "q", 100)]

    found = diffusion("p", [*adoptions, Adoption(7, "p", 100)], groups, (100, 104))

    assert found.whole.adopted == (1, 2, 2, 2)
    assert {one.group: (one.members, one.adopted) for one in found.groups} == {
        "17": (1, (1, 1, 1, 1)),
        "34": (2, (0, 1, 1, 1)),
    }


@pytest.mark.parametrize("seed", range(100))
def test_no_member_is_known_to_have_adopted_or_not(seed: int) -> None:
    """Two members that collude and know everything told can give every other member of a group either past.

    They know the register and what they did themselves; of each group and month that leaves a range of counts for the
    others, in which some and not all may have adopted. The whole adds nothing, being a sum of what is told.
    """
    members, adoptions = world(seed)
    groups = large_groups(members, LEAST)
    exact = diffusion("p", adoptions, groups, MONTHS)
    shown = told_diffusion(exact, LEAST)
    truth = {one.group: one for one in exact.groups}

    assert shown.whole.adopted == tuple(np.sum([one.adopted for one in shown.groups], axis=0).tolist() or [0] * 6)
    for one in shown.groups:
        size = truth[one.group].members
        assert size >= LEAST
        assert list(one.adopted) == sorted(one.adopted)
        for count, told in zip(truth[one.group].adopted, one.adopted, strict=True):
            possible = [n for n in range(size + 1) if told_count(np.array([n]), size, LEAST)[0] == told]
            assert count in possible
            others = size - COLLUDERS
            for adopted in range(COLLUDERS + 1):
                left = [n - adopted for n in possible if 0 <= n - adopted <= others]
                assert min(left) < others
                assert max(left) > 0


def test_exact_counts_would_be_found_out() -> None:
    """The test above can fail: an exact count of 0 or of all tells what each member did."""
    exact = diffusion("p", [Adoption(m, "p", 100) for m in range(8)], dict.fromkeys(range(8), "34"), MONTHS)

    assert exact.groups[0].adopted[0] == exact.groups[0].members
    assert told_diffusion(exact, LEAST).groups[0].adopted[0] == 0


@pytest.mark.parametrize("seed", range(20))
def test_small_groups_hide_among_others(seed: int) -> None:
    """No group is smaller than allowed unless all members together are; nobody is lost, large groups stay."""
    members, _ = world(seed)

    groups = large_groups(members, LEAST)

    sizes, before = Counter(groups.values()), Counter(members.values())
    assert groups.keys() == members.keys()
    assert min(sizes.values()) >= LEAST
    assert all(before[group] == size for group, size in sizes.items() if group != REST)
    assert large_groups(dict.fromkeys(range(3), "34"), LEAST) == dict.fromkeys(range(3), REST)
