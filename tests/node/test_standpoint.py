"""A node asks its hub where the factory stands: past the valve, and kept for when there is no connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from lineside.errors import UnusableData
from lineside.exchange import month_number
from lineside.hub.pilots import Hypothesis, Plan
from lineside.node import Node
from lineside.node.member import Unread
from lineside.node.member.answers import Answers
from lineside.node.member.records import AnswerRecord
from lineside.node.member.standpoint import Point
from lineside.trust import Withheld
from tests.hub.factories import Clock, Factory
from tests.hub_peer import HubPeer
from tests.node.february import DAY_US, copied
from tests.node.test_member import PROFILE, TOLD, Works


@pytest.fixture
def works(month: Path, tmp_path: Path, hub: HubPeer) -> Iterator[Works]:
    """A node that told its February to the hub."""
    folder = tmp_path / "plant"
    folder.mkdir()
    copied(month, folder)
    found = Works(Node.open(folder), hub)
    found.joined(hub)
    found.speak(TOLD)
    yield found
    found.close()


def test_a_factory_learns_where_it_stands(works: Works, hub: HubPeer) -> None:
    """Its values as it said them, its classes with their source, and why nobody is compared with it yet."""
    found = works.member.standpoints.ask("en")

    said = {one.indicator: one.value for one in works.member.told("2026-02", None).values}
    assert found.made_ms == hub.now_us // 1000
    assert found.point.month == "2026-02"
    shown = {row.indicator: row.value for row in found.point.rows}
    assert {name for name, value in shown.items() if value is not None}
    for name, value in shown.items():
        assert value == pytest.approx(said[name])
    assert (found.point.peers.cell, found.point.peers.n) == (None, 0)
    assert all(row.band is None and row.withheld for row in found.point.rows)
    size = next(one for one in found.classes.classes if one.known is not None)
    assert size.document
    assert size.source


def test_the_last_answer_stays(works: Works, hub: HubPeer) -> None:
    """In the language that it was asked in, with its date: also when the valve lets no question out any more."""
    standpoints = works.member.standpoints
    assert standpoints.last("en") is None

    told = standpoints.ask("en")
    works.clock(hub.now_us + DAY_US)
    again = standpoints.ask("en")
    chinese = standpoints.ask("zh")
    works.node.valve.releases.shut(None)

    with pytest.raises(Withheld):
        standpoints.ask("en")
    assert again.made_ms == told.made_ms + DAY_US // 1000
    assert standpoints.last("en") == again
    assert standpoints.last("zh") == chinese
    assert chinese.classes.classes[0].name != again.classes.classes[0].name


def test_what_is_no_answer_is_not_kept(works: Works) -> None:
    """An answer that lacks what every answer has leaves the one before as it was."""
    standpoints = works.member.standpoints
    before = standpoints.ask("en")
    told = works.member.ask("point")
    broken = msgspec.structs.replace(told, answer=msgspec.Raw(b'{"month": 2}'))
    spoilt = type(standpoints)(Answers(works.node.books, works.member.memberships.speaking, lambda *_: broken))

    with pytest.raises(UnusableData) as error:
        spoilt.ask("en")

    assert error.value.key == "member.no_receipt"
    assert standpoints.last("en") == before
    assert msgspec.json.decode(told.answer, type=Point) == before.point


def test_an_answer_of_another_version_is_to_be_asked_for_again(works: Works) -> None:
    """What is kept and cannot be read is told with its date, and the next answer takes its place."""
    standpoints, pilots = works.member.standpoints, works.member.pilots
    told, heard = standpoints.ask("en"), pilots.ask("en")
    with works.node.books.session() as rows:
        for record in rows.scalars(select(AnswerRecord)):
            record.answer = b'{"of": "another version"}'

    assert standpoints.last("en") == Unread(told.made_ms)
    assert pilots.last("en") == Unread(heard.made_ms)
    assert standpoints.ask("en") == standpoints.last("en")
    assert pilots.ask("en") == pilots.last("en")


def test_a_factory_is_told_of_the_pilots_that_it_is_in(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """Its own group, in words; of the others no name and no number, and of pilots without it nothing."""
    clock = Clock()
    clock.us = hub.now_us
    others = [Factory.make(tmp_path, clock, f"f{at}").joined(hub.hub, f"Secret {at}", PROFILE) for at in range(8)]
    numbers = tuple(each.number for each in others)
    own = works.member.memberships.speaking().member
    assert own is not None
    assert works.member.pilots.last("en") is None
    month = month_number("2026-04")
    better = Hypothesis("oee", 0.05, 0.02)
    hub.hub.pilots.fix(Plan("Shifts", better, treated=(own, *numbers[:3]), comparison=numbers[3:], start=month))
    of_others = Hypothesis("availability", 0.05, 0.02)
    hub.hub.pilots.fix(Plan("Others", of_others, treated=numbers[:4], comparison=numbers[4:], start=month))

    found = works.member.pilots.ask("en")

    (pilot,) = found.pilots
    assert (pilot.name, pilot.group, pilot.start, pilot.verdict, pilot.pack) == (
        "Shifts",
        "treated",
        "2026-04",
        None,
        None,
    )
    assert "OEE" in pilot.hypothesis
    assert works.member.pilots.last("en") == found
    with works.node.books.reading() as rows:
        kept = rows.scalar(select(AnswerRecord.answer).where(AnswerRecord.what == "pilots"))
    assert kept is not None
    assert b"Secret" not in kept
    assert str(others[0].key.public.hex()).encode() not in kept


def test_what_is_told_of_peers_says_who_of_them_is_generated() -> None:
    """The quantiles of an answer are read with the share of generated members; those that are not told stay out."""
    bands = {"n": 19, "p25": None, "p50": 0.78, "generated": 0.95, "entered": 0.0, "cell": "34", "words": "C34"}
    row = {"indicator": "oee", "value": 0.85, "bands": bands, "to_median": -0.07, "trend": 0.02}
    answer = {"month": "2026-02", "peers": {"cell": "34", "n": 19, "why": "C34"}, "rows": [row], "series": {}}

    (read,) = msgspec.json.decode(msgspec.json.encode(answer), type=Point).rows

    assert read.bands is not None
    assert (read.bands.n, read.bands.p50, read.bands.generated) == (19, 0.78, 0.95)
    assert (read.bands.p10, read.bands.p25) == (None, None)
