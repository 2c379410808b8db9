from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.sparkplug_node import EdgeNode, Gap, Heard, Message
from lineside.connect.sparkplug_payload import Type
from tests.connect.sparkplug_edge import payload

SECOND = 1_000_000
PATIENCE = 2 * SECOND


def message(kind: str, at: int, seq: int | None = None, bdseq: int | None = None) -> Message:
    """A message sent and received at a second after 1970."""
    metrics: dict[str, Any] = {} if bdseq is None else {"bdSeq": {"datatype": Type.INT64, "long_value": bdseq}}
    return Message(kind, "", payload(seq, at * 1000, **metrics), at * SECOND)


def born(bdseq: int = 0) -> EdgeNode:
    """An edge node that was born at second 0 with number 0."""
    node = EdgeNode(PATIENCE)
    list(node.receive(message("NBIRTH", 0, 0, bdseq)))
    return node


def seqs(heard: list[Heard]) -> list[object]:
    """The numbers of messages, and gaps, in the order they come out."""
    return [one if isinstance(one, Gap) else one.payload.seq for one in heard]


def hear(node: EdgeNode, *numbers: int, at: int = 1) -> list[object]:
    """What comes out when data of these numbers come in, a second apart."""
    return seqs([one for n, seq in enumerate(numbers) for one in node.receive(message("NDATA", at + n, seq))])


def test_messages_that_overtook_each_other_come_out_in_order() -> None:
    """The one that is early waits."""
    node = born()

    assert hear(node, 1, 3, 4, 2, 5) == [1, 2, 3, 4, 5]
    assert not list(node.overdue(100 * SECOND))


def test_a_message_that_does_not_come_in_time_is_a_gap_with_bounds() -> None:
    """Between the receipt of the one before it and of the one behind it; then those that waited come out."""
    node = born()
    hear(node, 1, 5, 6, at=10)

    assert not list(node.overdue(11 * SECOND + PATIENCE - 1))
    assert seqs(list(node.overdue(11 * SECOND + PATIENCE))) == [Gap(3, 10 * SECOND, 11 * SECOND), 5, 6]
    assert node.lossy


def test_what_comes_after_it_was_given_up_is_late() -> None:
    """Its values belong to the past."""
    node = born()
    hear(node, 1, 3)
    list(node.overdue(100 * SECOND))

    late = list(node.receive(message("NDATA", 1, 2)))

    assert [one.late for one in late if isinstance(one, Message)] == [True]


def test_numbers_go_round() -> None:
    """0 follows 255, and nothing is missing."""
    numbers = [*range(1, 256), *range(10)]

    assert hear(born(), *numbers) == numbers


@given(st.sets(st.integers(1, 400), max_size=60), st.randoms(use_true_random=False))
def test_every_lost_message_is_told(lost: set[int], chance: Any) -> None:
    """Whatever is lost and overtaken, what comes out is in order, and with the gaps it makes up what was sent."""
    node = born()
    sent = [n for n in range(1, 420) if n not in lost]
    for at in range(0, len(sent) - 1, 2):
        if chance.random() < 0.3:
            sent[at], sent[at + 1] = sent[at + 1], sent[at]
    heard = [one for n in sent for one in node.receive(message("NDATA", n, n % 256))]
    heard += node.overdue(10_000 * SECOND)
    at = 0
    for one in heard:
        if isinstance(one, Gap):
            at += one.missing
        else:
            at += 1
            assert one.payload.timestamp == at * 1000

    assert at == 419
    assert sum(one.missing for one in heard if isinstance(one, Gap)) == len(lost)


def test_a_death_of_an_earlier_session_is_none() -> None:
    """A broker may tell the will of a connection that the node has already replaced."""
    node = born(bdseq=5)

    assert not list(node.receive(message("NDEATH", 1, bdseq=4)))
    assert node.born
    assert len(list(node.receive(message("NDEATH", 2, bdseq=5)))) == 1
    assert node.dead


def test_a_death_with_a_number_of_the_future_is_one() -> None:
    """The Python client numbers its deaths one ahead of its births."""
    node = born(bdseq=255)

    assert len(list(node.receive(message("NDEATH", 2, bdseq=0)))) == 1


def test_a_birth_older_than_the_one_that_holds_is_none() -> None:
    """It came late, and its aliases mean nothing any more."""
    node = EdgeNode(PATIENCE)
    list(node.receive(message("NBIRTH", 9, 0)))
    hear(node, 1, at=10)

    assert not list(node.receive(message("NBIRTH", 8, 0)))
    assert hear(node, 2, at=11) == [2]


def test_a_birth_or_death_gives_up_what_waits() -> None:
    """What the node said before is taken with its gap, what it said after its birth follows the birth."""
    node = born()
    hear(node, 1, 3)
    early = message("DBIRTH", 21, 1)

    assert not list(node.receive(early))
    assert seqs(list(node.receive(message("NBIRTH", 20, 0)))) == [Gap(1, SECOND, 2 * SECOND), 3, 0, 1]

    hear(node, 2, 9, at=30)
    assert seqs(list(node.receive(message("NDEATH", 40))))[:2] == [Gap(6, 30 * SECOND, 31 * SECOND), 9]


def test_messages_without_a_number_are_taken_as_they_come() -> None:
    """Some nodes leave it out; nothing can be missed then."""
    node = born()

    assert len(list(node.receive(message("NDATA", 1)))) == 1
    assert hear(node, 1, at=2) == [1]


def test_what_waits_is_bounded() -> None:
    """A node that goes on without the missing one is not kept in memory."""
    node = born()
    heard = hear(node, *range(2, 90))

    assert heard[0] == Gap(1, 0, SECOND)
    assert heard[1:] == list(range(2, 90))
