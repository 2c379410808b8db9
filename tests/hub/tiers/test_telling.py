"""Telling, as it runs: panels, ripe months, corrections, the public, the ledger; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sqlalchemy import select

from lineside.hub import Hub
from lineside.hub.compare import BUDGET, Cell, PanelRecord, Secrecy, Told, read_panel, told_bytes
from lineside.hub.tiers import TELL, Reader, about, observatory, point, submit_tell, surface
from lineside.jobs import JobState
from lineside.node.member.standpoint import Point
from lineside.trust import Asked
from tests.hub.conftest import Opens
from tests.hub.factories import Clock
from tests.hub.tiers.clusters import LAST, SIX, Cluster, of, profiles, values

EN = Reader("en")
PUBLIC = '\n[observatory]\nindicators = ["oee"]\nepsilon = 8.0\nbudget = 40.0\n'


def cluster(
    hub: Hub, clock: Clock, folder: Path, number: int = 80, *, seed: int = 1, generated: bool = False
) -> Cluster:
    """A hub with so many admitted members that have not said anything, on the 21st of November."""
    clock.forward(days=1)
    made = Cluster(hub, clock, folder)
    made.join(profiles(np.random.default_rng(seed), number, generated=generated))
    return made


def entries(hub: Hub, kind: str) -> list[dict[str, object]]:
    """What the ledger says of a kind, the oldest first."""
    with hub.ledger.stored() as now:
        return [one["facts"] for one in reversed(now.page(Asked(kinds=[kind]), 500))]


def test_the_first_run_tells_every_old_month_and_the_second_nothing(
    books: str, opens: Opens, clock: Clock, tmp_path: Path
) -> None:
    """Each indicator and month once, with the hash of what was told in the ledger, and by a hub opened anew nothing."""
    hub = opens()
    made = cluster(hub, clock, tmp_path)
    made.speak(of(values(np.random.default_rng(1), 80, 24)), range(LAST - 23, LAST + 1))

    first, second = made.tell(), made.tell()

    assert (first.state, first.result) == (JobState.DONE, {"told": 24 * 6, "public": 0}), first
    assert second.result == {"told": 0, "public": 0}
    told = entries(hub, "figures.told")
    assert len(told) == 24 * 6
    with hub.books.reading() as session:
        for one in told:
            content = told_bytes(session, str(one["indicator"]), str(one["month"]))
            assert content is not None
            assert sha256(content).hexdigest() == one["sha256"]
        panels = list(session.scalars(select(PanelRecord)))
        panel = read_panel(session, panels[0].id)
    assert [(one.family, one.from_month) for one in panels] == [("production", "2024-11")]
    assert panel.secrecy == Secrecy(5, 2, 0.5)
    made.hub = hub = opens()
    assert made.tell().result == {"told": 0, "public": 0}
    seen = surface(hub.tiers, "oee", None, EN)
    assert (seen["month"], len(seen["months"])) == ("2026-10", 24)
    assert seen["whole"]["n"] >= 60
    assert books in {"sqlite", "postgresql"}


def test_a_month_is_told_when_it_is_ripe(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """October on the 21st of November, 20 days after its end by the calendar of the zone, and not the day before."""
    made = cluster(hub, clock, tmp_path)
    made.speak(of(values(np.random.default_rng(1), 80, 2, missing=0)), [LAST - 1, LAST])
    clock.forward(days=-1)

    early = made.tell()
    clock.forward(days=1)
    late = made.tell()

    assert (early.result, late.result) == ({"told": 6, "public": 0}, {"told": 6, "public": 0})


def test_nothing_is_told_of_a_few_members_until_more_have_spoken(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """Twelve are too few, and no panel binds them; with twenty more the month is told, late."""
    made = cluster(hub, clock, tmp_path, 12)
    made.speak(of(values(np.random.default_rng(1), 12, 1, missing=0)), [LAST])

    few = made.tell()
    with hub.books.reading() as session:
        panels = session.scalars(select(PanelRecord)).all()
    places = made.join(profiles(np.random.default_rng(2), 20))
    made.speak(of(values(np.random.default_rng(2), 32, 1, missing=0)), [LAST], places=places)
    many = made.tell()

    assert few.result == {"told": 0, "public": 0}
    assert panels == []
    assert many.result == {"told": 6, "public": 0}


def test_corrections_wait_until_enough_have_come(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """Of one member nothing changes; when half of them correct there is a second edition, and the ledger says both."""
    table = values(np.random.default_rng(3), 80, 1, missing=0)
    made = cluster(hub, clock, tmp_path)
    made.speak(of(table), [LAST])
    made.tell()
    before = surface(hub.tiers, "oee", None, EN)

    made.speak(of(table * 0.7), [LAST], places=[0])
    one = made.tell()
    after_one = surface(hub.tiers, "oee", None, EN)
    made.speak(of(table * 0.7), [LAST], places=range(1, 80))
    many = made.tell()
    after_many = surface(hub.tiers, "oee", None, EN)

    assert one.result == {"told": 0, "public": 0}
    assert after_one == before
    assert many.result is not None
    assert many.result["told"] == 6
    assert (before["edition"], after_many["edition"]) == (1, 2)
    assert after_many["whole"]["p50"] < before["whole"]["p50"]
    assert {one["edition"] for one in entries(hub, "figures.told")} == {1, 2}


def test_newcomers_come_in_with_the_next_month_and_leavers_take_their_block_along(
    hub: Hub, clock: Clock, tmp_path: Path
) -> None:
    """The numbers of a figure move by groups; what was told of months before stays in force for who left."""
    rng = np.random.default_rng(4)
    made = cluster(hub, clock, tmp_path, 60)
    made.speak(of(values(rng, 60, 2, missing=0)), [LAST - 1, LAST])
    made.tell()
    first = surface(hub.tiers, "oee", "2026-10", EN)["whole"]["n"]
    with hub.books.reading() as session:
        before = read_panel(session, session.scalars(select(PanelRecord)).one().id)
    places = made.join(profiles(rng, 20))
    leaver = made.factories[0]
    hub.receive(leaver.leaving().json())
    clock.forward(days=31)
    everybody = values(rng, 80, 1, missing=0)
    made.speak(of(everybody), [LAST + 1], places=range(1, 80))

    made.tell()

    second = surface(hub.tiers, "oee", "2026-11", EN)["whole"]["n"]
    with hub.books.reading() as session:
        panel = read_panel(session, session.scalars(select(PanelRecord)).one().id)
    block = panel.block[list(panel.members).index(1)]
    gone = int((panel.block == block).sum())
    assert first == len(before)
    assert list(panel.members[:first]) == list(before.members)
    assert len(panel) >= first + 7
    assert set(panel.members[first:]) <= {one + 1 for one in range(80)} - set(before.members)
    assert len({one + 1 for one in places} & set(panel.members[first:])) > 7
    assert second == len(panel) - gone
    assert surface(hub.tiers, "oee", "2026-10", EN)["whole"]["n"] == first


def test_a_worn_panel_is_renewed_after_a_year_and_tells_later_months_alone(
    hub: Hub, clock: Clock, tmp_path: Path
) -> None:
    """Thirteen months later another panel begins; what the first one told stays."""
    made = cluster(hub, clock, tmp_path, 40)
    for at in range(14):
        made.speak(of(values(np.random.default_rng(at), 40, 1, missing=0)), [LAST + at], ["oee"])
        made.tell()
        clock.forward(days=30.5)

    with hub.books.reading() as session:
        panels = [(one.from_month, one.id) for one in session.scalars(select(PanelRecord).order_by(PanelRecord.id))]
    months = hub.tiers.months("oee")

    assert [month for month, _ in panels] == ["2026-10", "2027-11"]
    assert (months[0], months[-1], len(months)) == ("2026-10", "2027-11", 14)


def test_the_public_is_told_each_ripe_quarter_once(folder: Path, opens: Opens, clock: Clock, tmp_path: Path) -> None:
    """With noise, out of its budget, its hash in the ledger; the newest quarter first, and no number of members."""
    pytest.importorskip("opendp")
    file = folder / "hub.toml"
    file.write_text(file.read_text("utf-8") + PUBLIC, "utf-8")
    hub = opens()
    made = cluster(hub, clock, tmp_path)
    table = values(np.random.default_rng(5), 80, 8, missing=0)
    made.speak(of(table), range(LAST - 7, LAST + 1))

    first, again = made.tell(), made.tell()
    told = observatory(hub.tiers, None, "en")

    assert again.result is not None
    assert first.result == {**again.result, "told": 8 * 6}
    assert told["periods"] == ["2026-Q2", "2026-Q3"]
    assert told["period"] == "2026-Q3"
    whole = next(one for one in told["figures"] if one["path"] == "all")
    assert whole["value"] == pytest.approx(table[:, 4:7, 1].mean(), abs=2 * whole["error"])
    assert whole["n"] is None
    assert told["budget"]["of"] == 40
    assert 16 <= told["budget"]["spent"] <= 32
    assert [(one["period"], one["indicator"]) for one in entries(hub, "figures.published")] == [
        ("2026-Q3", "oee"),
        ("2026-Q2", "oee"),
    ]
    assert BUDGET == "observatory"


def test_generated_members_count_only_where_the_hub_says_so(
    folder: Path, opens: Opens, clock: Clock, tmp_path: Path
) -> None:
    """Left out they are told nothing; let in every figure says so, and who leaves such figures out sees none."""
    hub = opens()
    made = cluster(hub, clock, tmp_path, 40, generated=True)
    made.speak(of(values(np.random.default_rng(6), 40, 1, missing=0)), [LAST], origin="generated")
    left_out = made.tell()
    file = folder / "hub.toml"
    file.write_text(file.read_text("utf-8").replace("generated = false", "generated = true"), "utf-8")
    made.hub = hub = opens()

    made.tell()

    seen, without = (surface(hub.tiers, "oee", None, Reader("en", generated)) for generated in (True, False))
    assert left_out.result == {"told": 0, "public": 0}
    assert (seen["whole"]["generated"], seen["generated_share"]) == (1.0, 1.0)
    assert without["whole"] is None
    assert without["inequality"] is None
    assert without["behind"] == []
    assert {one["bands"] for one in (*without["regions"], *without["industries"])} == {None}
    assert about(hub.tiers, "en")["generated"] == {"members": 40, "of": 40}


def test_a_hub_without_the_table_tells_nothing(folder: Path, opens: Opens, clock: Clock, tmp_path: Path) -> None:
    """No default decides when members are told of each other."""
    file = folder / "hub.toml"
    text = file.read_text("utf-8")
    begin = text.index("[telling]")
    file.write_text(text[:begin] + text[text.index("# What the public", begin) :], "utf-8")
    hub = opens()
    made = cluster(hub, clock, tmp_path, 30)
    made.speak(of(values(np.random.default_rng(7), 30, 1, missing=0)), [LAST])

    hub.tell()

    assert hub.jobs.recent(5, TELL) == []
    assert made.tell().result == {"told": 0, "public": 0}
    assert surface(hub.tiers, "oee", None, EN)["whole"] is None
    assert "no figures" in about(hub.tiers, "en")["protection"]["words"][-1]


async def test_a_living_hub_tells_once_a_day(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """By itself, about a second after its start; and again on the next day, without a pile of jobs."""
    made = cluster(hub, clock, tmp_path, 30)
    made.speak(of(values(np.random.default_rng(8), 30, 1, missing=0)), [LAST])

    async with hub.live(), asyncio.timeout(60):
        while not [one for one in hub.jobs.recent(5, TELL) if one.state.over]:  # noqa: ASYNC110 - jobs are threads
            await asyncio.sleep(0.05)
    hub.tell()
    hub.tell()
    jobs = hub.jobs.recent(5, TELL)
    clock.forward(days=1)
    hub.tell()

    assert hub.tiers.months("oee") == ["2026-10"]
    assert [one.params for one in jobs] == [{"day": "2026-11-21"}]
    assert [one.params for one in hub.jobs.recent(5, TELL)] == [{"day": "2026-11-22"}]


def test_a_round_that_is_cancelled_is_gone_on_with(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """What it told stays, whole; the next round tells the rest."""
    made = cluster(hub, clock, tmp_path, 40)
    made.speak(of(values(np.random.default_rng(9), 40, 24)), range(LAST - 23, LAST + 1))
    job = submit_tell(hub.jobs)
    assert job is not None
    while not hub.tiers.months("oee"):
        pass

    hub.jobs.cancel(job.id)
    over = hub.jobs.wait(job.id, 60)
    told = len(entries(hub, "figures.told"))
    made.tell()

    assert over.state in (JobState.CANCELLED, JobState.DONE)
    assert (told < 24 * 6) is (over.state is JobState.CANCELLED)
    assert len(entries(hub, "figures.told")) == 24 * 6


def test_a_node_gets_its_own_point_signed(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """The same as its page reads, in its language: own values, peers, bands, and nothing of anybody else's."""
    table = values(np.random.default_rng(10), 80, 13, missing=0)
    made = cluster(hub, clock, tmp_path)
    made.speak(of(table), range(LAST - 12, LAST + 1))
    made.tell()
    mine = made.factories[5]

    told = mine.told(hub, "point")
    chinese = mine.told(hub, "point", language="zh", nonce="2" * 64)

    assert told == point(hub.tiers, 6, None, EN)
    row = next(one for one in told["rows"] if one["indicator"] == "oee")
    assert row["value"] == table[5, 12, 1]
    assert row["bands"]["n"] == row["peers"]["n"]
    assert row["band"]["words"]
    assert row["trend"] is not None
    assert [one["value"] for one in told["series"]["oee"]] == list(table[5, :, 1])
    assert [one["indicator"] for one in told["rows"] if one["value"] is not None] == [
        name for name in hub.catalogue.indicators if name in SIX
    ]
    assert chinese["peers"]["n"] == told["peers"]["n"]
    assert "成员" in chinese["peers"]["why"]
    read = msgspec.convert(told, Point)
    assert {one.indicator: one.band.words for one in read.rows if one.band}["oee"] == row["band"]["words"]
    assert [one.value for one in read.series["oee"]] == list(table[5, :, 1])


