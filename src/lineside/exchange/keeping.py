"""Whether a month keeps to a limit of a sandbox: one judgement, for the factory that looks and the hub that watches."""

from __future__ import annotations

from typing import Literal, TypeAlias

from lineside.exchange.catalogue import Catalogue
from lineside.exchange.overseeing import Limit
from lineside.exchange.words import Value

Keeping: TypeAlias = Literal["kept", "beyond", "untold"]


def kept_to(limit: Limit, value: Value | None, catalogue: Catalogue) -> Keeping:
    """How a value stands to a limit, whose ends are within.

    One that is absent or rests on too few facts was not told, and so was one without any coverage, as what people
    entered, where the catalogue asks for some.
    """
    number = None if value is None else value.value
    if value is None or number is None or (value.coverage or 0.0) < catalogue.of(limit.indicator).coverage:
        return "untold"
    low = limit.least is not None and number < limit.least
    high = limit.most is not None and number > limit.most
    return "beyond" if low or high else "kept"
