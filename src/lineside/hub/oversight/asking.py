"""What may be asked: pure checks of a question before it is signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

import msgspec

from lineside.errors import ConfigurationError
from lineside.exchange import Catalogue, Question, month_name, month_number
from lineside.hub.contents import OLDEST_MONTHS
from lineside.hub.oversight.cuts import Cut, cuts_of, require_coarse

SOONEST_MS = 86_400_000
"""A factory has a day at least to answer."""
LATEST_MS = 731 * 86_400_000
MOST_A_MONTH = 10
"""So many questions a member is asked within any 30 days."""
MONTH_MS = 30 * 86_400_000


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question that was published before, of which some who are asked now may have been asked, too."""

    published_ms: int
    cuts: frozenset[Cut]
    month: str | None
    members: frozenset[int]
    """Whom it was for; of one that was withdrawn those who had answered."""


def drafted(told: dict[str, Any], hub: str, number: int, now_ms: int) -> Question:
    """The question of a draft as it would be signed. Raises ConfigurationError for words or numbers that cannot be."""
    whole = {**told, "schema": "lineside.question/1", "hub": hub, "number": number, "published_ms": now_ms}
    try:
        return msgspec.convert(whole, Question)
    except msgspec.ValidationError as error:
        raise ConfigurationError("oversight.misworded", reason=str(error)[:200]) from error


def require_askable(question: Question, catalogue: Catalogue, current: int) -> None:
    """Raises ConfigurationError for what nobody could answer, or may ask; `current` is the month that is not over."""
    for words in (question.title, question.words, question.purpose):
        if not (words.en.strip() and words.zh.strip()):
            raise ConfigurationError("oversight.wordless")
    if not question.basis.strip():
        raise ConfigurationError("oversight.baseless")
    _require_due(question)
    if len(set(question.indicators)) != len(question.indicators):
        raise ConfigurationError("oversight.unfit", kind=question.kind)
    for name in question.indicators:
        catalogue.of(name)
    _require_month(question, current)
    if not _is_fit(question, catalogue):
        raise ConfigurationError("oversight.unfit", kind=question.kind)
    if not all(map(isfinite, question.edges)) or any(low >= high for low, high in pairwise(question.edges)):
        raise ConfigurationError("oversight.edges_rise")
    require_coarse(cuts_of(question), (), catalogue)


def require_bearable(
    question: Question, members: frozenset[int], before: Iterable[Earlier], catalogue: Catalogue
) -> None:
    """Raises ConfigurationError where what was asked before would make it too fine, or too much for a member."""
    if not members:
        raise ConfigurationError("oversight.nobody")
    known = [one for one in before if not members.isdisjoint(one.members)]
    cuts = cuts_of(question)
    if cuts:
        require_coarse(cuts, _same(known, question.month), catalogue)
    recent: dict[int, int] = {}
    for one in known:
        if one.published_ms > question.published_ms - MONTH_MS:
            for member in one.members & members:
                recent[member] = recent.get(member, 0) + 1
    if recent and max(recent.values()) >= MOST_A_MONTH:
        most = max(recent, key=lambda one: recent[one])
        raise ConfigurationError("oversight.too_many", member=most, most=MOST_A_MONTH)


def _same(known: Iterable[Earlier], month: str | None) -> Iterator[Cut]:
    for one in known:
        if one.month == month:
            yield from one.cuts


def _require_due(question: Question) -> None:
    due = question.due_ms
    if due is None or not question.published_ms + SOONEST_MS <= due <= question.published_ms + LATEST_MS:
        raise ConfigurationError("oversight.due", hours=SOONEST_MS // 3_600_000, days=LATEST_MS // 86_400_000)


def _require_month(question: Question, current: int) -> None:
    if bool(question.indicators) != (question.month is not None):
        raise ConfigurationError("oversight.month_with_indicators")
    if question.month is not None and not current - OLDEST_MONTHS <= month_number(question.month) < current:
        oldest = month_name(current - OLDEST_MONTHS)
        raise ConfigurationError("oversight.month", month=question.month, oldest=oldest, last=month_name(current - 1))


def _is_fit(question: Question, catalogue: Catalogue) -> bool:
    """Whether rule, edges, unit and indicators are just those that its kind has."""
    named, has_rule = len(question.indicators), bool(question.rule.strip())
    match question.kind:
        case "yes_no":
            return has_rule == (named > 0) and not question.edges and not question.unit
        case "band":
            fits = question.unit == catalogue.of(question.indicators[0]).unit if named == 1 else named == 0
            return fits and bool(question.unit) and bool(question.edges) and not has_rule
        case "proof":
            return named == 1 and not has_rule and not question.edges and not question.unit
