"""A node asks its hub where the factory stands: past the valve, and kept for when there is no connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lineside.errors import UnusableData
from lineside.node import Node
from lineside.node.member.standpoint import Point
from lineside.trust import Withheld
from tests.hub_peer import HubPeer
from tests.node.february import DAY_US, copied
from tests.node.test_member import TOLD, Works


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
    spoilt = type(standpoints)(works.node.books, works.member.memberships.speaking, lambda *_: broken)

    with pytest.raises(UnusableData) as error:
        spoilt.ask("en")

    assert error.value.key == "member.no_receipt"
    assert standpoints.last("en") == before
    assert msgspec.json.decode(told.answer, type=Point) == before.point


def test_what_is_told_of_peers_says_who_of_them_is_generated() -> None:
    """The quantiles of an answer are read with the share of generated members; those that are not told stay out."""
    bands = {"n": 19, "p25": None, "p50": 0.78, "generated": 0.95, "entered": 0.0, "cell": "34", "words": "C34"}
    row = {"indicator": "oee", "value": 0.85, "bands": bands, "to_median": -0.07, "trend": 0.02}
    answer = {"month": "2026-02", "peers": {"cell": "34", "n": 19, "why": "C34"}, "rows": [row], "series": {}}

    (read,) = msgspec.json.decode(msgspec.json.encode(answer), type=Point).rows

    assert read.bands is not None
    assert (read.bands.n, read.bands.p50, read.bands.generated) == (19, 0.78, 0.95)
    assert (read.bands.p10, read.bands.p25) == (None, None)
