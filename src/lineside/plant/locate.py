"""Where each key of a TOML text stands, so that an error can name its line.

`tomllib` gives the values and no positions. This walks the same text, already known to be valid, and notes
the line of every table header, key and array element; it never decides a value.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)


def lines_of_keys(text: str) -> dict[KeyPath, int]:
    """Line number (from 1) of every key, table and array element of a valid TOML `text`."""
    return _Walk(text).lines


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """Line of `path`, or of its nearest parent that is written in the file (1 for the file itself)."""
    for end in range(len(path), 0, -1):
        if (line := lines.get(path[:end])) is not None:
            return line
    return 1


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._counts: dict[KeyPath, int] = {}
        self._walk()

    def _walk(self) -> None:
        table: KeyPath = ()
        while self._skip() < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self._header(2)
            elif self.text[self.at] == "[":
                table = self._header(1)
            else:
                self._pair(table)

    def _skip(self, pattern: re.Pattern[str] = _SKIP) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _note(self, path: KeyPath, at: int) -> None:
        self.lines.setdefault(path, self.text.count("\n", 0, at) + 1)

    def _header(self, brackets: int) -> KeyPath:
        start = self.at
        self.at += brackets
        keys = list(self._keys())
        self.at += brackets
        path: KeyPath = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if brackets == 2 and position == len(keys) - 1:
                index = self._counts[path] = self._counts.get(path, -1) + 1
                self._note(path, start)
                path = (*path, index)
            elif path in self._counts:
                path = (*path, self._counts[path])
            self._note(path, start)
        return path

    def _keys(self) -> Iterator[str]:
        while True:
            self._skip(_BLANK)
            if string := _STRING.match(self.text, self.at):
                yield _unescaped(string.group())
                self.at = string.end()
            elif bare := _BARE.match(self.text, self.at):
                yield bare.group()
                self.at = bare.end()
            self._skip(_BLANK)
            if self.text[self.at : self.at + 1] != ".":
                return
            self.at += 1

    def _pair(self, table: KeyPath) -> None:
        start = self.at
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path, start)
        self.at += 1  # the equals sign
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._note(path, self.at)
        if self.text[self.at] == "[":
            self._members(path, "]")
        elif self.text[self.at] == "{":
            self._members(path, "}")
        elif string := _STRING.match(self.text, self.at):
            self.at = string.end()
        else:
            self._skip(_SCALAR)

    def _members(self, path: KeyPath, closing: str) -> None:
        self.at += 1
        index = 0
        while self.text[self._skip()] != closing:
            if self.text[self.at] == ",":
                self.at += 1
            elif closing == "}":
                self._pair(path)
            else:
                self._value((*path, index))
                index += 1
        self.at += 1


def _unescaped(key: str) -> str:
    """What a quoted key says."""
    return str(tomllib.loads(f"key = {key}")["key"]) if "\\" in key else key[1:-1]
