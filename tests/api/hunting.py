"""Asks a house what nobody should ask it, and gathers what is wrong with its answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.api.judging import Answer, Judge
from tests.api.oddities import FRAMES, WIRE
from tests.api.strange import Ask, Caller, exchanged

AT_ONCE = 8


@dataclass(slots=True)
class Hunt:
    """What was asked of a house, what it answered and what was wrong with that."""

    port: int
    judge: Judge
    topic: str = "now"
    """What a good frame on a live socket asks for."""
    requests: int = 0
    cut: int = 0
    """Of them cut off before an answer was read, as they were too long to be read."""
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    """Each kind of fault at each route, with the first request that found it."""

    async def ask(self, asks: Iterable[Ask]) -> None:
        """Asks all of them, a few at a time."""
        waiting = iter(asks)

        async def some() -> None:
            for ask in waiting:
                await self._one(ask)

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))

    async def wire(self) -> None:
        """Asks in ways that HTTP does not have."""
        await self.ask(Ask("", "the wire", f"oddity {number}", raw) for number, raw in enumerate(WIRE))

    async def live(self, callers: Iterable[Caller]) -> None:
        """Says on live sockets what nobody should."""
        for caller in callers:
            for frame in FRAMES:
                await self._said(caller, frame)

    async def _one(self, ask: Ask) -> None:
        self.requests += 1
        try:
            found = await exchanged(self.port, ask.raw)
        except ConnectionError:
            self.cut += 1
            return
        except (TimeoutError, ValueError) as error:
            self._note(ask, f"no answer ({type(error).__name__})")
            return
        if len(found) != 1:
            self._note(ask, f"{len(found)} answers to one request")
        for answer in found:
            self.statuses[answer.status] += 1
            told = answer.body.decode("utf-8", "replace")
            for fault in self.judge.of_answer(answer, ask.method, ask.path):
                self._note(ask, fault)
            for one in ask.hidden:
                if one in told:
                    self._note(ask, f"{one}, which is out of reach")

    async def _said(self, caller: Caller, frame: str | bytes) -> None:
        self.requests += 1
        ask = Ask("", "/api/live", "a strange frame", frame if isinstance(frame, bytes) else frame.encode())
        headers = [(name.decode(), value.decode("latin-1")) for name, value in caller.headers]
        try:
            socket = await connect(
                f"ws://127.0.0.1:{self.port}/api/live", additional_headers=headers, proxy=None, open_timeout=60
            )
        except InvalidStatus as refused:  # as is right for who may see nothing of the plant
            told = refused.response
            form = {name.lower(): value for name, value in told.headers.raw_items()}
            for fault in self.judge.of_answer(Answer(told.status_code, form, bytes(told.body or b"")), "GET", ask.path):
                self._note(ask, fault)
            return
        async with socket:
            async for text in _heard(socket, frame, self.topic):
                for fault in self.judge.of_text(text):
                    self._note(ask, fault)
                for one in caller.hidden:
                    if one in text:
                        self._note(ask, f"{one}, which is out of reach")
            if socket.close_code == 1011:
                self._note(ask, "the socket fell over")

    def _note(self, ask: Ask, fault: str) -> None:
        self.faults.setdefault(f"{ask.method} {ask.path}: {fault}", str(ask))


async def _heard(socket: ClientConnection, frame: str | bytes, topic: str) -> AsyncIterator[str]:
    """What is said on a socket after a frame, up to the answer to a good one."""
    try:
        await socket.send(frame)
        await socket.send(f'{{"subscribe": ["{topic}"]}}')
        text = ""
        while f'"{topic}"' not in text:
            text = str(await asyncio.wait_for(socket.recv(), 120))
            yield text
    except ConnectionClosed as closed:
        yield str(closed)
