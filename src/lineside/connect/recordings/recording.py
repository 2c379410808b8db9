"""One recording: what it holds of the wanted addresses, as batches, with an account of the rest."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from zoneinfo import ZoneInfo

import pyarrow as pa

from lineside.connect.recordings.bytes import File
from lineside.connect.recordings.keeping import Keeper, Summary
from lineside.connect.recordings.moments import MomentReader
from lineside.connect.recordings.shdr import read_shdr
from lineside.connect.recordings.tables import FOUND, Columns
from lineside.connect.recordings.workbook import is_workbook
from lineside.errors import UnusableData
from lineside.plant import Kind

Format = Literal["shdr", "csv", "parquet", "xlsx"]
PARQUET = b"PAR1"


class Recording:
    """Iterates batches (schema OBSERVATIONS) in the order of the file; times are as the machine gave them.

    What cannot be read is set aside and counted in `summary`, which is complete once the iteration is.
    `progress` may be read at any moment.
    """

    def __init__(
        self,
        path: Path,
        wanted: Mapping[str, Kind],
        *,
        now: int,
        zone: ZoneInfo,
        device: str | None = None,
        columns: Columns = FOUND,
        sheet: str | None = None,
        day_first: bool | None = None,
    ) -> None:
        self._file = File(path)
        self._moments = MomentReader(zone, path.name, day_first)
        self._device = device
        self._columns = columns
        self._sheet = sheet
        try:
            self.format = recording_format(self._file)
        except UnusableData:
            self._file.close()
            raise
        self._keeper = Keeper(wanted, now, adapter=self.format == "shdr")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return (batch for batch in self.pieces() if batch is not None)

    def pieces(self) -> Generator[pa.RecordBatch | None]:
        """The same, and None for each piece of the file that holds nothing wanted: so one can stop in between."""
        try:
            yield from self._batches()
        finally:
            self._file.close()

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes of the file read, and bytes it has."""
        return self._file.done, self._file.size

    @property
    def summary(self) -> Summary:
        """What was read so far."""
        return self._keeper.summary(self.format)

    def _batches(self) -> Iterator[pa.RecordBatch | None]:
        if self.format == "shdr":
            return read_shdr(self._file, self._keeper, self._device)
        if self.format == "parquet":
            from lineside.connect.recordings.parquet import read_parquet

            return read_parquet(self._file, self._keeper, self._moments, self._columns)
        if self.format == "xlsx":
            from lineside.connect.recordings.xlsx import read_xlsx

            return read_xlsx(self._file, self._keeper, self._moments, self._columns, self._sheet)
        from lineside.connect.recordings.csv import read_csv

        return read_csv(self._file, self._keeper, self._moments, self._columns)


def read_recording(
    path: Path,
    wanted: Mapping[str, Kind],
    *,
    now: int,
    zone: ZoneInfo,
    device: str | None = None,
    columns: Columns = FOUND,
    sheet: str | None = None,
    day_first: bool | None = None,
) -> Recording:
    """The recording in a file of SHDR, CSV, XLSX or Parquet, gzipped or not, found out from its content.

    `now` (microseconds) judges clocks that run ahead; `zone` reads local times without an offset;
    `columns` says what the columns mean where their names do not tell, `sheet` which one of a workbook is read (the
    first when left out); `day_first` settles 3/4/2026 where the file does not. Raises UnusableData when the file
    cannot be opened or is none of these.
    """
    return Recording(path, wanted, now=now, zone=zone, device=device, columns=columns, sheet=sheet, day_first=day_first)


def recording_format(file: File) -> Format:
    """What the content looks like: most of its first lines decide."""
    head = file.head()
    if head.startswith(PARQUET):
        return "parquet"
    if is_workbook(head, file.path.name):
        return "xlsx"
    lines = [line for line in head.splitlines()[:200] if line.strip()]
    piped = sum(b"|" in line or line.startswith(b"*") for line in lines)
    if piped * 2 >= len(lines) and lines:
        return "shdr"
    if lines and any(mark in lines[0] for mark in (b",", b";", b"\t")):
        return "csv"
    raise UnusableData("connect.recording.format", file=file.path.name)
