"""How long a hub takes to tell its months, and its pages to answer: run by hand, quote with machine and date.

    python bench/hub_tiers.py [--members 10000] [--months 12] [--postgres]

The register is written into the books and the figures into memory, without envelopes, which `hub_intake.py` measures.
Pages are asked through the application without a socket: once cold, as something new was told, then warm, the median of
twenty. Not measured: a network.
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
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import numpy as np
from litestar.testing import AsyncTestClient
from sqlalchemy import insert

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._machine import machine
from lineside.api import Door, create_hub_app
from lineside.books import Books
from lineside.exchange import Indicator, Profile, Value
from lineside.hub import Hub, books_url, read_hub, scaffold_hub
from lineside.hub.figures import Said
from lineside.hub.records import EnrolmentRecord, MemberRecord, ProfileRecord
from lineside.hub.tiers import submit_tell
from tests.postgres import OWNER, Postgres, needed

LAST = 2026 * 12 + 9
NOW_US = 1_795_219_200_000_000
"""The 21st of November 2026."""
REGIONS = 8
INDUSTRIES = [str(code) for code in range(13, 43)]
WARM = 20
BOOKS = "LINESIDE_BENCH_BOOKS"
PATHS = ("/api/hub", "/api/surface", "/api/line?industry=34", "/api/point/1", "/api/observatory")


def folder_in(place: Path, server: Postgres | None) -> Path:
    """Write a hub folder with eight regions; its books lie in a server where there is one."""
    file = scaffold_hub(place / "hub", name="Bench", time_zone="Asia/Shanghai")
    regions = "".join(
        f'[[region]]\ncode = "r{at}"\nname = {{ en = "R{at}", zh = "R{at}" }}\ntile = [{at + 1}, 0]\n'
        for at in range(REGIONS)
    )
    text = file.read_text("utf-8") + "\n" + regions
    if server is not None:
        server.run(f"ALTER ROLE {OWNER} PASSWORD 'secret'")
        os.environ[BOOKS] = server.url(OWNER).replace("@", ":secret@")
        text = text.replace("[protection]", f'[books]\nurl_env = "{BOOKS}"\n[protection]')
    file.write_text(text, "utf-8")
    return file.parent


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


async def answered(hub: Hub) -> None:
    """Print how long each page takes, asked by who owns the folder."""
    app = create_hub_app(hub, Door())
    async with AsyncTestClient(app, base_url="http://127.0.0.1:8000") as client:
        for path in PATHS:
            took = []
            for _ in range(WARM + 1):
                began = time.perf_counter()
                answer = await client.get(path)
                took.append(time.perf_counter() - began)
                if answer.status_code != 200:
                    raise SystemExit(answer.text)
            size = len(answer.content) / 1000
            print(
                f"{path}: cold {took[0] * 1e3:.0f} ms, warm {statistics.median(took[1:]) * 1e3:.1f} ms, {size:.0f} kB"
            )


def main() -> None:
    """Make a cluster, tell it, and ask."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--members", type=int, default=10_000)
    asked.add_argument("--months", type=int, default=12)
    asked.add_argument("--postgres", action="store_true")
    told = asked.parse_args()
    place = Path(tempfile.mkdtemp(prefix="lineside-tiers-"))
    print(machine())
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, place)
        server = stack.enter_context(Postgres(needed())) if told.postgres else None
        folder = folder_in(place, server)
        write_register(folder, told.members)
        with Hub(folder, now_us=lambda: NOW_US) as hub:
            indicators = list(hub.tiers.compared)
            for one in said(indicators, told.members, told.months):
                hub.figures.take(one)
            for name in ("first", "second"):
                began = time.perf_counter()
                job = submit_tell(hub.jobs)
                done = None if job is None else hub.jobs.wait(job.id, 3600)
                took = time.perf_counter() - began
                print(f"{name} round, {told.members} members: {took:.1f} s, {done.result if done else None}")
            asyncio.run(answered(hub))


if __name__ == "__main__":
    main()
