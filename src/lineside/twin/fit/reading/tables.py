"""Opens an event log as a table of texts: CSV in any separator and encoding, Parquet, XES, OCEL 2.0."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from lineside.connect.recordings.encoding import Decoder
from lineside.errors import ConfigurationError, UnusableData
from lineside.twin.fit.record import Rows
from lineside.twin.reading import Finding

DELIMITERS = ",;\t|"
SHOWN = 5
_OCEL = re.compile(rb"<(?:objects|events|object-types|event-types)[\s/>]")
_ROOT = re.compile(rb"<\s*(?:[A-Za-z]+:)?log[\s>]")


@dataclass(slots=True)
class Table:
    """A log as columns by name, with the row of the file each one came from."""

    name: str
    columns: dict[str, pa.Array]
    """Texts, or timestamps."""
    rows: Rows
    findings: list[Finding] = field(default_factory=list)


def rows_finding(problem: str, rows: Rows, path: str = "-", **fields: object) -> Finding:
    """A finding on some rows: their count, and the first of them by number."""
    first = np.sort(rows)[:SHOWN].tolist()
    named = ", ".join(map(str, first)) + (" …" if len(rows) > len(first) else "")
    return Finding(path, problem, {"count": len(rows), "rows": named, **fields})


def open_table(path: Path, part: str | None = None) -> Table:
    """The log in a file; `part` names the object type of an OCEL log. Raises ConfigurationError for no readable log."""
    from lineside.twin.fit.reading import ocel
    from lineside.twin.fit.reading.xes import read_xes

    data = _bytes(path)
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data[:4] == b"PAR1":
        return _parquet(data, path.name)
    if head[:1] == b"<":
        if _ROOT.search(head) is None:
            raise ConfigurationError("log.form", file=path.name)
        return ocel.read_xml(data, path.name, part) if _OCEL.search(head) else read_xes(data, path.name)
    if head[:1] == b"{":
        return ocel.read_json(data, path.name, part)
    if data[:6] == b"SQLite":
        return ocel.read_sqlite(data, path.name, part)
    return _csv(data, path.name)


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError("log.unreadable", file=path.name, reason=reason) from error
    return data


def table_of(name: str, columns: dict[str, list[str | None]], count: int) -> Table:
    """A table of columns of texts that are as long as `count` or shorter."""
    padded = {key: pa.array(values + [None] * (count - len(values)), pa.string()) for key, values in columns.items()}
    return Table(name, padded, np.arange(1, count + 1, dtype=np.int64))


def _parquet(data: bytes, name: str) -> Table:
    try:
        table = pq.read_table(pa.BufferReader(data), use_threads=False)
        table.validate(full=True)
        columns = {str(key): _plain(table.column(i)) for i, key in enumerate(table.column_names)}
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ConfigurationError("log.unreadable", file=name, reason=str(error).splitlines()[0]) from error
    return Table(name, columns, np.arange(1, table.num_rows + 1, dtype=np.int64))


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """One array: moments as they are, anything else as text."""
    kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.nulls(len(column), pa.string())
    try:
        if pa.types.is_floating(kind):
            whole = pc.all(pc.equal(pc.round(column), column)).as_py()
            column = pc.cast(pc.round(column, 6), pa.int64() if whole else pa.decimal128(38, 6), safe=False)
        if not pa.types.is_timestamp(kind):
            column = pc.cast(column, pa.string())
    except pa.ArrowException:
        return pa.nulls(len(column), pa.string())
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(column.chunks)


def _csv(data: bytes, name: str) -> Table:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        data = Decoder(name).read(data)
    except UnusableData as error:
        raise ConfigurationError("log.unreadable", file=name, reason="UTF-8, GB18030") from error
    delimiter, names, skip = _header(data[:262_144].decode("utf-8", "ignore"), name)
    wrong: list[int] = []
    unnumbered = 0

    def refuse(row: pacsv.InvalidRow) -> str:
        nonlocal unnumbered
        unnumbered += row.number is None
        wrong.append(row.number or 0)
        return "skip"

    try:
        table = pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(
                column_names=names, skip_rows=skip, use_threads=False, block_size=min(max(len(data), 1), 2**30)
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, invalid_row_handler=refuse, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException as error:
        raise ConfigurationError("log.unreadable", file=name, reason=str(error).splitlines()[0]) from error
    left_out = np.unique(np.array(wrong, np.int64))
    rows = np.arange(skip + 1, skip + 1 + table.num_rows + len(wrong), dtype=np.int64)
    rows = np.setdiff1d(rows, left_out)[: table.num_rows] if not unnumbered else rows[: table.num_rows]
    columns = {key: _plain(table.column(i)) for i, key in enumerate(names)}
    findings = [rows_finding("log.cells", left_out, cells=len(names))] if len(left_out) else []
    return Table(name, columns, rows, findings)


def _header(text: str, name: str) -> tuple[str, list[str], int]:
    """The separator, the names of the columns made unique, and the lines they stand on."""
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        cells = next(reader, [])
    except csv.Error as error:
        raise ConfigurationError("log.unreadable", file=name, reason=str(error)) from error
    if len(cells) < 2:
        raise ConfigurationError("log.no_table", file=name, found=first[:80])
    names: list[str] = []
    for i, cell in enumerate(cells, 1):
        plain = cell.strip() or f"column {i}"
        names.append(f"{plain} ({i})" if plain in names else plain)
    return delimiter, names, reader.line_num
