"""Which indicators are told together, and by which it is seen who is left behind."""

from __future__ import annotations

from collections.abc import Mapping

from lineside.exchange import Catalogue, Indicator

SIX = ("availability", "oee", "lead_time", "first_pass_yield", "connected_share", "recovery_time")
"""Who is in the worst quarter of three of these is left behind; they are of one family."""


def families(catalogue: Catalogue) -> Mapping[str, tuple[Indicator, ...]]:
    """The indicators by which members are compared, by family."""
    found: dict[str, list[Indicator]] = {}
    for one in catalogue.indicators.values():
        if one.compared:
            found.setdefault(one.family, []).append(one)
    return {name: tuple(those) for name, those in found.items()}
