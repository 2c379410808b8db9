"""Oversight of one hub: what it asks its members, what they replied, and what is told of it to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from lineside.books import Books
from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Ask, Reply, Statement, month_number
from lineside.hub.figures import Figures
from lineside.hub.hearing import Hearing, Uttered
from lineside.hub.member import Member
from lineside.hub.oversight.asked import Asked, State, due_of
from lineside.hub.oversight.questions import Asking, Questions
from lineside.hub.oversight.replies import Replies, named_by, require_form, require_proof
from lineside.hub.oversight.standing import Stand, Values, stand, standing
from lineside.hub.oversight.telling import Told, may_be_told, told

MOST_BYTES = 150_000
"""Of the questions in one answer to a member: those that wait for it come first, then the newest."""


class Oversight:
    """The questions and the replies to them."""

    def __init__(self, books: Books, hearing: Hearing, asking: Asking, figures: Figures) -> None:
        self._asking, self._figures = asking, figures
        self.replies = Replies(hearing, books)
        self.questions = Questions(books, asking, self.replies)
        self._counted: dict[int, Told | None] = {}
        """What came of questions that are over, which never changes."""

    @property
    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return self._asking.now_us() // 1000

    # -- what members say ----------------------------------------------------------------------------

    def check(self, said: Reply, member: Member, before: Sequence[Statement]) -> None:
        """Raises UnusableData for a reply to what this member is not asked, or that is none.

        `before` is what it said in the same breath, which is in no books yet. A first reply is taken late, too.
        """
        asked = self.questions.named(said.question)
        if asked is None:
            raise UnusableData("oversight.no_question", sha256=said.question)
        if member.number not in asked.members:
            raise UnusableData("oversight.not_asked", question=asked.number, member=member.number)
        if asked.withdrawn is not None:
            raise UnusableData("oversight.asked_no_more", question=asked.number)
        due_ms = due_of(asked, self.questions.waiver(asked.number, member.number))
        if self.now_ms > due_ms and self._has_replied(asked, member, before):
            raise UnusableData("oversight.too_late", question=asked.number, due_ms=due_ms)
        require_form(said, asked.question, member)
        if said.document:
            indicator, month = asked.question.indicators[0], asked.question.month or ""
            known = named_by(before, indicator, month) | self.replies.evidence(member.number, indicator, month)
            require_proof(said, asked.question, known)

    def _has_replied(self, asked: Asked, member: Member, before: Sequence[Statement]) -> bool:
        fresh = any(isinstance(one, Reply) and one.question == asked.sha256 for one in before)
        return fresh or self.replies.last(asked.sha256, member.number) is not None

    # -- what members are told -----------------------------------------------------------------------

    def told_questions(self, member: Member, _: Ask) -> Mapping[str, Any]:
        """The questions that are for a member, as the hub signed them, and where it is with each."""
        found = sorted(self.of_member(member), key=lambda one: one[1].state not in (State.OPEN, State.OVERDUE))
        rows: list[dict[str, Any]] = []
        size = 0
        for asked, now in found:
            size += len(asked.envelope)
            if rows and size > MOST_BYTES:
                break
            reply = None if now.reply is None else now.reply.told.number
            row = {"state": now.state.value, "reply": reply, "due_ms": now.due_ms}
            rows.append({"envelope": msgspec.Raw(asked.envelope), **row})
        return {"questions": rows}

    def of_member(self, member: Member) -> list[tuple[Asked, Stand]]:
        """The questions that are for a member, the newest first, and where it is with each."""
        number = member.number
        asked = self.questions.of_member(number)
        return [(one, self._stand(one, member, self.replies.last(one.sha256, number))) for one in asked]

    # -- what people read ----------------------------------------------------------------------------

    def stands(self, asked: Asked) -> list[Stand]:
        """Where everybody whom a question was for is with it, by number."""
        newest, get = self.replies.newest(asked.sha256), self._asking.register.get
        values, now_ms, waiver = self._values(asked), self.now_ms, self.questions.waiver
        return [
            stand(asked, get(number), newest.get(number), waiver(asked.number, number), values, now_ms)
            for number in sorted(asked.members)
        ]

    def states(self, asked: Asked, members: Iterable[int]) -> Counter[State]:
        """How many of some members, whom a question was for, are where with it."""
        newest, get, now_ms = self.replies.newest(asked.sha256), self._asking.register.get, self.now_ms
        found: Counter[State] = Counter()
        for number in members:
            reply, waiver = newest.get(number), self.questions.waiver(asked.number, number)
            said = None if reply is None else reply.told
            found[standing(asked, get(number), said, waiver, now_ms)] += 1
        return found

    def stand_of(self, asked: Asked, member: int) -> Stand:
        """The same of one member. Raises ConfigurationError where it was not for it."""
        if member not in asked.members:
            raise ConfigurationError("oversight.not_for", question=asked.number, member=member)
        return self._stand(asked, self._asking.register.get(member), self.replies.last(asked.sha256, member))

    def told(self, asked: Asked) -> Told | None:
        """What anybody is told of the answers; None while it is open, and where that would show somebody's."""
        if not may_be_told(asked, self.questions.listed(), self._asking.now_us()):
            return None
        if asked.number not in self._counted:
            replies = self.replies.newest(asked.sha256, asked.closed_us).values()
            found = told(asked.question, len(asked.members), [one.told for one in replies], asked.group)
            self._counted[asked.number] = found
        return self._counted[asked.number]

    def has_made_up(self, asked: Asked) -> bool:
        """Whether any of whom a question was for was generated for a demonstration."""
        get = self._asking.register.get
        return any(get(number).profile.generated for number in asked.members)

    def _stand(self, asked: Asked, member: Member, reply: Uttered[Reply] | None) -> Stand:
        waiver = self.questions.waiver(asked.number, member.number)
        return stand(asked, member, reply, waiver, self._values(asked), self.now_ms)

    def _values(self, asked: Asked) -> Values:
        """What members told of the month of a question."""
        if asked.question.month is None:
            return lambda _: {}
        month = month_number(asked.question.month)
        return lambda member: self._figures.said(member, month)
