"""What an overseer writes for a member, and whether it can be terms of a sandbox."""

from __future__ import annotations

from collections import Counter
from math import isfinite
from typing import Annotated

from msgspec import Meta, Struct

from lineside.errors import ConfigurationError
from lineside.exchange import Both, Catalogue, Limit, month_name, month_number

MOST_MONTHS = 36
"""No sandbox lasts longer; who needs more time extends it, and the member agrees again."""
MOST_TITLE = 200
MOST_RELAXED = 4000


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Relaxed rules with their basis, limits, first and last month, as 2026-12."""

    title: Both
    relaxed: Both
    basis: Annotated[str, Meta(min_length=1, max_length=200)]
    limits: Annotated[tuple[Limit, ...], Meta(min_length=1, max_length=20)]
    first: str
    last: str


def require_offer(offer: Offer, month: int, catalogue: Catalogue, after: int | None = None) -> None:
    """Raises LinesideError for what cannot be terms in a month; `after` is the last month of those they extend."""
    first, last = month_number(offer.first), month_number(offer.last)
    earliest = month if after is None else max(month, after + 1)
    if first < earliest or (after is not None and first != earliest):
        raise ConfigurationError("sandboxes.first", first=offer.first, earliest=month_name(earliest))
    if not first <= last < first + MOST_MONTHS:
        raise ConfigurationError("sandboxes.last", last=offer.last, most=MOST_MONTHS)
    _require_words(offer.title, MOST_TITLE)
    _require_words(offer.relaxed, MOST_RELAXED)
    if not offer.basis.strip():
        raise ConfigurationError("sandboxes.words", most=MOST_TITLE)
    for limit in offer.limits:
        _require_limit(limit, catalogue)
    twice, times = Counter(one.indicator for one in offer.limits).most_common(1)[0]
    if times > 1:
        raise ConfigurationError("sandboxes.twice", indicator=twice)


def _require_words(told: Both, most: int) -> None:
    if not all(0 < len(one.strip()) <= most for one in (told.en, told.zh)):
        raise ConfigurationError("sandboxes.words", most=most)


def _require_limit(limit: Limit, catalogue: Catalogue) -> None:
    catalogue.of(limit.indicator)
    ends = [one for one in (limit.least, limit.most) if one is not None]
    if not ends or not all(map(isfinite, ends)) or sorted(ends) != ends:
        raise ConfigurationError("sandboxes.limit", indicator=limit.indicator)
