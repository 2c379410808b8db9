"""All programmes that are known here: those that the product ships, and those that a hub adds in its folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lineside.errors import ConfigurationError
from lineside.plant import findings_at
from lineside.rules.programmes.contradictions import contradictions, replaced
from lineside.rules.programmes.programme import Programme
from lineside.rules.programmes.reading import read_programme
from lineside.rules.programmes.table import KeyPath, Problem, Table
from lineside.texts import DEFAULT_LANGUAGE, say

SHIPPED = "programmes.toml"
FOLDER = "programmes"
"""Of a hub, where it keeps files of its own."""
MOST_BYTES = 1_000_000
_AT_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """Something about a file of rules: where, what, and the programme it is of."""

    file: str
    line: int
    key: str
    problem: str
    fields: Mapping[str, object] = field(default_factory=dict)
    programme: str = ""
    """Which is not used for it, where one is meant."""

    def sentence(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What is wrong."""
        return say(self.problem, language, **self.fields)

    def cure(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What to write instead."""
        return say(f"{self.problem}.cure", language, **self.fields)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {f'{self.key}: ' if self.key else ''}{self.sentence()} {self.cure()}"


@dataclass(frozen=True, slots=True)
class Programmes:
    """What can be used, and all that was found wrong; what contradicts or has no source is in findings alone."""

    usable: tuple[Programme, ...]
    findings: tuple[RuleFinding, ...]

    def of(self, name: str, on: date) -> Programme:
        """The edition of a programme that is in force on a day, or else the last before it, or the first.

        Raises ConfigurationError where there is none that can be used.
        """
        editions = sorted((one for one in self.usable if one.id == name), key=lambda one: one.edition.since)
        if not editions:
            known = ", ".join(dict.fromkeys(one.id for one in self.usable))
            raise ConfigurationError("rules.programme.none", programme=name[:60], known=known)
        begun = [one for one in editions if one.edition.since <= on]
        return begun[-1] if begun else editions[0]

    def in_force(self, on: date) -> tuple[Programme, ...]:
        """All that are in force on a day."""
        return tuple(one for one in self.usable if one.in_force(on))


@dataclass(frozen=True, slots=True)
class _Read:
    programme: Programme
    file: str
    text: str
    place: KeyPath


def programmes(folder: Path | None = None) -> Programmes:
    """The programmes that ship, with those of the files in `folder`, where it is there."""
    told: list[tuple[str, str | RuleFinding]] = [(SHIPPED, _shipped())]
    if folder is not None and folder.is_dir():
        told += [(str(file), _text(file)) for file in sorted(folder.glob("*.toml"))]
    return read_programmes(told)


def read_programmes(told: Iterable[tuple[str, str | RuleFinding]]) -> Programmes:
    """The programmes of some files, each its name and its text, or why there is none."""
    read: list[_Read] = []
    findings: list[RuleFinding] = []
    for file, text in told:
        found, wrong = ([], [text]) if isinstance(text, RuleFinding) else _of_file(file, text)
        read += found
        findings += wrong
    gone = dict(replaced([one.programme for one in read]))
    findings += [
        _finding(read[at], ("id",), "rules.programme.replaced", {"by": read[by].file}) for at, by in gone.items()
    ]
    kept = [one for at, one in enumerate(read) if at not in gone]
    blocked: set[int] = set()
    for one in contradictions([one.programme for one in kept]):
        blocked |= set(one.programmes)
        findings += [_finding(kept[at], one.key, one.problem, one.fields) for at in one.programmes]
    usable = tuple(one.programme for at, one in enumerate(kept) if at not in blocked)
    return Programmes(usable, tuple(sorted(findings, key=lambda one: (one.file, one.line, one.key))))


def _of_file(file: str, text: str) -> tuple[list[_Read], list[RuleFinding]]:
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = _AT_LINE.search(str(error))
        at = int(line[1]) if line else text.count("\n") + 1
        return [], [RuleFinding(file, at, "", "rules.file.syntax", {"reason": str(error)[:200]})]
    problems: list[Problem] = []
    top = Table(document, (), problems)
    read: list[_Read] = []
    wrong: dict[KeyPath, str] = {}
    for one in top.tables("programme"):
        before = len(problems)
        made = read_programme(one)
        one.done()
        if len(problems) == before:
            read.append(_Read(made, file, text, one.where))
        else:
            wrong[one.where] = made.id
    if not top.has("programme"):
        top.problem("rules.file.missing", "programme")
    top.done()
    found = zip(problems, findings_at(text, [(w, k, dict(f)) for w, k, f in problems]), strict=True)
    return read, [
        RuleFinding(file, one.line, one.key, one.problem, one.fields, wrong.get(where[:2], ""))
        for (where, _, _), one in found
    ]


def _finding(read: _Read, key: KeyPath, problem: str, fields: Mapping[str, object]) -> RuleFinding:
    at = findings_at(read.text, [((*read.place, *key), problem, dict(fields))])[0]
    return RuleFinding(read.file, at.line, at.key, problem, fields, read.programme.id)


@cache
def _shipped() -> str:
    return files("lineside.rules").joinpath(f"data/{SHIPPED}").read_text("utf-8")


def _text(file: Path) -> str | RuleFinding:
    try:
        if file.stat().st_size > MOST_BYTES:
            return RuleFinding(str(file), 1, "", "rules.file.large", {"most": MOST_BYTES})
        return file.read_text("utf-8-sig")
    except OSError as error:
        return RuleFinding(str(file), 1, "", "rules.file.unreadable", {"reason": error.strerror or str(error)})
    except UnicodeDecodeError as error:
        return RuleFinding(str(file), 1, "", "rules.file.unreadable", {"reason": error.reason})
