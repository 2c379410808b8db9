from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from lineside.errors import ConfigurationError, FolderInUse, LinesideError
from lineside.history import History

OPEN_AND_WAIT = """
import sys
from pathlib import Path
from lineside.history import History
with History.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_owns_the_folder(tmp_path: Path) -> None:
    """A folder has one owner; the other is told its process, and may come when it is gone."""
    with subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_WAIT, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        with pytest.raises(FolderInUse) as raised:
            History.open(tmp_path)
        owner.communicate()

    assert raised.value.fields == {"folder": str(tmp_path), "process": str(owner.pid)}
    History.open(tmp_path).close()


def test_one_process_opens_a_folder_once(tmp_path: Path) -> None:
    """Two histories over one file would store repeats, so the second is refused."""
    with History.open(tmp_path), pytest.raises(FolderInUse):
        History.open(tmp_path)
    History.open(tmp_path).close()


def test_a_file_from_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """Tables of a later format are not touched."""
    History.open(tmp_path).close()
    with duckdb.connect(tmp_path / "data" / "history.duckdb") as connection:
        connection.execute("UPDATE format SET number = 99")

    with pytest.raises(ConfigurationError) as raised:
        History.open(tmp_path)

    assert raised.value.key == "history.newer_format"


def test_a_closed_history_says_so(tmp_path: Path) -> None:
    """Using a history after it was closed is a named mistake."""
    history = History.open(tmp_path)
    history.close()

    with pytest.raises(LinesideError) as raised:
        history.read(1, 0, 1)

    assert raised.value.key == "history.closed"
