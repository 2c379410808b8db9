"""A process of its own that listens to a source, and that a test lets stand still."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from lineside.connect.live import now_us

LATE_US = 500_000
"""What was said so shortly before a standstill was waited for."""


class Listener:
    """`listening_program` while the block runs, and what it has told."""

    def __init__(self, wanted: Mapping[str, str], **settings: Any) -> None:
        self.values: list[tuple[str, int, float | str | None]] = []
        self.spans: list[tuple[int, int]] = []
        self.losses: list[tuple[int, str, dict[str, Any]]] = []
        self.stood = self.resumed = 0
        self._words = json.dumps(settings), json.dumps(dict(wanted))
        self._process: Process

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.connect.listening_program", *self._words, stdout=PIPE
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        await self._process.wait()

    def stop(self) -> None:
        """It stands still when this returns."""
        os.kill(self._process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)
        self.stood = now_us()

    def go_on(self) -> None:
        """It reads what has come."""
        self.resumed = now_us()
        os.kill(self._process.pid, signal.SIGCONT)

    async def until(self, holds: Callable[[Self], bool], say: Callable[[], object] = lambda: None) -> None:
        """Waits for a fact, and lets the peer say something again and again until it is one."""
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while not holds(self):
                say()
                try:
                    async with asyncio.timeout(0.2):
                        line = await self._process.stdout.readline()
                except TimeoutError:
                    continue
                kind, *told = json.loads(line)
                kinds: dict[str, list[Any]] = {"value": self.values, "heard": self.spans, "lost": self.losses}
                kinds[kind].append(tuple(told))

    @property
    def missed_is_heard(self) -> bool:
        """Whether it tells that the peer was heard while it stood still, and could not know."""
        return any(start < self.resumed and end > self.stood + LATE_US for start, end in self.spans)

    def heard_since(self, moment: int) -> bool:
        """Whether the peer was heard at a moment or later."""
        return any(end > moment for _, end in self.spans)

    def has(self, value: float | str | None) -> bool:
        """Whether a value has come."""
        return any(one[2] == value for one in self.values)
