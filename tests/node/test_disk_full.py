from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("disk_full_program.py")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit on the size of files")
def test_a_node_outlives_a_full_disk(tmp_path: Path) -> None:
    """The source says why nothing is stored; once there is room values flow and an edit made meanwhile counts."""
    run = subprocess.run([sys.executable, str(PROGRAM), str(tmp_path)], capture_output=True, text=True, check=True)
    told = json.loads(run.stdout)

    assert told["state"] == "degraded"
    assert "is full" in told["reason"]
    assert "Free space" in told["cure"]
    assert told["press"] == [1.0, 2.0, 3.0]
    assert (told["editions_while_full"], told["editions"]) == (1, 2)
