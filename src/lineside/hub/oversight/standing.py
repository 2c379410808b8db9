"""Where each member is with a question, with its reply and what speaks against that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Literal, TypeAlias

from lineside.errors import UnusableData
from lineside.exchange import Reply, shown
from lineside.hub.hearing import Uttered
from lineside.hub.member import Member, Standing
from lineside.hub.oversight.asked import Asked, State, Waiver, due_of, state_of
from lineside.hub.oversight.cuts import told_by

Values: TypeAlias = Callable[[int], Mapping[str, float]]
"""What a member told of the month of a question, by indicator."""
Proof: TypeAlias = Literal["agrees", "other_value", "other_sum", "unreadable"]
"""Of a document whose hash is right: whether its value is the one that was told, and comes out again."""
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Stand:
    """A member and a question: `otherwise` is what its own values say, where its reply says another thing."""

    member: int
    state: State
    due_ms: int
    waiver: Waiver | None = None
    reply: Uttered[Reply] | None = None
    otherwise: bool | int | None = None
    proof: Proof | None = None
    again: float | None = None
    """What comes out when the value is worked out again from the document."""


def stand(
    asked: Asked, member: Member, reply: Uttered[Reply] | None, waiver: Waiver | None, values: Values, now_ms: int
) -> Stand:
    """How it stands now."""
    said = None if reply is None else reply.told
    state = standing(asked, member, said, waiver, now_ms)
    found = Stand(member.number, state, due_of(asked, waiver), waiver, reply)
    if reply is None or said is None or not asked.question.indicators:
        return found
    told = values(member.number)
    proof, again = _proof(said, told.get(asked.question.indicators[0])) if said.document else (None, None)
    otherwise = _otherwise(asked, said, told)
    return Stand(found.member, state, found.due_ms, waiver, reply, otherwise, proof, again)


def standing(asked: Asked, member: Member, reply: Reply | None, waiver: Waiver | None, now_ms: int) -> State:
    """The same in a word; who is no member any more owes nothing."""
    state = state_of(asked, waiver, reply, now_ms)
    gone = member.state in (Standing.LEFT, Standing.CLOSED)
    return State.LEFT if gone and state in (State.OPEN, State.OVERDUE) else state


def _otherwise(asked: Asked, said: Reply, told: Mapping[str, float]) -> bool | int | None:
    answer = said.yes if asked.question.kind == "yes_no" else said.band
    found = told_by(asked.question, told)
    return None if answer is None or found is None or found == answer else found


def _proof(said: Reply, told: float | None) -> tuple[Proof, float | None]:
    try:
        found = shown(said.document)
    except UnusableData:
        return "unreadable", None
    if not _alike(found.value, told):
        return "other_value", found.again
    return ("agrees" if _alike(found.value, found.again) else "other_sum"), found.again


def _alike(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return isclose(first, second, rel_tol=_SAME, abs_tol=_SAME)
