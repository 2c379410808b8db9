"""What the overseers of the demo cluster ask, allow and are told, as it comes with the program."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from lineside.exchange import Both

Scene: TypeAlias = Literal["runs", "ended", "offered"]
"""How a sandbox goes."""


class Draft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question, without what the hub and the moment add to it."""

    kind: Literal["yes_no", "band"]
    title: Both
    words: Both
    purpose: Both
    duty: bool = False
    indicators: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()


class Relaxed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms of a sandbox, without their months; how far its one limit reaches depends on the member."""

    indicator: str
    title: Both
    relaxed: Both


class Happening(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident as a member tells it."""

    concern: str
    severity: int
    title: Both
    words: Both


class Summing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a secure sum is of."""

    title: Both
    quantity: Both
    purpose: Both
    unit: str


class Scenes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it; `past` is the question that is over when the demo is made."""

    basis: Both
    past: Draft
    open: tuple[Draft, ...]
    excused: Both
    longer: Both
    sandbox: Mapping[Scene, Relaxed]
    look: Both
    close: Both
    share: Both
    incident: tuple[Happening, ...]
    sum: Summing


@cache
def scenes() -> Scenes:
    """What the data file says."""
    told = files("lineside.demo.cluster").joinpath("data/oversight.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(told), Scenes)


def spoken(words: Both, language: str) -> str:
    """The words in one language."""
    return words.zh if language == "zh" else words.en
