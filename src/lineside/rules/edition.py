"""From when a rule holds, what it is taken from, and how sure that is: every set of rules says so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files
from typing import Any


class Confidence(StrEnum):
    """How sure a rule is; a screen that shows the rule shows this."""

    FOUND = "found"
    """Read in a source."""
    OWN = "own"
    """General knowledge, confirmed by no text."""
    UNSURE = "unsure"
    """Sources disagree, or are not certain."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of some rules."""

    id: str
    document: str
    source: str
    confidence: Confidence
    since: date


def read(name: str) -> dict[str, Any]:
    """A file of rules that the product ships."""
    return tomllib.loads(files("lineside.rules").joinpath(f"data/{name}.toml").read_text("utf-8"))


def edition_of(told: Mapping[str, Any]) -> Edition:
    """The edition that a set of rules says it is."""
    confidence = Confidence(told["confidence"])
    return Edition(told["edition"], told["document"], told["source"], confidence, told["from"])
