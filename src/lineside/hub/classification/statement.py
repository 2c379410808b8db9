"""What is kept of an edition of learned types: the one statement that all members are told, and who is of which."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

SCHEMA = "lineside.types/1"
PART = 10
"""Shares of generated members are told in so many parts of the whole."""


class Band(Struct, frozen=True, kw_only=True):
    """The median of a group on the public grid, and its quartiles where enough members lie beside them."""

    low: float | None
    middle: float
    high: float | None


class ToldTrait(Struct, frozen=True, kw_only=True):
    """A feature in which a type differs from the others."""

    indicator: str
    kind: Literal["level", "trend"]
    high: bool
    own: Band
    others: Band


class ToldStep(Struct, frozen=True, kw_only=True):
    """A step of a path; without an interval where its ends would be of few."""

    kind: Literal["pack", "indicator"]
    what: str
    gain: float
    interval: tuple[float, float] | None
    members: int
    """At least so many took it."""
    proven: bool
    cost: float | None


class ToldPath(Struct, frozen=True, kw_only=True):
    """What moved an indicator in a group."""

    target: str
    steps: tuple[ToldStep, ...]


class ToldGroup(Struct, frozen=True, kw_only=True):
    """A class of law by its id, as far as it is told."""

    by: Literal["size", "industry"]
    id: str
    size: int
    """At least so many members."""
    generated: float
    paths: tuple[ToldPath, ...]


class ToldType(Struct, frozen=True, kw_only=True):
    """A learned type by its letter."""

    name: str
    size: int
    """At least so many members."""
    stability: float
    generated: float
    since: str | None = ""
    """The month up to which all but the paths was learned; None where that is not told yet, empty for the edition's."""
    traits: tuple[ToldTrait, ...] = ()
    paths: tuple[ToldPath, ...] = ()


class Omitted(Struct, frozen=True, kw_only=True):
    """A feature that did not count, and why."""

    indicator: str
    kind: Literal["level", "trend"]
    why: Literal["few", "noise", "alike"]


class Edition(Struct, frozen=True, kw_only=True):
    """The whole statement; every number in it is of `group` members or more."""

    schema: str = SCHEMA
    month: str
    catalogue: str
    group: int
    members: int
    """At least so many were looked at."""
    border: int
    """At least so many lie between types."""
    lacking: int
    """At least so many told too little."""
    chance: float
    """How often members of one kind seem to have types as clear."""
    generated: float
    types: tuple[ToldType, ...]
    classes: tuple[ToldGroup, ...]
    left_out: tuple[Omitted, ...]


class Basis(Struct, frozen=True, kw_only=True):
    """Who is of which type, in one order; the letter is empty where a member is of none."""

    members: tuple[int, ...]
    types: tuple[str, ...]
    why: tuple[int, ...]
    """As `types.Why` counts."""
    sure: tuple[float | None, ...]
    sets: dict[str, tuple[int, ...]] = {}
    """The members that each figure told anew is of, see `holding`."""

    def letters(self) -> dict[int, str]:
        """The letter of each member that is of a type."""
        return {member: name for member, name in zip(self.members, self.types, strict=True) if name}


def encoded(told: Edition | Basis) -> bytes:
    """The same bytes for the same content, always."""
    return msgspec.json.encode(told, order="sorted")


def edition_of(content: bytes) -> Edition:
    """What was kept as bytes."""
    return msgspec.json.decode(content, type=Edition)


def basis_of(content: bytes) -> Basis:
    """What was kept as bytes."""
    return msgspec.json.decode(content, type=Basis)
