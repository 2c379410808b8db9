"""A question as it stands: for whom it was, until when, and where a member is with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lineside.exchange import Question, Reply
from lineside.hub.oversight.cuts import Cut


class State(StrEnum):
    """Where a member is with a question."""

    OPEN = "open"
    ANSWERED = "answered"
    """Also with the reason why there is no answer; of a duty not by declining."""
    OVERDUE = "overdue"
    WITHDRAWN = "withdrawn"
    EXCUSED = "excused"
    LEFT = "left"
    """It is no member any more, and had not answered."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A member need not answer, or may until later (`due_ms`), for reasons."""

    question: int
    member: int
    due_ms: int | None
    why: str
    by: str
    at_us: int
    entry: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """It is asked no more, for reasons."""

    at_us: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A published question; `group` is the step in which counts of answers are told."""

    question: Question
    sha256: str
    envelope: bytes
    members: frozenset[int]
    group: int
    by: str
    entry: int
    cuts: frozenset[Cut]
    follows: int | None = None
    withdrawn: Withdrawal | None = None

    @property
    def number(self) -> int:
        """By this people name it."""
        return self.question.number

    @property
    def due_ms(self) -> int:
        """Until when it is to be answered, by who was not given more time."""
        return self.question.due_ms or 0

    @property
    def closed_us(self) -> int | None:
        """What came until then counts in what is told of it; None where it was withdrawn before that."""
        due_us = self.due_ms * 1000
        return None if self.withdrawn is not None and self.withdrawn.at_us <= due_us else due_us

    @property
    def subjects(self) -> frozenset[str]:
        """Two questions that share one may be of the same thing: an indicator and month, or the very words."""
        told = self.question
        if told.indicators:
            return frozenset(f"{name}/{told.month}" for name in told.indicators)
        return frozenset({told.words.en.strip().casefold(), told.words.zh.strip()})


def due_of(asked: Asked, waiver: Waiver | None) -> int:
    """Until when a member is to answer."""
    return asked.due_ms if waiver is None or waiver.due_ms is None else waiver.due_ms


def state_of(asked: Asked, waiver: Waiver | None, reply: Reply | None, now_ms: int) -> State:
    """Where a member is with a question that was for it, by its newest reply."""
    if asked.withdrawn is not None:
        return State.WITHDRAWN
    if reply is not None and not (reply.declined and asked.question.duty):
        return State.ANSWERED
    if waiver is not None and waiver.due_ms is None:
        return State.EXCUSED
    return State.OVERDUE if now_ms > due_of(asked, waiver) else State.OPEN
