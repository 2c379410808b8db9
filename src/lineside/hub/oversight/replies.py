"""What members replied to questions, by question and member, and what of it may be taken."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from hashlib import sha256

from sqlalchemy import select

from lineside.books import Books
from lineside.errors import UnusableData
from lineside.exchange import Envelope, Question, Reply, Statement, Submission, decoded, month_number
from lineside.hub.hearing import Hearing, Uttered
from lineside.hub.member import Member
from lineside.hub.records import StatementRecord


class Replies:
    """All replies that were taken; only those that came since the last look are read. Safe from any thread."""

    def __init__(self, hearing: Hearing, books: Books) -> None:
        self._hearing, self._books = hearing, books
        self._lock = threading.Lock()
        self._count = 0
        self._of: dict[str, dict[int, list[Uttered[Reply]]]] = {}

    def newest(self, question: str, until_us: int | None = None) -> Mapping[int, Uttered[Reply]]:
        """The reply of each member that counts, by its number: the newest, or the newest of those until a moment."""
        with self._lock:
            self._read()
            every = {member: tuple(said) for member, said in self._of.get(question, {}).items()}
        kept = {
            member: [one for one in said if until_us is None or one.received_us <= until_us]
            for member, said in every.items()
        }
        return {member: said[-1] for member, said in kept.items() if said}

    def last(self, question: str, member: int) -> Uttered[Reply] | None:
        """The newest reply of a member."""
        with self._lock:
            self._read()
            return self._of.get(question, {}).get(member, [None])[-1]

    def telling(self, question: str) -> frozenset[int]:
        """Which members ever said on which side of something they are."""
        with self._lock:
            self._read()
            every = self._of.get(question, {})
            return frozenset(member for member, said in every.items() if any(_tells(one.told) for one in said))

    def evidence(self, member: int, indicator: str, month: str) -> frozenset[str]:
        """The hashes by which a member ever named the evidence of a value."""
        mine = (StatementRecord.member == member) & (StatementRecord.month == month_number(month))
        with self._books.reading() as rows:
            found = [decoded(Envelope.parse(one)) for one in rows.scalars(select(StatementRecord.envelope).where(mine))]
        return named_by([one for one in found if isinstance(one, Submission)], indicator, month)

    def _read(self) -> None:
        every = self._hearing.of(Reply)
        for one in every[self._count :]:
            self._of.setdefault(one.told.question, {}).setdefault(one.told.member, []).append(one)
        self._count = len(every)


def named_by(said: Sequence[Statement], indicator: str, month: str) -> frozenset[str]:
    """The hashes of evidence of a value that statements name."""
    return frozenset(
        value.evidence
        for one in said
        if isinstance(one, Submission) and one.month == month
        for value in one.values
        if value.indicator == indicator and value.evidence is not None
    )


def require_form(told: Reply, question: Question, member: Member) -> None:
    """Raises UnusableData for a reply that is none to this question: of another kind, of other indicators."""
    said = {
        "yes_no": told.yes is not None,
        "band": told.band is not None,
        "proof": bool(told.document),
        "none": told.absent is not None or told.declined,
    }
    kinds = [kind for kind, there in said.items() if there]
    if kinds not in ([question.kind], ["none"]) or (told.absent is not None and told.declined):
        raise UnusableData("oversight.other_kind", question=question.number, kind=question.kind)
    if told.band is not None and told.band > len(question.edges):
        raise UnusableData("oversight.no_band", question=question.number, band=told.band, bands=len(question.edges))
    if kinds == ["none"]:
        return
    if (told.origin == "generated") != member.profile.generated:
        raise UnusableData("oversight.origin", question=question.number, origin=told.origin)
    named, asked = set(told.indicators), set(question.indicators)
    if not named <= asked or (told.origin == "measured" and (named != asked or not asked)):
        raise UnusableData("oversight.other_indicators", question=question.number)


def require_proof(told: Reply, question: Question, known: frozenset[str]) -> None:
    """Raises UnusableData for a document whose hash the member did not name before as the evidence of the value."""
    found = sha256(told.document.encode()).hexdigest()
    if found not in known or (told.evidence is not None and told.evidence != found):
        indicator, month = question.indicators[0], question.month
        raise UnusableData("oversight.unproven", indicator=indicator, month=month, sha256=found)


def _tells(told: Reply) -> bool:
    return told.yes is not None or told.band is not None
