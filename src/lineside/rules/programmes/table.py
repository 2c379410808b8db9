"""Reads a table of a rule's file key by key, and notes all that is wrong instead of ending at the first."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from lineside.rules.expressions import LARGEST, PURE, Misread, Unit

KeyPath: TypeAlias = tuple[str | int, ...]
Problem: TypeAlias = tuple[KeyPath, str, Mapping[str, object]]
LANGUAGES = ("en", "zh")
MOST_WORDS = 600
_ID = re.compile(r"[a-z][a-z0-9-]{0,60}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_RESERVED = frozenset({"and", "or", "not", "in", "is", "if", "else", "min", "max", "lambda", "for"})
E = TypeVar("E", bound=StrEnum)


class Table:
    """One table. What is wrong goes into `problems`, and something harmless is given instead."""

    def __init__(self, told: object, where: KeyPath, problems: list[Problem]) -> None:
        self.where, self.problems = where, problems
        self.told: Mapping[str, Any] = told if isinstance(told, dict) else {}
        self._asked: list[str] = []
        if not isinstance(told, dict):
            self.problem("rules.file.wants_table")

    def problem(self, problem: str, key: str | int | None = None, /, **fields: object) -> None:
        """Notes what is wrong with a key, or with the whole table."""
        where = self.where if key is None else (*self.where, key)
        found = (where, problem, {"key": where[-1] if where else "", **fields})
        if found not in self.problems:
            self.problems.append(found)

    def misread(self, error: Misread, key: str) -> None:
        """Notes why an expression could not be read."""
        self.problem(error.key, key, **error.fields)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return self._take(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """A text; one without a default must be there and say something."""
        found = self._take(key)
        if found is None and default is not None:
            return default
        if found is None or (isinstance(found, str) and not found.strip()):
            self.problem("rules.file.missing", key)
        elif not isinstance(found, str) or len(found) > MOST_WORDS:
            self.problem("rules.file.wants_text", key, most=MOST_WORDS)
        else:
            return found.strip()
        return ""

    def name(self, key: str) -> str:
        """A name that expressions can speak of."""
        found = self.text(key)
        if found and (_NAME.fullmatch(found) is None or found in _RESERVED):
            self.problem("rules.file.wants_name", key, value=found[:60])
        return found

    def id(self, key: str) -> str:
        """The id of a programme."""
        found = self.text(key)
        if found and _ID.fullmatch(found) is None:
            self.problem("rules.file.wants_id", key, value=found[:60])
        return found

    def words(self, key: str | None = None, *, needed: bool = True) -> dict[str, str]:
        """Words in both languages: those of a key, or `en` and `zh` of this table."""
        table = self if key is None else Table(self._take(key) or {}, (*self.where, key), self.problems)
        if key is not None and not needed and not self.has(key):
            return dict.fromkeys(LANGUAGES, "")
        found = {language: table.text(language) for language in LANGUAGES}
        if key is not None:
            table.done()
        return found

    def number(self, key: str, default: float | None = None) -> float:
        """A number."""
        found = self._take(key)
        if found is None and default is not None:
            return default
        if found is None:
            self.problem("rules.file.missing", key)
        elif isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) <= LARGEST:
            self.problem("rules.file.wants_number", key)
        else:
            return float(found)
        return math.nan

    def day(self, key: str) -> date | None:
        """A day, where it is there."""
        found = self._take(key)
        if found is None:
            return None
        if isinstance(found, str):
            try:
                return date.fromisoformat(found)
            except ValueError:
                found = None
        if not isinstance(found, date) or isinstance(found, datetime):
            self.problem("rules.file.wants_day", key)
            return None
        return found

    def unit(self, key: str) -> Unit:
        """A unit; "1" for a pure number."""
        text = self.text(key)
        try:
            return Unit.parse(text) if text else PURE
        except ValueError:
            self.problem("rules.file.wants_unit", key, value=text[:40])
            return PURE

    def one_of(self, key: str, kind: type[E], default: E | None = None) -> E:
        """A member of an enumeration."""
        text = self.text(key, None if default is None else default.value)
        if text in set(kind):
            return kind(text)
        if text:
            self.problem("rules.file.wants_one_of", key, value=text[:40], known=", ".join(kind))
        return next(iter(kind))

    def truth(self, key: str) -> bool:
        """Whether something is said to be so; it is not where nothing is said."""
        found = self._take(key)
        if found is not None and not isinstance(found, bool):
            self.problem("rules.file.wants_truth", key)
        return found is True

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._list(key)
        if any(not isinstance(one, str) for one in found):
            self.problem("rules.file.wants_texts", key)
        return tuple(one for one in found if isinstance(one, str))

    def tables(self, key: str) -> Iterator[Table]:
        """A list of tables; each is looked through for keys that nobody asked for when the next is taken."""
        for at, one in enumerate(self._list(key)):
            table = Table(one, (*self.where, key, at), self.problems)
            yield table
            table.done()

    def within(self, key: str) -> Iterator[tuple[str, Table]]:
        """The tables in a table, by their names."""
        found = self._take(key)
        if found is not None and not isinstance(found, dict):
            self.problem("rules.file.wants_table", key)
        for name, one in (found if isinstance(found, dict) else {}).items():
            table = Table(one, (*self.where, key, name), self.problems)
            yield name, table
            table.done()

    def done(self) -> None:
        """Notes each key that nobody asked for: a word that is not understood changes what the rule says."""
        for key in self.told.keys() - set(self._asked):
            near = difflib.get_close_matches(key, self._asked, 1)
            self.problem("rules.file.unknown", key, known=", ".join(near or self._asked))

    def _list(self, key: str) -> list[Any]:
        found = self._take(key)
        if found is not None and not isinstance(found, list):
            self.problem("rules.file.wants_list", key)
        return found if isinstance(found, list) else []

    def _take(self, key: str) -> Any:
        if key not in self._asked:
            self._asked.append(key)
        return self.told.get(key)
