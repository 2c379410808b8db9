"""A fitted twin: the line model, and for each of its parameters what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from lineside.errors import ConfigurationError
from lineside.twin.model import Line
from lineside.twin.reading import Finding, parse_line

TWIN: Literal["lineside.twin/1"] = "lineside.twin/1"
Origin: TypeAlias = Literal["measured", "assumed", "entered"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the model: a mean, a share or a number, with its 95 % interval where it was measured."""

    path: str
    """JSON pointer into the line model."""
    what: str
    """work, setup, life, repair, places, share, servers, interval, transfer, or calendar."""
    station: str | None
    about: str
    """The product, failure, target or pair it is about; empty where there is one only."""
    value: float | None
    unit: str
    n: int
    low: float | None = None
    high: float | None = None
    origin: Origin = "measured"
    note: str = ""
    """Key of a sentence on how far it can be trusted, under `fit.note`; empty where there is nothing to add."""


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter that drifted: since when, and the new level over the old."""

    what: str
    station: str
    about: str
    since: float
    factor: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What a station was seen doing in the record, to be held beside what the twin says."""

    station: str
    shares: Mapping[str, float]
    """Of the time known, by state; where only parts were recorded, all waiting counts as for parts."""
    finished: int
    coverage: float


@dataclass(frozen=True, slots=True)
class Twin:
    """A line model fitted to a record, with where everything came from."""

    line: Line
    names: Mapping[str, str]
    """What the record calls stations and products whose names a line model cannot hold."""
    parameters: tuple[Parameter, ...]
    changes: tuple[Change, ...]
    seen: tuple[Seen, ...]
    findings: tuple[Finding, ...]
    epoch: datetime | None
    start: float
    end: float
    made: int
    """Good parts that left the line in the record."""
    on: float
    """Seconds on shift in the record, at the stations from which parts leave it."""

    def plain(self) -> dict[str, Any]:
        """The twin as JSON (`lineside.twin/1`)."""
        return {
            "schema": TWIN,
            "line": plain_line(self.line),
            "names": dict(self.names),
            "parameters": [asdict(parameter) for parameter in self.parameters],
            "changes": [asdict(change) for change in self.changes],
            "seen": [asdict(seen) for seen in self.seen],
            "findings": [{"path": f.path, "problem": f.problem, "fields": dict(f.fields)} for f in self.findings],
            "epoch": None if self.epoch is None else self.epoch.isoformat(),
            "start": self.start,
            "end": self.end,
            "made": self.made,
            "on": self.on,
        }


def plain_line(line: Line) -> dict[str, Any]:
    """A line model as the JSON document it can be read from."""
    return line.model_dump(mode="json", by_alias=True, exclude_unset=True)


def parse_twin(document: Mapping[str, Any], name: str = "twin") -> Twin:
    """The twin a JSON document holds. Raises ConfigurationError for another schema, LineRefused for a wrong model."""
    if document.get("schema") != TWIN:
        raise ConfigurationError("fit.no_twin", name=name, found=str(document.get("schema")), schema=TWIN)
    epoch = document["epoch"]
    return Twin(
        line=parse_line(document["line"], name),
        names=document["names"],
        parameters=tuple(Parameter(**told) for told in document["parameters"]),
        changes=tuple(Change(**told) for told in document["changes"]),
        seen=tuple(Seen(**told) for told in document["seen"]),
        findings=tuple(Finding(told["path"], told["problem"], told["fields"]) for told in document["findings"]),
        epoch=None if epoch is None else datetime.fromisoformat(epoch).astimezone(UTC),
        start=document["start"],
        end=document["end"],
        made=document["made"],
        on=document["on"],
    )
