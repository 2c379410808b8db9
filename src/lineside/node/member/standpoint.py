"""Where this factory stands among its peers, and what it is, as its hub tells it; the last answer is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from lineside.errors import UnusableData
from lineside.exchange import Askable, Origin
from lineside.node.member.answers import Answers, Unread, read
from lineside.node.member.asking import Language


class Peers(Struct, frozen=True):
    """With whom a factory is compared: `n` of them, in words, and why with those; none where `cell` is None."""

    cell: str | None
    n: int
    why: str


class Band(Struct, frozen=True):
    """In which part of its peers a value lies, in words."""

    words: str


class Bands(Struct, frozen=True):
    """The quantiles of its peers that are told, in the unit; and the share of them that is generated."""

    n: int
    generated: float = 0.0
    p10: float | None = None
    p25: float | None = None
    p50: float | None = None
    p75: float | None = None
    p90: float | None = None


class Row(Struct, frozen=True):
    """An indicator of the month: the own value in its unit, and where it stands; `withheld` says why that is not told.

    Gaps are in the unit of the indicator, above zero where the others are better; trends in the unit a year.
    """

    indicator: str
    value: float | None
    origin: Origin | None = None
    absent: str | None = None
    band: Band | None = None
    bands: Bands | None = None
    peers: Peers | None = None
    to_median: float | None = None
    to_better: float | None = None
    trend: float | None = None
    trend_of_peers: float | None = None
    withheld: str | None = None


class At(Struct, frozen=True):
    """One month of an indicator beside the middle half of the peers."""

    month: str
    value: float | None = None
    p25: float | None = None
    p50: float | None = None
    p75: float | None = None


class Point(Struct, frozen=True):
    """The answer to "point"."""

    month: str | None
    peers: Peers
    rows: tuple[Row, ...]
    series: Mapping[str, tuple[At, ...]]


class Class(Struct, frozen=True):
    """One class of law or scheme: its name, or which it could be; with the source."""

    name: str
    known: str | None = msgspec.field(name="class")
    could_be: tuple[str, ...]
    why: str
    document: str
    source: str
    confidence_words: str


class OfType(Struct, frozen=True):
    """The learned type, or why none."""

    month: str
    name: str | None
    words: tuple[str, ...]
    why: str | None


class Path(Struct, frozen=True):
    """The steps that moved such factories by an indicator, in sentences."""

    name: str
    words: tuple[str, ...]


class Classes(Struct, frozen=True):
    """The answer to "classes"."""

    classes: tuple[Class, ...]
    type: OfType | None
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What a hub told of this factory: its point and its classes; `made_ms` by the hub's clock since 1970."""

    made_ms: int
    point: Point
    classes: Classes


_WHATS: tuple[Askable, Askable] = ("point", "classes")


class Standpoints:
    """What the hub of one folder told of it."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def last(self, language: Language) -> Standpoint | Unread | None:
        """What was told last, in words of a language; None where it was never asked for in it."""
        kept = self._answers.last(_WHATS, language)
        if kept is None:
            return None
        try:
            return _standing(*kept)
        except UnusableData:
            return Unread(kept[0])

    def ask(self, language: Language) -> Standpoint:
        """Asks now, past the valve, and keeps the answer. Raises LinesideError: what was kept stays."""
        made_ms, answers = self._answers.asked(_WHATS, language)
        standing = _standing(made_ms, answers)
        self._answers.keep(_WHATS, language, made_ms, answers)
        return standing


def _standing(made_ms: int, answers: Sequence[bytes]) -> Standpoint:
    point, classes = answers
    return Standpoint(made_ms, read(point, Point), read(classes, Classes))
