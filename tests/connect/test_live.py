from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect import MemorySink, SourceSettings, SourceState, source
from lineside.connect.live import reason, without_password

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]


class FullDisk(MemorySink):
    """A sink that can keep nothing."""

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Refuses."""
        raise OSError(28, "No space left on device", batch.num_rows)


@pytest.mark.parametrize("scheme", ["tcp", "http", "opc.tcp", "mqtt"])
async def test_a_password_in_an_address_is_never_shown(
    listening: Listening, free_port: int, scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the fields of a status, nor in its sentence, nor in the log; the host is."""
    caplog.set_level(logging.INFO, "lineside")

    async with listening(f"{scheme}://me:geheim@127.0.0.1:{free_port}/", {"a": "text"}) as sink:
        await sink.until(lambda s: any(one.key == "connect.unreachable" for one in s.told))

    shown = "".join(f"{one.fields}{one.sentence()}{one.sentence('zh')}" for one in sink.told) + caplog.text
    assert "geheim" not in shown
    assert f"127.0.0.1:{free_port}" in shown


@given(user=st.text("ab:%", max_size=4), password=st.text("xyz:%!", min_size=3), host=st.sampled_from(["h", "h:1/p"]))
def test_an_address_is_shown_without_its_password(user: str, password: str, host: str) -> None:
    """Whatever stands before the last `@` stays hidden."""
    assert without_password(f"tcp://{user}:{password}@{host}") == f"tcp://{host}"
    assert without_password(f"{user}:{password}@{host}") == host
    assert without_password(f"tcp://{host}") == f"tcp://{host}"


@pytest.mark.parametrize("scheme", ["tcp", "http", "opc.tcp", "mqtt"])
@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"\0\xff\xfe\n" * 200, b""])
async def test_a_peer_of_another_kind_ends_no_source(
    listening: Listening, scheme: str, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever answers at the port, the source goes on trying and says that no values come."""
    caplog.set_level(logging.CRITICAL, "asyncua")

    asked = asyncio.Queue[None]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.put_nowait(None)
        if scheme != "tcp":
            await reader.read(64)
        writer.write(answer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, listening(f"{scheme}://127.0.0.1:{port}", {"a": "text"}, options={"connect_s": 1}) as sink:
        await sink.until(lambda s: any(one.state is SourceState.DEGRADED for one in s.told))
        for _ in range(2):
            await asyncio.wait_for(asked.get(), 5)
        assert sink.told[-1].state is not SourceState.STOPPED

    assert sink.observations == []


async def test_what_the_sink_raises_ends_the_source() -> None:
    """A full disk is not the machine's fault; whoever runs the source must know."""
    sink = FullDisk()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"2024-01-01T00:00:00Z|a|1\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    settings = SourceSettings.model_validate({"id": "mill", "type": "shdr", "url": url})

    async with server:
        with pytest.raises(OSError, match="No space left"):
            await asyncio.wait_for(source(settings, {"a": "measure"}).run(sink), 5)

    assert sink.told[-1].state is SourceState.STOPPED
    assert sink.spans == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('192.0.2.1', 1)"), "Connection refused"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (OSError("Multiple exceptions:\n one, two"), "Multiple exceptions: one, two"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_a_reason_is_words_in_one_line(error: OSError, said: str) -> None:
    """Neither numbers nor tuples nor line ends reach the reader."""
    assert reason(error) == said
