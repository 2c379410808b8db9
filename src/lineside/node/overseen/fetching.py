"""Asks a hub what its authorities want of this factory, and takes what somebody carried here instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from lineside.errors import ConfigurationError, LinesideError, Unreachable, UnusableData
from lineside.exchange import Envelope, Question, Sandbox, Told, decoded, signer
from lineside.node.member import Member, Membership, Stage
from lineside.node.overseen.kept import Kept, Look
from lineside.trust import Withheld

AGAIN_US = 3_600_000_000
"""The hub is not asked more often by itself."""
_UNKNOWN = "hub.no_answer"
"""What a hub says that does not know the question: it asks nothing of anybody."""


class _Question(Struct, frozen=True):
    envelope: msgspec.Raw
    state: str
    reply: int | None = None
    due_ms: int | None = None

    def standing(self) -> dict[str, Any]:
        return {"state": self.state, "reply": self.reply, "due_ms": self.due_ms}


class _Questions(Struct, frozen=True):
    questions: list[_Question]


class _Limit(Struct, frozen=True):
    indicator: str
    verdict: str


class _Month(Struct, frozen=True):
    month: str
    limits: list[_Limit] = []

    def standing(self) -> dict[str, Any]:
        return {"month": self.month, "limits": [{"indicator": o.indicator, "state": o.verdict} for o in self.limits]}


class _Sandbox(Struct, frozen=True):
    envelope: msgspec.Raw = msgspec.field(name="terms")
    stage: str
    months: list[_Month] = []
    reasons: str = ""

    def standing(self) -> dict[str, Any]:
        return {"state": self.stage, "months": [one.standing() for one in self.months], "why": self.reasons}


class _Sandboxes(Struct, frozen=True):
    sandboxes: list[_Sandbox]


class _Look(Struct, frozen=True):
    at_ms: int
    by: str
    purpose: str


class _Thread(Struct, frozen=True):
    statement: int
    looks: list[_Look] = []


class _Looks(Struct, frozen=True):
    incidents: list[_Thread]

    def all(self) -> list[Look]:
        return [Look(one.statement, each.at_ms, each.by, each.purpose) for one in self.incidents for each in one.looks]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file came to: documents that are new, those that were here, and what was refused."""

    new: int
    known: int
    problems: tuple[LinesideError, ...]


class Fetching:
    """Keeps what is asked up to date."""

    def __init__(self, member: Member, kept: Kept) -> None:
        self._member, self._kept = member, kept

    def due(self) -> bool:
        """Whether the hub is to be asked now."""
        found = self._member.memberships.current()
        if found is None or found.state is not Stage.ADMITTED or not found.invitation.address:
            return False
        now, last = self._member.now(), self._kept.fetch(found)
        waited = last is None or not last.asked_us <= now < last.asked_us + AGAIN_US
        return waited and now >= found.next_us and self._member.release(found) is not None

    def fetch(self) -> LinesideError | None:
        """Asks for all of it; what went wrong, which is kept, too. Nothing that is here gets lost by it."""
        found = self._member.memberships.speaking()
        problem: LinesideError | None = None
        for ask in (self._questions, self._sandboxes, self._looks):
            try:
                problem = ask(found) or problem
            except (Unreachable, Withheld, ConfigurationError) as why:
                problem = why
                break
            except UnusableData as why:
                problem = problem if why.key == _UNKNOWN else why
        self._kept.fetched(found, problem)
        return problem

    def _questions(self, found: Membership) -> LinesideError | None:
        told = self._member.ask("questions")
        answer = _read(told, _Questions)
        return self._keep(found, told, answer.questions)

    def _sandboxes(self, found: Membership) -> LinesideError | None:
        told = self._member.ask("sandboxes")
        answer = _read(told, _Sandboxes)
        return self._keep(found, told, answer.sandboxes)

    def _looks(self, found: Membership) -> LinesideError | None:
        answer = _read(self._member.ask("looks"), _Looks)
        self._kept.put_looks(found, answer.all())
        return None

    def _keep(self, found: Membership, told: Told, answers: Sequence[_Question | _Sandbox]) -> LinesideError | None:
        """One that is not the hub's word stops none of the others."""
        problem = None
        for one in answers:
            try:
                envelope = Envelope.parse(bytes(one.envelope))
                require_own(found, envelope, told.succession)
                self._kept.put(found, envelope, one.standing())
            except UnusableData as why:
                problem = why
        return problem

    def take(self, text: bytes) -> Taken:
        """Takes signed documents that somebody carried here, one a line.

        Raises UnusableData where there is none in it that this hub signed.
        """
        found, new, known = self._member.memberships.speaking(), 0, 0
        problems = list[LinesideError]()
        for line in filter(None, map(bytes.strip, text.splitlines())):
            try:
                envelope = Envelope.parse(line)
                require_own(found, envelope)
                if self._kept.put(found, envelope, None):
                    new += 1
                else:
                    known += 1
            except UnusableData as why:
                problems.append(why)
        if not new + known:
            raise problems[0] if problems else UnusableData("overseen.nothing")
        return Taken(new, known, tuple(problems))


def require_own(found: Membership, envelope: Envelope, succession: tuple[tuple[str, str], ...] = ()) -> None:
    """Raises UnusableData where a document is not of this membership's hub, for everybody or for this member."""
    says = decoded(envelope)
    if not isinstance(says, Question | Sandbox):
        raise UnusableData("overseen.no_document", kind=envelope.kind[:100])
    if says.hub != found.hub or (isinstance(says, Sandbox) and says.member != found.member):
        raise UnusableData("overseen.other", hub=found.invitation.name)
    if not envelope.signed_by(bytes.fromhex(found.hub_key)):  # it may have been signed before the hub changed its key
        signer(envelope, found.hub, bytes.fromhex(found.invitation.key), succession)


def _read(told: Told, shape: type[Struct]) -> Any:
    try:
        return msgspec.json.decode(told.answer, type=shape)
    except msgspec.DecodeError as error:
        raise UnusableData("member.no_receipt") from error
