"""Whom a round of a secure sum holds, told to those who are in it: each by what it signed, and the hub's receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from lineside.books import Books
from lineside.exchange import Ask
from lineside.hub.asks import MOST_BYTES, Words
from lineside.hub.member import Member
from lineside.hub.records import StatementRecord
from lineside.hub.register import Register
from lineside.hub.sums.sums import Sums


def told_members(sums: Sums, books: Books, register: Register) -> Words:
    """The answer to "sum_members": those of a round after a member, as many as one answer holds.

    Nobody who is not in the round is told any of them.
    """

    def told(member: Member, ask: Ask) -> Mapping[str, Any]:
        entries = sums.entries(ask.about)
        after = sorted(number for number in entries if number > ask.since) if member.number in entries else []
        return {"members": _proofs(books, register, [entries[number] for number in after])}

    return told


def _proofs(books: Books, register: Register, entries: Sequence[int]) -> list[dict[str, Any]]:
    """The statements of these entries, which go by their members, each with its receipt and the key that signed it."""
    named = StatementRecord.member, StatementRecord.number, StatementRecord.envelope, StatementRecord.receipt
    found: list[dict[str, Any]] = []
    size = 0
    chosen = select(*named).where(StatementRecord.entry.in_(entries)).order_by(StatementRecord.member)
    with books.reading() as rows:
        for number, said, envelope, receipt in rows.execute(chosen):
            size += len(envelope) + len(receipt)
            if found and size > MOST_BYTES:
                break
            key = register.get(number).key_at(said)
            proof = {"statement": msgspec.Raw(envelope), "receipt": msgspec.Raw(receipt)}
            found.append({"key": "" if key is None else key.hex(), **proof})
    return found
