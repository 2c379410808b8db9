"""How long a hub takes to tell its months, and all its pages to answer: run by hand, quote with machine and date.

    python bench/hub_tiers.py [--members 10000] [--months 12] [--indicators 40] [--postgres] [--keep DIR] [--only WORD]
                              [--learn]

The register is written into the books and the figures into memory, without envelopes, which `hub_intake.py` measures.
To reach 40 indicators those of the catalogue are repeated, and the repeated ones are not compared. Everything else a
hub holds is there too, see `_furnished.py`. `--keep` leaves the hub in a folder, with its database, and opens it again
the next time. `--learn` learns the types of members first, which takes minutes.

Pages are asked through the application without a socket, by who owns the folder: first after the start of the process,
then warm, the median of nine. CPU is that of this process, and so without the database's. Not measured: a network, and
more than one who asks at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from litestar.testing import AsyncTestClient
from sqlalchemy import insert

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._furnished import PROGRAMME, ask, furnish, lay_rules, plan_pilots
from bench._machine import machine
from lineside.api import Door
from lineside.api.hub import create_hub_app
from lineside.books import Books
from lineside.exchange import Catalogue, Indicator, Profile, Value, catalogue, month_name
from lineside.hub import Hub, books_url, read_hub, scaffold_hub
from lineside.hub.figures import Said
from lineside.hub.records import EnrolmentRecord, KeyRecord, MemberRecord, ProfileRecord
from lineside.hub.tiers import submit_tell
from lineside.trust import HERE
from tests.postgres import OWNER, Postgres, needed

LAST = 2026 * 12 + 9
STARTS = LAST - 5
"""The month in which pilots start, so that they are over."""
NOW_US = 1_795_219_200_000_000
"""The 21st of November 2026."""
MONTH_US = 30 * 86_400_000_000
REGIONS = 8
INDUSTRIES = [str(code) for code in range(13, 43)]
WARM = 9
BOOKS = "LINESIDE_BENCH_BOOKS"
READ = (
    "/api/hub",
    "/api/hub/settings",
    "/api/surface",
    "/api/line?industry=34",
    "/api/chain?chain=machines",
    "/api/point/1",
    "/api/observatory",
    "/api/members",
    "/api/members/1",
    "/api/members/1/figures",
    "/api/members/1/classes",
    "/api/members/1/fits",
    "/api/members/1/questions",
    "/api/members/1/shocks",
    "/api/invitations",
    "/api/objections",
    "/api/objections/1",
    "/api/remarks",
    "/api/pilots",
    "/api/pilots/1",
    "/api/pilots/12",
    "/api/packs",
    "/api/packs/{pack}",
    "/api/needs",
    "/api/types",
    "/api/reported",
    "/api/programmes",
    "/api/applications",
    "/api/applications/1",
    "/api/questions",
    "/api/questions/1",
    "/api/questions/1/replies",
    "/api/obligations",
    "/api/incidents",
    "/api/incidents/counts",
    "/api/sandboxes",
    "/api/sandboxes/1",
    "/api/sums",
    "/api/shocks",
    "/api/shocks/effect?kind=supplier",
    "/api/shocks/effect?kind=power&size=0.2&days=10",
    "/api/shocks/effect?kind=price&size=0.3&days=90",
    "/api/ledger",
    "/api/jobs",
)


@dataclass(slots=True)
class Clock:
    """The time of the hub."""

    us: int = NOW_US

    def __call__(self) -> int:
        """Return it."""
        return self.us


def indicators(count: int) -> Catalogue:
    """Return the catalogue with so many indicators, those that are repeated not compared."""
    told = catalogue()
    some = list(told.indicators.values())
    more = [replace(some[at % len(some)], id=f"{some[at % len(some)].id}_{at}", compared=False) for at in range(count)]
    named = [*some, *more[len(some) :]]
    return replace(told, indicators={one.id: one for one in named})


def folder_in(place: Path) -> Path:
    """Write a hub folder with eight regions, a supply chain and a programme of support."""
    file = scaffold_hub(place / "hub", name="Bench", time_zone="Asia/Shanghai")
    regions = "".join(
        f'[[region]]\ncode = "r{at}"\nname = {{ en = "R{at}", zh = "R{at}" }}\ntile = [{at + 1}, 0]\n'
        for at in range(REGIONS)
    )
    public = '[observatory]\nindicators = ["oee", "lead_time"]\nepsilon = 0.5\nbudget = 20.0\n'
    chain = (
        '[[chain]]\nid = "machines"\nname = { en = "Machines", zh = "机械" }\nindustries = ["31", "33", "34", "35"]\n'
    )
    file.write_text(file.read_text("utf-8") + "\n" + public + regions + chain, "utf-8")
    lay_rules(file.parent)
    return file.parent


def in_server(folder: Path, server: Postgres) -> None:
    """Let the books of a hub lie in a server."""
    server.run(f"ALTER ROLE {OWNER} PASSWORD 'secret'")
    os.environ[BOOKS] = server.url(OWNER).replace("@", ":secret@")
    file, told = folder / "hub.toml", f'[books]\nurl_env = "{BOOKS}"\n'
    text = file.read_text("utf-8")
    if told not in text:
        file.write_text(text.replace("[protection]", f"{told}[protection]"), "utf-8")


def write_register(folder: Path, members: int) -> None:
    """Write so many members as if they had enrolled and been admitted."""
    chance = np.random.default_rng(1)
    with Books.open(folder, books_url(read_hub(folder))) as books, books.session() as rows:
        numbers = range(1, members + 1)
        common = {"state": "member", "label": "made", "enrolled_us": 1, "admitted_us": 1, "why": ""}
        rows.execute(insert(MemberRecord), [{"number": one, **common} for one in numbers])
        profiles = [
            Profile(
                name=f"Works {one}",
                industry=str(chance.choice(INDUSTRIES)),
                region=f"r{chance.integers(REGIONS)}",
                employees=int(chance.choice([12, 120, 500], p=[0.5, 0.35, 0.15])),
                revenue_cny=float(chance.choice([2e6, 4e7])),
            )
            for one in numbers
        ]
        told = [
            {"member": n, "version": 0, "number": 0, "since_us": 1, "profile": msgspec.to_builtins(one)}
            for n, one in zip(numbers, profiles, strict=True)
        ]
        rows.execute(insert(ProfileRecord), told)
        sent = {"agreement": "0" * 64, "received_us": 1, "envelope": b"{}", "welcome": b"{}"}
        rows.execute(insert(EnrolmentRecord), [{"sha256": f"{one:064x}", "member": one, **sent} for one in numbers])
        rows.execute(insert(KeyRecord), [{"member": one, "public": f"{one:064x}", "since": 1} for one in numbers])


def said(indicators: list[Indicator], members: int, months: int) -> Iterator[list[Said]]:
    """Yield a month of values of all members after another, two of a hundred missing."""
    chance = np.random.default_rng(2)
    level = chance.normal(0.5, 0.15, (members, len(indicators)))
    for month in range(LAST - months + 1, LAST + 1):
        share = np.clip(level + chance.normal(0, 0.03, level.shape), 0.01, 0.99)
        there = chance.random(level.shape) > 0.02
        yield [
            Said(
                at + 1,
                month,
                [
                    Value(
                        indicator=one.id,
                        value=one.low + float(share[at, i]) * (min(one.high, 100.0) - one.low),
                        coverage=1.0,
                    )
                    for i, one in enumerate(indicators)
                    if there[at, i]
                ],
            )
            for at in range(members)
        ]


def fill(hub: Hub, clock: Clock, options: argparse.Namespace, *, fresh: bool) -> None:
    """Take what members said, month by month, tell it, and put everything else in where there is nothing yet."""
    began = time.perf_counter()
    for one in said(list(hub.catalogue.indicators.values()), options.members, options.months):
        if fresh and one[0].month == STARTS:
            clock.us = NOW_US - (LAST - STARTS + 2) * MONTH_US
            plan_pilots(hub, options.members, STARTS)
            ask(hub)
            clock.us = NOW_US
        hub.figures.take(one)
    print(f"figures taken: {time.perf_counter() - began:.1f} s")
    for name in ("first", "second") if fresh else ():
        began = time.perf_counter()
        job = submit_tell(hub.jobs)
        done = None if job is None else hub.jobs.wait(job.id, 3600)
        took = time.perf_counter() - began
        print(f"{name} round, {options.members} members: {took:.1f} s, {done.result if done else None}", flush=True)
    if not hub.packs.shelf.packs:
        timed("pilots judged", hub.pilots.judge)
        timed("furnished", lambda: furnish(hub, options.members, month_name(LAST)))
    if options.learn:
        timed("types learned", lambda: hub.jobs.wait(hub.classification.learn(hub.jobs, HERE).id, 3600).state)


def timed(what: str, work: Callable[[], object]) -> None:
    """Print how long some work takes, and what it gave."""
    began = time.perf_counter()
    found = work()
    print(f"{what}: {time.perf_counter() - began:.1f} s, {found}", flush=True)


async def answered(hub: Hub, only: str) -> None:
    """Print how long each page takes, asked by who owns the folder."""
    app = create_hub_app(hub, Door())
    pack = next(iter(hub.packs.shelf.packs), "")
    async with AsyncTestClient(app, base_url="http://127.0.0.1:8000") as client:
        print("first wall, CPU; warm wall, CPU (ms); kB")
        for path in READ:
            if only in path:
                await ask_for(client, "GET", path.format(pack=pack))
        trial = {"indicator": "oee", "expected": 0.1, "worth": 0.05, "start": month_name(LAST + 4)}
        for treated in (24, 100):
            if only in "/api/pilots/trial":
                told = {**trial, "treated": list(range(1, treated + 1))}
                await ask_for(client, "POST", "/api/pilots/trial", told)
        if only in "/api/laboratory":
            change = {"programme": PROGRAMME, "parameters": {"most_staff": 200}, "assumed": {"spend": 1000.0}}
            await ask_for(client, "POST", "/api/laboratory", change)


async def ask_for(client: AsyncTestClient[Any], method: str, path: str, told: dict[str, Any] | None = None) -> None:
    """Print how long one takes; of a job, until its result is there."""
    walls, spent = [], []
    for _ in range(WARM + 1):
        began, cpu = time.perf_counter(), time.process_time()
        answer = await client.request(method, path, json=told)
        while answer.status_code < 300 and path == "/api/laboratory" and answer.json()["effect"] is None:
            answer = await client.get(f"{path}/{answer.json()['job']}")
        walls.append((time.perf_counter() - began) * 1e3)
        spent.append((time.process_time() - cpu) * 1e3)
        if answer.status_code >= 300:
            print(f"{path}: {answer.status_code} {answer.text[:300]}")
            return
    wall, used = statistics.median(walls[1:]), statistics.median(spent[1:])
    slow = "  SLOW" if wall > 500 else ""
    size = len(answer.content) / 1000
    print(f"{walls[0]:8.0f} {spent[0]:7.0f} {wall:8.1f} {used:7.1f} {size:8.0f}  {path[:60]}{slow}", flush=True)


def main() -> None:
    """Make a cluster or open the one that was kept, tell it, and ask."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--members", type=int, default=10_000)
    asked.add_argument("--months", type=int, default=12)
    asked.add_argument("--indicators", type=int, default=0)
    asked.add_argument("--postgres", action="store_true")
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--learn", action="store_true")
    asked.add_argument("--only", default="")
    told = asked.parse_args()
    print(machine())
    clock = Clock()
    with ExitStack() as stack:
        place = told.keep or Path(tempfile.mkdtemp(prefix="lineside-tiers-"))
        if told.keep is None:
            stack.callback(shutil.rmtree, place)
            place.chmod(0o755)  # so that the database's own user, whom it takes where we are root, comes into it
        fresh = not (place / "hub").exists()
        folder = folder_in(place) if fresh else place / "hub"
        if told.postgres:
            in_server(folder, stack.enter_context(Postgres(needed(), place / "postgres")))
        if fresh:
            write_register(folder, told.members)
        with Hub(folder, now_us=clock, catalogue=indicators(told.indicators)) as hub:
            fill(hub, clock, told, fresh=fresh)
            load = os.getloadavg()[0]
            print(f"load {load:.1f}, {hub.register.highest} members")
            asyncio.run(answered(hub, told.only))


if __name__ == "__main__":
    main()
