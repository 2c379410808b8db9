"""One factory: its folder, its history, its sources and what they are doing now."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from lineside.books import Books
from lineside.errors import LinesideError
from lineside.history import History
from lineside.jobs import VERIFY, JobContext, Jobs, Json, verify_job
from lineside.node.agent import Agent, agent_of
from lineside.node.backup import BACKUP, backup_job
from lineside.node.board import Board
from lineside.node.catalogue import Catalogue
from lineside.node.clock import Clock
from lineside.node.discoveries import DISCOVER, Discoveries
from lineside.node.editions import Editions
from lineside.node.erp import Erp
from lineside.node.feeds import Feeds
from lineside.node.imports import import_job
from lineside.node.intake import Intake, now_us
from lineside.node.keeping import RETAIN, Keeping
from lineside.node.member import MEMBER, Member
from lineside.node.outbox import FILES, Outbox
from lineside.node.overseen import Overseen
from lineside.node.packs import FORESEE, MEASURE, Packs
from lineside.node.pairings import NAMES, Pairings
from lineside.node.publisher import Publisher
from lineside.node.schedules import SOLVE, Schedules
from lineside.node.telling import backed_up, imported, telling
from lineside.node.threads import in_own_thread, in_valve_thread
from lineside.node.trials import LISTEN, Trials
from lineside.node.twins import Twins
from lineside.node.uploads import Uploads
from lineside.node.whereabouts import Whereabouts
from lineside.plant import Plant, Timeline
from lineside.trust import NODE, Gradings, Ground, Kind, Ledger, Login, People, Permission, SignIns
from lineside.valve import Leavings, Releases, State, Valve

_log = logging.getLogger(__name__)
_TICK_S = 0.5
_VALVE_S = 0.25
_JUDGE_EVERY = 10  # ticks
_FILE_EVERY = 4
_LEDGER_EVERY = 2
_SHRINK_EVERY = 120
_COMPACT_EVERY = 1200
_FILES_EVERY = 20
_REFIT_EVERY = 7200
_DAY_US = 86_400_000_000
LAST_DAYS = 400
"""So long after a release is over the last bytes that left by it are kept: to answer for a year, and a little more."""
_RETAIN_AT = 120  # of every so many ticks as between two refits
DATA = "data"


class Node:
    """A plant folder, opened. One process owns it; `live()` also runs its sources."""

    kind: ClassVar[Literal["node"]] = "node"
    name_columns = NAMES
    """The columns of its books that name people, beside those of `trust`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with contextlib.ExitStack() as opened:
            self.history = opened.enter_context(History.open(folder))
            self.books = opened.enter_context(Books.open(folder))
            self.ledger = Ledger(self.books, now_us)
            self.editions = Editions(folder, self.books, self.ledger)
            self.editions.notice(now_us())
            opened.pop_all()
        self.people = People(self.books, now_us, self.ledger)
        self.login = Login(self.books, self.people, now_us)
        self.sign_ins = SignIns(folder, lambda: self.plant.sign_ins, now_us)
        self.catalogue = Catalogue(
            self.history,
            Gradings(self.books, now_us, self.ledger),
            lambda: self.timeline,
            lambda: self.member.entered.indicators,
        )
        self.twins = Twins(self.history, self.books, lambda: self.timeline, now_us)
        self.schedules = Schedules(self.twins)
        self.erp = Erp(self.history, self.books, self.editions, now_us, self.ledger)
        self.feeds = Feeds(folder, self.erp.take_feed)
        self.discoveries = Discoveries(lambda: self.timeline)
        self.keeping = Keeping(
            self.history, lambda: self.timeline, now_us, self._tell_removed, self.catalogue.label_days
        )
        self.trials = Trials(lambda: self.timeline)
        self.uploads = Uploads(folder / DATA, self.history)
        self.pairings = Pairings(folder, self.books, lambda: self.plant, now_us, self.ledger)
        releases = Releases(self.books, now_us, self._may_allow, self.ledger)
        self.valve = Valve(releases, Leavings(self.books, self.ledger), lambda: self.catalogue.judgement, self.ledger)
        self.outbox = Outbox(folder, self.books, self.history, lambda: self.timeline, self.valve, self.ledger)
        self.member = Member(
            self.books,
            self.history,
            lambda: self.timeline,
            lambda: self.editions.ledger,
            self.valve,
            self.ledger,
            lambda span: self.twins.month(self.jobs.done("twin.ask", *span)),
        )
        self.overseen = Overseen(self.books, self.member, self.history, lambda: self.timeline, lambda: self.jobs)
        self.packs = Packs(folder, self.books, self.ledger, self.member, self.twins, self.editions)
        self.jobs = Jobs(
            self.books,
            {
                "import": telling(
                    self.uploads.importing(import_job(self.history, lambda: self.plant, now_us)),
                    *(self.ledger, Kind.IMPORTED, "history", imported),
                ),
                "compact": self._compact,
                BACKUP: telling(backup_job(folder, self.history.copy), self.ledger, Kind.BACKUP, "node", backed_up),
                RETAIN: self._retain,
                "twin.fit": self.twins.fit_work,
                "twin.refit": self.twins.refit_work,
                "twin.ask": self.twins.ask_work,
                SOLVE: self.schedules.solve_work,
                DISCOVER: self.discoveries.work,
                LISTEN: self.trials.work,
                VERIFY: verify_job(self.ledger),
                FILES: self.outbox.work,
                MEMBER: self._to_hub,
                **self.packs.works,
            },
            resumable={
                "import",
                "compact",
                RETAIN,
                "twin.fit",
                "twin.refit",
                "twin.ask",
                SOLVE,
                DISCOVER,
                FORESEE,
                MEASURE,
            },
            short={BACKUP, DISCOVER, LISTEN},
            apart={BACKUP, "compact", RETAIN},  # together they need all the memory that the history may take
        )
        self.intake = Intake(self.history, self.books)
        self.board = Board(self.history, self.intake)
        self.publisher = Publisher(self.history, self.books, self.board, lambda: self.timeline, self.valve)
        self.agent: Agent | None = None
        """Serves the machines to MTConnect clients, where the plant file asks for it and the node is live."""
        self.leaving = False
        """Set when the node is about to stop: answers that go on by themselves end."""
        self.now: dict[str, Any] = {}
        self._in_force: int | None = None
        self._told: dict[str, str] = {}
        self.forecasts: dict[str, tuple[float, dict[str, Any]]] = {}
        """The last forecast of each line, and when it was made (monotonic)."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Opens a plant folder. Raises what is wrong with its file, or FolderInUse."""
        return cls(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the folder; everything acknowledged is on disk already."""
        self.jobs.close()
        try:
            self.valve.keep()
            self.ledger.flush(everything=True)
        except LinesideError as error:
            _log.error("what left, or was counted for the ledger, is not written down: %s", error)
        self.books.close()
        self.history.close()

    def _may_allow(self, account: int) -> bool:
        """Whether somebody may allow releases; 0 is who sits at the machine and owns its folder."""
        return self.people.may(account, Permission.ALLOW_RELEASES) if account else True

    @property
    def name(self) -> str:
        """What people call the site."""
        return self.plant.site.name

    @property
    def notice(self) -> str | None:
        """What whoever is about to log in reads."""
        return self.plant.site.notice

    @property
    def attention(self) -> Sequence[LinesideError]:
        """Nothing that would not stand on its own page."""
        return ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times that are told without one."""
        return self.plant.site.zone

    @property
    def ground(self) -> Ground:
        """What a part of it is a part of."""
        return self.plant

    @property
    def timeline(self) -> Timeline:
        """Every edition of the plant."""
        return self.editions.timeline

    @property
    def plant(self) -> Plant:
        """The plant as its newest edition describes it."""
        return self.timeline.newest

    def whereabouts(self) -> Whereabouts:
        """Where things live, as it is now."""
        releases, args = self.valve.releases, (self.folder, self.history, self.books, self.timeline)
        opened = [one for one in releases.all.values() if releases.state(one) is State.OPEN]
        return Whereabouts(*args, self.keeping, self.people, opened)

    @contextlib.asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """Runs the sources, does the jobs and keeps `now` current while the context is open."""
        await in_own_thread(self.jobs.start)
        try:
            await self._put_into_force()
            await self._supervised("the present", in_own_thread(self._renew, judge=True))
            await self._supervised("the edge node", self.publisher.apply())
            own = [asyncio.create_task(one) for one in (self._beat(), self._watch_valve())]
            try:
                yield
            finally:
                for one in own:
                    one.cancel()
                await asyncio.gather(*own, return_exceptions=True)
        finally:
            await self.feeds.close()
            await self.publisher.close()
            await self.intake.close()

    async def _watch_valve(self) -> None:
        """Takes up at once what another process did to the valve, however long a beat takes."""
        while True:
            await asyncio.sleep(_VALVE_S)
            await self._supervised("the valve", in_valve_thread(self.valve.releases.notice))

    async def _beat(self) -> None:
        tick, clock = 0, Clock()
        while True:
            await asyncio.sleep(_TICK_S)
            tick += 1
            await self._supervised("the clock", self.intake.withdraw(now_us(), clock.set_back()))
            if tick % _LEDGER_EVERY == 0:
                await self._supervised("the ledger", in_own_thread(self.ledger.flush))
                await self._supervised("what left", in_own_thread(self.valve.keep))
            if tick % _FILE_EVERY == 0:
                await self._supervised("the plant file", self._notice())
            await self._supervised("the present", in_own_thread(self._renew, judge=tick % _JUDGE_EVERY == 0))
            if tick % _REFIT_EVERY == 0:
                await self._supervised("the twins", in_own_thread(self.jobs.keep_up, "twin.refit", "Fit twins anew"))
            if tick % _REFIT_EVERY == _RETAIN_AT:
                await self._supervised("retention", in_own_thread(self.jobs.keep_up, RETAIN, "Apply what is kept"))
            if tick % _SHRINK_EVERY == 0:
                await self._supervised("memory", in_own_thread(self.history.shrink))
                await self._supervised("heads of the ledger", in_own_thread(self.ledger.keep_head))
            if tick % _FILES_EVERY == 0:
                await self._supervised("files that leave", in_own_thread(self._keep_outbox))
                await self._supervised("the hub", in_own_thread(self._keep_member))
            if tick % _COMPACT_EVERY == 0:
                await self._supervised("upkeep", in_own_thread(self.jobs.keep_up, "compact", "Sort closed hours"))

    async def _supervised(self, what: str, work: Awaitable[object]) -> None:
        """Logs what fails, once while it stays the same: values still flow, and the next beat tries again."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the supervision boundary: the plant keeps running
            told = f"{type(error).__name__}: {error}"
            if self._told.get(what) != told:
                fault = None if isinstance(error, LinesideError) else error
                _log.error("%s could not be renewed; trying again. %s", what, error, exc_info=fault)
            self._told[what] = told
        else:
            self._told.pop(what, None)

    async def _notice(self) -> None:
        before = self.editions.refused
        await in_own_thread(self.editions.notice, now_us())
        if self._in_force != self._number:
            await self._put_into_force()
            await self._supervised("the edge node", self.publisher.apply())
        if self.editions.refused is not None and self.editions.refused is not before:
            _log.error("the edited plant file is refused, edition %d stays\n%s", self._number, self.editions.refused)

    async def _put_into_force(self) -> None:
        """Runs the newest edition; what fails on the way is tried again with the next look at the file."""
        self.board.forget()
        await in_own_thread(self.editions.mark_live, now_us())
        await self._supervised("the MTConnect agent", in_own_thread(self._offer))
        await self.intake.apply(self.plant)
        await self.feeds.apply(self.plant)
        self._in_force = self._number

    def _keep_outbox(self) -> None:
        if self.outbox.due():
            self.jobs.keep_up(FILES, "Write files that leave")

    def _keep_member(self) -> None:
        if self.member.due() or self.overseen.fetching.due():
            self.jobs.keep_up(MEMBER, "Speak to the hub")

    def _to_hub(self, context: JobContext, params: Json) -> dict[str, Any]:
        told = self.member.work(context, params)
        if self.overseen.fetching.due():
            self.overseen.fetching.fetch()
        return told

    def _offer(self) -> None:
        self.agent = agent_of(self.history, self.plant, self.agent, now_us())
        self.history.listener = None if self.agent is None else self.agent.stored

    def _retain(self, context: JobContext, params: Mapping[str, object]) -> dict[str, Any]:
        self.ledger.forget_addresses(now_us() - self.plant.keep.addresses_days * _DAY_US)
        self.valve.forget(now_us() - LAST_DAYS * _DAY_US)
        if (days := self.plant.keep.outbox_days) is not None:
            self.outbox.tidy(now_us() - days * _DAY_US)
        return self.keeping.work(context, params)

    def _tell_removed(self, gone: dict[str, int]) -> None:
        self.ledger.append(Kind.REMOVED, who=NODE, about="history", **gone)

    @property
    def _number(self) -> int:
        return self.timeline.editions[-1].number

    def _renew(self, *, judge: bool) -> None:
        now = now_us()
        if judge:
            self.board.judge(self.timeline, now)
        self.now = self.board.snapshot(self.timeline, now)
        if self.agent is not None:
            self.agent.notice(self.now["machines"], now)
        self.publisher.notice(self.now["machines"], now)

    def _compact(self, context: JobContext, _: Json) -> dict[str, Any]:
        context.check()
        self.uploads.sweep(self.jobs)
        done = {"rows": self.history.compact(now_us())}
        if self.plant.keep.parquet:
            done["hours"] = self.history.write_hours(now_us(), context.check).files
        return done
