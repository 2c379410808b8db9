from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from lineside.errors import LinesideError
from lineside.history import History

PROGRAM = Path(__file__).with_name("full_disk_program.py")


@pytest.mark.parametrize("limit_bytes", [12_000_000, 20_000_000], ids=["log", "checkpoint"])
def test_a_disk_that_fills_up_loses_nothing_acknowledged(tmp_path: Path, limit_bytes: int) -> None:
    """When the log or the file itself cannot grow, appending says so, and goes on once there is room."""
    run = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), str(limit_bytes)],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(run.stdout)

    assert told["key"] == "history.disk_full"
    assert told["found"] >= told["acknowledged"] > 0
    assert told["total"] == told["acknowledged"] + told["again"]


def test_writing_stops_while_reading_goes_on_when_space_runs_low(
    tmp_path: Path, batch: Callable[..., pa.Table]
) -> None:
    """Below the reserve nothing is written, so what is stored stays readable."""
    with History.open(tmp_path) as history:
        series = history.series("press/force")
        history.append(batch((series, 1, 2.0)))

    with History.open(tmp_path, reserve_mb=2**40) as history:
        with pytest.raises(LinesideError) as raised:
            history.append(batch((series, 2, 3.0)))

        assert raised.value.key == "history.disk_full"
        assert history.read(series, 0, 9).number.tolist() == [2.0]
