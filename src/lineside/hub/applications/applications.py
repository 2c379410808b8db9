"""All applications of a hub: each step is checked, kept and entered into the ledger in one transaction, or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, NotPermitted, UnusableData
from lineside.exchange import APPLICATION, Envelope, Proof, Signed, signed_of
from lineside.hub.applications.application import CENT, Application, State, after, begun, not_conflicted
from lineside.hub.applications.records import ApplicationRecord, ConflictRecord, StepRecord
from lineside.hub.applications.steps import (
    Answered,
    Appealed,
    Applied,
    Asked,
    Decided,
    Drafted,
    Judged,
    Measured,
    Paid,
    Recovered,
    Step,
    Withdrawn,
    checked,
    decoded,
    digest,
    encoded,
)
from lineside.hub.numbering import numbered
from lineside.rules import Outcome, Programme, Programmes, Shows, Standing, evaluate
from lineside.trust import HERE, Fact, Kind, Ledger

S = TypeVar("S", bound=Step)
_KINDS: dict[type[Any], Kind] = {
    Drafted: Kind.APPLICATION_DRAFTED,
    Applied: Kind.APPLICATION_MADE,
    Asked: Kind.APPLICATION_ASKED,
    Answered: Kind.APPLICATION_ANSWERED,
    Decided: Kind.APPLICATION_DECIDED,
    Appealed: Kind.APPLICATION_APPEALED,
    Judged: Kind.APPLICATION_MILESTONE,
    Paid: Kind.APPLICATION_PAID,
    Recovered: Kind.APPLICATION_RECOVERED,
    Measured: Kind.APPLICATION_MEASURED,
    Withdrawn: Kind.APPLICATION_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Register:
    """What is known of members: the key that speaks for one now, and whether it made a statement of this hash."""

    key: Callable[[int], bytes | None]
    holds: Callable[[int, int, str], bool]
    """By the number of the member, the number of the statement, and its SHA-256."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An application with its number and what happened."""

    number: int
    application: Application
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why an account may not review what a member applies for, and who ended that. Times: microseconds since 1970."""

    account: int
    why: str
    since_us: int
    until_us: int | None
    """None: it goes on."""
    ended_by: int | None
    ended_why: str | None


def signed_content(number: int, application: Application, proofs: Sequence[Proof]) -> bytes:
    """The payload that the member's node puts into an envelope of the kind APPLICATION."""
    return msgspec.json.encode(Signed(number, application.digest, tuple(proofs)))


