"""Rows of JSON that are pushed: `{"address", "time", "value", "quality"}`, as a list or one a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from lineside.connect.mqtt_payload import observe_json, read_time
from lineside.connect.observations import Observation, to_batch
from lineside.connect.source import SourceState
from lineside.connect.timestamps import Timestamps, plausible
from lineside.errors import LinesideError, UnusableData
from lineside.history import Quality
from lineside.plant import Kind

NAMED = 100
"""Wrong rows of one body that are told one by one; the others are counted."""
KEYS = frozenset({"address", "time", "value", "quality"})
QUALITIES = {quality.name.lower(): quality for quality in Quality}
_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)\Z", re.ASCII)
_MISSING = object()
_NO_FIELDS = {"self", "time", "state", "key"}


class WrongRow(LinesideError):
    """A row that was not taken; `path` is its number, from 1."""

    def __init__(self, row: int, key: str, **fields: object) -> None:
        super().__init__(key, row=row, **fields)
        self.path = str(row)


class RowsRefused(UnusableData):
    """Some rows were not taken; `findings` names the first of them. The others are stored."""

    def __init__(self, told: RowsTold) -> None:
        super().__init__("connect.push.rows_refused", count=told.refused, rows=told.rows, taken=told.taken)
        self.findings = tuple(told.wrong)


class Loss(NamedTuple):
    """What an edge has lost: when (microseconds), and the text that says it."""

    time: int
    key: str
    fields: dict[str, Any]


class EdgeState(NamedTuple):
    """How a source fares at an edge."""

    state: SourceState
    key: str
    fields: dict[str, Any]


@dataclass(slots=True)
class RowsTold:
    """What rows said: wanted observations, and what was not wanted or could not be taken; of an edge, how it heard."""

    rows: int = 0
    observations: list[Observation] = field(default_factory=list)
    unwanted: Counter[str] = field(default_factory=Counter)
    wrong: list[WrongRow] = field(default_factory=list)
    refused: int = 0
    heard: list[tuple[int, int]] = field(default_factory=list)
    lost: list[Loss] = field(default_factory=list)
    state: EdgeState | None = None
    time: int | None = None
    """The present by the clock of the edge (microseconds)."""

    @property
    def batches(self) -> list[pa.RecordBatch]:
        """The wanted observations as batches of the schema OBSERVATIONS."""
        return [to_batch(self.observations)] if self.observations else []

    @property
    def taken(self) -> int:
        """Rows that were wanted."""
        return len(self.observations)


class RowReader:
    """Reads rows for one source."""

    def __init__(self, wanted: Mapping[str, Kind]) -> None:
        self._wanted = wanted
        self._stamps = Timestamps()

    def read(self, body: bytes, now_us: int, *, edge: bool = False) -> RowsTold:
        """What the rows of a body say; those without a time are dated `now_us`. An `edge` has rows of its own kinds.

        Raises UnusableData for a body that is no JSON at all.
        """
        told, once = RowsTold(), _Once()
        for number, row in _rows(body):
            told.rows += 1
            try:
                if edge and isinstance(row, dict) and "address" not in row:
                    _read_of_edge(number, row, now_us, told)
                    continue
                observation = self._read(number, row, now_us)
            except WrongRow as wrong:
                told.refused += 1
                if len(told.wrong) < NAMED:
                    told.wrong.append(wrong)
                continue
            if edge and once.repeats(observation):
                continue
            if observation.address in self._wanted:
                told.observations.append(observation)
            else:
                told.unwanted[observation.address] += 1
        return told

    def _read(self, number: int, row: object, now_us: int) -> Observation:
        if isinstance(row, msgspec.DecodeError):
            raise WrongRow(number, "connect.push.row_json", reason=str(row))
        if not isinstance(row, dict) or not row.keys() <= KEYS:
            unknown = ", ".join(sorted(row.keys() - KEYS)) if isinstance(row, dict) else "-"
            raise WrongRow(number, "connect.push.row_keys", unknown=unknown)
        address, value = row.get("address"), row.get("value", _MISSING)
        if not isinstance(address, str) or not address:
            raise WrongRow(number, "connect.push.row_address")
        if value is _MISSING:
            raise WrongRow(number, "connect.push.row_value", address=address)
        quality = row.get("quality", "good")
        if not isinstance(quality, str) or quality not in QUALITIES:
            raise WrongRow(number, "connect.push.row_quality", address=address, quality=quality)
        if row.get("time") is None and self._wanted.get(address) == "count":
            raise WrongRow(number, "connect.push.row_count", address=address)
        time = self._time(number, row.get("time"), now_us)
        return _observe(address, self._wanted.get(address, "text"), time, value, QUALITIES[quality])

    def _time(self, number: int, said: object, now_us: int) -> int:
        if said is None:
            return now_us
        if isinstance(said, str) and not _OFFSET.search(said):
            raise WrongRow(number, "connect.push.row_offset", time=said)
        time = read_time(said, self._stamps)
        if time is None:
            raise WrongRow(number, "connect.push.row_time", time=said)
        if not plausible(time, now_us):
            raise WrongRow(number, "connect.push.row_stamp", time=said)
        return time


class _Once:
    """Finds what an edge says twice in one body: a source it began anew has gone back and said it all again."""

    def __init__(self) -> None:
        self._newest: dict[str, Observation] = {}
        self._said: set[Observation] = set()

    def repeats(self, row: Observation) -> bool:
        """Whether this was said before. What comes again at one moment after something else is news."""
        newest = self._newest.get(row.address, row)
        repeated = row in self._said and (row.time < newest.time or row == newest)
        if not repeated and row.time >= newest.time:
            self._newest[row.address] = row
        self._said.add(row)
        return repeated


def _read_of_edge(number: int, row: dict[str, Any], now_us: int, told: RowsTold) -> None:
    """Takes `{"heard": [start, end]}`, or `{"lost": time}` or `{"state"}` with the `key` and `fields` of a text.

    With a state goes the `time` it is at the edge.
    """
    named = row.get("fields")
    if isinstance(named, dict) and not _NO_FIELDS.isdisjoint(named):
        raise WrongRow(number, "connect.push.row_edge")
    match row:
        case {"heard": [int(start), int(end)]} if start <= end and plausible(start, now_us) and plausible(end, now_us):
            told.heard.append((start, end))
        case {"lost": int(time), "key": str(key), "fields": dict(fields)} if plausible(time, now_us):
            told.lost.append(Loss(time, key, fields))
        case {"state": str(state), "key": str(key), "fields": dict(fields)} if state in list(SourceState):
            told.state = EdgeState(SourceState(state), key, fields)
            told.time = row["time"] if isinstance(row.get("time"), int) else None
        case _:
            raise WrongRow(number, "connect.push.row_edge")


def _observe(address: str, kind: Kind, time: int, value: object, quality: Quality) -> Observation:
    if quality >= Quality.BAD:
        return Observation(address, time, None, None, quality)
    observation = observe_json(address, kind, time, value)
    return observation._replace(quality=max(quality, observation.quality))


def _rows(body: bytes) -> Iterator[tuple[int, object]]:
    """The rows with their numbers: of a list, or of lines of which each is one."""
    if body.lstrip(b" \t\r\n").startswith(b"["):
        try:
            listed = msgspec.json.decode(body, type=list[object])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UnusableData("connect.push.not_json", reason=str(error)) from error
        yield from enumerate(listed, 1)
        return
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.strip():
            try:
                yield number, msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield number, error if isinstance(error, msgspec.DecodeError) else msgspec.DecodeError(str(error))
