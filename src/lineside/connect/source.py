"""What a source is: it talks to one peer, hands on what it hears, and says in words how it fares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from lineside.connect.found import Look, Surroundings
from lineside.connect.vitals import Vitals
from lineside.errors import ConfigurationError, LinesideError
from lineside.plant import Kind, SourceSettings


class SourceState(StrEnum):
    """How a source fares."""

    STARTING = "starting"
    ACTIVE = "active"
    DEGRADED = "degraded"
    STOPPED = "stopped"


class Promise(StrEnum):
    """What a source can promise of what its peer says while it runs, and while the connection is down."""

    ACKNOWLEDGED = "acknowledged"
    """The peer keeps each value until it is durable here: it is stored exactly once."""
    REPLAYABLE = "replayable"
    """The peer can be asked again, as far back as it keeps what it said; what lies further back is told as lost."""
    BEST_EFFORT = "best effort"
    """What is said while nobody listens is lost, and told as a gap."""


class Sink(Protocol):
    """Where a source hands on what it hears."""

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Returns when the batch (schema OBSERVATIONS) is durable."""

    async def heard(self, start: int, end: int, *, durable: bool = False) -> None:
        """The peer was heard from `start` to `end` (microseconds); what it did not say did not change.

        With `durable` it returns when that, and what was told before, is on disk.
        """

    async def lost(self, time: int, key: str, **fields: object) -> None:
        """Some of what the peer said was lost at this time (microseconds); returns when that is durable."""

    def status(self, state: SourceState, key: str, **fields: object) -> None:
        """The source's state changed; `key` names the text of the reason, `fields` fill it."""


@dataclass(frozen=True, slots=True)
class Option:
    """One setting only a type of source knows: what it is when left out, and the range of a number."""

    default: float | bool | str
    description: str
    low: float = 0.0
    high: float = float("inf")


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that a source has read: when (microseconds UTC), what it held, and the first faults in it."""

    name: str
    time: int
    rows: int
    values: int
    faulty: int
    """Rows with a fault."""
    faults: Sequence[Sequence[Any]]
    """Reason (a text key below `connect.setaside`), row, column and cell."""
    error: Sequence[Any] | None
    """Key and fields of what makes the file unusable."""


class Source(ABC):
    """A live source of observations. It reads; it never writes to a machine.

    `memory` holds what it needs to go on where it stopped; hand it to the source made in its place. So with
    `vitals`, the figures that are measured of it.
    """

    OPTIONS: ClassVar[Mapping[str, Option]] = {}
    PROMISE: ClassVar[Promise] = Promise.BEST_EFFORT
    SCHEMES: ClassVar[frozenset[str]] = frozenset()
    """How addresses begin at which it can look around, such as `http`."""

    def __init__(self, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        self.settings = settings
        self.wanted = dict(wanted)
        self.memory: dict[str, Any] = {}
        self.vitals = Vitals()
        self.zone: ZoneInfo | None = None
        """Whose clock its local times show; None for that of this computer."""
        self._options = checked_options(settings, self.OPTIONS)

    @classmethod
    def beside(cls, settings: SourceSettings) -> SourceSettings:
        """The settings with which to listen beside the node that has these, taking nothing away from it."""
        return settings

    async def look_around(self, look: Look) -> Surroundings:
        """What there is at the address of the settings. Raises what `run` would tell as its health.

        Where the answer has not `listened`, a source of this type is run on what was found to watch its values.
        """
        del look
        return Surroundings(self.settings, [])

    @property
    def misread(self) -> Mapping[str, LinesideError]:
        """The wanted addresses that can mean nothing to this type, and why; the others are read."""
        return {}

    @property
    def files(self) -> Sequence[FileRead]:
        """The files it read last, the newest first; none where it reads no files."""
        return ()

    @abstractmethod
    async def run(self, sink: Sink) -> None:
        """Delivers until cancelled; connects again by itself. Raises only what `sink` raises."""

    def number(self, name: str) -> float:
        """The value of a number option."""
        return float(self._options[name])

    def text(self, name: str) -> str:
        """The value of a text option."""
        return str(self._options[name])


def checked_options(settings: SourceSettings, known: Mapping[str, Option]) -> dict[str, Any]:
    """The value of each known option; raises ConfigurationError for a name or value that means nothing."""
    for name, value in settings.options.items():
        option = known.get(name)
        if option is None:
            raise ConfigurationError(
                "connect.option_unknown", source=settings.id, name=name, known=", ".join(known) or "-"
            )
        if not _fits(value, option):
            raise ConfigurationError(
                "connect.option_value",
                source=settings.id,
                name=name,
                value=value,
                low=option.low,
                high=option.high,
            )
    return {name: settings.options.get(name, option.default) for name, option in known.items()}


def _fits(value: object, option: Option) -> bool:
    if isinstance(option.default, bool | str):
        return isinstance(value, type(option.default))
    return isinstance(value, int | float) and not isinstance(value, bool) and option.low <= value <= option.high
