"""Point, line and surface over HTTP: who may read what, and what a member could work out of all of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from numpy.typing import NDArray
from sqlalchemy import select

from lineside.api import Door
from lineside.api.hub import create_hub_app
from lineside.exchange import catalogue, month_name
from lineside.hub import Hub
from lineside.hub.compare import Cell, PanelRecord, Scale, ToldMonthRecord, read_panel
from lineside.hub.compare.panel import Panel
from lineside.texts import say
from lineside.trust import Grant, Role
from tests.api.doors import headers, tokens
from tests.hub.compare.worlds import Attacker, Figure, figure
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock
from tests.hub.tiers.clusters import LAST, SIX, Cluster, of, plain, profiles, values

BASE_URL = "http://127.0.0.1:8000"
ATTACKER = 17
MEMBER = Grant(Role.MEMBER, f"member/{ATTACKER}")
SEED = 1
NUMBER = 90
MONTHS = range(LAST - 2, LAST + 1)
PUBLIC_PATHS = ("/api/hub", "/api/observatory")
Client = AsyncTestClient[Litestar]
Table = NDArray[np.float64]


@pytest.fixture
def clock() -> Clock:
    """The 21st of November 2026."""
    found = Clock()
    found.forward(days=1)
    return found


def opened(folder: Path, clock: Clock) -> Hub:
    """A hub with two regions."""
    return Hub(write_hub(folder), now_us=clock)


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    """A hub in which nobody is."""
    with opened(tmp_path / "hub", clock) as made:
        yield made


def told_cluster(hub: Hub, clock: Clock, folder: Path, table: Table) -> Cluster:
    """A cluster of which three months are told."""
    made = Cluster(hub, clock, folder)
    made.join(profiles(np.random.default_rng(SEED), NUMBER))
    made.speak(of(table), MONTHS)
    made.tell()
    return made


def spy(hub: Hub) -> str:
    """The token of somebody who speaks for one member."""
    hub.people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
    hub.people.add("spy", "service", [MEMBER])
    return str(hub.people.token("spy", "all", MEMBER, 300))


def client_of(hub: Hub) -> Client:
    """Asks it, as somebody or nobody."""
    return AsyncTestClient(create_hub_app(hub, Door(open=False)), base_url=BASE_URL)


async def got(client: Client, path: str, token: str | None) -> Any:
    """What a path answers."""
    answer = await client.get(path, headers=headers(token))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_who_may_read_which_tier(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """Strangers the public facts, members what all are told and their own point, analysts every point; others none."""
    told_cluster(hub, clock, tmp_path, values(np.random.default_rng(SEED), NUMBER, 3))
    callers = tokens(hub.people)
    shared = ("/api/surface", "/api/line?industry=34")
    expected = {
        None: (401, 401, 401, 401),
        MEMBER: (200, 200, 200, 403),
        Grant(Role.ANALYST): (200, 200, 200, 200),
        Grant(Role.AUDITOR): (200, 200, 200, 200),
        Grant(Role.REGISTRAR): (403, 403, 403, 403),
        Grant(Role.ADMINISTRATOR): (403, 403, 403, 403),
    }

    async with client_of(hub) as client:
        for grant, wanted in expected.items():
            paths = (*shared, f"/api/point/{ATTACKER}", f"/api/point/{ATTACKER + 1}")
            answers = [await client.get(path, headers=headers(callers[grant])) for path in paths]
            assert tuple(one.status_code for one in answers) == wanted, grant
            public = [await client.get(path, headers=headers(callers[grant])) for path in PUBLIC_PATHS]
            assert [one.status_code for one in public] == [200, 200]


async def test_a_stranger_sees_no_value_and_no_small_number(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """The public page names indicators, rules and how many members there are; without an observatory no figure."""
    told_cluster(hub, clock, tmp_path, values(np.random.default_rng(SEED), NUMBER, 3))

    async with client_of(hub) as client:
        facts = await got(client, "/api/hub?lang=zh", None)
        public = await got(client, "/api/observatory", None)

    assert [one["id"] for one in facts["indicators"]] == list(catalogue().indicators)
    assert facts["generated"] == {"members": 0, "of": NUMBER}
    assert facts["protection"]["group"] == 7
    assert (public["figures"], public["periods"], public["budget"]) == ([], [], None)
    assert public["coverage"]["members"] == NUMBER
    assert len(public["words"]) == 4


async def test_the_tiers_say_what_they_are_asked(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """Whole, regions, industries, inequality, who is behind; sizes, course, movement, what holds back; own rows."""
    table = values(np.random.default_rng(SEED), NUMBER, 3, missing=0)
    told_cluster(hub, clock, tmp_path, table)
    token = spy(hub)

    async with client_of(hub) as client:
        surface = await got(client, "/api/surface?indicator=oee&month=2026-10", token)
        line = await got(client, "/api/line?industry=C3443&indicator=oee", token)
        point = await got(client, f"/api/point/{ATTACKER}", token)
        worth = await got(client, f"/api/point/{ATTACKER}?worth=oee:2000.5", token)
        nothing = await got(client, "/api/surface?indicator=energy_per_unit", token)
        wrong = [
            (await client.get(path, headers=headers(token))).status_code
            for path in (
                *("/api/surface?indicator=luck", "/api/line?industry=99", "/api/surface?month=2026-13"),
                f"/api/point/{ATTACKER}?worth=oee:much",
            )
        ]

    assert surface["months"] == ["2026-08", "2026-09", "2026-10"]
    assert surface["whole"]["p10"] < surface["whole"]["p50"] < surface["whole"]["p90"]
    assert [one["code"] for one in surface["regions"]] == ["all", "north"]
    assert {one["code"]: one["bands"] is None for one in surface["industries"]}["34"] is False
    assert surface["inequality"]["gini"]["low"] <= surface["inequality"]["gini"]["value"]
    assert {one["path"] for one in surface["behind"]} >= {"all"}
    assert surface["coverage"]["words"]
    assert line["industry"]["code"] == "34"
    assert [one["size"] for one in line["sizes"]][:2] == ["large", "medium"]
    assert [one["month"] for one in line["trend"]] == surface["months"]
    assert line["holds"][0]["gap"] >= line["holds"][-1]["gap"]
    row = next(one for one in point["rows"] if one["indicator"] == "oee")
    assert (row["value"], row["month"], row["origin"]) == (table[ATTACKER - 1, 2, 1], "2026-10", "measured")
    why = {one["indicator"]: one["withheld"] for one in point["rows"]}
    words = ("tiers.withheld.no_value", "tiers.not_compared")
    assert (why["oee"], why["quality"], why["energy_per_unit"]) == (None, *(say(one, "en") for one in words))
    assert point["member"]["id"] == ATTACKER
    assert (point["peers"]["n"] >= 13, point["objections"]) == (True, [])
    assert (nothing["whole"], bool(nothing["withheld"])) == (None, True)
    assert wrong == [400, 400, 400, 400]
    money = {one["indicator"]: (one["worth"], one["to_better"]) for one in worth["rows"] if one["currency"] == "CNY"}
    assert {name: yuan for name, (yuan, _) in money.items()} == {
        name: None if gap is None else max(gap, 0) * 2000.5 for name, (_, gap) in money.items()
    }
    assert money.keys() == {"oee"}
    assert {one["currency"] for one in point["rows"]} == {None}


def questions() -> list[str]:
    """Everything that can be asked of groups, with every filter, and what anybody may ask."""
    names, months = (*SIX, "quality", "energy_per_unit"), [month_name(at) for at in range(LAST - 3, LAST + 3)]
    filters = [f"indicator={name}&month={month}&generated={made}" for name, month, made in product(names, months, "01")]
    industries = ("34", "35", "13")
    return [
        *PUBLIC_PATHS,
        *(f"/api/surface?{one}" for one in filters),
        *(f"/api/line?industry={code}&{one}" for code in industries for one in filters if SIX[1] in one),
    ]


async def learned(hub: Hub, token: str) -> dict[str, Any]:
    """All that a member can read beside its own point; asking again gives the same bytes."""
    async with client_of(hub) as client:
        found = {path: await got(client, path, token) for path in questions()}
        for path in list(found)[::50]:
            assert plain(await got(client, path, token)) == plain(found[path])
    return found


def panels_of(hub: Hub) -> tuple[Panel, dict[tuple[str, str], NDArray[np.bool_]]]:
    """What an attacker may know at the most: the panel, and who counted in which month of which indicator."""
    from lineside.hub.compare import basis_of

    with hub.books.reading() as session:
        panel = read_panel(session, session.scalars(select(PanelRecord)).one().id)
        told = {(one.indicator, one.month) for one in session.scalars(select(ToldMonthRecord))}
        inside = {}
        for key in told:
            basis = basis_of(session, *key)
            assert basis is not None
            inside[key] = np.isfinite(basis[1])
    return panel, inside


def figures_in(surface: Any, line: list[Any], scale: Scale, panel: Panel, inside: NDArray[np.bool_]) -> list[Figure]:
    """The bands of all cells of a month, as places of the grid, of the members that an attacker knows to be in them."""
    told = [surface["whole"], *(one["bands"] for one in surface["industries"])]
    told += [size["bands"] for one in line for size in one["sizes"]]
    found = []
    for one in filter(None, told):
        cell = Cell.named(one["cell"])
        those = np.flatnonzero(inside & (panel.chain[:, cell.level] == panel.cells.number[cell]))
        assert one["n"] == those.size
        places = {p: round(one[f"p{p}"] / scale.step) for p in (10, 25, 50, 75, 90) if one[f"p{p}"] is not None}
        found.append(figure(those, places))
    return found


async def test_all_that_a_member_reads_bounds_nobody(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """With its own value and that of another of its block: whoever else may lie at both ends of what can be.

    No number of anybody stands in any answer.
    """
    table = values(np.random.default_rng(SEED), NUMBER, 3)
    told_cluster(hub, clock, tmp_path, table)
    token = spy(hub)
    told = await learned(hub, token)
    async with client_of(hub) as client:
        for other in set(range(1, NUMBER + 20)) - {ATTACKER}:
            for path in (f"/api/point/{other}", f"/api/members/{other}/figures"):
                assert (await client.get(path, headers=headers(token))).status_code == 403
    panel, inside = panels_of(hub)

    months = [month_name(at) for at in MONTHS]
    spies = [ATTACKER - 1, *(panel.members[panel.block == panel.block[list(panel.members).index(ATTACKER)]] - 1)][:2]
    for month in months:
        at, scale = months.index(month), Scale.of(catalogue().of("oee"))
        there = inside["oee", month]
        query = f"indicator=oee&month={month}&generated=1"
        line = [told[f"/api/line?industry={code}&{query}"] for code in ("34", "35")]
        found = figures_in(told[f"/api/surface?{query}"], line, scale, panel, there)
        seats = {int(np.flatnonzero(panel.members == spy + 1)[0]): spy for spy in spies if spy + 1 in panel.members}
        known = {seat: int(scale.places(table[[spy], at, 1])[0]) for seat, spy in seats.items() if there[seat]}
        intervals = Attacker(found, known, scale.ends).intervals()
        assert len(found) > 3
        assert set(intervals.values()) == {scale.ends}
        assert all(len(those) >= 5 for those in intervals)
    everything = b"".join(plain(one) for one in told.values())
    exact = {f"{value:.9f}".rstrip("0").encode() for value in table[np.isfinite(table)]}
    assert [one for one in exact if len(one) > 8 and one in everything] == []


async def history(folder: Path, clock: Clock, versions: list[Table]) -> tuple[Panel, dict[str, Any]]:
    """What a member reads after months, a newcomer, a leaver and corrections, at each step all of it."""
    with opened(folder / "hub", clock) as hub:
        first, fixed, later = versions
        made = Cluster(hub, clock, folder)
        made.join(profiles(np.random.default_rng(SEED), NUMBER))
        made.speak(of(first), MONTHS)
        made.tell()
        token = spy(hub)
        told = {f"first {path}": one for path, one in (await learned(hub, token)).items()}
        made.speak(of(fixed), MONTHS)
        hub.receive(made.factories[3].leaving().json())
        made.join(profiles(np.random.default_rng(SEED + 1), 1))
        clock.forward(days=31)
        made.speak(of(later), [LAST + 1], places=[at for at in range(NUMBER) if at != 3])
        made.speak(lambda *_: 0.123456789, [LAST + 1], places=[NUMBER])
        made.tell()
        told |= {f"second {path}": one for path, one in (await learned(hub, token)).items()}
        return panels_of(hub)[0], told


async def test_members_of_a_block_may_exchange_all_they_said(tmp_path: Path) -> None:
    """Over months, a join, a leave and corrections: after an exchange within blocks all answers are the same bytes.

    After one across blocks they are not, so the test can fail.
    """
    rng = np.random.default_rng(SEED)
    first = values(rng, NUMBER, 3, missing=0)
    fixed = np.where(rng.random((NUMBER, 1, 1)) < 0.5, np.round(first * 0.8, 9), first)
    later = values(rng, NUMBER, 1, missing=0)
    versions = [first, fixed, later]

    def clock_again() -> Clock:
        clock = Clock()
        clock.forward(days=1)
        return clock

    panel, told = await history(tmp_path / "as it is", clock_again(), versions)
    within, across = np.arange(NUMBER), np.arange(NUMBER)
    for block in range(len(panel.blocks)):
        those = panel.members[panel.block == block] - 1
        within[those] = rng.permutation(those)
    seated = panel.members - 1
    across[seated] = rng.permutation(seated)

    for name, exchange, same in (("within", within, True), ("across", across, False)):
        _, again = await history(tmp_path / name, clock_again(), [one[exchange] for one in versions])
        assert (plain(again) == plain(told)) is same, name
    assert {told[path]["edition"] for path in told if "surface" in path} >= {1, 2}


async def test_pages_are_quick_when_warm(hub: Hub, clock: Clock, tmp_path: Path, serving: Any) -> None:
    """Over a real socket, with ninety members; what ten thousand take is measured in bench/hub_tiers.py."""
    told_cluster(hub, clock, tmp_path, values(np.random.default_rng(SEED), NUMBER, 3))
    token = spy(hub)
    paths = ("/api/surface", "/api/line?industry=34", f"/api/point/{ATTACKER}", "/api/hub", "/api/observatory")

    async with (
        serving(create_hub_app(hub, Door(open=False))) as address,
        httpx.AsyncClient(base_url=f"http://{address}", headers=headers(token), timeout=60) as client,
    ):
        for path in paths:
            took = [(await client.get(path)).elapsed.total_seconds() for _ in range(6)]
            assert min(took[1:]) < 0.5, path
