from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from lineside.connect import MemorySink, Source, SourceState, keep_running
from lineside.plant import SourceSettings


async def test_a_source_whose_settings_mean_nothing_is_told_and_left() -> None:
    """It is not tried again, as only an edited file helps."""
    sink, begun = MemorySink(), list[Source]()

    settings = SourceSettings.model_validate({"id": "s", "type": "carrier pigeon"})

    await keep_running(settings, {}, sink, begun.append)

    assert (sink.told[-1].state, sink.told[-1].key) == (SourceState.STOPPED, "connect.type_unknown")
    assert begun == []


async def test_a_source_that_fails_by_a_fault_is_degraded_and_named(caplog: pytest.LogCaptureFixture) -> None:
    """The fault is told with its source and logged, and the task goes on to try again."""
    sink = MemorySink()

    def begun(_: Source) -> None:
        raise ZeroDivisionError

    settings = SourceSettings.model_validate({"id": "s", "type": "shdr", "url": "tcp://127.0.0.1:9"})
    running = asyncio.create_task(keep_running(settings, {}, sink, begun))
    await sink.until(lambda it: bool(it.told))

    assert not running.done()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    told = sink.told[-1]
    assert (told.state, told.key) == (SourceState.DEGRADED, "node.source_failed")
    assert told.fields == {"source": "s", "error": "ZeroDivisionError: "}
    assert "Traceback" in caplog.text
