from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lineside.books import Books, mark_live, record_edition
from lineside.measure import Scope, kpi_rows
from lineside.node import Editions, Node, now_us
from lineside.trust import Ledger

Make = Callable[[], Awaitable[Any]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Values = Callable[[Node, str], list[float | str | None]]

HOUR_US = 3_600_000_000
BERLIN = ZoneInfo("Europe/Berlin")


async def test_a_machine_is_added_without_a_restart(plant: Any, adapter: Make, until: Until, values: Values) -> None:
    """An edited file is a new edition; the machine it adds is read at once, and the others go on."""
    first, second = await adapter(), await adapter()
    press = [first.source("s"), plant.machine("press", "s")]
    first.say("parts", 1)
    second.say("parts", 7)

    with Node.open(plant.write(*press)) as node:
        async with node.live():
            await until(lambda: values(node, "press/parts") == [1.0])
            plant.write(*press, second.source("t"), plant.machine("drill", "t"))
            await until(lambda: values(node, "drill/parts") == [7.0])
            first.say("parts", 2)
            await until(lambda: values(node, "press/parts") == [1.0, 2.0])
            await until(lambda: set(node.now["machines"]) == {"press", "drill"})

        assert [edition.number for edition in node.timeline.editions] == [1, 2]
        assert node.timeline.editions[0].valid_from is None
        assert node.timeline.editions[1].valid_from is not None


async def test_a_machine_taken_out_is_read_no_more(plant: Any, adapter: Make, until: Until) -> None:
    """Its source stops, its values stay."""
    one = await adapter()
    one.say("parts", 1)

    with Node.open(plant.write(one.source("s"), plant.machine("press", "s"))) as node:
        async with node.live():
            await until(lambda: node.intake.health["s"].values == 1)
            plant.write()
            await until(lambda: node.intake.health == {} and node.now["machines"] == {})

        assert node.history.extent() is not None


async def test_a_broken_edit_is_refused_while_the_plant_keeps_running(
    plant: Any, adapter: Make, until: Until, values: Values, caplog: pytest.LogCaptureFixture
) -> None:
    """The edition in force stays, the findings say what is wrong, and mending the file ends it."""
    one = await adapter()
    fine = [one.source("s"), plant.machine("press", "s")]

    with Node.open(plant.write(*fine)) as node:
        async with node.live():
            plant.write(*fine, "[machine.drill]\nline = 'nowhere'\n")
            await until(lambda: node.editions.refused is not None)
            refused = node.editions.refused
            one.say("parts", 5)
            await until(lambda: values(node, "press/parts") == [5.0])
            machines = set(node.plant.machines)
            plant.write(*fine)
            await until(lambda: node.editions.refused is None)

        assert refused is not None
        assert [finding.key for finding in refused.findings] == ["machine.drill.line"]
        assert machines == {"press"}
        assert len(node.timeline.editions) == 1
        assert "edition 1 stays" in caplog.text


def test_a_file_taken_away_is_a_finding_and_the_edition_in_force_stays(plant: Any) -> None:
    """Without its file a plant goes on as it was last described, and the finding goes when the file is back."""
    folder: Path = plant.write()
    with Books.open(folder) as books:
        editions = Editions(folder, books, Ledger(books, lambda: 1))
        editions.notice(1)
        (folder / "plant.toml").rename(folder / "away")
        new = editions.notice(2)
        refused, in_force = editions.refused, len(editions.timeline.editions)
        (folder / "away").rename(folder / "plant.toml")
        editions.notice(3)

        assert not new
        assert refused is not None
        assert [finding.problem for finding in refused.findings] == ["plant.no_file"]
        assert refused.findings[0].cure()
        assert in_force == 1
        assert editions.refused is None


def test_valid_from_in_the_file_says_from_when_an_edition_judges(plant: Any) -> None:
    """An edition that names its first day is in force from that day's midnight at the plant."""
    folder: Path = plant.write()
    with Books.open(folder) as books:
        editions = Editions(folder, books, Ledger(books, lambda: 1))
        editions.notice(now_us())
        plant.write(head="valid_from = 2026-03-01\n" + plant.head)
        (folder / "plant.toml").touch()

        new = editions.notice(now_us())

        midnight = int(datetime(2026, 3, 1, tzinfo=BERLIN).timestamp()) * 1_000_000
        in_force = editions.timeline.during(midnight - HOUR_US, midnight + HOUR_US)
        assert new
        assert [(start, edition.number) for start, _, edition in in_force] == [(midnight - HOUR_US, 1), (midnight, 2)]


def test_a_file_dated_ahead_waits_until_its_time(plant: Any) -> None:
    """Until then the edition before stays in force, also through a restart, and the finding names key and cure."""
    folder: Path = plant.write("[area.yard]\n")
    begins = int(datetime(2026, 3, 1, tzinfo=BERLIN).timestamp()) * 1_000_000
    with Books.open(folder) as books:
        Editions(folder, books, Ledger(books, lambda: 1)).notice(begins - 2 * HOUR_US)
        plant.write(head="valid_from = 2026-03-01\n" + plant.head)
        editions = Editions(folder, books, Ledger(books, lambda: 1))
        early = editions.notice(begins - HOUR_US)
        refused, yards = editions.refused, set(editions.timeline.newest.areas)
        still = editions.notice(begins - 1)
        due = editions.notice(begins)

        assert (early, still, due) == (False, False, True)
        assert refused is not None
        (finding,) = refused.findings
        assert (finding.line, finding.key) == (1, "valid_from")
        assert "2026-03-01 00:00:00" in finding.sentence()
        assert "valid_from" in finding.cure()
        assert yards == {"hall", "yard"}
        assert editions.refused is None
        assert editions.timeline.editions[-1].valid_from == begins


def test_a_clock_set_back_rewrites_nothing(plant: Any) -> None:
    """An edit noticed before the newest edition was waits until the clock is right, or until it names its time."""
    folder: Path = plant.write()
    with Books.open(folder) as books:
        editions = Editions(folder, books, Ledger(books, lambda: 1))
        editions.notice(1 * HOUR_US)
        editions.mark_live(2 * HOUR_US)
        plant.write("[area.yard]\n")
        editions.notice(5 * HOUR_US)
        editions.mark_live(5 * HOUR_US)
        plant.write("[area.yard]\n[area.roof]\n")
        back = editions.notice(3 * HOUR_US)
        refused = editions.refused
        right = editions.notice(6 * HOUR_US)
        plant.write("[area.yard]\n", head="valid_from = 1970-01-01T02:00:00\n" + plant.head)
        dated = editions.notice(4 * HOUR_US)

    assert (back, right, dated) == (False, True, True)
    assert refused is not None
    assert "1970-01-01 06:00:00" in refused.findings[0].sentence()
    assert "clock" in refused.findings[0].cure()
    assert [edition.valid_from for edition in editions.timeline.editions] == [None, *(h * HOUR_US for h in (5, 6, 1))]


def test_a_draft_nothing_ran_under_is_replaced(plant: Any) -> None:
    """Before anything ran an edit corrects the past too; once it ran an edit begins a new period."""
    folder: Path = plant.write()
    with Books.open(folder) as books:
        editions = Editions(folder, books, Ledger(books, lambda: 1))
        editions.notice(1)
        plant.write("[area.yard]\n")
        editions.notice(2)
        editions.mark_live(3)
        plant.write("[area.yard]\n[area.roof]\n")
        editions.notice(4)

    assert [edition.valid_from for edition in editions.timeline.editions] == [None, None, 4]


def test_a_file_that_was_only_touched_is_no_new_edition(plant: Any) -> None:
    """What counts is what the file says, not when it was written."""
    folder: Path = plant.write()
    with Books.open(folder) as books:
        editions = Editions(folder, books, Ledger(books, lambda: 1))
        first = editions.notice(1)
        plant.write()
        (folder / "plant.toml").touch()

        assert first
        assert not editions.notice(2)
        assert len(editions.timeline.editions) == 1


def test_editions_are_there_after_a_restart(plant: Any) -> None:
    """What a fact was judged by can be looked up as long as the folder lives."""
    folder: Path = plant.write("[area.yard]\n")
    with Node.open(folder):
        plant.write()

    with Node.open(folder) as node:
        plants = [set(edition.plant.areas) for edition in node.timeline.editions]

    assert plants == [{"hall", "yard"}, {"hall"}]


def test_an_edition_of_an_earlier_version_judges_on_without_what_is_not_read_any_more(plant: Any) -> None:
    """A key that was taken back since breaks no number: its edition judges its time, and what is missing is said."""
    parts = [plant.source("s", "file", ""), plant.machine("press", "s"), plant.machine("drill", "s")]
    earlier = "".join((plant.head, *parts)).replace("[area.hall]", '[area.hall]\ncolour = "red"')
    earlier = earlier.replace('state = "stopped"', 'state = "dozing"', 1)
    folder: Path = plant.write(*parts)
    with Books.open(folder) as books, books.session() as session:
        record_edition(session, earlier, noticed_us=HOUR_US)
        mark_live(session, 1, HOUR_US)

    with Node.open(folder) as node:
        scopes = [Scope("machine", name) for name in ("press", "drill")]
        press, drill = kpi_rows(node.history, node.timeline, scopes, 0, 2 * HOUR_US)

    assert press.editions == drill.editions == (1,)
    assert ("state_rules", 1) in [(lack.code, dict(lack.fields).get("edition")) for lack in press.lacks]
    assert "state_rules" not in [lack.code for lack in drill.lacks]
    assert press.planned_busy_s == drill.planned_busy_s == 2 * 3600
