"""What a node finds wrong with the ledger that a hub shows it, by the bytes of heads, entries and proofs alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from lineside.books import Books
from lineside.node.member.asking import Shown
from lineside.node.member.witness import Promised, fault
from lineside.trust import Head, Kind, Ledger, proofs_for

SHA = "a" * 64
PROMISED = Promised(3, SHA, "member/7")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A hub's ledger, whose entry 3 is a statement of member 7."""
    with Books.open(tmp_path) as books:
        found = Ledger(books, lambda: 1_795_132_800_000_000)
        for number in range(1, 9):
            sha256 = SHA if number == 3 else f"{number:064x}"
            found.append(Kind.STATEMENT, who="member/7", about="member/7", number=number, sha256=sha256)
        yield found


def seen(ledger: Ledger, size: int, entry: int | None) -> tuple[Shown, Head]:
    """What it shows to who holds so many entries."""
    shown = msgspec.convert(proofs_for(ledger, size, entry), Shown)
    return shown, Head.parse(shown.head, "hub")


def head(ledger: Ledger, size: int) -> Head:
    """An older head of it."""
    with ledger.stored() as now:
        return Head.sign(ledger.signing, now.log, size, now.root(size), 1)


@pytest.mark.parametrize("size", range(1, 10))
def test_a_ledger_that_only_grew_is_as_it_should_be(ledger: Ledger, size: int) -> None:
    """From whatever head on, with the entry that a receipt names."""
    shown, now = seen(ledger, size, 3)

    assert fault(head(ledger, size), PROMISED, shown, now) is None
    assert fault(None, None, shown, now) is None


@pytest.mark.parametrize("size", [1, 4, 7, 9])
def test_another_past_is_found(ledger: Ledger, size: int) -> None:
    """A head of the same size with another root is no beginning of it, whatever proof is shown."""
    shown, now = seen(ledger, size, None)
    other = Head.sign(ledger.signing, now.log, size, bytes(32), 1)

    assert fault(other, None, shown, now) == "member.rewound_head"
    assert fault(head(ledger, size), None, replace(shown, extends=None), now) == "member.rewound_head"
    assert fault(head(ledger, size), None, replace(shown, extends=["xyz"]), now) == "member.rewound_head"


@pytest.mark.parametrize(
    "promised", [Promised(4, SHA, "member/7"), Promised(3, "b" * 64, "member/7"), Promised(3, SHA, "member/8")]
)
def test_an_entry_that_says_something_else_is_found(ledger: Ledger, promised: Promised) -> None:
    """Of another statement or member: the receipt and the ledger cannot both be true."""
    shown, now = seen(ledger, 0, promised.entry)

    assert fault(None, promised, shown, now) == "member.rewound_entry"


def test_an_entry_that_is_made_up_is_found(ledger: Ledger) -> None:
    """Its bytes are not in the tree, and one that is not there at all has no proof."""
    shown, now = seen(ledger, 0, 3)
    said = (shown.body or "").replace('"number":3', '"number":4')

    assert fault(None, PROMISED, replace(shown, body=said), now) == "member.rewound_entry"
    assert fault(None, Promised(99, SHA, "member/7"), *seen(ledger, 0, 99)) == "member.rewound_entry"
