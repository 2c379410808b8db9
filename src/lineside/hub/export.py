"""A whole hub in open formats, so that a cluster can leave: register, statements, ledger, figures, with their sums."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, inspect, select
from sqlalchemy.orm import DeclarativeBase

from lineside import __version__
from lineside.books import Books, appearing, durable, require_new, sum_file
from lineside.errors import ConfigurationError
from lineside.exchange import month_name
from lineside.hub.agreement import agreement
from lineside.hub.applications.records import ApplicationRecord, ConflictRecord, StepRecord
from lineside.hub.classification.records import TypesRecord
from lineside.hub.compare.records import BlockRecord, PanelRecord, PublicRecord, SeatRecord, ToldMonthRecord
from lineside.hub.figures import REASONS, Figures, Origin, Snapshot
from lineside.hub.incidents.records import ClosureRecord, LookRecord, ShareRecord
from lineside.hub.oversight.records import QuestionRecord, WaiverRecord
from lineside.hub.packs.records import DraftRecord, OfferRecord, PackGroupRecord, PackRecord, RevisionRecord
from lineside.hub.pilots.records import PilotRecord
from lineside.hub.records import (
    AgreementRecord,
    AppealRecord,
    AskedRecord,
    EnrolmentRecord,
    InvitationRecord,
    KeyRecord,
    MemberRecord,
    NumberRecord,
    ObjectionRecord,
    ProfileRecord,
    RefusedRecord,
    StatementRecord,
)
from lineside.hub.sandboxes.records import JudgementRecord, SandboxRecord
from lineside.hub.shocks.records import ToldShocksRecord
from lineside.hub.sums.records import SumRecord, SumRoundRecord
from lineside.jobs import Job, JobContext, Jobs, Work
from lineside.plant import HUB_FILE
from lineside.texts import LANGUAGES
from lineside.trust import HERE, Ledger, exported_ledger

EXPORT = "hub.export"
TARGET = "target"
FORMAT = "lineside.hub/1"
_PIECE = 500
_TABLES: Mapping[str, type[DeclarativeBase]] = {
    "agreements": AgreementRecord,
    "appeals": AppealRecord,
    "application_steps": StepRecord,
    "applications": ApplicationRecord,
    "blocks": BlockRecord,
    "conflicts": ConflictRecord,
    "asked": AskedRecord,
    "enrolments": EnrolmentRecord,
    "incident_closures": ClosureRecord,
    "incident_looks": LookRecord,
    "incident_shares": ShareRecord,
    "invitations": InvitationRecord,
    "keys": KeyRecord,
    "members": MemberRecord,
    "numbers": NumberRecord,
    "objections": ObjectionRecord,
    "pack_drafts": DraftRecord,
    "pack_groups": PackGroupRecord,
    "pack_offers": OfferRecord,
    "pack_revisions": RevisionRecord,
    "packs": PackRecord,
    "panels": PanelRecord,
    "pilots": PilotRecord,
    "profiles": ProfileRecord,
    "public": PublicRecord,
    "questions": QuestionRecord,
    "refused": RefusedRecord,
    "sandbox_months": JudgementRecord,
    "sandboxes": SandboxRecord,
    "seats": SeatRecord,
    "statements": StatementRecord,
    "sum_rounds": SumRoundRecord,
    "sums": SumRecord,
    "told": ToldMonthRecord,
    "types": TypesRecord,
    "waivers": WaiverRecord,
    "told_shocks": ToldShocksRecord,
}
_FIGURES = pa.schema(
    [
        ("member", pa.int32()),
        ("month", pa.string()),
        ("indicator", pa.string()),
        ("value", pa.float64()),
        ("coverage", pa.float32()),
        ("origin", pa.string()),
        ("absent", pa.string()),
    ]
)


def export_job(folder: Path, books: Books, ledger: Ledger, figures: Figures) -> Work:
    """The job kind "hub.export": param `target`, a full path where nothing is yet."""

    def run(context: JobContext, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return export_hub(folder, books, ledger, figures, Path(params[TARGET]), context.check)

    return run


def submit_export(jobs: Jobs, folder: Path, target: Path, by: str = HERE) -> Job:
    """Queues an export that `by` asks for. Raises ConfigurationError for a bad `target`."""
    require_place(folder, target)
    return jobs.submit(EXPORT, str(target), {TARGET: str(target), "by": by})


def require_place(folder: Path, target: Path) -> None:
    """Raises ConfigurationError unless `target` is a full path outside of the folder where nothing is yet."""
    if not target.is_absolute() or target.resolve().is_relative_to(folder.resolve()):
        raise ConfigurationError("hub.export_inside", target=str(target), folder=str(folder))
    require_new(target)


def export_hub(
    folder: Path,
    books: Books,
    ledger: Ledger,
    figures: Figures,
    target: Path,
    check: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Writes the hub as it stands into a new folder; gives what is in it. Neither keys that sign nor people go with it.

    Tables are lines of JSON, statements and receipts in them as they travelled; the ledger is as `lineside ledger
    export` writes it; figures are Parquet. Raises LinesideError where it cannot be written.
    """
    require_place(folder, target)
    with appearing(target) as making:
        head = ledger.head()
        with books.looking() as look:
            rows = {
                name: _write_lines(making / f"{name}.jsonl", _rows(look, table, check))
                for name, table in _TABLES.items()
            }
        with ledger.stored() as now:
            _write_lines(making / "ledger.jsonl", (line.rstrip(b"\n") for line in exported_ledger(now, head)))
        values = _write_figures(making / "figures.parquet", figures.snapshot(), check)
        _write_lines(making / HUB_FILE, [(folder / HUB_FILE).read_bytes().rstrip(b"\n")])
        for language in LANGUAGES:
            _write_lines(making / f"agreement.{language}.md", [agreement(folder, language).encode().rstrip(b"\n")])
        sums = {file.name: sum_file(file, check) for file in sorted(making.iterdir())}
        told = {
            "format": FORMAT,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "lineside": __version__,
            "hub": head.log,
            "entries": head.size,
            "rows": rows,
            "values": values,
            "files": {name: {"bytes": one.bytes, "sha256": one.sha256} for name, one in sums.items()},
        }
        _write_lines(making / "manifest.json", [json.dumps(told, indent=2).encode()])
    return {"target": str(target), "files": len(sums) + 1, "bytes": sum(one.bytes for one in sums.values()), **rows}