def test_a_node_gets_its_own_classes_signed(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """With the source of each, in its language; nobody else is named."""
    made = cluster(hub, clock, tmp_path, 12)
    mine = made.factories[5]

    told = mine.told(hub, "classes")
    chinese = mine.told(hub, "classes", language="zh", nonce="2" * 64)

    assert all(one["document"] and one["source"] and one["why"] for one in told["classes"])
    assert [one["id"] for one in told["classes"]] == [one.id for one in hub.classification.of(6).classes]
    assert told["classes"][0]["name"] != chinese["classes"][0]["name"]
    names = {one.profile.name for one in hub.register.everybody()}
    assert not [name for name in names if name in json.dumps(told)]


def test_every_told_cell_says_what_the_panel_holds(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """The median of all is that of the members who count, computed another way, on the grid."""
    table = values(np.random.default_rng(11), 80, 1, missing=0)
    made = cluster(hub, clock, tmp_path)
    made.speak(of(table), [LAST])
    made.tell()

    with hub.books.reading() as session:
        panel = read_panel(session, session.scalars(select(PanelRecord)).one().id)
        content = told_bytes(session, "oee", "2026-10")
    assert content is not None
    inside = table[panel.members - 1, 0, 1]
    exact = np.quantile(inside, 0.5, method="inverted_cdf")
    assert Told.read(content).by_cell[Cell()].places[50] == np.floor(exact / 0.02 + 0.5)
    assert surface(hub.tiers, "oee", None, EN)["whole"]["p50"] == pytest.approx(np.floor(exact / 0.02 + 0.5) * 0.02)
