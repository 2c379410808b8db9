"""All that a node does with solution packs: keep, preview, ask the twin, put to use, tell the hub, measure after."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError
from lineside.exchange import Adoption, Foreseen, month_name, month_number
from lineside.jobs import Job, JobContext, Jobs, Json
from lineside.node.editions import Editions
from lineside.node.indicators import MonthFacts
from lineside.node.intake import now_us
from lineside.node.member import Member
from lineside.node.packs.applying import Applied, Uses
from lineside.node.packs.draft import Drafts, PackDraft
from lineside.node.packs.foreseeing import FORESEE, Foresight, outlook_of
from lineside.node.packs.measuring import MonthValue, months_looked_at
from lineside.node.packs.needs import Needs
from lineside.node.packs.shelf import Shelf
from lineside.node.twins import Twins
from lineside.plant import moment
from lineside.trust import HERE, Ledger

MEASURE = "pack.measure"
"""The kind of the job that computes the months of a pack's indicator."""


class Packs:
    """All of it for one folder."""

    def __init__(
        self, folder: Path, books: Books, ledger: Ledger, member: Member, twins: Twins, editions: Editions
    ) -> None:
        self._member, self._editions, self._twins = member, editions, twins
        self.shelf = Shelf(books, member)
        self.drafts = Drafts(folder, twins)
        self.uses = Uses(folder, books, ledger, member.now, lambda: editions.notice(now_us()))
        self.needs = Needs(member)
        self.foresight = Foresight(twins, self._last_facts)
        self._lock = threading.Lock()

    @property
    def works(self) -> dict[str, Callable[[JobContext, Json], dict[str, Any]]]:
        """Its kinds of jobs."""
        return {FORESEE: self.foresight.work, MEASURE: self.measure_work}

    def draft(self, sha256: str, given: Mapping[str, Any]) -> PackDraft:
        """What a kept pack would change here; see `Drafts.draft`."""
        return self.drafts.draft(self.shelf.get(sha256), given)

    def ask(self, jobs: Jobs, sha256: str, given: Mapping[str, Any]) -> Job:
        """Queues the question to the twin what a kept pack would bring; see `Foresight.submit`."""
        return self.foresight.submit(jobs, self.draft(sha256, given))

    def asked(self, jobs: Jobs, sha256: str, count: int = 5) -> list[Job]:
        """The newest questions about a pack."""
        return jobs.recent(count, FORESEE, pack=sha256)

    # what people decide

    def apply(
        self,
        draft: PackDraft,
        seen: str,
        *,
        answer: Job | None = None,
        cost_cny: float | None = None,
        tell: bool = False,
        who: str = HERE,
    ) -> Applied:
        """Puts a pack to use as it was looked at; `seen` is the SHA-256 of the plant file then.

        `answer` is the twin's, to be compared with what comes of it. With `tell` the hub is told of it, past the valve,
        which is asked first. Raises what `Uses.apply` and `Member.say` raise; then nothing has changed.
        """
        with self._lock:
            foreseen = self._foreseen(draft, answer)
            self.uses.require(draft, seen)
            month = self.first_whole()
            if tell:
                self._require_told(draft.kept.sha256, month, cost_cny, foreseen)
            applied = self.uses.apply(draft, seen, month, foreseen, cost_cny, who)
            return self._tell(applied, who) if tell else applied

    def tell(self, number: int, who: str = HERE) -> Applied:
        """Tells the hub of a pack that is in use and that it was not told of. Raises what `Member.say` raises."""
        with self._lock:
            applied = self.uses.get(number)
            if applied.told is not None or not applied.in_use:
                raise ConfigurationError("solutions.told_before", number=number)
            return self._tell(applied, who)

    def end(self, number: int, *, restore: bool = True, why: str = "", who: str = HERE) -> Applied:
        """Gives a pack up, and tells the hub if it knows of it; see `Uses.end`."""
        with self._lock:
            applied, month = self.uses.get(number), self.first_whole()
            if applied.told is not None and applied.in_use:
                self._require_told(applied.pack, month, None, None)
            ended = self.uses.end(number, month, restore=restore, who=who)
            if ended.told is None:
                return ended
            said = self._member.say(
                lambda fields: Adoption(pack=ended.pack, month=month, ended=True, why=why.strip()[:2000], **fields), who
            )
            return self.uses.note(number, ended_told=said.number)

    def _tell(self, applied: Applied, who: str) -> Applied:
        said = self._member.say(lambda fields: _adoption(applied, fields), who)
        return self.uses.note(applied.id, told=said.number)

    def _require_told(self, pack: str, month: str, cost_cny: float | None, foreseen: Foreseen | None) -> None:
        """Raises what would hold an adoption back, before anything is done."""
        found = self._member.memberships.speaking()
        if found.member is None:
            raise ConfigurationError("member.not_enrolled")
        told = () if foreseen is None else (foreseen,)
        adoption = Adoption(
            hub=found.hub,
            member=found.member,
            number=1,
            previous="0" * 64,
            made_ms=self._member.now() // 1000,
            pack=pack,
            month=month,
            cost_cny=cost_cny,
            foreseen=told,
        )
        if (why := self._member.held_back(found, adoption)) is not None:
            raise why

    def _foreseen(self, draft: PackDraft, answer: Job | None) -> Foreseen | None:
        if answer is None:
            return None
        return outlook_of(answer, draft.kept.sha256, draft.choices, draft.pack.indicator).foreseen

    def first_whole(self) -> str:
        """The first month that has not begun yet, as the plant's clock has it."""
        number = self._this_month()
        while self._member.months.window(month_name(number))[0] < self._member.now():
            number += 1
        return month_name(number)

    def _this_month(self) -> int:
        zone = self._editions.timeline.newest.site.zone
        return month_number(f"{moment(self._member.now(), zone):%Y-%m}")

    # what came of it

    def measure(self, jobs: Jobs, number: int) -> Job:
        """Queues the months of the indicator, before and after a pack was put to use."""
        applied = self.uses.get(number)
        title = self.shelf.get(applied.pack).pack.title.en
        return jobs.submit(MEASURE, title, {"applied": number})

    def measure_work(self, context: JobContext, params: Json) -> dict[str, Any]:
        """The job: computes each month from the facts as they are now, as what the hub is told is, and keeps them."""
        applied = self.uses.get(int(str(params["applied"])))
        indicator = self.shelf.get(applied.pack).pack.indicator
        zone = self._editions.timeline.newest.site.zone
        at_month = month_name(month_number(f"{moment(applied.at_us, zone):%Y-%m}"))
        if self._member.months.window(at_month)[0] > applied.at_us:  # the 1st may begin after midnight
            at_month = month_name(month_number(at_month) - 1)
        spans = months_looked_at(at_month, applied.month, self._member.last_month(), applied.ended_month)
        count, done = sum(map(len, spans)), 0
        told = dict[str, list[Any]]()
        for name, months in zip(("before", "after"), spans, strict=True):
            told[name] = []
            for month in months:
                context.progress(done, count, month)
                told[name].append(msgspec.to_builtins(self._value(indicator, month)))
                done += 1
        self.uses.note(applied.id, measured=told, measured_us=self._member.now())
        return {"applied": applied.id, "months": count}

    def _value(self, indicator: str, month: str) -> MonthValue:
        values = {one.indicator: one for one in self._member.told(month, None).values}
        found = values.get(indicator)
        if found is None:
            raise LinesideError("exchange.no_indicator", indicator=indicator, known=", ".join(values))
        return MonthValue(month, found.value, found.coverage, found.absent, found.origin)

    def _last_facts(self) -> MonthFacts:
        return self._member.months.facts(self._member.last_month(), self._member.now())


def _adoption(applied: Applied, fields: Mapping[str, Any]) -> Adoption:
    foreseen = () if applied.foreseen is None else (applied.foreseen,)
    return Adoption(pack=applied.pack, month=applied.month, cost_cny=applied.cost_cny, foreseen=foreseen, **fields)
