"""Imports recordings and tables into history: with their own timestamps, as often as one likes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, cast
from zoneinfo import ZoneInfo

from lineside.connect import QUIET_US, Columns, Summary, read_recording
from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.jobs import Job, JobContext, Jobs, Json, Work
from lineside.node.series import routing
from lineside.plant import Plant
from lineside.texts import LANGUAGES, has, say


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person says about how files are to be read: whose they are, and what their columns mean."""

    source: str | None = None
    """A source or machine; None where the file names or the plant tell."""
    time_column: str | None = None
    day_first: bool | None = None
    sheet: str | None = None
    zone: str | None = None
    """Whose clock times without an offset show; None for the plant's."""
    clock_column: str | None = None
    machine_column: str | None = None
    signal_column: str | None = None
    value_column: str | None = None
    names: Mapping[str, str] | None = None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Reading:
        """The same from the parameters of a job."""
        return cls(**{one.name: params.get(one.name) for one in fields(cls)})

    @property
    def columns(self) -> Columns:
        """What it says of the columns."""
        return Columns(
            self.time_column,
            self.clock_column,
            self.machine_column,
            self.signal_column,
            self.value_column,
            self.names,
        )

    def clock(self, plant: Plant) -> ZoneInfo:
        """The zone of times without an offset. Raises ConfigurationError for one that is none."""
        if self.zone is None:
            return plant.site.zone
        try:
            return ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:  # not found, a path that leads elsewhere, a folder
            raise ConfigurationError("node.import_zone", zone=self.zone) from error


Tell: TypeAlias = Callable[[int, int, str], None]
"""Hears of bytes read, bytes there are and the file; may raise to stop the import."""


def source_of(plant: Plant, path: Path, given: str | None) -> str:
    """The source a file belongs to: the one given (a source or machine), one whose `files` match, or the only one.

    Raises ConfigurationError when the plant leaves it open.
    """
    if given is not None:
        machine = plant.machines.get(given)
        name = machine.source if machine is not None else given
        if name is not None and name in plant.sources:
            return name
        raise ConfigurationError("node.import_unknown", name=given, known=", ".join([*plant.sources, *plant.machines]))
    matches = [s.id for s in plant.sources.values() if s.files and fnmatch(path.name, s.files)]
    if not matches and len(plant.sources) == 1:
        matches = list(plant.sources)
    if len(matches) != 1:
        known = ", ".join(matches or plant.sources)
        raise ConfigurationError("node.import_open", file=path.name, known=known)
    return matches[0]


def import_files(
    history: History, plant: Plant, paths: Sequence[Path], tell: Tell, now: int, reading: Reading | None = None
) -> list[dict[str, Any]]:
    """Reads files into history; where each belongs is settled before the first is read.

    What was read before `tell` or an error stopped it stays, and repeating an import adds only what is
    missing. Gives one summary a file, as plain data.
    """
    reading = reading or Reading()
    belongs = [(path, source_of(plant, path, reading.source)) for path in paths]
    for path in paths:
        _require_file(path)
    total = sum(path.stat().st_size for path in paths)
    done, results = 0, []
    for path, source in belongs:
        results.append(_import_file(history, plant, path, source, partial(_further, tell, done, total), now, reading))
        done += path.stat().st_size
    return results


def _further(tell: Tell, before: int, total: int, done: int, file: str) -> None:
    tell(min(before + done, total), total, file)


def _import_file(
    history: History,
    plant: Plant,
    path: Path,
    source: str,
    tell: Callable[[int, str], None],
    now: int,
    reading: Reading,
) -> dict[str, Any]:
    route = routing(history, plant, source)
    stored = repeated = 0
    with read_recording(
        path,
        route.wanted,
        now=now,
        zone=reading.clock(plant),
        device=plant.sources[source].device,
        columns=reading.columns,
        sheet=reading.sheet,
        day_first=reading.day_first,
    ) as recording:
        for batch in recording.pieces():
            rows = None if batch is None else route.rows(batch)
            if rows is not None:
                appended = history.append(rows, bulk=True)
                stored += appended.stored
                repeated += appended.repeated
            tell(recording.progress[0], path.name)
        summary = recording.summary
    if summary.heard is not None:
        _hear(history, source, *summary.heard)
    return {"file": str(path), "source": source, "stored": stored, "repeated": repeated, **summary_json(summary)}


def summary_json(summary: Summary) -> dict[str, Any]:
    """What a recording held, as plain data; times in epoch milliseconds, reasons in every language."""
    return {
        "format": summary.format,
        "encoding": summary.encoding,
        "lines": summary.lines,
        "observations": summary.observations,
        "first": None if summary.first is None else summary.first // 1000,
        "last": None if summary.last is None else summary.last // 1000,
        "set_aside": {
            name: {"count": reason.count, "line": reason.line, "example": reason.example}
            for name, reason in summary.set_aside.items()
        },
        "unwanted": dict(summary.unwanted),
        "backwards": summary.backwards,
        "early_losses": summary.early_losses,
        "ambiguous": summary.ambiguous,
        "same_moment": summary.same_moment,
        "rows": summary.rows,
        "faulty": summary.faulty,
        "faults": [fault._asdict() for fault in summary.faults],
        "reasons": {reason: _words(f"connect.setaside.{reason}") for reason in summary.set_aside},
    }


def _words(key: str) -> dict[str, dict[str, str | None]]:
    """What is wrong and what to do about it, by language."""
    cure = f"{key}.cure"
    return {one: {"problem": say(key, one), "cure": say(cure, one) if has(cure) else None} for one in LANGUAGES}


def _hear(history: History, source: str, start: int, end: int) -> None:
    """Notes that the source was heard, closing a gap up to `QUIET_US` to other files: one logger kept them.

    A gap to what was heard live stays, for that was an interruption. So that files are known from it, their
    spans are also kept under a name of their own, which no source can have.
    """
    files = f"{source}#files"
    near = history.heard(files, start - QUIET_US, end + QUIET_US)
    before = [int(b) for _, b in near if b < start]
    after = [int(a) for a, _ in near if a > end]
    start, end = max(before, default=start), min(after, default=end)
    for name in (source, files):
        history.hear(name, start, end)


def import_job(history: History, plant: Callable[[], Plant], now: Callable[[], int]) -> Work:
    """The job kind "import": params `files` (paths on this machine) and what `Reading` says (optional)."""

    def run(context: JobContext, params: Mapping[str, Any]) -> dict[str, Any]:
        paths = [Path(f) for f in params["files"]]
        return {"files": import_files(history, plant(), paths, context.progress, now(), Reading.of(params))}

    return run


def submit_import(jobs: Jobs, params: Json) -> Job:
    """Queues the import of files, given by full paths; its title names them.

    Raises ConfigurationError when there is none, or one is no file.
    """
    paths = [Path(str(file)) for file in cast("list[object]", params["files"])]
    if not paths:
        raise ConfigurationError("node.import_none")
    for path in paths:
        _require_file(path)
    more = f" +{len(paths) - 1}" if len(paths) > 1 else ""
    return jobs.submit("import", f"{paths[0].name}{more}", params)


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise ConfigurationError("node.import_folder", file=str(path))
    if not path.is_file():
        raise ConfigurationError("node.import_no_file", file=str(path))
