"""The support programmes of a hub: which fit a member, its applications, and what a change would do to all."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import msgspec

from lineside.books import Books
from lineside.errors import ConfigurationError, NotPermitted
from lineside.hub.applications import (
    Answered,
    Appealed,
    Application,
    Applications,
    Asked,
    Decided,
    Drafted,
    Judged,
    Kept,
    Paid,
    Recovered,
    Register,
    Withdrawn,
)
from lineside.hub.compare import Secrecy
from lineside.hub.member import Standing
from lineside.hub.pilots import Pilot
from lineside.hub.support.comparing import Comparison, comparisons
from lineside.hub.support.facts import Facts, Stated, values_of
from lineside.hub.support.fitting import Fits, fit, fits_of, require_statable
from lineside.hub.support.knowing import Knowing
from lineside.hub.support.reviewing import not_of_member
from lineside.hub.support.shelf import Shelf
from lineside.hub.support.statements import Statements
from lineside.hub.support.trying import MOST_AT_ONCE, Change, Tried, subjects_of, tried
from lineside.jobs import Job, JobContext, Jobs, Json
from lineside.rules import FOLDER, Programme, changed
from lineside.trust import Ledger, People

LABORATORY = "laboratory"
"""The kind of job that tries a change on many members."""
_KEPT = 32
"""So many results of jobs wait to be fetched."""

ReviewerStep: TypeAlias = Asked | Decided | Judged | Paid | Recovered
MemberStep: TypeAlias = Answered | Appealed | Withdrawn


class Support:
    """All of it of one hub. `people` are its accounts: nobody decides for a member that they have a role for.

    `pilots` are those of the hub, which tell what support did.
    """

    def __init__(
        self,
        folder: Path,
        books: Books,
        ledger: Ledger,
        knowing: Knowing,
        people: People,
        pilots: Callable[[], Sequence[Pilot]],
        now_us: Callable[[], int],
    ) -> None:
        self._knowing, self._people, self._pilots, self._now = knowing, people, pilots, now_us
        self.shelf = Shelf(folder / FOLDER)
        self.statements = Statements(books)
        speaks = Register(lambda member: knowing.register.get(member).key, self.statements.holds)
        self.applications = Applications(books, ledger, now_us, self.shelf.read, speaks)
        self.at_once = MOST_AT_ONCE
        """Up to so many members somebody waits for a trial."""
        self._lock, self._trying = threading.Lock(), threading.Lock()
        self._results: OrderedDict[str, Tried] = OrderedDict()

    @property
    def secrecy(self) -> Secrecy:
        """What protects members from people who see no figures."""
        told = self._knowing.settings.protection
        return Secrecy(told.group, told.colluders, told.largest)

    def today(self) -> date:
        """The day at the hub."""
        return self._knowing.day(self._now())

    # a member

    def fits(self, number: int, on: date, stated: Mapping[str, Stated]) -> Fits:
        """Which programmes in force fit a member; `stated` by programme is supposed beside what it told, and not kept.

        Raises ConfigurationError for no member, and for what a rule does not ask or cannot take.
        """
        member, shelf = self._knowing.register.get(number), self.shelf.read()
        for name in stated:
            shelf.of(name, on)
        rules = shelf.in_force(on)
        facts = self._knowing.teller(rules, on)
        return fits_of(number, on, (fit(one, facts(one, member), stated.get(one.id, {}), on) for one in rules))

    def told(self, number: int, rule: Programme, on: date) -> Facts:
        """What a rule asks for and a member told, as of a day. Raises ConfigurationError for no member."""
        return self._knowing.teller((rule,), on)(rule, self._knowing.register.get(number))

    # applications

    def draft(self, number: int, programme: str, on: date, stated: Stated, purpose: str, by: int) -> int:
        """Begins an application with what the member told, and states beside it; gives its number.

        Raises ConfigurationError for what a person of the hub is to confirm, and what the member told otherwise.
        """
        if self._knowing.register.get(number).state is not Standing.MEMBER:
            raise ConfigurationError("support.not_admitted", member=number)
        rule = self.shelf.read().of(programme, on)
        told = self.told(number, rule, on)
        found = fit(rule, told, stated, on)
        require_statable(rule, told, stated)
        return self.applications.draft(
            Drafted(
                by=by,
                member=number,
                programme=rule.id,
                rule=rule.sha256,
                on=on.isoformat(),
                known=dict(values_of(found.facts)),
                purpose=purpose,
            )
        )

    def answer(self, number: int, step: MemberStep) -> Application:
        """A step of the member. Raises what `Applications.take` raises."""
        return self.applications.take(number, step)

    def review(self, number: int, step: ReviewerStep) -> Application:
        """A step of the hub. Raises NotPermitted for who has a role for the member, and what `take` raises."""
        self.require_other(self.applications.get(number), step.by)
        return self.applications.take(number, step)

    def comparisons(self, kept: Kept) -> tuple[Comparison, ...]:
        """The pilots that say what a grant did, the newest first."""
        return tuple(comparisons(kept.application, self._pilots()))

    def measure(self, number: int, plan: str, by: int) -> Application:
        """Tells with a grant what the pilot of this plan found. Raises ConfigurationError where none says what it did.

        Raises also what `review` raises.
        """
        kept = self.applications.get(number)
        self.require_other(kept, by)
        found = next((one for one in self.comparisons(kept) if one.plan == plan), None)
        if found is None:
            raise ConfigurationError("support.not_compared", member=kept.application.draft.member)
        return self.applications.take(number, found.step(by))

    def require_other(self, kept: Kept, account: int) -> None:
        """Raises NotPermitted for an account that is nobody's, or has a role for the member of an application."""
        if account == 0:
            raise NotPermitted("applications.needs_account")
        not_of_member(kept.application.draft.member, self._people.numbered(account).grants)

    # the laboratory

    def is_short(self) -> bool:
        """Whether somebody can wait for a trial."""
        return self._knowing.register.highest <= self.at_once

    def try_change(self, change: Change) -> Tried:
        """What a change does to the members that are admitted, one at a time. Raises ConfigurationError."""
        with self._trying:
            return self._tried(change)

    def _tried(self, change: Change) -> Tried:
        rule, knowing = self.shelf.read().of(change.programme, change.on), self._knowing
        facts = knowing.teller((rule,), change.on)
        subjects = subjects_of(
            knowing.admitted(), knowing.kind, lambda one: values_of(facts(rule, one)), generated=change.generated
        )
        return tried(change, rule, subjects, knowing.settings.population)

    def submit(self, jobs: Jobs, change: Change, by: str) -> Job:
        """Queues a trial of many members, that `by` asks for. Raises ConfigurationError for what no rule has."""
        changed(self.shelf.read().of(change.programme, change.on), change.parameters)
        key = uuid4().hex
        return jobs.submit(LABORATORY, change.programme, {"key": key, "by": by, "change": msgspec.to_builtins(change)})

    def work(self, context: JobContext, params: Json) -> Json:
        """The work of a job LABORATORY; what it found is fetched by `result`, as who sees jobs may see no figures."""
        context.progress(0, 1)
        found = self.try_change(msgspec.convert(params["change"], Change))
        context.check()
        with self._lock:
            self._results[str(params["key"])] = found
            while len(self._results) > _KEPT:
                self._results.popitem(last=False)
        context.progress(1, 1)
        return {}

    def result(self, job: Job) -> Tried:
        """What a job that is done found. Raises ConfigurationError where that is not there, or not any more."""
        with self._lock:
            found = self._results.get(str(job.params.get("key")))
        if found is None or job.kind != LABORATORY:
            raise ConfigurationError("support.result_gone")
        return found
