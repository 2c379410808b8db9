"""The columns of a log as codes and seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lineside.connect.recordings.moments import MomentReader
from lineside.errors import ConfigurationError, UnusableData
from lineside.twin.fit.reading.tables import Table, rows_finding
from lineside.twin.fit.record import Codes
from lineside.twin.reading import Finding
from lineside.twin.tally import Floats

NUMBER = r"^[-+]?\d+(\.\d*)?([eE][-+]?\d{1,2})?$"
_LONG = r"^\d{9,19}(\.\d+)?$"
_YEAR_FIRST = r"^\d{4}[-./年]"
_START = datetime(1970, 1, 1, tzinfo=UTC)


class Words(NamedTuple):
    """A column as indices into the words that stand in it; -1 where a cell is empty."""

    code: Codes
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds by role (start, end, time), NaN where there is none, and the moment they count from."""

    seconds: Mapping[str, Floats]
    epoch: datetime | None


def read_words(table: Table, column: str | None) -> Words:
    """The words of a column, in the order they come; none at all without a column."""
    if column is None:
        return Words(np.full(len(table.rows), -1, np.int32), ())
    texts = pc.utf8_trim_whitespace(table.columns[column].cast(pa.string()).fill_null(""))
    texts = pc.if_else(pc.equal(texts, ""), None, texts).dictionary_encode()
    return Words(texts.indices.fill_null(-1).to_numpy(zero_copy_only=False), tuple(texts.dictionary.to_pylist()))


def read_times(table: Table, taken: Mapping[str, str], zone: ZoneInfo) -> Times:
    """The times of a log; cells nobody can read are told in the table's findings."""
    columns = {role: table.columns[taken[role]] for role in ("start", "end", "time") if role in taken}
    texts = {role: _texts(column) for role, column in columns.items() if not pa.types.is_timestamp(column.type)}
    filled = {role: _true(pc.not_equal(column, "")) for role, column in texts.items()}
    if texts and len(texts) == len(columns) and _are_numbers(pa.concat_arrays(list(texts.values()))):
        seconds = {role: _numbers(column) for role, column in texts.items()}
        _tell_unreadable(table, taken, {role: filled[role] & np.isnan(seconds[role]) for role in seconds})
        return Times(seconds, None)
    micros: dict[str, Floats] = {}
    least: list[int] = []
    read = _moments(table, columns, texts, zone)
    for role, (time, known) in read.items():
        if known.any():
            least.append(int(time[known].min()))
        micros[role] = np.where(known, time, np.nan)
    _tell_unreadable(table, taken, {role: filled[role] & np.isnan(micros[role]) for role in texts})
    first = min(least, default=0)
    exact = {role: np.where(known, (time - first) / 1e6, np.nan) for role, (time, known) in read.items()}
    return Times(exact, _START + timedelta(microseconds=first))


def _moments(
    table: Table, columns: Mapping[str, pa.Array], texts: Mapping[str, pa.Array], zone: ZoneInfo
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Microseconds by role; the texts of all roles are read at once, so that one tells the form of the others."""
    reader = MomentReader(zone, table.name)
    read: dict[str, tuple[NDArray[np.int64], NDArray[np.bool_]]] = {}
    for role in columns.keys() - texts.keys():
        found = reader.read(columns[role])
        read[role] = found.time, found.known
    if texts:
        encoded = pa.concat_arrays(list(texts.values())).dictionary_encode()
        try:
            found = reader.read(_one_form(encoded.dictionary))
        except UnusableData as error:
            raise ConfigurationError("log.day_or_month", file=table.name) from error
        except pa.ArrowException as error:
            raise ConfigurationError("log.unreadable", file=table.name, reason=str(error).splitlines()[0]) from error
        at = encoded.indices.to_numpy(zero_copy_only=False)
        for i, role in enumerate(texts):
            own = at[i * len(table.rows) : (i + 1) * len(table.rows)]
            read[role] = found.time[own], found.known[own]
    return read


def _one_form(texts: pa.Array) -> pa.Array:
    """The texts without those of a form that most do not have: a stray number must not decide for all."""
    for form in (_LONG, _YEAR_FIRST):
        has = pc.match_substring_regex(texts, form)
        if 2 * pc.sum(has).as_py() < len(texts):
            texts = pc.if_else(has, "", texts)
    return texts


def _texts(column: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(column.cast(pa.string()).fill_null(""))


def _true(mask: pa.Array) -> NDArray[np.bool_]:
    values: NDArray[np.bool_] = mask.to_numpy(zero_copy_only=False)
    return values


def _are_numbers(texts: pa.Array) -> bool:
    texts = texts.filter(pc.not_equal(texts, ""))
    numbers = texts.filter(pc.match_substring_regex(texts, NUMBER))
    if not len(texts) or 2 * len(numbers) < len(texts):
        return False
    return bool(np.median(np.abs(_numbers(numbers))) < 1e8)


def _numbers(texts: pa.Array) -> Floats:
    plain = pc.if_else(pc.match_substring_regex(texts, NUMBER), pc.utf8_ltrim(texts, "+"), None)
    values: Floats = plain.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(values), values, np.nan)


def _tell_unreadable(table: Table, taken: Mapping[str, str], bad: Mapping[str, NDArray[np.bool_]]) -> None:
    table.findings += [
        rows_finding("log.time", table.rows[mask], taken[role]) for role, mask in bad.items() if mask.any()
    ]


def finding(problem: str, path: str, **fields: object) -> Finding:
    """A finding whose fields are told by name."""
    return Finding(path, problem, fields)
