"""Programs that begin with everything imported: processes of their own as ever, for a quarter of what a start costs.

A starter imports once what every program would import, and forks; what is forked becomes the program asked for, with
its own streams, environment and signals, and ends as any interpreter does. A process of tests has one starter, which
ends with it: `python -m tests.warm SOCKET`.
"""

from __future__ import annotations

import atexit
import builtins
import gc
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

PRELOADED = (
    "lineside.cli.running",
    "lineside.cli.demo",
    "lineside.cli.cluster",
    "lineside.api.hub",
    "asyncua",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)
_LONGEST = 200_000


class Program:
    """A forked program as `subprocess.Popen` shows one: its output is text, and `stdout` the only stream."""

    def __init__(self, args: list[str], output: int, control: socket.socket) -> None:
        self.args = args
        self.stdout = os.fdopen(output, "r", encoding="utf-8")
        self.returncode: int | None = None
        self._control = control
        self.pid = self._told()

    def _told(self) -> int:
        told = self._control.recv(64)
        if not told:
            message = f"the starter of {self.args} ended"
            raise RuntimeError(message)
        return int(told)

    def poll(self) -> int | None:
        """How it ended, None while it runs."""
        return self._ended(0)

    def _ended(self, within_s: float | None) -> int | None:
        if self.returncode is None and select.select([self._control], [], [], within_s)[0]:
            self.returncode = self._told()
            self._control.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended; raises `subprocess.TimeoutExpired`."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def communicate(self, *, timeout: float | None = None) -> tuple[str, None]:
        """Waits for its end; what it said since the last look, which a pipe holds."""
        self.wait(timeout)
        return self.stdout.read(), None

    def send_signal(self, how: signal.Signals) -> None:
        """Sends a signal unless it ended."""
        if self.poll() is None:
            os.kill(self.pid, how)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stdout.close()
        if error is not None:  # nobody will tell it to end any more
            self.send_signal(signal.SIGKILL)
        self.wait()


def program(
    module: str, *arguments: str, env: Mapping[str, str], errors: bool = False
) -> Program | subprocess.Popen[str]:
    """Begins `python -m MODULE ARGUMENTS`; with `errors` its output has them too."""
    command = [sys.executable, "-m", module, *arguments]
    if sys.platform != "linux":  # where a process with this much in it may not fork
        other = subprocess.STDOUT if errors else None
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=other, text=True, encoding="utf-8", env=env)
    asked = json.dumps({"module": module, "arguments": arguments, "env": dict(env), "cwd": str(Path.cwd())}).encode()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    reads, writes = os.pipe()
    with theirs, Path(os.devnull).open() as nothing:
        socket.send_fds(_starter(), [asked], [nothing.fileno(), writes, writes if errors else 2, theirs.fileno()])
    os.close(writes)
    return Program(command, reads, ours)


@cache
def _starter() -> socket.socket:
    """The socket at which this process's starter listens."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "tests.warm", str(theirs.fileno())]
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()])

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(door: socket.socket) -> dict[str, Any]:
    """Forks whenever it is asked to; returns in each program that is to be, with what was asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for those who asked
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for an attendant
    while True:
        asked, streams, _, _ = socket.recv_fds(door, _LONGEST, 4)
        if not asked:
            gc.unfreeze()
            sys.exit()
        if os.fork() == 0:
            _attend(streams)
            found: dict[str, Any] = json.loads(asked)
            return found
        for one in streams:
            os.close(one)


def _attend(streams: list[int]) -> None:
    """Forks the program, in which it returns with its streams in place; tells its number and its end.

    It is killed where who asked for it ends before: nothing is left running of tests that were broken off.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, control = streams
    pid = os.fork()
    if pid:
        _tell_end(pid, streams, control)
    os.close(control)
    for number, one in enumerate(streams):
        os.dup2(one, number)
        os.close(one)


def _tell_end(pid: int, streams: list[int], control: int) -> NoReturn:
    for one in (0, 1, *streams):  # nothing but the program holds its output open
        os.close(one)
    with socket.socket(fileno=control) as told:
        try:
            told.send(str(pid).encode())
            with suppress(OSError):  # Linux before 5.3 does not watch a process
                ended = os.pidfd_open(pid)
                if ended not in select.select([told.fileno(), ended], [], [])[0]:  # who asked for it is gone
                    os.kill(pid, signal.SIGKILL)
            told.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
        finally:
            os._exit(0)  # nothing here is its own to tidy up


def _become(asked: dict[str, Any]) -> None:
    """Makes this process what a new interpreter would be."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    os.chdir(asked["cwd"])
    sys.argv = [asked["module"], *asked["arguments"]]
    atexit.register(gc.unfreeze)  # the last search for garbage spares nothing
    for option in filter(None, os.environ.get("PYTHONWARNINGS", "").split(",")):
        action, _, category = option.partition("::")
        warnings.filterwarnings(action, category=getattr(builtins, category or "Warning"))  # type: ignore[arg-type]
    at_once = "PYTHONUNBUFFERED" in os.environ
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    for name, number in (("stdout", 1), ("stderr", 2)):
        raw = open(number, "wb", buffering=0 if at_once else -1, closefd=False)  # noqa: SIM115 - the same
        setattr(sys, name, io.TextIOWrapper(raw, "utf-8", line_buffering=number == 2, write_through=at_once))


def main(number: int) -> None:
    """Serves the process that has the other end of this socket, and is each program in turn."""
    with socket.socket(fileno=number) as door:
        for module in PRELOADED:
            importlib.import_module(module)
        gc.freeze()  # what all have in common stays in common
        asked = _serve(door)
    _become(asked)
    runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
