"""Whether a month keeps to a limit of a sandbox: one judgement, for the factory that looks and the hub that watches."""

from __future__ import annotations

from math import isfinite
from typing import Literal, TypeAlias

from lineside.exchange.catalogue import Catalogue
from lineside.exchange.overseeing import Limit
from lineside.exchange.words import Value

Keeping: TypeAlias = Literal["kept", "beyond", "untold"]


def kept_to(limit: Limit, value: Value | None, catalogue: Catalogue) -> Keeping:
    """How a value stands to a limit, whose ends are within.

    One that is absent or rests on too few facts was not told, and so was one without any coverage, as what people
    entered, where the catalogue asks for some; and one that this edition of the catalogue has not.
    """
    known = catalogue.indicators.get(limit.indicator)
    if known is None:
        return "untold"
    number, covered = (None, None) if value is None else (value.value, value.coverage)
    return kept_in(limit, number, covered, known.coverage)


def kept_in(limit: Limit, number: float | None, covered: float | None, needed: float) -> Keeping:
    """The same of a number, the share of planned time that it rests on, and the share that its indicator needs."""
    if number is None or not isfinite(number) or (covered or 0.0) < needed:
        return "untold"
    low = limit.least is not None and number < limit.least
    high = limit.most is not None and number > limit.most
    return "beyond" if low or high else "kept"
