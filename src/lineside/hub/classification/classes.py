"""Classes of law and scheme: what a member is by rules, from which source, or what is missing to know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from lineside.exchange import Profile
from lineside.hub.enrolling import figures_of
from lineside.rules import MATURITY, Confidence, Edition, Firm, Ladder, Sized, industries, ladders, size_schemes

From: TypeAlias = Literal["figures", "code", "trait", "indicator", "none"]
"""What it is known from: figures of size, the code of the industry, a word in the register, an indicator, nothing."""


@dataclass(frozen=True, slots=True)
class Classed:
    """What a member is by one scheme: one class where it is `known`, else those that it could be of."""

    scheme: str
    names: Mapping[str, str]
    """Of the scheme, by language."""
    edition: Edition
    confidence: Confidence
    known: bool
    classes: tuple[tuple[str, Mapping[str, str]], ...]
    """Their ids and names."""
    source: From
    used: tuple[str, ...] = ()
    """What it was worked out of."""
    missing: tuple[str, ...] = ()
    """What would say more."""
    narrowed: bool = False
    """Whether some classes of the scheme are ruled out, where it is not known."""

    @property
    def id(self) -> str | None:
        """The class, where it is known."""
        return self.classes[0][0] if self.known else None


def classes_of(profile: Profile, scheme: str, level: float | None) -> tuple[Classed, ...]:
    """All classes of a member by its profile and its newest level of maturity.

    Its size by all schemes, that of the hub first: a programme of another country asks for the others.
    """
    sizes = [_sized(profile, name) for name in sorted(size_schemes(), key=lambda name: name != scheme)]
    return (*sizes, *_traded(profile.industry), *_standings(profile.traits, profile.industry, level))


@lru_cache(maxsize=2**17)
def _sized(profile: Profile, name: str) -> Classed:
    scheme, figures = size_schemes()[name], figures_of(profile)
    told: Sized = scheme.of(figures)
    return Classed(
        f"size/{name}",
        scheme.names,
        scheme.edition,
        scheme.edition.confidence,
        told.known is not None,
        tuple((one.id, one.names) for one in told.possible),
        "figures",
        tuple(one for one in scheme.figures if one in figures),
        told.missing,
        len(told.possible) < len(scheme.classes),
    )


_SECTION = ("C", {"en": "Manufacturing", "zh": "制造业"})
_GB = {"en": "Industry, GB/T 4754", "zh": "行业，GB/T 4754"}
_ISIC = {"en": "Industry, ISIC Rev. 4", "zh": "行业，ISIC Rev. 4"}


@lru_cache(maxsize=2**10)
def _traded(industry: str) -> tuple[Classed, Classed]:
    """The section and division of GB/T 4754, and the division of ISIC that has most of it."""
    told = industries()
    one = told.of(industry)
    division = (f"C{one.code}", {lang: f"{_SECTION[1][lang]}, {name}" for lang, name in one.names.items()})
    isic = (f"C{one.isic4}", dict.fromkeys(one.names, f"C{one.isic4}"))
    return (
        Classed("industry/gb", _GB, told.edition, one.confidence, known=True, classes=(division,), source="code"),
        Classed(
            "industry/isic", _ISIC, told.edition, one.mapping_confidence, known=True, classes=(isic,), source="code"
        ),
    )


_KNOWN_FROM: Mapping[str, From] = {"trait": "trait", "indicator": "indicator", "industry": "code"}


@lru_cache(maxsize=2**14)  # levels have steps, and few trades and traits go with each
def _standings(traits: tuple[str, ...], industry: str, level: float | None) -> tuple[Classed, ...]:
    firm = Firm(traits, industry, {} if level is None else {MATURITY: level})
    return tuple(_standing(one, firm) for one in ladders().values())


def _standing(ladder: Ladder, firm: Firm) -> Classed:
    found = ladder.of(firm)
    missing = {"trait": "recognition", "indicator": ladder.indicator, "industry": "industry_code"}[ladder.by]
    return Classed(
        f"ladder/{ladder.id}",
        ladder.names,
        ladder.edition,
        ladder.edition.confidence,
        found.known,
        tuple((one.id, one.names) for one in found.possible),
        _KNOWN_FROM[ladder.by] if found.known else "none",
        missing=() if found.known else (missing,),
        narrowed=len(found.possible) < len(ladder.rungs) or ladder.by == "industry",
    )
