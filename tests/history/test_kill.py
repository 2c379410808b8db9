from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from lineside.history import History

PROGRAM = Path(__file__).with_name("kill_program.py")


def write_until_killed(folder: Path, first: int, seconds: float) -> int:
    """Runs the writer, kills it after so many seconds of writing, gives back the last number acknowledged."""
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder), str(first)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        killer = threading.Timer(seconds, writer.kill)
        killer.start()
        acknowledged = [int(line) for line in writer.stdout if line.endswith("\n")]
        killer.join()
    return acknowledged[-1] if acknowledged else first - 1


def stored_batches(folder: Path) -> Counter[int]:
    """How many rows of each batch the history holds."""
    with History.open(folder) as history:
        ids = [series.id for series in history.catalogue().values()]
        samples = history.read_many(ids, -(2**60), 2**60, carry=False)
    return Counter(int(number) for one in samples.values() for number in one.number.tolist())


def kill_again_and_again(folder: Path, rounds: int) -> None:
    """Kills writers of one folder at random moments and counts the rows of every batch each time."""
    rng = random.Random(20260711)
    last = done = 0
    while done < rounds or last <= rounds:  # also where a slow machine writes little at a time
        done += 1
        assert done <= 10 * rounds, "hardly anything is written"
        last = write_until_killed(folder, last + 1, rng.uniform(0.02, 0.9))
        stored = stored_batches(folder)
        expected = dict.fromkeys(range(1, last + 1), 200)
        beyond = {number: rows for number, rows in stored.items() if number > last}
        assert {number: stored[number] for number in expected} == expected
        assert beyond in ({}, {last + 1: 200})


def test_acknowledged_batches_survive_a_kill_once_and_whole(tmp_path: Path) -> None:
    """Whatever was acknowledged before a kill is there once; what was not is there whole or not at all."""
    kill_again_and_again(tmp_path, rounds=4)


@pytest.mark.soak
def test_acknowledged_batches_survive_fifty_kills(tmp_path: Path) -> None:
    """Fifty kills in a row, in one folder, lose and double nothing."""
    kill_again_and_again(tmp_path, rounds=50)
