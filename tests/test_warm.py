from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.warm import program

RUNS = "timeit", "-n1", "-r1"
"""A module of Python that runs the line it gets, once."""


def test_a_program_is_what_it_is_asked_to_be() -> None:
    """It has the environment and the time zone that were given, and a process of its own."""
    tells = "import os, time; print(sorted(os.environ), time.tzname[0], os.getpid(), flush=True)"
    env = {"TZ": "Asia/Shanghai", "WHERE": "here"}

    with program(*RUNS, tells, env=env) as one, program(*RUNS, tells, env=env) as other:
        said = [each.communicate(timeout=60)[0].splitlines()[0] for each in (one, other)]

    assert said == [f"['TZ', 'WHERE'] CST {each.pid}" for each in (one, other)]
    assert one.pid != other.pid
    assert (one.returncode, other.returncode) == (0, 0)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_how_a_program_ends_is_told(how: signal.Signals) -> None:
    """A signal as the negative of its number, as of any process."""
    with program(*RUNS, "import time; time.sleep(600)", env=os.environ) as asleep:
        with pytest.raises(subprocess.TimeoutExpired):
            asleep.wait(0)
        asleep.send_signal(how)

        assert asleep.wait(60) == -how


def test_ctrl_c_is_heard() -> None:
    """The starter does not hear it, the programs do."""
    with program(*RUNS, "print('awake', flush=True); import time; time.sleep(600)", env=os.environ, errors=True) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "awake\n"
        one.send_signal(signal.SIGINT)

        assert "KeyboardInterrupt" in one.stdout.read()
        assert one.wait(60) != 0


def test_a_program_that_nobody_will_end_any_more_is_killed() -> None:
    """Where what was to end it failed: it would be waited for without an end."""
    asleep = program(*RUNS, "import time; time.sleep(600)", env=os.environ)
    with pytest.raises(ZeroDivisionError), asleep:
        raise ZeroDivisionError

    assert asleep.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere programs are not forked")
def test_programs_end_with_who_asked_for_them() -> None:
    """Tests that are broken off leave nothing running."""
    asks = (
        "import os, tests.warm as w;"
        "print(w.program('timeit', '-n1', '-r1', 'import time; time.sleep(600)', env=os.environ).pid, flush=True);"
        "os._exit(1)"
    )
    command = [sys.executable, "-c", asks]
    pid = int(subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=120).stdout)
    until = time.monotonic() + 60

    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < until
        time.sleep(0.02)
