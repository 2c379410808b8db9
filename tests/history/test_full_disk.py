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


FULL_AT_START = """
import resource, sys
from pathlib import Path
from lineside.errors import LinesideError
from lineside.history import History
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    History.open(Path(sys.argv[1]))
except LinesideError as error:
    print(error.key)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit on the size of files")
@pytest.mark.parametrize("new", [True, False])
def test_a_history_on_a_full_disk_says_so_and_opens_once_there_is_room(tmp_path: Path, *, new: bool) -> None:
    """Neither a file half made nor one whose owner could not be noted stands in the way later."""
    if not new:
        History.open(tmp_path).close()

    run = subprocess.run(
        [sys.executable, "-c", FULL_AT_START, str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "history.disk_full"
    History.open(tmp_path).close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """What the system says of the folder is told in words."""
    (tmp_path / "data").write_text("in the way", "utf-8")

    with pytest.raises(LinesideError) as raised:
        History.open(tmp_path)

    assert raised.value.key == "history.disk_failed"
    assert str(tmp_path / "data") in raised.value.sentence()
