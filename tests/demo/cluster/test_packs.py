"""The packs of the demo cluster hold as drafts of any hub, and spread by signed statements of generated members."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lineside.demo.cluster import HistoryClock, accompany, drafts, generate, hub_file, join, look, spread_packs
from lineside.demo.cluster.adopting import adopting
from lineside.exchange import catalogue, filled_changes, month_number
from lineside.hub import HUB_FILE, Hub
from lineside.hub.packs import require_draft
from lineside.twin import parse_line
from lineside.twin.answers import changed, parse_changes

SEED = 7
LINE = {
    "schema": "lineside.line/1",
    "sources": {"blanks": {"to": "saw"}},
    "stations": {
        "saw": {"work": 40, "buffer": 0, "to": "mill"},
        "mill": {
            "work": 45,
            "buffer": 2,
            "setups": [{"time": 600}],
            "failures": {"jam": {"time_to_failure": 3600, "repair": 300}},
            "to": "out",
        },
    },
}


@pytest.mark.parametrize("draft", drafts(), ids=lambda one: one.id)
def test_a_pack_of_the_demo_is_sound(draft: object) -> None:
    """Nothing is wrong about it, nobody is said to have measured its cost, and its change fits a line."""
    from lineside.hub.packs import Draft

    assert isinstance(draft, Draft)
    require_draft(draft, catalogue(), "eu-2003")
    assert (draft.offered_by, draft.cost.members) == ("Lineside demo", 0)
    chosen = {one.id: one.default for one in draft.parameters if one.default is not None}
    filled = filled_changes(draft.changes, {**chosen, "station": "mill", "failure": "jam", "machine": "mill"})
    changes = parse_changes({"schema": "lineside.changes/1", "changes": filled})
    assert changed(parse_line(LINE), *changes) != parse_line(LINE)


def test_there_are_three_packs_of_different_aims() -> None:
    """Recovery, changeover and the bottleneck."""
    assert {one.id: one.indicator for one in drafts()} == {
        "bottleneck-buffer": "oee",
        "fast-recovery": "recovery_time",
        "quick-changeover": "lead_time",
    }


def test_the_same_seed_spreads_the_same() -> None:
    """From the pilot on, to more where more have it; nobody adopts twice, or gives up what it has not."""
    members = {at: "34" if at % 3 else "13" for at in range(1, 200)}
    first = adopting(SEED, (1, 2, 4, 5), members, 100, 118)

    assert first == adopting(SEED, (1, 2, 4, 5), members, 100, 118)
    began = [one.member for one in first if not one.ended]
    assert len(began) == len(set(began)) > 10
    assert {one.month for one in first if one.member in (1, 2, 4, 5) and not one.ended} == {100}
    assert all(one.member in began for one in first if one.ended)
    assert {one.month for one in first if one.member not in (1, 2, 4, 5)} <= set(range(106, 119))


def test_generated_members_adopt_and_it_is_told(tmp_path: Path) -> None:
    """On a real hub: the pilot's members from its start on, marked as generated; the others are drafts."""
    last = month_number("2026-10")
    clock = HistoryClock(last - 13, lambda: time.time_ns() // 1000)
    (tmp_path / HUB_FILE).write_text(hub_file(60, "UTC"), "utf-8")
    made = generate(SEED, 60, last=last, months=14)
    with Hub(tmp_path, now_us=clock) as hub:
        monthly = accompany(hub, made)
        speakers = join(hub, made.members, clock=clock, progress=lambda _, __: None, monthly=monthly)
        said = spread_packs(hub, made, speakers, clock() // 1000)

        (pack,) = hub.packs.shelf.packs.values()
        found = hub.packs.uses(pack.pack.id)
        exact = hub.packs.exact(pack.pack.id)
        assert said >= len(found) >= len(made.planted.pilot.members)
        pilot = {speakers[one].member for one in made.planted.pilot.members}
        assert {one.member for one in found if one.since == made.planted.pilot.start} >= pilot
        assert hub.packs.has_generated(pack.pack.id)
        assert exact.generated == exact.by_industry.whole.adopted[-1] == len(found)
        assert [one.draft.id for one in hub.packs.drafts.listed()] == ["quick-changeover", "bottleneck-buffer"]

        needs = look(hub, made, speakers, clock() // 1000)
        answered = {one.need.indicator: hub.packs.offers.of(one) for one in hub.packs.needs()}
        assert needs == len(hub.packs.needs()) > 2
        assert [one.pack for one in answered["recovery_time"]] == [pack.sha256]
        assert answered["lead_time"] == []
        assert [one.indicator for one in hub.packs.worth()] == ["recovery_time"]
        assert not {one.need.member for one in hub.packs.needs()} & {one.member for one in found}
