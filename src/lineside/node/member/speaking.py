"""Speaks to a hub: asks to be taken, says what is due, hands over what waits, and understands what comes back.

All of it may be done again at any time. What was sent and not answered is sent again as it is; what the hub lost is
sent from where it lost it; where somebody else speaks with this node's key, nothing is said any more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from lineside.errors import LinesideError, Unreachable, UnusableData
from lineside.exchange import (
    Answer,
    Askable,
    Exposure,
    Incident,
    Receipt,
    Reply,
    Statement,
    Submission,
    SumKey,
    SumShare,
    Told,
    decoded,
)
from lineside.node.member.asking import (
    PROFILE,
    Language,
    Question,
    expected_of,
    is_soon,
    statements_of,
    status_of,
    welcomed,
)
from lineside.node.member.chain import Chain, Progress, Said
from lineside.node.member.door import Door, Letter
from lineside.node.member.membership import Membership, Memberships, Stage, problem_json
from lineside.node.member.witness import Witness
from lineside.node.things import indicator_thing
from lineside.trust import Asked, Kind, Ledger, Outlet, Withheld

_FIRST_S, _MOST_S = 60.0, 6 * 3600.0
_ROUNDS = 3
"""So often a run goes on after a gap was told, or statements were taken back."""
_CLOSED = {"left", "closed"}
_log = logging.getLogger(__name__)
MONTH_DAYS = 28.0
SILENT = ("not_released", "not_computed")
"""Why a value is absent, where that tells nothing of the plant."""
_AGAIN_KEYS = {"hub.not_admitted", "hub.failed"}
"""What a hub says of a statement that is good, but not taken now."""
_STOP_KEYS = {"hub.forged", "hub.stranger", "hub.other_hub"}
"""After these only a person can help: the hub does not know this key."""


_THINGS: dict[type[Statement], frozenset[str]] = {
    Incident: frozenset({"incidents"}),
    Exposure: frozenset({"exposures"}),
    SumKey: frozenset({"replies"}),
    SumShare: frozenset({"replies"}),
}


class _Stop(Exception):
    """Nothing more can be done in this run, for what stands in the membership; None: all is said."""

    def __init__(self, why: LinesideError | None = None) -> None:
        super().__init__(why)
        self.why = why


def letter_of(said: Said) -> Letter:
    """A statement as it is sent: things are the indicators of which it tells anything, or that the factory speaks."""
    told = said.statement
    return Letter(said.envelope, things_told(told), tag_of(told), MONTH_DAYS if isinstance(told, Submission) else 0.0)


def tag_of(told: Statement) -> str:
    """What kind of statement it is, as it is written."""
    return str(told.__struct_config__.tag)


def things_told(told: Statement) -> frozenset[str]:
    """The things that a statement tells of."""
    if isinstance(told, Submission):
        named = [one for one in told.values if one.absent not in SILENT]
        return frozenset(indicator_thing(one.indicator) for one in named) or PROFILE
    if isinstance(told, Reply):
        return frozenset({"replies", *map(indicator_thing, told.indicators)})
    return _THINGS.get(type(told), PROFILE)


class Speaker:
    """One run after another; only one at a time may go on."""

    def __init__(
        self, memberships: Memberships, chain: Chain, witness: Witness, outlet: Outlet, ledger: Ledger
    ) -> None:
        self._memberships, self._chain, self._outlet, self._ledger = memberships, chain, outlet, ledger
        self._witness = witness

    def run(self, prepare: Callable[[Membership], object]) -> Membership | None:
        """Speaks as far as it goes; `prepare` makes what is due once the hub is known to have all that was said.

        What went wrong stands in the membership afterwards, and when it is tried again.
        """
        found = self._memberships.current()
        if found is None or found.over or found.state in (Stage.INVITED, Stage.STOPPED):
            return found
        try:
            self._run(found, prepare)
        except _Stop:
            pass
        except Unreachable as why:
            self._put_off(why)
        except (Withheld, UnusableData) as why:
            self._note(why, _FIRST_S if isinstance(why, Withheld) else _MOST_S)
        else:
            now = self._current()
            if now.problem is not None or now.failures:
                self._memberships.change(now, problem=None, failures=0, next_us=0)
        return self._memberships.current()

    def _run(self, found: Membership, prepare: Callable[[Membership], object]) -> None:
        found = self._enrolled(found)
        prepared = False
        for _ in range(_ROUNDS):
            if self._current().state is Stage.ADMITTED and not self._hand_over():
                continue
            if prepared:
                return
            found = self._aligned(self._current())
            if found.state is not Stage.ADMITTED or found.over:
                return
            if not self._chain.waiting(found):
                prepare(found)
                prepared = True
            if not self._chain.waiting(found):
                return

    def _current(self) -> Membership:
        return self._memberships.speaking()

    def _door(self, found: Membership) -> Door:
        return Door(self._outlet, found.invitation)

    # asked, and admitted

    def _enrolled(self, found: Membership) -> Membership:
        if found.welcome is not None or found.enrolment is None:
            return found
        self._memberships.change(found, sent_us=self._memberships.now())
        answer = self._door(found).send(Letter(found.enrolment, PROFILE, "enrolment"))
        return self.welcome(found, answer)

    def welcome(self, found: Membership, answer: Answer) -> Membership:
        """Takes the answer to an enrolment. Raises UnusableData where it was not taken, or is not of the hub."""
        told, envelope, key = welcomed(found, answer)
        return self._memberships.change(
            found,
            state=Stage.ENROLLED.value,
            welcome=envelope.json(),
            member=told.member,
            hub_key=key,
            problem=None,
            next_us=0,
            failures=0,
        )

    def _aligned(self, found: Membership) -> Membership:
        """Knows how far the hub has what was said: sends again what it lost, takes back what this node lost."""
        held, promised = self._witness.held(found), self._witness.promised(found)
        since, about = 0 if held is None else held.size, "" if promised is None else str(promised.entry)
        try:
            told, key = self._told(found, "status", since, about)
        except UnusableData as why:
            if not self._reminded(found, why):
                raise
            return self._current()
        status = status_of(told)
        self._witness.look(found, status, key)
        if status.state in _CLOSED:
            return self._memberships.change(found, state=Stage.CLOSED.value, hub_key=key)
        if status.state != "member":
            return self._memberships.change(found, state=Stage.ENROLLED.value, hub_key=key)
        if found.state is not Stage.ADMITTED:
            admitted = found.admitted_us or self._memberships.now()
            found = self._memberships.change(found, state=Stage.ADMITTED.value, hub_key=key, admitted_us=admitted)
        known = next((one for one in self._chain.all(found) if one.number == status.last), None)
        behind = status.last <= found.base if known is None else known.envelope.sha256 == status.sha256
        if not behind:
            return self.recover(found)
        self._chain.again(found, status.last + 1, status.restored_ms)
        return found

    def _reminded(self, found: Membership, why: LinesideError) -> bool:
        """Whether a hub whose books came back from a backup, and that knows this node or its key no more, does now.

        It is shown the key's rotation, or the enrolment, with what it signed of it then.
        """
        if why.key == "hub.stranger" and found.base_sha256 is None:
            return self._enrolled_again(found)
        if why.key == "hub.forged":
            rotated = (one for one in self._chain.all(found) if tag_of(one.statement) == "rotation")
            return any(self._rotated_again(found, one) for one in reversed(list(rotated)))
        return False

    def _enrolled_again(self, found: Membership) -> bool:
        if found.enrolment is None or found.welcomed is None:
            return False
        letter = Letter(found.enrolment, PROFILE, "enrolment", beside=(found.welcomed,))
        answer = self._door(found).send(letter)
        if answer.problem is not None or welcomed(found, answer)[0].member != found.member:
            return False
        self.welcome(found, answer)
        return True

    def _rotated_again(self, found: Membership, said: Said) -> bool:
        """Whether the hub had lost this rotation, and has now all that there is before it, or says what it lacks."""
        if said.progress is not Progress.TAKEN:
            return False
        answer = self._door(found).send(self._letter(found, said))
        if (expected := expected_of(answer, said.number)) is not None:
            self._chain.again(found, expected)
            return True
        if answer.envelope is None or answer.envelope in self._chain.given(found, said):
            return False
        self._chain.took(found, answer.envelope)
        self._chain.again(found, said.number + 1)
        return True

    def _letter(self, found: Membership, said: Said) -> Letter:
        """A statement as it is sent, with the receipts that the hub gave of it and does not know any more."""
        return replace(letter_of(said), beside=self._chain.given(found, said))

    def ask(self, what: Askable, about: str = "", language: Language = "en", since: int = 0) -> Told:
        """What the hub tells this member when it asks. Raises LinesideError."""
        found = self._current()
        told, key = self._told(found, what, since, about, language)
        self._memberships.change(found, hub_key=key)
        return told

    def _told(
        self, found: Membership, what: Askable, since: int = 0, about: str = "", language: Language = "en"
    ) -> tuple[Told, str]:
        """What the hub tells, and its key. Where its clock is another one, it is asked once more by that clock."""
        key, now_us, door = self._memberships.key_of(found), self._memberships.now(), self._door(found)
        question = Question.of(found, key, what, now_us, since, about, language)
        answer = door.send(question.letter)
        theirs_ms = None if answer.problem is None else answer.problem.fields.get("now_ms")
        if answer.problem is not None and answer.problem.key == "hub.ask_late" and isinstance(theirs_ms, int):
            _log.warning("the hub's clock is %+d s from this node's", theirs_ms // 1000 - now_us // 1_000_000)
            question = Question.of(found, key, what, theirs_ms * 1000, since, about, language)
            answer = door.send(question.letter)
        return question.told(found, answer)

    # what was lost

    def recover(self, found: Membership, *, by_hand: bool = False, who: str = "node") -> Membership:
        """Takes back from the hub what this node said before it was restored.

        Where it was not restored, somebody else has its key: nothing is said any more, until a person asks for it.
        Raises UnusableData where the hub's answer is no chain of this node.
        """
        own, allowed = bytes.fromhex(found.key), by_hand or self._restored()
        fresh = not self._chain.all(found) and found.base_sha256 is None  # another key may have spoken before
        since = 0
        while True:
            told, _ = self._told(found, "statements", since)
            last, pairs = statements_of(told)
            if not (allowed or (fresh and not any(one.signed_by(own) for one, _ in pairs))):
                self._stop(found, UnusableData("member.forked", hub=found.invitation.name))
            found = self._chain.adopt(found, [statement for statement, _ in pairs], who)
            for statement, receipt in pairs:
                if getattr(decoded(statement), "number", 0) > found.base:
                    found = self._chain.took(found, receipt)
            if not pairs or (since := getattr(decoded(pairs[-1][0]), "number", last)) >= last:
                return found

    def _restored(self) -> bool:
        """Whether this folder was restored from a backup since it last said, or took back, anything."""
        wanted = [Kind.RESTORED.value, Kind.HUB_SAID.value, Kind.HUB_RECOVERED.value]
        return self._ledger_last(wanted) == Kind.RESTORED.value

    def _ledger_last(self, kinds: list[str]) -> str | None:
        with self._ledger.stored() as now:
            page = now.page(Asked(kinds=kinds), 1)
        return str(page[0]["kind"]) if page else None

    # statements

    def letters(self, found: Membership) -> Iterator[Letter]:
        """What waits for the hub, in order: the enrolment, or what is said and not taken."""
        if found.welcome is None and found.enrolment is not None:
            yield Letter(found.enrolment, PROFILE, "enrolment")
        for said in self._chain.waiting(found):
            yield self._letter(found, said)

    def _hand_over(self) -> bool:
        """Hands over what waits; whether there is nothing to be sent again."""
        for said in self._chain.waiting(self._current()):
            found = self._current()
            try:
                answer = self._door(found).send(
                    self._letter(found, said), partial(self._chain.sent, found, said.number)
                )
            except Withheld:
                self._unmake(found, said)
                raise
            if not self.answered(found, said, answer):
                return False
            if said.statement.__struct_config__.tag == "leaving":
                raise _Stop
        return True

    def _unmake(self, found: Membership, held: Said) -> None:
        """Months that never left are made anew, by the release that is open then; what people decided waits."""
        after = [one for one in self._chain.waiting(found) if one.number >= held.number]
        if all(isinstance(one.statement, Submission) and one.sent_us is None for one in after):
            self._chain.drop(found, held.number)

    def carried(self, found: Membership, said: Said, answer: Answer) -> bool:
        """The same of an answer that somebody carried here; the hub cannot be asked for more. Raises LinesideError."""
        if said.progress is Progress.TAKEN:
            return False
        try:
            taken = self.answered(found, said, answer, near=False)
        except _Stop as stop:
            raise stop.why or UnusableData("member.no_receipt") from stop
        if taken and found.state is Stage.ENROLLED:
            now = self._memberships.now()
            self._memberships.change(self._current(), state=Stage.ADMITTED.value, admitted_us=now)
        return taken

    def answered(self, found: Membership, said: Said, answer: Answer, *, near: bool = True) -> bool:
        """Takes the answer to a statement; False where others have to be sent before it.

        Raises UnusableData for what is not the hub's word, and for a statement that it refuses.
        """
        problem = answer.problem
        if problem is None:
            envelope = answer.envelope
            if envelope is None or not isinstance(decoded(envelope), Receipt):
                raise UnusableData("member.no_receipt")
            self._chain.took(found, envelope)
            return True
        why = UnusableData(problem.key, **problem.fields)
        if (expected := expected_of(answer, said.number)) is not None and found.base < expected < said.number:
            if near:
                self._aligned(found)
            else:
                self._chain.again(found, expected)
            return False
        if problem.key == "hub.fork":
            if not near:
                self._stop(found, UnusableData("member.forked", hub=found.invitation.name))
            self.recover(found)
            return False
        if problem.key in _STOP_KEYS:
            if near and self._reminded(found, why):
                return False
            self._stop(found, why)
        if problem.key == "hub.over":
            self._memberships.change(found, state=Stage.CLOSED.value, problem=problem_json(why))
            raise _Stop(why)
        if self._chain.given(found, said):  # nothing takes back what the hub gave its word for
            raise UnusableData("member.denied", hub=found.invitation.name, number=said.number, reason=problem.key)
        if problem.key not in _AGAIN_KEYS and not is_soon(problem):
            self._chain.refused(found, said.number, why)
        raise why

    def _stop(self, found: Membership, why: LinesideError) -> None:
        self._memberships.change(found, state=Stage.STOPPED.value, problem=problem_json(why))
        raise _Stop(why)

    # when it is tried again

    def _put_off(self, why: LinesideError) -> None:
        """After each failure in a row twice as long, up to six hours; each node at a moment of its own."""
        found = self._current()
        own = int(found.key[:4], 16) / 0xFFFF
        wait = min(_FIRST_S * 2**found.failures, _MOST_S) * (1 + own / 4)
        self._note(why, wait, failures=found.failures + 1)

    def _note(self, why: LinesideError, wait_s: float, **fields: Any) -> None:
        found = self._current()
        next_us = self._memberships.now() + round(wait_s * 1_000_000)
        self._memberships.change(found, problem=problem_json(why), next_us=next_us, **fields)
