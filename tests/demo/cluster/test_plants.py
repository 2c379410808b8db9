"""The plants of the demo cluster: how much lies behind them, and what they have."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lineside.demo import DemoPlan, prepare
from lineside.demo.cluster import plants
from lineside.plant import microseconds, moment, read_plant

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("now", "months", "begins"),
    [
        ("2026-11-28T10:00", 2, "2026-09-01"),
        ("2026-03-01T00:10", 1, "2026-02-01"),
        ("2026-01-31T23:00", 2, "2025-11-01"),
    ],
)
def test_so_many_whole_months_lie_behind_them(now: str, months: int, begins: str) -> None:
    """History begins with the first day of a month, whatever day it is."""
    at = microseconds(datetime.fromisoformat(now).replace(tzinfo=ZONE))

    for plant in plants(at, ZONE, months):
        day = at - plant.works.days * 86_400_000_000
        assert f"{moment(day, ZONE):%Y-%m-%d}" == begins


def test_the_second_has_the_pump_line_alone_and_is_found_again(tmp_path: Path) -> None:
    """What is left out is in no file, neither of the plant nor of its history."""
    now = microseconds(datetime(2026, 2, 1, 12, tzinfo=ZONE))
    second = plants(now, ZONE, 1)[1]

    made = prepare(tmp_path, now_us=now, seed=second.seed, zone=ZONE, works=second.works)
    plant = read_plant(tmp_path).plant
    found = DemoPlan.load(tmp_path)

    assert (plant.site.name, list(plant.lines)) == ("Works B (demo)", ["pumps"])
    assert [file.source for file in made.files] == ["assembly"]
    assert (found.timetable, found.ports, found.recorded) == (made.timetable, made.ports, ())
