"""The figures made anew from the envelopes, when a hub starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import select

from lineside.books import Books
from lineside.exchange import Catalogue, Envelope
from lineside.hub.editions import understood
from lineside.hub.figures import Figures, Said
from lineside.hub.records import StatementRecord

_PIECE = 1000


class _Wire(Struct):
    payload: bytes


class _Value(Struct, gc=False):
    indicator: str
    value: float | None = None
    absent: str | None = None
    coverage: float | None = None
    origin: str = "measured"


class _Submission(Struct):
    """The part of a submission that figures are made of; all of it was checked when it was taken."""

    catalogue: str
    values: list[_Value]


_WIRE = msgspec.json.Decoder(_Wire)
_SUBMISSION = msgspec.json.Decoder(_Submission)


def load_figures(books: Books, figures: Figures, catalogue: Catalogue) -> int:
    """Takes every submission in the order in which they came; gives their number.

    Of those of another edition of the catalogue they take what means the same, see `editions`.
    """
    taken = 0
    chosen = (
        select(StatementRecord.member, StatementRecord.month, StatementRecord.envelope)
        .where(StatementRecord.month.is_not(None))
        .order_by(StatementRecord.entry)
        .execution_options(yield_per=_PIECE)
    )
    with books.looking() as look, look.execute(chosen) as found:
        for piece in found.partitions():
            said = list(_said(piece, catalogue))
            figures.take(said)
            taken += len(said)
    return taken


def _said(rows: Any, catalogue: Catalogue) -> Iterator[Said]:
    for member, month, line in rows:
        told = _SUBMISSION.decode(_payload(line))
        yield Said(member, month, understood(told.values, told.catalogue, catalogue))


def _payload(line: bytes) -> bytes:
    try:
        return _WIRE.decode(line).payload
    except msgspec.DecodeError:  # in the other alphabet
        return Envelope.parse(line).payload
