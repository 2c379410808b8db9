"""Sandboxes as they lie in the books: read whole, and written step by step with the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import msgspec
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session as Rows

from lineside.errors import ConfigurationError
from lineside.exchange import Envelope, Sandbox, decoded
from lineside.hub.sandboxes.records import JudgementRecord, SandboxRecord
from lineside.hub.sandboxes.sandbox import Cause, Content, Judgement, Running, State

_HIGHEST = 2**31 - 1
_CONTENT = msgspec.json.Decoder(Content)


def record_of(rows: Rows, number: int) -> SandboxRecord:
    """The row of a sandbox. Raises ConfigurationError."""
    found = rows.get(SandboxRecord, number) if 0 < number <= _HIGHEST else None
    if found is None:
        raise ConfigurationError("sandboxes.none", number=number)
    return found


def read(rows: Rows, *which: ColumnElement[bool]) -> list[Running]:
    """The sandboxes that are so, by number, each with its months."""
    records = rows.scalars(select(SandboxRecord).where(*which).order_by(SandboxRecord.number)).all()
    months = _months(rows, [one.number for one in records])
    return [_running(one, months.get(one.number, {}).values()) for one in records]


def _months(rows: Rows, numbers: Sequence[int]) -> dict[int, dict[int, Judgement]]:
    """The newest judgement of each month, by sandbox and month."""
    mine = select(JudgementRecord).where(JudgementRecord.sandbox.in_(numbers))
    order = JudgementRecord.sandbox, JudgementRecord.month, JudgementRecord.edition
    found: dict[int, dict[int, Judgement]] = {}
    for one in rows.scalars(mine.order_by(*order)):
        told = Judgement(one.month, one.edition, one.judged_us, one.entry, _CONTENT.decode(one.content).limits)
        found.setdefault(one.sandbox, {})[one.month] = told
    return found


def _running(record: SandboxRecord, months: Iterable[Judgement]) -> Running:
    return Running(
        terms=cast("Sandbox", decoded(Envelope.parse(record.envelope))),
        sha256=record.sha256,
        envelope=record.envelope,
        follows=record.follows,
        state=State(record.state),
        offered_us=record.offered_us,
        offered_by=record.offered_by,
        agreed_us=record.agreed_us,
        statement=record.statement,
        ended_us=record.ended_us,
        ended_by=record.ended_by,
        why=None if record.why is None else Cause(record.why),
        reasons=record.reasons,
        report=record.report,
        months=tuple(months),
    )
