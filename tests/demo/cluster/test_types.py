"""The kinds of factories that were planted are the types that a hub learns of what they tell, and no others."""

from __future__ import annotations

import numpy as np

from lineside.demo.cluster import MEMBERS, MONTHS, generate
from lineside.demo.cluster.firms import firms
from lineside.exchange import catalogue, month_number
from lineside.hub.types import NO_TYPE, adjusted_rand, learned, profiles

SEED = 22400
LAST = month_number("2026-10")
LEAST = 7
"""The minimum group of the demo hub with the colluders that it withstands."""


def test_job_shops_are_a_type_of_their_own() -> None:
    """Who sets up for every lot stands apart from who makes in series; both types are stable, nearly nobody between."""
    first, meant = LAST - MONTHS + 1, catalogue().indicators
    told = {name: np.full((MEMBERS, MONTHS), np.nan) for name, one in meant.items() if one.compared and name != "oee"}
    for member in generate(SEED, last=LAST).members:
        for said in member.said:
            for one in said.values:
                covered = one.coverage is None or one.coverage >= meant[one.indicator].coverage
                if one.value is not None and one.indicator in told and covered:
                    told[one.indicator][member.number - 1, said.month - first] = one.value

    found = learned(profiles(told, range(1, MEMBERS + 1), ("level",)), LEAST, LAST)

    typed = found.type != NO_TYPE
    planted = np.array([firm.kind == "job_shop" for firm in firms(SEED, MEMBERS)], np.int64)
    assert found.number == 2
    assert min(found.stability) > 0.9
    assert typed.sum() > 0.95 * found.profiles.known.sum()
    assert adjusted_rand(found.type[typed], planted[typed]) > 0.85
