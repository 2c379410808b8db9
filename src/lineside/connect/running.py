"""Keeps one source running, whatever it meets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from lineside.connect.registry import source
from lineside.connect.source import Sink, Source, SourceState
from lineside.errors import ConfigurationError, LinesideError
from lineside.plant import Kind, SourceSettings

RETRY_S = 10.0
_log = logging.getLogger(__name__)


async def keep_running(
    settings: SourceSettings, wanted: Mapping[str, Kind], sink: Sink, begun: Callable[[Source], None]
) -> None:
    """Runs a source and makes it anew when it ends or fails; returns only where its settings mean nothing.

    `begun` is given each new one before it runs.
    """
    while True:
        try:
            peer = source(settings, wanted)
            begun(peer)
            await peer.run(sink)
            sink.status(SourceState.STOPPED, "node.source_ended", source=settings.id)
        except ConfigurationError as error:
            sink.status(SourceState.STOPPED, error.key, **error.fields)
            return
        except LinesideError as error:
            sink.status(SourceState.DEGRADED, error.key, **error.fields)
        except Exception as error:  # noqa: BLE001 - the supervision boundary: one source never stops the others
            _log.exception("source %s failed", settings.id)
            why = f"{type(error).__name__}: {error}"
            sink.status(SourceState.DEGRADED, "node.source_failed", source=settings.id, error=why)
        await asyncio.sleep(RETRY_S)