class Applications:
    """The applications. `now_us`: microseconds since 1970; who may ask at all is decided at the door."""

    def __init__(
        self,
        books: Books,
        ledger: Ledger,
        now_us: Callable[[], int],
        programmes: Callable[[], Programmes],
        register: Register,
    ) -> None:
        self._books, self._ledger, self._now = books, ledger, now_us
        self._programmes, self._register = programmes, register

    # read

    def get(self, number: int) -> Kept:
        """One application. Raises ConfigurationError."""
        with self._books.reading() as rows:
            return _kept(rows, number)

    def several(self, numbers: Sequence[int]) -> Sequence[Kept]:
        """Those of these numbers, in their order. Raises ConfigurationError for one that there is not."""
        wanted = select(StepRecord).where(StepRecord.application_id.in_(numbers)).order_by(StepRecord.number)
        steps: defaultdict[int, list[Step]] = defaultdict(list)
        with self._books.reading() as rows:
            for one in rows.scalars(wanted):
                steps[one.application_id].append(decoded(one.content))
        return [_gone_through(number, steps[number]) for number in numbers]

    def list(self, mine: Callable[[int], bool] = lambda _: True, state: State | None = None) -> tuple[int, ...]:
        """The numbers of applications of members that are `mine`, the newest first."""
        wanted = select(ApplicationRecord.id, ApplicationRecord.member).order_by(ApplicationRecord.id.desc())
        if state is not None:
            wanted = wanted.where(ApplicationRecord.state == str(state))
        with self._books.reading() as rows:
            return tuple(number for number, member in rows.execute(wanted) if mine(member))

    def outcome(self, kept: Kept, confirmed: dict[str, bool] | None = None) -> Outcome:
        """What the rule says of it, with what a reviewer confirmed. Raises ConfigurationError."""
        draft = kept.application.draft
        return evaluate(self._rule(draft), {**draft.known, **(confirmed or {})}, date.fromisoformat(draft.on))

    # written

    def draft(self, step: Drafted) -> int:
        """Begins an application; gives its number. Raises ConfigurationError for a rule that is not in force."""
        told = self._checked(step)
        rule = self._rule(told)
        on = date.fromisoformat(told.on)
        found = evaluate(rule, told.known, on)
        if not found.in_force:
            raise ConfigurationError("applications.not_in_force", programme=rule.id, day=told.on)
        with self._books.session() as rows:
            record = ApplicationRecord(
                id=numbered(rows, "application", ApplicationRecord.id),
                member=told.member,
                programme=rule.id,
                rule=rule.sha256,
                state=str(State.DRAFTED),
                granted=0.0,
                drafted_us=told.at_us,
            )
            rows.add(record)
            rows.flush()
            self._keep(rows, record, 1, told)
            return record.id

    def apply(self, number: int, envelope: Envelope, by: int) -> Application:
        """The member applies, with what its node signed. Raises UnusableData for what it did not, or not for this."""
        kept = self.get(number)
        key = self._register.key(kept.application.draft.member)
        if envelope.kind != APPLICATION or key is None or not envelope.signed_by(key):
            raise UnusableData("applications.not_signed", member=kept.application.draft.member)
        told = signed_of(envelope.payload)
        if (told.application, told.draft) != (number, kept.application.digest):
            raise UnusableData("applications.other_draft", number=number)
        self._proven(kept, told.proofs)
        rule = self._rule(kept.application.draft)
        if lacking := sorted(rule.evidence.keys() - {one.evidence for one in told.proofs}):
            raise ConfigurationError("applications.evidence_missing", evidence=", ".join(lacking))
        return self._take(number, Applied(by=by, envelope=envelope.json(), proofs=told.proofs))

    def take(self, number: int, step: Step) -> Application:
        """Takes any other step, as of now.

        Raises what `after` raises, and ConfigurationError for what the rule or its budget forbids.
        """
        if isinstance(step, Applied | Drafted):
            raise ConfigurationError("applications.no_place", state="-", step=type(step).__name__.lower())
        return self._take(number, step)

    def conflict(self, account: int, member: int, why: str, by: int) -> None:
        """Notes that somebody may not review what a member applies for: who knows says so before, others may later."""
        if not why.strip():
            raise ConfigurationError("applications.no_reason")
        with self._books.session() as rows:
            record = ConflictRecord(
                account=account, member=member, why=why[:500], by=by, since_us=self._now(), until_us=None
            )
            rows.add(record)
            self._tell(rows, Kind.CONFLICT, by, f"account/{account}", {"member": member, "ends": False})

    def conflict_over(self, account: int, member: int, why: str, by: int) -> None:
        """Ends it, with the reason; nobody ends their own. Raises ConfigurationError where there is none."""
        if account == by:
            raise NotPermitted("applications.own_conflict")
        if not why.strip():
            raise ConfigurationError("applications.no_reason")
        with self._books.session() as rows:
            found = list(rows.scalars(_open_conflicts(member).where(ConflictRecord.account == account)))
            if not found:
                raise ConfigurationError("applications.no_conflict", account=account, member=member)
            for record in found:
                record.until_us, record.ended_by, record.ended_why = self._now(), by, why.strip()[:500]
            self._tell(rows, Kind.CONFLICT, by, f"account/{account}", {"member": member, "ends": True})

    def conflicts(self, member: int) -> Sequence[Conflict]:
        """Those with a member, the newest first; ended ones among them."""
        chosen = select(ConflictRecord).where(ConflictRecord.member == member).order_by(ConflictRecord.id.desc())
        with self._books.reading() as rows:
            return [
                Conflict(one.account, one.why, one.since_us, one.until_us, one.ended_by, one.ended_why)
                for one in rows.scalars(chosen)
            ]

    def committed(self, rule: Programme) -> float:
        """What applications take of the budget of an edition."""
        with self._books.reading() as rows:
            return _committed(rows, rule)

    # inside

    def _take(self, number: int, step: Step) -> Application:
        told = self._checked(step)
        with self._books.session() as rows:
            kept = _kept(rows, number)
            now = after(kept.application, told)
            if isinstance(told, Answered):
                self._proven(kept, told.proofs)
            if isinstance(told, Asked | Decided | Judged | Paid | Recovered | Measured):
                not_conflicted(kept.application, told.by, _conflicted(rows, kept.application.draft.member))
            if isinstance(told, Decided):
                self._may_confirm(kept, told)
                if told.granted:
                    self._may_grant(rows, kept, told)
            record = rows.get_one(ApplicationRecord, number)
            record.state, record.granted = str(now.state), now.granted
            self._keep(rows, record, now.steps, told)
            return now

    def _checked(self, step: S) -> S:
        """The step with the time it was taken at. Raises ConfigurationError for words or figures that cannot be."""
        try:
            return checked(msgspec.structs.replace(step, at_us=self._now()))
        except msgspec.ValidationError as error:
            raise ConfigurationError("applications.misworded", reason=str(error)[:200]) from error

    def _rule(self, draft: Drafted) -> Programme:
        found = next((one for one in self._programmes().usable if one.sha256 == draft.rule), None)
        if found is None or found.id != draft.programme:
            raise ConfigurationError("applications.no_rule", programme=draft.programme, sha256=draft.rule)
        return found

    def _proven(self, kept: Kept, proofs: Sequence[Proof]) -> None:
        """Raises for proofs of what the rule does not ask, and for statements that the member never made."""
        draft = kept.application.draft
        rule = self._rule(draft)
        for one in proofs:
            asked = rule.evidence.get(one.evidence)
            if asked is None:
                raise ConfigurationError("applications.no_evidence", evidence=one.evidence)
            if asked.shows is Shows.INDICATOR and one.statement is None:
                raise ConfigurationError("applications.needs_statement", evidence=one.evidence)
            if one.statement is not None and not self._register.holds(draft.member, one.statement, one.sha256):
                raise UnusableData("applications.no_statement", evidence=one.evidence, statement=one.statement)

    def _may_confirm(self, kept: Kept, step: Decided) -> None:
        """Raises for what the rule leaves to nobody: a reviewer puts nothing in the place of what a member told."""
        if not step.confirmed:
            return
        open_ = {one.id for one in self._rule(kept.application.draft).conditions if one.when is None}
        if other := sorted(step.confirmed.keys() - open_):
            raise ConfigurationError(
                "applications.not_to_confirm", names=", ".join(other)[:200], known=", ".join(sorted(open_))
            )

    def _may_grant(self, rows: Rows, kept: Kept, step: Decided) -> None:
        for day in (one.due for many in (step.payments, step.milestones) for one in many):
            _require_day(day)
        rule = self._rule(kept.application.draft)
        found = self.outcome(kept, step.confirmed)
        if found.standing is not Standing.ELIGIBLE:
            open_ = ", ".join(one.condition.id for one in found.conditions if not one.holds)
            raise ConfigurationError("applications.not_eligible", conditions=open_)
        if step.amount > found.amount.high + CENT:
            raise ConfigurationError("applications.above_rule", amount=step.amount, most=found.amount.high)
        budget = rule.parameters[rule.budget].on(found.on) if rule.budget else None
        if budget is not None:
            left = budget - _committed(rows, rule, kept.number)
            if step.amount > left + CENT:
                raise ConfigurationError("applications.budget_spent", left=left, amount=step.amount)

    def _keep(self, rows: Rows, record: ApplicationRecord, number: int, step: Step) -> None:
        facts: dict[str, Fact] = {"number": number, "sha256": digest(step)}
        if isinstance(step, Decided):
            facts["granted"] = step.granted
        if isinstance(step, Judged):
            facts["met"] = step.met
        if isinstance(step, Drafted):
            facts["rule"] = step.rule
        entry = self._tell(rows, _KINDS[type(step)], step.by, f"application/{record.id}", facts)
        kept = StepRecord(
            application_id=record.id, number=number, at_us=step.at_us, by=step.by, entry=entry, content=encoded(step)
        )
        rows.add(kept)

    def _tell(self, rows: Rows, kind: Kind, by: int, about: str, facts: dict[str, Fact]) -> int:
        return self._ledger.write(rows, kind, who=f"account/{by}" if by else HERE, about=about, **facts)


