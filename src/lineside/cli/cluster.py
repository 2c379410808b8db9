"""Makes the demo cluster and runs it: a hub with generated members in this process, and two plants beside it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from lineside.api.hub import create_hub_app
from lineside.cli.cluster_joining import join_plant
from lineside.cli.cluster_plants import Parts, log_of, plant_folder
from lineside.cli.process import run_on
from lineside.cli.serving import HOST, Served, begin, listener, serve_house, show
from lineside.cli.terminal import language, tell_error, words
from lineside.demo import DEMO_FILE, DemoPlan
from lineside.demo.cluster import (
    MEMBERS,
    MONTHS,
    WHOLE_MONTHS,
    ClusterPlant,
    HistoryClock,
    Speaker,
    accompany,
    ask_everybody,
    generate,
    hub_file,
    in_turn,
    join,
    look,
    offer_first,
    oversee,
    plants,
    programme_files,
    release_exposures,
    spread_packs,
)
from lineside.errors import ConfigurationError, LinesideError
from lineside.exchange import month_number
from lineside.hub import HUB_FILE, TELL, Hub, read_hub
from lineside.node import hub_kinds, now_us
from lineside.plant import local_zone, moment
from lineside.rules import FOLDER

MARK = "cluster.toml"
_MARKED = "# Written by `lineside demo --cluster`: beside this file lie the hub and the plants of a demo cluster.\n"
_HUB, _MAKING = "hub", "hub-in-the-making"
_SEED = 22400
_LOOK_S = 0.5


def run_cluster(folder: Path, port: int | None, *, members: int | None, months: int | None, browser: bool) -> None:
    """Runs the demo cluster of a folder, which is made when it is not there.

    Raises ConfigurationError when the folder holds something else.
    """
    members, months = members or MEMBERS, months or WHOLE_MONTHS
    fresh = not (folder / _HUB / HUB_FILE).is_file()
    if not (folder / MARK).is_file():
        if folder.is_dir() and any(folder.iterdir()):
            raise ConfigurationError("cli.not_a_cluster", folder=folder)
        _mark(folder)
    chosen = plants(now_us(), local_zone(), months, language())
    with _door(folder, port, fresh=fresh) as door:
        _clear(folder, len(chosen))
        key = "cluster.making" if fresh else "cluster.continued"
        click.echo(words(key, folder=folder, members=members, months=months))
        run_on()
        with Parts(folder, chosen, months, port) as parts:
            for number, plant in enumerate(chosen, 1):
                log = log_of(plant_folder(folder, number))
                click.echo(words("cluster.started", name=plant.profile.name, file=log))
            speakers = _make_hub(folder, door.getsockname()[1], members) if fresh else {}
            _serve(folder, door, chosen, parts, speakers, browser=browser)
    click.echo(words("cluster.stopped", folder=folder))


def _mark(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text(_MARKED, "ascii")
    except OSError as error:
        raise ConfigurationError(
            "plant.unwritable", file=str(folder / MARK), reason=error.strerror or str(error)
        ) from error


def _clear(folder: Path, count: int) -> None:
    """Takes away what was cut off while it was made."""
    shutil.rmtree(folder / _MAKING, ignore_errors=True)
    for number in range(1, count + 1):
        place = plant_folder(folder, number)
        if place.is_dir() and not (place / DEMO_FILE).is_file():
            shutil.rmtree(place)


def _door(folder: Path, port: int | None, *, fresh: bool) -> socket.socket:
    """Where the hub is served: where its plants know it from the first start on. Raises ConfigurationError."""
    if fresh:
        return listener(port)
    known = urlsplit(read_hub(folder / _HUB).address).port
    if port not in (None, known):
        raise ConfigurationError("cli.cluster.moved", folder=folder, port=known)
    try:
        return listener(known)
    except ConfigurationError as error:
        raise ConfigurationError("cli.cluster.port", folder=folder, port=known) from error


def _make_hub(folder: Path, port: int, count: int) -> Mapping[int, Speaker]:
    """The hub with its generated members, and who speaks for each; it is there whole or not at all."""
    making, zone = folder / _MAKING, local_zone()
    making.mkdir()
    address = f"http://{HOST}:{port}"
    (making / HUB_FILE).write_text(hub_file(count, zone.key, language(), address=address), "utf-8")
    (making / FOLDER).mkdir()
    for name, text in programme_files().items():
        (making / FOLDER / name).write_text(text, "utf-8")
    last = month_number(f"{moment(now_us(), zone):%Y-%m}") - 1
    made = generate(_SEED, count, last=last, language=language())
    clock, screen = HistoryClock(last - MONTHS + 1, now_us), Console(stderr=True)
    with (
        Progress(console=screen, transient=True, disable=not screen.is_terminal) as shown,
        Hub(making, now_us=clock) as hub,
    ):
        task = shown.add_task(words("cluster.joining"), total=None)
        told = partial(_progress, shown, task)
        monthly = in_turn(accompany(hub, made, language()), oversee(hub, made, clock, _SEED, language()))
        speakers = join(hub, made.members, clock=clock, progress=told, monthly=monthly, language=language())
        plans = [one.fixed.sha256 for one in hub.pilots.listed()]
        spread_packs(hub, made, speakers, clock() // 1000, plans=plans, language=language())
        look(hub, made, speakers, clock() // 1000, language())
        release_exposures(hub, speakers, _SEED, month=last, now_ms=clock() // 1000, language=language())
    making.rename(folder / _HUB)
    statements = sum(len(one.receipts) for one in speakers.values())
    click.echo(words("cluster.joined", members=count, statements=statements))
    return speakers


def _progress(shown: Progress, task: TaskID, done: int, total: int) -> None:
    shown.update(task, completed=done, total=total)


def _serve(
    folder: Path,
    door: socket.socket,
    chosen: tuple[ClusterPlant, ...],
    parts: Parts,
    speakers: Mapping[int, Speaker],
    *,
    browser: bool,
) -> None:
    place = folder / _HUB
    begin(place, "hub")
    with Hub.open(place, kinds=hub_kinds) as hub:
        url = f"http://{HOST}:{door.getsockname()[1]}"
        round_ = _Round(folder, hub, chosen, parts, speakers, url, browser=browser)
        served = Served(open=True)
        served.require(hub.people)
        make, farewell = partial(create_hub_app, hub), words("cluster.ending")
        serve_house(hub, make, door, served, live=round_.living(), browser=False, farewell=farewell)


class _Round:
    """What is done beside the pages of the hub: the plants are brought in, and then it tells."""

    def __init__(
        self,
        folder: Path,
        hub: Hub,
        chosen: tuple[ClusterPlant, ...],
        parts: Parts,
        speakers: Mapping[int, Speaker],
        url: str,
        *,
        browser: bool,
    ) -> None:
        self._folder, self._hub, self._chosen, self._parts = folder, hub, chosen, parts
        self._speakers = speakers
        self._url, self._browser = url, browser
        self._stopping = threading.Event()

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """The hub tells nothing before its plants have spoken, so that they are among those who are compared."""
        going = asyncio.create_task(self._go())
        try:
            yield
        finally:
            self._stopping.set()
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)

    async def _go(self) -> None:
        await self._done(self._bring)
        await self._done(self._ask)
        async with self._hub.live():
            await self._done(self._tell)
            await asyncio.Event().wait()

    async def _done(self, work: Callable[[], object]) -> None:
        """Does it in a thread, which is waited for even when all is stopping."""
        working = asyncio.get_running_loop().run_in_executor(None, work)
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.gather(working, return_exceptions=True)
            raise

    def _bring(self) -> None:
        for number, plant in enumerate(self._chosen, 1):
            try:
                node = self._parts.answering(number, self._stopping.is_set)
                if node is None:
                    return
                click.secho(words("cluster.node", name=plant.profile.name, url=node.url), bold=True)
                behind = DemoPlan.load(plant_folder(self._folder, number)).timetable
                join_plant(self._hub, node, plant, f"{moment(behind.start, behind.zone):%Y-%m}")
            except LinesideError as error:  # the other plant and the hub go on
                if not self._stopping.is_set():
                    tell_error(error)

    def _ask(self) -> None:
        """Asks everybody once all are members, so that who measures is asked, too."""
        if self._stopping.is_set():
            return
        try:
            ask_everybody(self._hub, self._speakers, _SEED, language())
            offer_first(self._hub, language())
        except LinesideError as error:  # the plants and the pages go on
            tell_error(error)

    def _tell(self) -> None:
        """Waits until the hub has told what is ripe today."""
        self._hub.tell()
        while not self._stopping.is_set():
            newest = next(iter(self._hub.jobs.recent(1, TELL)), None)
            if newest is None or newest.state.over:
                break
            time.sleep(_LOOK_S)
        else:
            return
        click.secho(words("cluster.told", url=self._url), bold=True)
        if self._browser:
            show(self._url)
