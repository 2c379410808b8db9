"""What members and the public are told of the answers to a question: counts in steps, once, when it is over.

A count is "at least", in whole steps of the minimum group and its colluders, and leaves such a group in doubt; so does
the sum of the parts unless all of them are told, or together they would say in which bands nobody lies. It is of what
had come when the question closed: what came and changed later shows nowhere, so nobody can be seen answering.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lineside.exchange import Question, Reply
from lineside.hub.oversight.asked import Asked


@dataclass(frozen=True, slots=True)
class Told:
    """How many were asked and answered, and how many gave each answer: yes and no, or each band from below."""

    asked: int
    answered: int
    declined: int
    parts: tuple[int, ...]


def told(question: Question, members: int, replies: Iterable[Reply], least: int) -> Told | None:
    """The counts that may be told of a question that was for so many members; None where they are too few."""
    if members < least:
        return None
    said = list(replies)

    def counted(count: int) -> int:
        return min(count, max(members - least, 0)) // least * least

    answered = counted(sum(not one.declined for one in said))
    declined = counted(sum(one.declined for one in said))
    parts = [counted(one) for one in exact(question, said)]
    while not all(parts) and members - sum(parts) < least:
        parts[parts.index(max(parts))] -= least
    return Told(members // least * least, answered, declined, tuple(parts))


def exact(question: Question, replies: Iterable[Reply]) -> tuple[int, ...]:
    """How many gave each answer, for who sees them all; a proof has no such parts."""
    said = list(replies)
    if question.kind == "yes_no":
        return sum(one.yes is True for one in said), sum(one.yes is False for one in said)
    if question.kind == "band":
        return tuple(sum(one.band == at for one in said) for at in range(len(question.edges) + 1))
    return ()


def may_be_told(asked: Asked, others: Iterable[Asked], now_us: int) -> bool:
    """Whether counts of a question are told at all: when it is over, and where no other could be subtracted from it.

    Those before it that may be of the same thing and told of were for the very same members, or for none of them.
    """
    closed = asked.closed_us
    if closed is None or now_us <= closed:
        return False
    return all(
        one.members == asked.members or one.members.isdisjoint(asked.members)
        for one in others
        if one.number < asked.number and one.closed_us is not None and not one.subjects.isdisjoint(asked.subjects)
    )
