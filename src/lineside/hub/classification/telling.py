"""What one member is told of its classes, its learned type and the paths of both, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lineside.exchange import Ask, catalogue
from lineside.hub.classification.classes import Classed
from lineside.hub.classification.classification import Classification, Typed
from lineside.hub.classification.statement import ToldPath
from lineside.hub.classification.words import path_words, trait_words, why_words
from lineside.hub.member import Member
from lineside.hub.types import Why
from lineside.rules import Confidence, Edition
from lineside.texts import say

Plain = dict[str, Any]


def told_classes(classification: Classification) -> Callable[[Member, Ask], Plain]:
    """What the hub answers to a member that asks for its own classes; of others it holds what all members are told."""

    def told(member: Member, ask: Ask) -> Plain:
        own, language = classification.of(member.number), ask.language
        typed = own.typed
        of_type = () if typed is None or typed.type is None or typed.withdrawn else typed.type.paths
        every = [path for group in own.groups for path in group.paths]
        return {
            "classes": [classed_json(one, member.profile.industry, language) for one in own.classes],
            "type": None if typed is None else _type(typed, language),
            "paths": _paths(classification, [*of_type, *every], language),
        }

    return told


def classed_json(one: Classed, code: str, language: str) -> Plain:
    """A class with why, and the law or scheme that it is from; `code` is of the member's industry."""
    names = [words[language] for _, words in one.classes]
    return {
        "scheme": one.scheme,
        "name": one.names[language],
        "id": one.id,
        "class": names[0] if one.known else None,
        "could_be": [] if one.known else names,
        "why": why_words(one, code, language),
        **source_json(one.edition, one.confidence, language),
    }


def source_json(edition: Edition, confidence: Confidence, language: str) -> Plain:
    """Where a class is written down, and how sure that is."""
    return {
        "edition": edition.id,
        "document": edition.document,
        "source": edition.source,
        "confidence": confidence.value,
        "confidence_words": say(f"rules.confidence.{confidence.value}", language),
    }


def typeless(typed: Typed, language: str) -> str | None:
    """Why a member is of no learned type; None where it is of one."""
    if typed.withdrawn:
        return say("classification.withdrawn", language)
    if typed.why is None:
        return say("classification.absent", language)
    return None if typed.why is Why.TYPED else say(f"types.why.{typed.why.name.lower()}", language)


def _type(typed: Typed, language: str) -> Plain:
    why = typeless(typed, language)
    shown = None if why is not None else typed.type
    return {
        "month": typed.month,
        "name": None if shown is None else shown.name,
        "words": [] if shown is None else [trait_words(one, language) for one in shown.traits],
        "why": why,
    }


def _paths(classification: Classification, paths: Iterable[ToldPath], language: str) -> list[Plain]:
    """Each path once, with its steps in sentences."""
    found: dict[tuple[str, ...], Plain] = {}
    for one in paths:
        words = path_words(one, classification.title, language)
        found.setdefault((one.target, *words), {"name": catalogue().of(one.target).names[language], "words": words})
    return list(found.values())
