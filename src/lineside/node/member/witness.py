"""This node as a witness of a hub's public ledger: it holds the newest head, and the next one has to go on from it.

What the hub takes away or changes of what was there when a member looked last is seen by that member the next day, with
both heads as the hub signed them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select

from lineside.books import Books
from lineside.errors import UnusableData
from lineside.node.member.asking import Shown, Status
from lineside.node.member.membership import ABOUT, Membership
from lineside.node.member.records import AnswerRecord, ReceiptRecord
from lineside.trust import NODE, Asked, Fact, Head, Kind, Ledger, extends, includes, leaf_hash

_WHAT = "ledger"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Promised:
    """Entry `entry` of the hub's ledger says that the statement `sha256` of a member was taken: so a receipt has it."""

    entry: int
    sha256: str
    about: str

    def is_told(self, body: str) -> bool:
        """Whether an entry says so."""
        try:
            told = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError:
            return False
        facts = told.get("facts")
        return told.get("about") == self.about and isinstance(facts, Mapping) and facts.get("sha256") == self.sha256


@dataclass(frozen=True, slots=True)
class Rewound:
    """The hub showed, at `at_us`, another ledger than the one of which this node held a head of `size` entries.

    `why` is a key of the texts. `restored_ms` is when its books came back from a backup, as it says: 0 for never.
    """

    at_us: int
    why: str
    size: int
    restored_ms: int | None


def fault(held: Head | None, promised: Promised | None, shown: Shown, now: Head) -> str | None:
    """What is wrong with the ledger that a hub shows, as a key of the texts; None for nothing. A pure function."""
    if held is not None:
        path = None if shown.extends is None else _hashes(shown.extends)
        if path is None or not extends(held.size, now.size, held.root, path, now.root):
            return "member.rewound_head"
    if promised is not None:
        path = None if shown.includes is None else _hashes(shown.includes)
        leaf = leaf_hash((shown.body or "").encode())
        there = path is not None and includes(promised.entry, now.size, leaf, path, now.root)
        if not (there and promised.is_told(shown.body or "")):
            return "member.rewound_entry"
    return None


def _hashes(told: list[str]) -> list[bytes] | None:
    try:
        return [bytes.fromhex(one) for one in told]
    except ValueError:
        return None


class Witness:
    """What is held of the ledgers of hubs."""

    def __init__(self, books: Books, ledger: Ledger) -> None:
        self._books, self._ledger = books, ledger

    def held(self, membership: Membership) -> Head | None:
        """The newest head; None before the first."""
        with self._books.reading() as rows:
            record = rows.get(AnswerRecord, (membership.id, _WHAT, ""))
        return None if record is None else Head.parse(json.loads(record.answer), _WHAT)

    def promised(self, membership: Membership) -> Promised | None:
        """What the newest receipt says of the ledger."""
        chosen = select(ReceiptRecord).where(ReceiptRecord.membership == membership.id)
        with self._books.reading() as rows:
            record = rows.scalar(chosen.order_by(ReceiptRecord.id.desc()).limit(1))
        return None if record is None else Promised(record.entry, record.statement, f"member/{membership.member}")

    def look(self, membership: Membership, status: Status, key: str) -> None:
        """Checks what the hub, whose key is known, shows of its ledger, and holds its head from now on.

        What is wrong is told in this node's own ledger. Raises UnusableData for what is no head of this hub.
        """
        shown = status.ledger
        if shown is None:
            return  # a hub of an older version
        now, held = Head.parse(shown.head, membership.invitation.name), self.held(membership)
        if (now.log, now.key.hex()) != (membership.hub, key):
            raise UnusableData("member.no_receipt")
        if held is not None and (held.size, held.root) == (now.size, now.root):
            return
        why = fault(held, self.promised(membership), shown, now)
        with self._books.session() as rows:
            answer = json.dumps(now.told()).encode()
            made_ms = now.time_us // 1000
            rows.merge(AnswerRecord(membership=membership.id, what=_WHAT, language="", made_ms=made_ms, answer=answer))
            if why is not None:
                facts: dict[str, Fact] = {
                    "why": why,
                    "shown": json.dumps(now.told()),
                    "restored_ms": status.restored_ms,
                }
                facts |= {"held": None if held is None else json.dumps(held.told()), "size": held.size if held else 0}
                self._ledger.write(rows, Kind.HUB_REWOUND, who=NODE, about=ABOUT, **facts)
                _log.warning("the hub shows another ledger than the one that this node held a head of")

    def rewound(self, membership: Membership) -> Rewound | None:
        """When that was so last; None: never."""
        with self._ledger.stored() as now:
            page = now.page(Asked(kinds=[Kind.HUB_REWOUND.value], start_us=membership.taken_us), 1)
        if not page:
            return None
        facts = page[0]["facts"]
        return Rewound(page[0]["time"], facts["why"], facts["size"], facts["restored_ms"])