def _write_lines(path: Path, lines: Iterable[bytes]) -> int:
    count = 0
    with durable(path) as file:
        for line in lines:
            file.write(line + b"\n")
            count += 1
    return count


def _rows(look: Connection, table: type[DeclarativeBase], check: Callable[[], None]) -> Iterator[bytes]:
    """The rows of a table in the order of its key, each a line; envelopes as the JSON that they are."""
    key = inspect(table).primary_key
    with look.execute(select(*table.__table__.columns).order_by(*key).execution_options(yield_per=_PIECE)) as found:
        for number, row in enumerate(found.mappings()):
            if number % _PIECE == 0:
                check()
            yield msgspec.json.encode({name: _plain(value) for name, value in row.items()})


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return msgspec.Raw(bytes(value)) if value else None  # nothing is left of what was erased
    return value


def _write_figures(path: Path, now: Snapshot, check: Callable[[], None]) -> int:
    """One row for each value or reason that is in force."""
    origins = np.array([one.word for one in Origin])
    reasons = np.array(REASONS, object)
    months = np.array([month_name(now.first + at) for at in range(now.months)], "U7")
    count = 0
    with durable(path) as file, pq.ParquetWriter(file, _FIGURES) as writer:
        for name in now.indicators:
            check()
            series = now.of(name)
            member, month = np.nonzero((series.origin != Origin.ABSENT) | (series.reason != 0))
            place = (member, month)
            value, coverage = series.value[place], series.coverage[place]
            columns = [
                pa.array(member + 1, pa.int32()),
                pa.array(months[month], pa.string()),
                pa.array([name] * len(member), pa.string()),
                pa.array(value, mask=np.isnan(value)),
                pa.array(coverage, mask=np.isnan(coverage)),
                pa.array(origins[series.origin[place]], pa.string()),
                pa.array(reasons[series.reason[place]], pa.string()),
            ]
            writer.write_table(pa.table(columns, schema=_FIGURES))
            count += len(member)
    return count
