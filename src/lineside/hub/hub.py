"""One hub: its folder, its books and ledger, its members and what they said."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy.orm import InstrumentedAttribute

from lineside.books import Books, HeldFolder
from lineside.errors import ConfigurationError, LinesideError
from lineside.exchange import (
    Adoption,
    Answer,
    Catalogue,
    Consent,
    Exposure,
    Incident,
    Need,
    Reply,
    SumKey,
    SumShare,
    catalogue,
)
from lineside.hub.applications import ApplicationRecord
from lineside.hub.asks import Asks
from lineside.hub.batch import Desk
from lineside.hub.classification import LEARN, Classification, TypesRecord, learn_job, told_classes
from lineside.hub.erasing import Erasing
from lineside.hub.export import EXPORT, export_job
from lineside.hub.figures import Figures
from lineside.hub.hearing import Hearing
from lineside.hub.incidents import Incidents, told_looks
from lineside.hub.intake import Intake
from lineside.hub.invitations import Invitations
from lineside.hub.loading import load_figures
from lineside.hub.numbering import Numbered, Numbering
from lineside.hub.objections import Objections
from lineside.hub.oversight import Asking, Oversight, QuestionRecord
from lineside.hub.packs import DraftRecord, OfferRecord, PackRecord, Packs
from lineside.hub.packs import words as told_packs
from lineside.hub.pilots import QUIET_DAYS, PilotRecord, Pilots, told_pilots
from lineside.hub.records import MemberRecord, ObjectionRecord
from lineside.hub.register import Register
from lineside.hub.registrar import Registrar
from lineside.hub.sandboxes import Sandboxes, SandboxRecord, Watching, told_sandboxes
from lineside.hub.settings import HubSettings, books_url, read_hub
from lineside.hub.shocks import Shocks, ToldShocksRecord, require_exposure
from lineside.hub.sums import SumRecord, Sums, told_members
from lineside.hub.support import LABORATORY, Knowing, Support
from lineside.hub.tiers import TELL, Sources, Telling, Tiers, day, last_ripe, submit_tell, tell_job, told_point
from lineside.hub.voice import Voice
from lineside.jobs import VERIFY, Jobs, Work, verify_job
from lineside.plant import moment
from lineside.trust import AT_HUB, Ground, Ledger, Login, NoGround, People, SignIns, Stored

DATA = "data"
ID_FILE = "hub.id"
"""The id of the ledger that this folder is of: other books in its place are refused."""
_NUMBERED: dict[Numbered, InstrumentedAttribute[int]] = {
    "member": MemberRecord.number,
    "question": QuestionRecord.number,
    "sandbox": SandboxRecord.number,
    "sum": SumRecord.id,
    "pilot": PilotRecord.id,
    "application": ApplicationRecord.id,
    "objection": ObjectionRecord.id,
    "offer": OfferRecord.id,
    "draft": DraftRecord.id,
    "edition": PackRecord.edition,
    "types": TypesRecord.id,
    "shocks": ToldShocksRecord.edition,
}
_BEAT_S = 1.0
_HEAD_EVERY = 60
_TELL_EVERY = 60
_log = logging.getLogger(__name__)

Kinds: TypeAlias = "Callable[[Hub], Mapping[str, Work]]"
"""Short jobs by their kind, that others bring for a hub."""


def now_us() -> int:
    """The time in microseconds since 1970."""
    return time.time_ns() // 1000


class Hub:
    """A hub folder, opened. One process owns it; `live()` also does its jobs and keeps its ledger.

    `kinds` are jobs that others bring. Raises ConfigurationError for what is wrong with its file, or FolderInUse.
    """

    def __init__(
        self,
        folder: Path,
        *,
        kinds: Kinds | None = None,
        now_us: Callable[[], int] = now_us,
        catalogue: Catalogue | None = None,
    ) -> None:
        self.folder = folder
        self.settings: HubSettings = read_hub(folder)
        self.catalogue = catalogue if catalogue is not None else _in_force()
        self._now = now_us
        with contextlib.ExitStack() as opened:
            opened.enter_context(HeldFolder(folder))
            self.books = opened.enter_context(Books.open(folder, books_url(self.settings), alone=True))
            _require_own(folder, self.books)
            self.ledger = Ledger(self.books, now_us)
            self.voice = Voice(self.ledger)
            _write_id(folder, self.voice.hub)
            self.numbering = Numbering(folder / DATA, self.books, self.ledger, _NUMBERED, self._last_ripe)
            self.numbering.begin()
            opened.callback(self._mark)
            self._mark()
            self.register = Register(self.books, self.ledger, now_us)
            self.figures = Figures(self.catalogue)
            self.loaded = load_figures(self.books, self.figures, self.catalogue)
            """How many submissions the figures were made of at the start."""
            self._opened = opened.pop_all()
        self.people = People(self.books, now_us, self.ledger, AT_HUB)
        self.login = Login(self.books, self.people, now_us)
        self.sign_ins = SignIns(folder, dict, now_us)
        self.asks = Asks(self.books, self.ledger, self.register, self.voice, self.numbering, now_us)
        self.invitations = Invitations(folder, self.register, self.voice, lambda: self.settings)
        self.registrar = Registrar(self.register, self.books)
        self.objections = Objections(self.books, self.ledger, self.register, now_us)
        self.hearing = Hearing(self.books)
        sources = Sources(
            self.books, self.ledger, self.register, self.figures, self.catalogue, lambda: self.settings, now_us
        )
        self.erasing = Erasing(self.books, self.register, self.figures, lambda: self.settings, now_us)
        desk = Desk(self.figures, self.voice, self.catalogue, lambda: self.settings)
        self._furnish(sources)
        self._oversee(sources, desk)
        self._share(sources, desk)
        self._intake = Intake(self.register, desk, self.ledger, self.asks, self.numbering)
        more = {} if kinds is None else kinds(self)
        own = {
            EXPORT: export_job(folder, self.books, self.ledger, self.figures),
            LABORATORY: self.support.work,
            LEARN: learn_job(self.classification.learning),
            TELL: tell_job(Telling(sources)),
            VERIFY: verify_job(self.ledger),
        }
        self.jobs = Jobs(self.books, {**own, **more}, short={LABORATORY, *more})
        self.leaving = False
        """Set when the hub is about to stop: answers that go on by themselves end."""
        self._told: dict[str, str] = {}

    def _furnish(self, sources: Sources) -> None:
        """What is computed of members, and what they are supported with."""
        self.knowing = Knowing(self.register, self.figures, self.catalogue, lambda: self.settings)
        self.pilots = Pilots(sources)
        self.support = Support(
            self.folder, self.books, self.ledger, self.knowing, self.people, self.pilots.listed, self._now
        )
        self.tiers = Tiers(sources)
        self.asks.words["point"] = told_point(self.tiers)

    def _oversee(self, sources: Sources, desk: Desk) -> None:
        """What authorities ask, allow for a time, and are told."""
        self.sandboxes = Sandboxes(sources, self.voice, self.hearing)
        self.watching = Watching(self.sandboxes, sources)
        self.asks.words["sandboxes"] = told_sandboxes(self.sandboxes, self.watching)
        desk.checks[Consent] = self.sandboxes.require
        self.incidents = Incidents(sources, self.hearing)
        self.asks.words["looks"] = told_looks(self.incidents, lambda: self.settings)
        desk.checks[Incident] = self.incidents.require
        asking = Asking(self.register, self.voice, self.catalogue, lambda: self.settings, self._now)
        self.oversight = Oversight(self.books, self.hearing, asking, self.figures)
        self.asks.words["questions"] = self.oversight.told_questions
        desk.beside[Reply] = self.oversight.check
        self.shocks = Shocks(self.books, self.ledger, self.register, self.hearing, lambda: self.settings, self._now)
        desk.checks[Exposure] = require_exposure(lambda: self.settings, self._now)

    def _share(self, sources: Sources, desk: Desk) -> None:
        """What members learn of each other, and have together."""
        self.packs = Packs(sources, self.knowing, self.hearing, self.voice, self.pilots.effect_of)
        self.asks.words.update(told_packs(self.packs))
        desk.checks.update({Adoption: self.packs.check_adoption, Need: self.packs.check_need})
        shelf = self.packs.shelf
        self.asks.words["pilots"] = told_pilots(self.pilots, self.catalogue, shelf.newest_by)
        self.classification = Classification(
            sources, self.hearing, self.objections, proven=shelf.proven, title=shelf.title
        )
        self.asks.words["classes"] = told_classes(self.classification)
        rules = (lambda: self.settings), self.catalogue
        self.sums = Sums(self.books, self.ledger, self.register, self.hearing, self.voice, rules, self._now)
        self.asks.words["sums"] = self.sums.told
        self.asks.words["sum_members"] = told_members(self.sums, self.books, self.register)
        desk.checks[SumKey], desk.checks[SumShare] = self.sums.check_key, self.sums.check_share

    @classmethod
    def open(cls, folder: Path, *, kinds: Kinds | None = None) -> Self:
        """Opens a hub folder. Raises what is wrong with its file, or FolderInUse."""
        return cls(folder, kinds=kinds)

    def receive(self, lines: bytes, address: str | None = None) -> list[Answer]:
        """The answer to each envelope that came, one a line, by whatever way; what was taken is on disk.

        `address` is from where it came. Raises LinesideError where the books cannot be written: nothing was taken.
        """
        if self.numbering.rolled_back:
            raise LinesideError("hub.rolled_back", books=self.books.name)
        return self._intake.receive(lines, address)

    def tell(self) -> None:
        """Queues the telling of what is ripe, once a day by the calendar of the hub, and what is learned of a month.

        Not until members had time to send what was lost with older books: what is told stands, and of fewer it would be
        told otherwise.
        """
        if self.settings.telling is not None and not self.numbering.settles(self._now()):
            submit_tell(self.jobs, day(self._now(), self.zone))
            self.classification.keep_up(self.jobs)

    # -- as a house ----------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """By which members name it: that of its public ledger."""
        return self.voice.hub

    @property
    def kind(self) -> Literal["hub"]:
        """What it is."""
        return "hub"

    @property
    def name(self) -> str:
        """What people call it."""
        return self.settings.name

    @property
    def notice(self) -> str | None:
        """What whoever is about to log in reads: nothing."""
        return None

    @property
    def attention(self) -> Sequence[LinesideError]:
        """That its books went back to an older state, for as long as that is to be seen in what it does."""
        found = []
        if self.numbering.rolled_back:
            found.append(LinesideError("hub.rolled_back", books=self.books.name))
        if self.numbering.settles(self._now()):
            since, until = (f"{moment(us, self.zone):%Y-%m-%d %H:%M}" for us in self.numbering.settling)
            found.append(LinesideError("hub.settling", since=since, until=until))
        return found

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its settings."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def ground(self) -> Ground:
        """A hub has no plant."""
        return NoGround()

    @property
    def name_columns(self) -> Sequence[InstrumentedAttribute[str]]:
        """None of its tables names people: what they decide stands there by the number of their account."""
        return ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _last_ripe(self) -> int:
        """The last month of which anything can have been told by now."""
        telling = self.settings.telling
        return last_ripe(self._now(), self.zone, QUIET_DAYS if telling is None else telling.days)

    def close(self) -> None:
        """Lets go of the folder; everything that was answered is on disk already."""
        self.jobs.close()
        try:
            self.ledger.flush(everything=True)
        except LinesideError as error:
            _log.error("what was counted for the ledger is not written down: %s", error)
        self._opened.close()

    def _mark(self) -> None:
        """Writes down how far the ledger is; a server that is gone holds no end up."""
        try:
            self.numbering.mark()
        except LinesideError as error:
            _log.error("how far the ledger is could not be written down: %s", error)

    # -- alive ---------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """Does the jobs and keeps the ledger while the context is open."""
        await asyncio.to_thread(self.jobs.start)
        beat = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    async def _beat(self) -> None:
        tick = 0
        while True:
            await asyncio.sleep(_BEAT_S)
            tick += 1
            await self._supervised("the hold on the books", self.books.keep_hold)
            await self._supervised("the ledger", self.ledger.flush)
            await self._supervised("the mark of the ledger", self.numbering.mark)
            if tick % _TELL_EVERY == 1:
                await self._supervised("secure sums", self.sums.keep)
                await self._supervised("what is told", self.tell)
                await self._supervised("sandboxes", self.watching.watch)
                await self._supervised("outcomes of pilots", self.pilots.judge)
                await self._supervised("former members", self.erasing.keep)
            if tick % _HEAD_EVERY == 0:
                await self._supervised("heads of the ledger", self.ledger.keep_head)

    async def _supervised(self, what: str, work: Callable[[], object]) -> None:
        """Logs what fails, once while it stays the same; the next beat tries again. What began is done to its end."""
        working = asyncio.get_running_loop().run_in_executor(None, work)
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.gather(working, return_exceptions=True)
            raise
        except Exception as error:  # noqa: BLE001 - the supervision boundary: members are still listened to
            told = f"{type(error).__name__}: {error}"
            if self._told.get(what) != told:
                fault = None if isinstance(error, LinesideError) else error
                _log.error("%s could not be kept; trying again. %s", what, error, exc_info=fault)
            self._told[what] = told
        else:
            self._told.pop(what, None)


def _in_force() -> Catalogue:
    return catalogue()


def _require_own(folder: Path, books: Books) -> None:
    """Raises ConfigurationError where the books are not those that this folder was written with."""
    file = folder / DATA / ID_FILE
    if not file.exists():
        return
    known = file.read_text("utf-8").strip()
    with books.looking() as look:
        now = Stored(look)
        found = now.log if now.size else "-"
    if found != known:
        raise ConfigurationError("hub.other_books", folder=str(folder), books=books.name, own=known, found=found)


def _write_id(folder: Path, hub: str) -> None:
    file = folder / DATA / ID_FILE
    if not file.exists():
        file.write_text(f"{hub}\n", "utf-8")
