"""Types, traits and steps of the statement in plain words."""

from __future__ import annotations

from collections.abc import Callable

from lineside.exchange import catalogue
from lineside.hub.classification.classes import Classed
from lineside.hub.classification.statement import Edition, Omitted, ToldPath, ToldStep, ToldTrait, ToldType
from lineside.hub.types import Feature, Seen, Trait, no_path, step_in_words, trait_in_words
from lineside.rules import MATURITY
from lineside.texts import say

_STEADY = ((0.95, "very"), (0.9, "well"), (0.0, "just"))


def trait_words(told: ToldTrait, language: str) -> str:
    """A trait with its numbers."""
    feature = Feature(told.indicator, told.kind)
    return trait_in_words(Trait(feature, told.high, told.own.middle, told.others.middle, 0.0), language)


def stability_words(told: ToldType, language: str) -> str:
    """How surely a type is found again."""
    how = next(word for least, word in _STEADY if told.stability >= least)
    return say(f"classification.stability.{how}", language, share=f"{100 * told.stability:.0f}")


def path_words(told: ToldPath, title: Callable[[str, str], str], language: str) -> list[str]:
    """The steps of a path, a sentence each; one sentence where there is none."""
    if not told.steps:
        return [no_path(told.target, language)]
    return [step_words(one, told.target, title, language) for one in told.steps]


def step_words(told: ToldStep, target: str, title: Callable[[str, str], str], language: str) -> str:
    """A step in a sentence."""
    what = title(told.what, language) if told.kind == "pack" else catalogue().of(told.what).names[language]
    seen = Seen(told.kind, what, told.gain, told.interval, told.members, told.proven, told.cost)
    return step_in_words(seen, catalogue().of(target), language)


def why_words(one: Classed, code: str, language: str) -> str:
    """From what a class is known, or what is missing to know it and what it could be; `code` is of the industry."""
    level = catalogue().of(MATURITY).names[language]
    used = [say(f"classification.figure.{name}", language) for name in one.used]
    if one.known:
        told = say("classification.and", language).join(used)
        return say(f"classification.from.{one.source}", language, used=told, code=code, indicator=level)
    parts = [_missing(one, level, language)]
    if one.narrowed:
        parts.append(_left(one, language))
    return (" " if language == "en" else "").join(parts)


def _missing(one: Classed, level: str, language: str) -> str:
    match one.missing:
        case ("recognition",) | ("industry_code",):
            return say(f"classification.missing.{one.missing[0]}", language)
        case ("maturity_level",):
            return say("classification.missing.indicator", language, indicator=level)
        case _:
            words = [say(f"classification.figure.{name}", language) for name in one.missing]
            joined = say("classification.and", language).join(words)
            return say("classification.missing.figures", language, missing=joined)


def _left(one: Classed, language: str) -> str:
    if not one.classes:
        return say("classification.nothing_left", language)
    listed = say("classification.or", language).join(names[language] for _, names in one.classes)
    key = "ruled_out" if one.missing == ("recognition",) else "could_be"
    return say(f"classification.{key}", language, classes=listed)


def overview_words(told: Edition, language: str) -> str:
    """How many types there are, and how sure that is; or that there are none."""
    if not told.types:
        return say("types.none_found", language)
    return say("types.found", language, number=len(told.types), chance=f"{100 * told.chance:.2g}")


def omitted_words(told: Omitted, language: str) -> str:
    """Which feature does not count, and why."""
    name = catalogue().of(told.indicator).names[language]
    feature = say(f"types.feature.{told.kind}", language, indicator=name)
    return say(f"types.left_out.{told.why}", language, feature=feature)
