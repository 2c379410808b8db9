"""Solving in a process of its own: CP-SAT brings libraries that slow down all else in one."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from queue import Empty, Queue
from typing import Any, TextIO

from lineside.errors import LinesideError
from lineside.twin.reading import parse_line
from lineside.twin.schedule.measured import judged
from lineside.twin.schedule.plan import Step
from lineside.twin.schedule.reading import parse_problem
from lineside.twin.schedule.solving import solve

_LOOK_S = 0.1
_GRACE_S = 60.0
"""To give the best so far after the wish to stop; the first search on a computer may have to end compiling."""
_PROGRAM = "from lineside.twin.schedule.apart import serve; serve()"


def has_solver() -> bool:
    """Whether CP-SAT is installed, found out without loading it."""
    return find_spec("ortools") is not None


def solve_apart(asked: Mapping[str, Any], tell: Callable[[Step], None], wished: Callable[[], bool]) -> dict[str, Any]:
    """What `judged` says of the best plan; `asked` has `problem`, `seconds`, `seed`, and `line` for measured laws.

    `wished` is asked ten times a second; once it says so, the search is stopped and the best so far given (`stopped`).
    Raises what the solver raises, LinesideError when its process died.
    """
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            return _followed(process, asked, tell, wished)
        finally:
            process.kill()


def _followed(
    process: subprocess.Popen[str],
    asked: Mapping[str, Any],
    tell: Callable[[Step], None],
    wished: Callable[[], bool],
) -> dict[str, Any]:
    heard: Queue[str] = Queue()
    threading.Thread(target=_hear, args=(process.stdout, heard), daemon=True).start()
    if process.stdin is not None:
        process.stdin.write(json.dumps(dict(asked)) + "\n")
        process.stdin.flush()
    until: float | None = None
    while until is None or time.monotonic() < until:
        if until is None and wished() and process.stdin is not None:
            process.stdin.close()
            until = time.monotonic() + _GRACE_S
        try:
            line = heard.get(timeout=_LOOK_S)
        except Empty:
            continue
        if not line:
            break
        said = json.loads(line)
        if "step" in said:
            tell(Step(**said["step"]))
        elif "error" in said:
            raise LinesideError(said["error"], **said["fields"])
        else:
            return {**said, "stopped": until is not None}
    raise LinesideError("schedule.process_ended")


def _hear(stream: TextIO, heard: Queue[str]) -> None:
    """Hands on each line; an empty one is the end."""
    for line in stream:
        heard.put(line)
    heard.put("")


def serve() -> None:
    """Solves what stands in the first line of standard input; its end is the wish to stop."""
    asked = json.loads(sys.stdin.readline())
    wish = threading.Event()
    threading.Thread(target=_await_end, args=(wish,), daemon=True).start()
    try:
        problem = parse_problem(asked["problem"])
        line = None if asked.get("line") is None else parse_line(asked["line"])
        plan = solve(
            problem,
            seconds=asked["seconds"],
            seed=asked["seed"],
            tell=lambda step: _say({"step": step.model_dump()}),
            stopped=wish.is_set,
        )
        _say(judged(problem, plan, line))
    except LinesideError as error:
        _say({"error": error.key, "fields": error.fields})


def _await_end(wish: threading.Event) -> None:
    sys.stdin.read()
    wish.set()


def _say(said: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(said, default=str) + "\n")
    sys.stdout.flush()
