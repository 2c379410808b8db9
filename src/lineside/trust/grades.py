"""Grades of data (GB/T 43697), labels, and the facts and defaults they rest on: `trust/data/grades.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any

from lineside.errors import ConfigurationError
from lineside.texts import say


class Grade(IntEnum):
    """How much harm the leak or misuse of data could do; the higher wins."""

    GENERAL = 1
    IMPORTANT = 2
    CORE = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Grade:
        """The grade of that name, in English or Chinese. Raises ConfigurationError."""
        word = text.strip().lower()
        for grade in cls:
            if word == str(grade) or word in {say(f"grades.{grade}", one).lower() for one in ("en", "zh")}:
                return grade
        raise ConfigurationError("grades.no_grade", grade=text[:40])


@dataclass(frozen=True, slots=True)
class Label:
    """What the plant calls some of its data, the least grade that implies, and whether it may leave at all."""

    id: str
    words: str
    least: Grade = Grade.GENERAL
    leaves: bool = True
    own: bool = True
    """Whether the plant made it; the others are always there."""
    keep_days: int | None = None
    """So long at most the values of signals that bear it are kept; None: as the plant file says."""
    said_us: int = 0
    """When it was said (microseconds since 1970)."""


@dataclass(frozen=True, slots=True)
class Because:
    """One reason, as a key of the texts with its fields."""

    key: str
    fields: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, key: str, /, **fields: object) -> Because:
        """A reason with its fields."""
        return cls(key, tuple(fields.items()))

    def sentence(self, language: str) -> str:
        """The reason in words; grades and kinds in the reader's language."""
        return say(self.key, language, **{name: _word(value, language) for name, value in self.fields})


def _word(value: object, language: str) -> object:
    return say(f"grades.{value}", language) if isinstance(value, Grade) else value


@dataclass(frozen=True, slots=True)
class Graded:
    """The grade and all labels of a thing, an answer or a release, with the reasons that decided."""

    grade: Grade
    labels: frozenset[str] = frozenset()
    because: tuple[Because, ...] = ()
    source: str | None = None
    """The input it has its grade from, where it has it from one."""
    label_sources: Mapping[str, str] | None = None
    """Of each inherited label the input it came from."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A grade or a duty of the law, with where it is from and how sure that is."""

    id: str
    source: str
    confidence: str

    def json(self, prefix: str, language: str) -> dict[str, str]:
        """It in words."""
        told = say(f"{prefix}.{self.id}.words", language)
        return {"id": self.id, "words": told, "source": self.source, "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class ThingKind:
    """A kind of things: what they are by default, where they live, who may read them, and what takes them outside."""

    id: str
    grade: Grade
    labels: frozenset[str]
    holds: str
    tables: tuple[str, ...]
    keep: str
    reads: tuple[str, ...]
    out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fall:
    """What must be done to data of one grade so that what is left is of a lower one; None: not asked for."""

    id: str
    before: Grade
    after: Grade
    contributors: int | None = None
    days: float | None = None
    suppressed_below: int | None = None
    largest_share: float | None = None
    epsilon: float | None = None
    source: str = ""
    confidence: str = "own"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the data file says."""

    grades: tuple[Fact, ...]
    duties: tuple[Fact, ...]
    labels: tuple[Label, ...]
    falls: tuple[Fall, ...]
    kinds: Mapping[str, ThingKind]


@cache
def facts() -> Facts:
    """The facts, defaults and rules of this version. Raises ValueError where a rule would let core fall."""
    told = tomllib.loads(files("lineside.trust").joinpath("data/grades.toml").read_text("utf-8"))
    falls = tuple(_fall(one) for one in told["fall"])
    if any(rule.before is Grade.CORE or rule.after >= rule.before for rule in falls):
        raise ValueError("a rule lets core fall, or lowers nothing")
    return Facts(
        tuple(Fact(**one) for one in told["grade"]),
        tuple(Fact(**one) for one in told["duty"]),
        tuple(_built_in(one) for one in told["label"]),
        falls,
        {one["id"]: _kind(one) for one in told["kind"]},
    )


def _fall(told: Mapping[str, Any]) -> Fall:
    rest = {name: value for name, value in told.items() if name not in {"from", "to"}}
    return Fall(before=Grade[told["from"].upper()], after=Grade[told["to"].upper()], **rest)


def _built_in(told: Mapping[str, Any]) -> Label:
    return Label(told["id"], "", Grade[told["least"].upper()], told["leaves"], own=False)


def _kind(told: Mapping[str, Any]) -> ThingKind:
    return ThingKind(
        told["id"],
        Grade[told["grade"].upper()],
        frozenset(told.get("labels", ())),
        told["holds"],
        tuple(told.get("tables", ())),
        told.get("keep", ""),
        tuple(told["reads"]),
        tuple(told["out"]),
    )


def label_words(label: Label, language: str) -> str:
    """A label in the plant's words; those that every plant has in the reader's language."""
    return label.words if label.own else say(f"grades.label.{label.id}", language)


def least_of(labels: Iterable[Label]) -> Grade:
    """The least grade that any of some labels implies."""
    return max((label.least for label in labels), default=Grade.GENERAL)
