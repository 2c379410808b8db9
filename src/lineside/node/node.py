"""One factory: its folder, its history, its sources and what they are doing now."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any, Self

from lineside.books import Books
from lineside.errors import LinesideError
from lineside.history import History
from lineside.jobs import JobContext, Jobs, Json
from lineside.node.agent import Agent, agent_of
from lineside.node.backup import BACKUP, backup_job
from lineside.node.board import Board
from lineside.node.discoveries import DISCOVER, Discoveries
from lineside.node.editions import Editions
from lineside.node.imports import import_job
from lineside.node.intake import Intake, now_us
from lineside.node.keeping import RETAIN, Keeping
from lineside.node.schedules import SOLVE, Schedules
from lineside.node.threads import in_own_thread
from lineside.node.trials import LISTEN, Trials
from lineside.node.twins import Twins
from lineside.plant import Plant, Timeline

_log = logging.getLogger(__name__)
_TICK_S = 0.5
_JUDGE_EVERY = 10  # ticks
_FILE_EVERY = 4
_COMPACT_EVERY = 1200
_REFIT_EVERY = 7200
_RETAIN_AT = 120  # of every so many ticks as between two refits
DATA = "data"


class Node:
    """A plant folder, opened. One process owns it; `live()` also runs its sources."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with contextlib.ExitStack() as opened:
            self.history = opened.enter_context(History.open(folder))
            self.books = opened.enter_context(Books.open(folder))
            self.editions = Editions(folder, self.books)
            self.editions.notice(now_us())
            opened.pop_all()
        self.twins = Twins(self.history, self.books, lambda: self.timeline, now_us)
        self.schedules = Schedules(self.twins)
        self.discoveries = Discoveries(lambda: self.timeline)
        self.keeping = Keeping(self.history, lambda: self.timeline, now_us)
        self.trials = Trials(lambda: self.timeline)
        self.jobs = Jobs(
            self.books,
            {
                "import": import_job(self.history, lambda: self.plant, now_us),
                "compact": self._compact,
                BACKUP: backup_job(folder, self.history),
                RETAIN: self.keeping.work,
                "twin.fit": self.twins.fit_work,
                "twin.refit": self.twins.refit_work,
                "twin.ask": self.twins.ask_work,
                SOLVE: self.schedules.solve_work,
                DISCOVER: self.discoveries.work,
                LISTEN: self.trials.work,
            },
            resumable={"import", "compact", RETAIN, "twin.fit", "twin.refit", "twin.ask", SOLVE, DISCOVER},
        )
        self.intake = Intake(self.history, self.books)
        self.board = Board(self.history, self.intake)
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
        self.books.close()
        self.history.close()

    @property
    def timeline(self) -> Timeline:
        """Every edition of the plant."""
        return self.editions.timeline

    @property
    def plant(self) -> Plant:
        """The plant as its newest edition describes it."""
        return self.timeline.newest

    @contextlib.asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """Runs the sources, does the jobs and keeps `now` current while the context is open."""
        await in_own_thread(self.jobs.start)
        try:
            await self._put_into_force()
            await self._supervised("the present", in_own_thread(self._renew, judge=True))
            beat = asyncio.create_task(self._beat(), name="node beat")
            try:
                yield
            finally:
                beat.cancel()
                await asyncio.gather(beat, return_exceptions=True)
        finally:
            await self.intake.close()

    async def _beat(self) -> None:
        tick = 0
        while True:
            await asyncio.sleep(_TICK_S)
            tick += 1
            if tick % _FILE_EVERY == 0:
                await self._supervised("the plant file", self._notice())
            await self._supervised("the present", in_own_thread(self._renew, judge=tick % _JUDGE_EVERY == 0))
            if tick % _REFIT_EVERY == 0:
                await self._supervised("the twins", in_own_thread(self.jobs.keep_up, "twin.refit", "Fit twins anew"))
            if tick % _REFIT_EVERY == _RETAIN_AT:
                await self._supervised("retention", in_own_thread(self.jobs.keep_up, RETAIN, "Apply what is kept"))
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
        if self.editions.refused is not None and self.editions.refused is not before:
            _log.error("the edited plant file is refused, edition %d stays\n%s", self._number, self.editions.refused)

    async def _put_into_force(self) -> None:
        """Runs the newest edition; what fails on the way is tried again with the next look at the file."""
        self.board.forget()
        await in_own_thread(self.editions.mark_live, now_us())
        await self._supervised("the MTConnect agent", in_own_thread(self._offer))
        await self.intake.apply(self.plant)
        self._in_force = self._number

    def _offer(self) -> None:
        self.agent = agent_of(self.history, self.plant, self.agent, now_us())
        self.history.listener = None if self.agent is None else self.agent.stored

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

    def _compact(self, context: JobContext, _: Json) -> dict[str, Any]:
        context.check()
        return {"rows": self.history.compact(now_us())}