def _kept(rows: Rows, number: int) -> Kept:
    found = rows.scalars(select(StepRecord).where(StepRecord.application_id == number).order_by(StepRecord.number))
    return _gone_through(number, [decoded(one.content) for one in found])


def _gone_through(number: int, steps: Sequence[Step]) -> Kept:
    """The application that these steps make. Raises ConfigurationError where there are none."""
    if not steps or not isinstance(steps[0], Drafted):
        raise ConfigurationError("applications.none", number=number)
    application = begun(steps[0])
    for one in steps[1:]:
        application = after(application, one)
    return Kept(number, application, tuple(steps))


def _open_conflicts(member: int) -> Any:
    return select(ConflictRecord).where(ConflictRecord.member == member, ConflictRecord.until_us.is_(None))


def _conflicted(rows: Rows, member: int) -> frozenset[int]:
    return frozenset(one.account for one in rows.scalars(_open_conflicts(member)))


def _committed(rows: Rows, rule: Programme, but: int = 0) -> float:
    """What the edition gave, also by words of it that were mended since, so that its budget is spent once."""
    drafts = (
        select(ApplicationRecord.granted, StepRecord.content)
        .join(StepRecord, (StepRecord.application_id == ApplicationRecord.id) & (StepRecord.number == 1))
        .where(ApplicationRecord.programme == rule.id, ApplicationRecord.granted > 0, ApplicationRecord.id != but)
    )
    return sum((granted for granted, draft in rows.execute(drafts) if _is_of(decoded(draft), rule)), 0.0)


def _require_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise ConfigurationError("applications.no_day", day=day) from None


def _is_of(draft: Step, rule: Programme) -> bool:
    return isinstance(draft, Drafted) and rule.in_force(date.fromisoformat(draft.on))
