"""What an address means where values are pushed: `measurement,tag=value#field`, or any other name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from lineside.connect.line_exact import Series

_MARK = re.compile(r"(?<!\\)#")
_COMMA = re.compile(r"(?<!\\),")
_EQUALS = re.compile(r"(?<!\\)=")
_ESCAPE = re.compile(r"\\([ ,=#])")
_RESERVED = re.compile(r"([,=])")
Tag: TypeAlias = tuple[str, str]


class LineAddress(NamedTuple):
    """A field of those series of a measurement that have these tags, whatever others they have."""

    measurement: str
    tags: tuple[Tag, ...]
    field: str

    def means(self, series: Series) -> bool:
        """True where the series has all the tags."""
        return all(series.tags.get(name) == value for name, value in self.tags)


def read_line_address(address: str) -> LineAddress | None:
    """What the address means in line protocol; None for one that means nothing there."""
    marks = list(_MARK.finditer(address))
    if not marks:
        return None
    measurement, *tags = _COMMA.split(address[: marks[-1].start()])
    pairs = [_EQUALS.split(tag) for tag in tags]
    field = address[marks[-1].end() :]
    if not measurement or not field or any(len(pair) != 2 for pair in pairs):
        return None
    return LineAddress(_plain(measurement), tuple(sorted((_plain(k), _plain(v)) for k, v in pairs)), _plain(field))


def line_address(series: Series, field: str) -> str:
    """The address that means this field of this series alone."""
    tags = "".join(f",{_escaped(name)}={_escaped(value)}" for name, value in series.tags.items())
    return f"{_escaped(series.measurement)}{tags}#{_escaped(field).replace('#', chr(92) + '#')}"


def _plain(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


def _escaped(text: str) -> str:
    return _RESERVED.sub(r"\\\1", text)


class Addresses:
    """The wanted addresses by what they mean in line protocol."""

    def __init__(self, wanted: Iterable[str]) -> None:
        meant = [(address, line) for address in wanted if (line := read_line_address(address)) is not None]
        often = Counter(tag for _, line in meant for tag in line.tags)
        self._found: dict[tuple[str, str, Tag | None], list[tuple[str, LineAddress]]] = {}
        for address, line in meant:  # each is found by that of its tags which the fewest others have
            rarest = min(line.tags, key=often.__getitem__, default=None)
            self._found.setdefault((line.measurement, line.field, rarest), []).append((address, line))

    def of(self, series: Series, field: str) -> tuple[str, ...]:
        """The wanted addresses that mean this field of this series."""
        near = (self._found.get((series.measurement, field, tag), ()) for tag in (None, *series.tags.items()))
        return tuple(address for some in near for address, line in some if line.means(series))
