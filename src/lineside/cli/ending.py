"""How a program that serves ends: in order when it is first asked to, and at once when somebody insists."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from lineside.cli.process import LikeCtrlC
from lineside.cli.terminal import words

INSIST = 3
"""So many times ctrl-C end it at once: nothing acknowledged is lost by that, as by no other end."""
_STDERR = 2


class Ending:
    """Takes ctrl-C and requests to end (SIGTERM) from now until the program has ended; the first calls `end`.

    It may have come before: see `LikeCtrlC`.
    What is put in order then may take a while, in the loop and after it. A second ctrl-C neither breaks it off half
    done nor is it left without an answer.
    """

    def __init__(self, end: Callable[[], object]) -> None:
        self.end = end
        self._asked = 0
        if threading.current_thread() is threading.main_thread():  # no other may take signals
            before = signal.getsignal(signal.SIGTERM)
            for sign in HANDLED_SIGNALS:
                signal.signal(sign, self._take)
            if isinstance(before, LikeCtrlC) and before.asked:
                self._take(signal.SIGTERM, None)

    def _take(self, sign: int, _: FrameType | None) -> None:
        if not self._asked:
            self._asked = 1
            self.end()
        elif sign == signal.SIGINT:
            self._asked += 1
            if self._asked >= INSIST:
                os._exit(128 + sign)
            with suppress(OSError):  # past the streams of Python, in the midst of whose work this may be
                os.write(_STDERR, f"{words('run.stopping')}\n".encode())


class Server(uvicorn.Server):
    """One that leaves the signals to `Ending`, and so does not ask anew for the end that it was asked for."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Takes none."""
        yield

    def stop(self) -> None:
        """Has it stop within moments."""
        self.should_exit = True
