"""Reads SHDR, the text MTConnect adapters speak: `timestamp|item|value[|item|value...]`, one line at a time.

The line alone does not tell a condition (five fields) or a message (two) from pairs, so the wanted kinds
decide; for items nobody wants the shape decides, and only where the pairs behind it would shift.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lineside.connect.alarms import Alarms
from lineside.connect.observations import NO_VALUE, NUMBER, Observation, known_address, observe_text
from lineside.connect.set_aside import SetAside
from lineside.connect.timestamps import Timestamps
from lineside.plant import NUMBER_KINDS, Kind

LEVELS = frozenset({"NORMAL", "WARNING", "FAULT", NO_VALUE})
CONDITION_FIELDS = 5
MULTILINE = "--multiline--"
LONGEST_ASSET = 10_000
"""Lines of one asset document, after which its end is not waited for any longer."""

_DATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^|]{0,30}\|", re.ASCII)
_PIPE = re.compile(r"(?<!\\)\|")
_OFFSET = re.compile(r"\d{1,15}(?:\.\d+)?", re.ASCII)
_COUNT = re.compile(r"\d{1,6}", re.ASCII)
_SLOWEST_HZ = 1e-6


class ShdrText:
    """Turns lines into observations of wanted addresses; it remembers whether an asset is open, and active alarms."""

    def __init__(
        self,
        wanted: Mapping[str, Kind],
        set_aside: SetAside,
        *,
        device: str | None = None,
        relative: bool = False,
    ) -> None:
        self.set_aside = set_aside
        self.inside: str | None = None
        self.said: list[tuple[str, int]] = []
        """The items of the line just read, wanted or not, and its moment."""
        self._swallowed = 0
        self._first_swallowed = 0, ""
        self._wanted = wanted
        self._device = device
        self._relative = relative
        self._origin: tuple[float, int] | None = None
        self._timestamps = Timestamps()
        self._alarms = Alarms()

    def read(self, line: str, received: int | None) -> list[Observation]:
        """The observations of one line. `received` dates lines without a timestamp; None sets them aside."""
        line = line.strip()
        self.said = []
        self.set_aside.current = line
        if self.inside is not None and self._swallow(line):
            return []
        if not line or line.startswith("*"):
            return []
        if "|" not in line:
            self.set_aside.note("stray")
            return []
        fields = _PIPE.split(line) if "\\|" in line else line.split("|")
        time = self._time(fields, received)
        if time is None:
            return []
        return self._pairs(fields, time)

    def _swallow(self, line: str) -> bool:
        """True while the line belongs to the open asset; a dated line never does."""
        if line == self.inside:
            self.inside, self._swallowed = None, 0
            return True
        if self._swallowed >= LONGEST_ASSET or _DATED.match(line):
            self.end()
            return False
        if not self._swallowed:
            self._first_swallowed = self.set_aside.line, line
        self._swallowed += 1
        return True

    def end(self) -> None:
        """Gives up an asset that was never closed, and counts its lines."""
        if self._swallowed:
            at, example = self._first_swallowed
            self.set_aside.note("asset_open", self._swallowed, line=at, example=example)
        self.inside, self._swallowed = None, 0

    def _time(self, fields: list[str], received: int | None) -> int | None:
        """The line's moment; `fields` keeps what follows it behind one leading field."""
        stamp = fields[0].strip()
        if self._relative and received is not None and _OFFSET.fullmatch(stamp):
            offset = float(stamp)
            if self._origin is None:
                self._origin = (offset, received)
            return self._origin[1] + round((offset - self._origin[0]) * 1000)
        time = self._timestamps.read(stamp)
        if time is not None:
            return time
        if stamp and known_address(self._wanted, stamp, self._device) in self._wanted:
            fields.insert(0, "")
            stamp = ""
        if stamp:
            self.set_aside.note("bad_timestamp")
            return None
        if received is None:
            self.set_aside.note("no_timestamp")
        return received

    def _pairs(self, fields: list[str], time: int) -> list[Observation]:
        found: list[Observation] = []
        wanted, end, at = self._wanted, len(fields), 1
        while at < end:
            name = fields[at].strip()
            if name.startswith("@"):
                self._asset(fields[-1].strip())
                break
            address = known_address(wanted, name, self._device)
            kind = wanted.get(address)
            width = self._width(fields, at, kind)
            values = fields[at + 1 : at + 1 + width]
            at += 1 + width
            if not values or (kind == "condition" and len(values) < CONDITION_FIELDS and len(values) > 1):
                self.set_aside.note("cut")
            elif kind is None:
                self.set_aside.unwanted[address] += 1
            else:
                found += self._observe(address, kind, time, values)
            self.said.append((address, time))
        return found

    def _asset(self, last: str) -> None:
        self.set_aside.note("asset")
        if last.startswith(MULTILINE):
            self.inside = last

    def _width(self, fields: Sequence[str], at: int, kind: Kind | None) -> int:
        """How many fields belong to the item at `at`."""
        left = len(fields) - at - 1
        if kind == "condition":
            return CONDITION_FIELDS if left != 1 else 1
        if left >= CONDITION_FIELDS and kind is None and self._shaped_as_condition(fields, at, left):
            return CONDITION_FIELDS
        if at == 1 and left == 2 and kind in (None, "text") and fields[3].strip() not in self._wanted:
            return 2  # a message: native code and text
        if at == 1 and left == 3 and kind is not None and _is_series(fields[2:5]):
            return 3  # a time series: count, rate and values
        return 1

    def _shaped_as_condition(self, fields: Sequence[str], at: int, left: int) -> bool:
        """True for `x|Level||||` and, when it fills the line, for `x|Level|code|severity|qualifier|text`."""
        if fields[at + 1].strip().upper() not in LEVELS:
            return False
        if not fields[at + 2].strip():
            return True
        alone = at == 1 and left == CONDITION_FIELDS
        return alone and not any(known_address(self._wanted, fields[i].strip()) in self._wanted for i in (3, 5))

    def _observe(self, address: str, kind: Kind, time: int, values: Sequence[str]) -> Iterator[Observation]:
        if len(values) == 3 and kind in NUMBER_KINDS:
            yield from self._series(address, kind, time, values)
            return
        value = (values[-1] if len(values) <= 3 else values[0]).strip()
        if kind == "condition":
            if value.upper() not in LEVELS:
                self.set_aside.note("no_level")
                return
            value = self._alarms.worst(address, values[1].strip() if len(values) > 1 else "", value)
        observation = observe_text(address, kind, time, value.replace("\\|", "|"))
        if kind in NUMBER_KINDS and observation.number is None and value.upper() not in ("", NO_VALUE):
            self.set_aside.note("not_a_number")
        yield observation

    def _series(self, address: str, kind: Kind, time: int, values: Sequence[str]) -> Iterator[Observation]:
        """The samples of a time series, of which the line dates the last one."""
        samples = values[2].split()
        rate = float(values[1]) if values[1].strip() else 0.0
        if rate < _SLOWEST_HZ and len(samples) > 1:
            self.set_aside.note("no_rate")
            return
        for i, sample in enumerate(samples):
            ago = (len(samples) - 1 - i) / rate if len(samples) > 1 else 0.0
            yield observe_text(address, kind, time - round(ago * 1_000_000), sample)


def _is_series(values: Sequence[str]) -> bool:
    count, rate, samples = (value.strip() for value in values)
    return (
        _COUNT.fullmatch(count) is not None
        and (not rate or NUMBER.fullmatch(rate) is not None)
        and len(samples.split()) == int(count)
        and (int(count) > 1 or not rate)
    )


def items_of(line: str) -> Iterator[tuple[str, str, bool]]:
    """The items of a line nobody has described yet: name, value, and whether it is shaped as a condition."""
    fields = [field.strip() for field in line.split("|")]
    if len(fields) < 3 or fields[1].startswith("@") or (fields[0] and Timestamps().read(fields[0]) is None):
        return
    alone = len(fields) == CONDITION_FIELDS + 2
    if alone and fields[2].upper() in LEVELS and not (fields[3] and fields[4]):
        yield fields[1], fields[2], True
        return
    yield from ((name, value, False) for name, value in zip(fields[1::2], fields[2::2], strict=False) if name)
