from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.exchange import Limit
from lineside.hub.sandboxes import Told, Verdict, broken, in_a_row, kept, verdict_on

K, B, U = Verdict.KEPT, Verdict.BEYOND, Verdict.UNTOLD
BOTH = Limit(indicator="oee", least=0.5, most=0.9)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.5, K), (0.9, K), (0.7, K), (0.499999, B), (0.900001, B), (None, U), (float("nan"), U), (float("inf"), U)],
)
def test_a_limit_is_kept_from_its_least_to_its_most(value: float | None, verdict: Verdict) -> None:
    """Both of them included; what is no number was not told."""
    assert verdict_on(BOTH, Told(value, 0.95), 0.8) is verdict


def test_a_limit_may_be_open_at_one_end() -> None:
    """Then any value beyond the other end breaks it, and none else."""
    least, most = Limit(indicator="oee", least=0.5), Limit(indicator="lead_time", most=10.0)

    assert [verdict_on(least, Told(one, 1.0), 0.8) for one in (0.4, 1e9)] == [B, K]
    assert [verdict_on(most, Told(one, 1.0), 0.8) for one in (-1e9, 10.1)] == [K, B]


@pytest.mark.parametrize(
    ("coverage", "needed", "verdict"), [(0.8, 0.8, K), (0.79, 0.8, U), (None, 0.8, U), (None, 0.0, K)]
)
def test_too_little_coverage_counts_as_untold(coverage: float | None, needed: float, verdict: Verdict) -> None:
    """So does a value without any, as one entered by hand, where the indicator needs some."""
    assert verdict_on(BOTH, Told(0.7, coverage), needed) is verdict


def test_untold_is_not_better_than_beyond() -> None:
    """Who says nothing ends a sandbox as who breaks the limit does; a kept month begins anew."""
    for row in product((K, B, U), repeat=4):
        letters = "".join("k" if one is K else "x" for one in row)

        assert in_a_row(row) == len(letters) - len(letters.rstrip("x"))


def test_each_limit_has_its_own_patience() -> None:
    """Two months in a row end the one, three the other; the first that does is named."""
    limits = (Limit(indicator="oee", least=0.5, months=3), Limit(indicator="quality", least=0.9, months=2))

    assert broken(limits, [(B, K), (B, U)]) == ()
    assert broken(limits, [(B, U), (B, B)]) == (1,)
    assert broken(limits, [(B, K), (U, U), (B, B)]) == (0, 1)
    assert broken(limits, [(B, B), (K, K), (B, B)]) == ()
    assert broken(limits, []) == ()


@given(st.lists(st.sampled_from((K, B, U)), max_size=30))
def test_every_month_is_counted_once(row: list[Verdict]) -> None:
    """Kept, beyond and untold together are the months that were judged."""
    (one,) = kept((BOTH,), [(verdict,) for verdict in row])

    assert (one.kept, one.beyond, one.untold) == tuple(sum(each is v for each in row) for v in (K, B, U))
