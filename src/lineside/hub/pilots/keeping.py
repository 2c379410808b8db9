"""The pilots of a hub: each plan fixed before its start, judged once after its end, all of it named by the ledger."""

from __future__ import annotations

import threading
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Effect, month_name
from lineside.hub.numbering import numbered, told_from
from lineside.hub.pilots.documents import outcome_document, read_outcome, read_told, told_document
from lineside.hub.pilots.matching import Matched
from lineside.hub.pilots.outcome import Outcome, Verdict, outcome
from lineside.hub.pilots.pilot import Cancelled, Judged, Pilot, State
from lineside.hub.pilots.plan import Plan, Registered, plan_of, register
from lineside.hub.pilots.planning import Planning, Wanted
from lineside.hub.pilots.records import PilotRecord
from lineside.hub.pilots.telling import Told, step_of, told, too_near
from lineside.hub.tiers.joined import secrecy_of
from lineside.hub.tiers.ripe import last_ripe
from lineside.hub.tiers.sources import Sources
from lineside.trust import HERE, HUB, Kind

MOST_WORDS = 2000
QUIET_DAYS = 15
"""So many days after its last month a pilot is judged at a hub that has no rule for telling."""
_HIGHEST = 2**31 - 1


class Pilots:
    """All pilots. Any thread may ask; who may ask what is decided at the door."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self.planning = Planning(sources)
        self._changing = threading.Lock()
        """One plan is fixed after another: each is checked against all that were before."""
        self._unjudged: dict[int, tuple[int, UnusableData]] = {}
        """Why a pilot that is over could not be judged, by the version of the figures that it was tried with."""

    # -- read --------------------------------------------------------------------------------------

    def get(self, number: int) -> Pilot:
        """One of them. Raises ConfigurationError."""
        with self._from.books.reading() as rows:
            return _pilot(_record(rows, number))

    def listed(self) -> list[Pilot]:
        """All of them, the newest first."""
        with self._from.books.reading() as rows:
            return [_pilot(one) for one in rows.scalars(select(PilotRecord).order_by(PilotRecord.id.desc()))]

    def by_plan(self, plan: str) -> Pilot | None:
        """The pilot whose plan has this SHA-256."""
        with self._from.books.reading() as rows:
            record = rows.scalar(select(PilotRecord).where(PilotRecord.sha256 == plan))
            return None if record is None else _pilot(record)

    def effect_of(self, plan: str) -> Effect | None:
        """What the pilot by this plan has shown, as everybody may be told; None unless it worked and may be told."""
        found = self.by_plan(plan)
        if found is None or found.judged is None or found.judged.told is None:
            return None
        shown, own = found.judged.told, found.plan
        if shown.verdict is not Verdict.WORKED:
            return None
        return Effect(
            plan=plan,
            indicator=own.hypothesis.indicator,
            relative=own.hypothesis.relative,
            mean=shown.effect.mean,
            low=shown.effect.low,
            high=shown.effect.high,
            alpha=own.alpha,
            members=shown.treated,
            until=month_name(own.end - 1),
            generated=shown.generated,
        )

    def hindrance(self, number: int) -> UnusableData | None:
        """Why a pilot that is over has no outcome, as far as that was tried since the hub began to run."""
        return self._unjudged.get(number, (0, None))[1]

    def match(self, wanted: Wanted) -> Matched:
        """A comparison group for a plan. Raises what `Planning.match` does."""
        return self.planning.match(wanted, self.listed())

    # -- written -----------------------------------------------------------------------------------

    def fix(self, plan: Plan, *, by: str = HERE, each: int = 2) -> Pilot:
        """The plan, fixed from here on. Raises what `Planning.check` and `register` do."""
        with self._changing:
            self.planning.check(plan, self.listed(), each)
            return self._fix(plan, by)

    def _fix(self, plan: Plan, by: str) -> Pilot:
        panel = self.planning.panel(plan.hypothesis.indicator)
        fixed = register(plan, self.planning.month, panel)
        with self._from.books.session() as rows:
            if rows.scalar(select(PilotRecord.id).where(PilotRecord.sha256 == fixed.sha256)) is not None:
                raise ConfigurationError("pilots.fixed_already")
            record = PilotRecord(
                id=numbered(rows, "pilot", PilotRecord.id),
                sha256=fixed.sha256,
                document=fixed.document,
                month=fixed.month,
                until=plan.end,
                fixed_us=self._from.now_us(),
                fixed_by=by,
                entry=-1,
                why="",
            )
            rows.add(record)
            rows.flush()
            entry = fixed.entry(_about(record.id), by, record.fixed_us)
            record.entry = self._from.ledger.write_all(rows, [entry])
            return _pilot(record)

    def cancel(self, number: int, why: str, *, by: str = HERE) -> Pilot:
        """The pilot, called off. Raises ConfigurationError without reasons, and for one that has begun."""
        words = why.strip()
        if not 0 < len(words) <= MOST_WORDS:
            raise ConfigurationError("pilots.no_reason", most=MOST_WORDS)
        with self._from.books.session() as rows:
            record = _record(rows, number)
            if _pilot(record).state(self.planning.month) is not State.PLANNED:
                raise ConfigurationError("pilots.not_planned", pilot=number)
            record.why, record.cancelled_by, record.cancelled_us = words, by, self._from.now_us()
            facts = {"plan": record.sha256, "sha256": sha256(words.encode()).hexdigest()}
            record.cancelled_entry = self._from.ledger.write(
                rows, Kind.PILOT_CANCELLED, who=by, about=_about(number), **facts
            )
            return _pilot(record)

    def judge(self) -> list[int]:
        """Judges each pilot whose last month is ripe, once and for good; gives their numbers.

        One of which too little was told waits until somebody tells more.
        """
        settings = self._from.settings()
        days = QUIET_DAYS if settings.telling is None else settings.telling.days
        end = last_ripe(self._from.now_us(), ZoneInfo(settings.time_zone), days) + 1
        open_ = PilotRecord.outcome.is_(None) & PilotRecord.cancelled_us.is_(None) & (PilotRecord.until <= end)
        with self._changing:
            with self._from.books.reading() as rows:
                due = [_pilot(one) for one in rows.scalars(select(PilotRecord).where(open_).order_by(PilotRecord.id))]
            return [one.number for one in due if self._judge(one, end)]

    def _judge(self, pilot: Pilot, month: int) -> bool:
        version = self._from.figures.version
        if self._unjudged.get(pilot.number, (None, None))[0] == version:
            return False
        try:
            found = outcome(pilot.fixed, self.planning.panel(pilot.plan.hypothesis.indicator), month)
        except UnusableData as error:
            self._unjudged[pilot.number] = version, error
            return False
        document = outcome_document(found)
        shown = self._told(found)
        with self._from.books.session() as rows:
            record = _record(rows, pilot.number)
            record.judged_us, record.outcome = self._from.now_us(), document
            record.told = None if shown is None else told_document(shown)
            facts = {"plan": record.sha256, "sha256": sha256(document).hexdigest()}
            record.judged_entry = self._from.ledger.write(
                rows, Kind.PILOT_JUDGED, who=HUB, about=_about(pilot.number), **facts
            )
        self._unjudged.pop(pilot.number, None)
        return True

    def _told(self, found: Outcome) -> Told | None:
        """What may be told of an outcome by the rules of now, beside what was told of others.

        Of one that was over before the books came back from a backup something may have been told already.
        """
        least = secrecy_of(self._from.settings().protection).group
        with self._from.books.reading() as rows:
            since = told_from(rows)
        judged = [(one.plan, one.judged.told) for one in self.listed() if one.judged is not None]
        others = [plan for plan, shown in judged if shown is not None or plan.end <= since]
        if found.plan.end <= since or too_near(found.plan, others, least):
            return None
        return told(found, least, step_of(found.plan.hypothesis, self._from.catalogue.of(_indicator(found))))


_outcome = lru_cache(maxsize=512)(read_outcome)
"""What was judged stays, so that it is taken apart once."""
_shown = lru_cache(maxsize=512)(read_told)


def _indicator(found: Outcome) -> str:
    return found.plan.hypothesis.indicator


def _record(rows: Rows, number: int) -> PilotRecord:
    record = rows.get(PilotRecord, number) if 0 < number <= _HIGHEST else None
    if record is None:
        raise ConfigurationError("pilots.none", pilot=number)
    return record


def _pilot(record: PilotRecord) -> Pilot:
    """The pilot of a record. Raises UnusableData where its plan is not the one of the hash."""
    fixed = Registered(record.document, record.sha256, record.month)
    return Pilot(
        number=record.id,
        plan=plan_of(fixed),
        fixed=fixed,
        fixed_us=record.fixed_us,
        fixed_by=record.fixed_by,
        entry=record.entry,
        cancelled=_cancelled(record),
        judged=_judged(record),
    )


def _cancelled(record: PilotRecord) -> Cancelled | None:
    at, by, entry = record.cancelled_us, record.cancelled_by, record.cancelled_entry
    return None if at is None or by is None or entry is None else Cancelled(at, by, record.why, entry)


def _judged(record: PilotRecord) -> Judged | None:
    document, at, entry = record.outcome, record.judged_us, record.judged_entry
    if document is None or at is None or entry is None:
        return None
    shown = None if record.told is None else _shown(record.told)
    return Judged(_outcome(document), shown, sha256(document).hexdigest(), at, entry)


def _about(number: int) -> str:
    return f"pilot/{number}"
