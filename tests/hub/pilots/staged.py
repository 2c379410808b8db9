"""A real hub whose members told months of stops: some of them are about to do something about it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from lineside.exchange import Value, month_name, month_number
from lineside.hub import Hub
from lineside.hub.pilots import Hypothesis, Plan
from tests.hub.conftest import write_hub
from tests.hub.factories import PROFILE, Clock, Factory
from tests.hub.pilots.planted import lasting

START = month_number("2026-04")
"""The first month that counts as after."""
PRE, POST = 6, 4
EARLIER = 5
TREATED, OTHERS = 14, 24
CHANGE = -0.25
INDICATOR = "recovery_time"
DAYS = 20
"""After its end a month is ripe, by the file of a new hub."""


def at(month: int, day: int = 2) -> int:
    """Six in the morning of a day of a month, in microseconds since 1970."""
    year, place = divmod(month, 12)
    return int(datetime(year, place + 1, day, 6, tzinfo=UTC).timestamp()) * 1_000_000


def values(seed: int, change: float = CHANGE) -> Mapping[int, dict[int, float]]:
    """Minutes by member and month, from the first to the last; those that take part change from START on."""
    random = np.random.default_rng(seed)
    members, months = TREATED + OTHERS, EARLIER + PRE + POST
    level = random.normal(3.0, 0.3, members)[:, None]
    told = np.exp(level + lasting(members, months, 0.5, random) * 0.08 + random.normal(0, 0.03, months))
    told[:TREATED, EARLIER + PRE :] *= 1 + change
    first = START - PRE - EARLIER
    return {
        member + 1: {first + month: round(float(told[member, month]), 2) for month in range(months)}
        for member in range(members)
    }


@dataclass
class Stage:
    """A hub that is open, its clock, and its members; `generated` are the last two of those to compare with."""

    hub: Hub
    clock: Clock
    factories: list[Factory]
    minutes: Mapping[int, dict[int, float]]

    def tell(self, month: int, silent: Iterable[int] = ()) -> None:
        """All but the silent say a month, on the second day of the one after."""
        self.clock.us = max(self.clock.us, at(month + 1))
        said = []
        for one in self.factories:
            if one.number in {*silent}:
                continue
            generated = one.number > TREATED + OTHERS - 2
            told = Value(
                indicator=INDICATOR,
                value=self.minutes[one.number][month],
                coverage=0.95,
                evidence=None if generated else "a" * 64,
                origin="generated" if generated else "measured",
            )
            said.append(one.say(one.submission(month=month_name(month), values=(told,))))
        answers = self.hub.receive(b"\n".join(one.json() for one in said))
        assert [one.problem for one in answers] == [None] * len(said)

    def tell_all(self, silent: Iterable[int] = ()) -> None:
        """The month before START, all that count, and the days until the last of them is ripe."""
        self.tell(START - 1)
        for month in range(START, START + POST):
            self.tell(month, silent)
        self.clock.forward(days=DAYS)


def write(folder: Path, *, generated: bool = True) -> Path:
    """The folder of a hub in whose figures generated members count, or do not."""
    file = write_hub(folder) / "hub.toml"
    told = file.read_text("utf-8")
    file.write_text(told.replace("generated = false", f"generated = {str(generated).lower()}"), "utf-8")
    return folder


def enrol(hub: Hub, folder: Path, clock: Clock) -> list[Factory]:
    """The members, admitted; the last two were made up."""
    found = []
    for number in range(1, TREATED + OTHERS + 1):
        told = msgspec.structs.replace(PROFILE, name=f"Works {number}", generated=number > TREATED + OTHERS - 2)
        found.append(Factory.make(folder, clock, f"works-{number}").joined(hub, told.name, told))
    return found


def prepare(hub: Hub, folder: Path, clock: Clock, change: float = CHANGE, seed: int = 7) -> Stage:
    """The months before the start, told: it is the month before it."""
    clock.us = at(START - PRE - EARLIER, 1)
    stage = Stage(hub, clock, enrol(hub, folder, clock), values(seed, change))
    for month in range(START - PRE - EARLIER, START - 1):
        stage.tell(month)
    clock.us = at(START - 1, 5)
    return stage


@dataclass
class Prepared:
    """The same, closed, to be gone on with in copies."""

    folder: Path
    us: int
    factories: list[Factory]
    minutes: Mapping[int, dict[int, float]]

    @contextmanager
    def opened(self, folder: Path) -> Iterator[Stage]:
        """A copy in a new folder, open."""
        shutil.copytree(self.folder, folder)
        clock = Clock()
        clock.us = self.us
        factories = [
            replace(one, clock=clock, sent=list(one.sent), receipts=dict(one.receipts)) for one in self.factories
        ]
        with Hub(folder, now_us=clock) as hub:
            yield Stage(hub, clock, factories, {one: dict(told) for one, told in self.minutes.items()})


def prepared(folder: Path, change: float = CHANGE, *, judged: bool = False) -> Prepared:
    """A hub in a new folder that is prepared; with a pilot that was judged, if that is wanted."""
    clock = Clock()
    with Hub(write(folder / "hub"), now_us=clock) as hub:
        stage = prepare(hub, folder, clock, change)
        if judged:
            number = hub.pilots.fix(plan()).number
            stage.tell_all()
            assert hub.pilots.judge() == [number]
    return Prepared(folder / "hub", clock.us, stage.factories, stage.minutes)


def plan(**other: object) -> Plan:
    """The plan of who takes part, with all others to compare with."""
    told: dict[str, object] = {
        "name": "Stops end sooner",
        "hypothesis": Hypothesis(INDICATOR, -0.25, -0.1, relative=True),
        "treated": tuple(range(1, TREATED + 1)),
        "comparison": tuple(range(TREATED + 1, TREATED + OTHERS + 1)),
        "start": START,
        "pre": PRE,
        "post": POST,
    }
    return Plan(**{**told, **other})  # type: ignore[arg-type]
