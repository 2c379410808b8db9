"""Remarks in words: digits a person can read, shares in per cent."""

from __future__ import annotations

import pytest

from lineside.exchange import Remark, remark_words


@pytest.mark.parametrize(
    ("key", "indicator", "fields", "words"),
    [
        (
            "coverage",
            "recovery_time",
            {"coverage": 0.7064999999, "least": 0.8},
            "facts of 70.65 % of the planned time, where 80 % is needed to compare",
        ),
        (
            "jump",
            "oee",
            {"value": 0.61234567, "before": 0.3, "month": "2026-09", "jump": 0.25},
            "61.23 %, and 30 % in Sept 2026: more than 25 % apart",
        ),
        (
            "bounds",
            "output",
            {"value": 12345678.9, "low": 0.0, "high": 9e6},
            "12350000 lies outside of what can be, 0 to 9000000",
        ),
        ("bounds", "lead_time", {"value": -3.0, "low": 0.0, "high": 99.0}, "-3 lies outside of what can be, 0 to 99"),
        ("still", "availability", {"value": 0.9, "months": 6.0}, "exactly 90 % for 6 months"),
        ("of_tomorrow", "oee", {"value": 0.5}, "of_tomorrow"),
    ],
)
def test_a_remark_is_read_without_a_calculator(
    key: str, indicator: str, fields: dict[str, str | float], words: str
) -> None:
    """Values of shares and coverages are per cent, others stay in their unit; no digit is there for its own sake."""
    assert remark_words(Remark(key=key, indicator=indicator, fields=fields), "en") == words
