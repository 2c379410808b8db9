"""Industries: divisions of GB/T 4754 in manufacturing, and where ISIC Rev.4 has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from lineside.errors import ConfigurationError
from lineside.rules.edition import Confidence, Edition, edition_of, read


@dataclass(frozen=True, slots=True)
class Division:
    """Two digits of GB/T 4754, its names, and the division of ISIC Rev.4 that has most of it."""

    code: str
    names: Mapping[str, str]
    """By language."""
    isic4: str
    kind: str
    """A first guess at how its factories work: "discrete", "process" or "mixed"."""
    note: str
    confidence: Confidence
    """Of its code and Chinese name."""
    mapping_confidence: Confidence
    """Of the English name, the division of ISIC and the kind."""


@dataclass(frozen=True, slots=True)
class Industries:
    """All divisions of an edition, by code."""

    edition: Edition
    divisions: Mapping[str, Division]

    def of(self, code: str) -> Division:
        """The division of a code of two to four digits, with or without the letter: "34", "C3421".

        Raises ConfigurationError for one that is not in manufacturing.
        """
        digits = code.strip().upper().removeprefix("C")
        found = self.divisions.get(digits[:2])
        if found is None or not (digits.isascii() and digits.isdigit() and 2 <= len(digits) <= 4):
            first, last = min(self.divisions), max(self.divisions)
            raise ConfigurationError("rules.no_division", code=code[:40], first=first, last=last)
        return found


@cache
def industries() -> Industries:
    """The edition in force."""
    told = read("industries")
    divisions = {
        one["code"]: Division(
            one["code"],
            {"en": one["en"], "zh": one["zh"]},
            one["isic4"],
            one["kind"],
            one.get("note", ""),
            Confidence(one["confidence"]),
            Confidence(one["mapping_confidence"]),
        )
        for one in told["division"]
    }
    return Industries(edition_of(told), divisions)
