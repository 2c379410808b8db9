"""Which types of source there are: entry points of `lineside.sources`, built-in and third-party alike."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from lineside.connect.source import Source
from lineside.errors import ConfigurationError
from lineside.plant import Kind, SourceSettings

GROUP = "lineside.sources"


def sources() -> dict[str, type[Source]]:
    """Every installed type of source, by name."""
    return {point.name: point.load() for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)}


def source(settings: SourceSettings, wanted: Mapping[str, Kind], *, beside: bool = False) -> Source:
    """The source the settings describe; raises ConfigurationError when its type is not installed.

    One that is to listen `beside` the node's own takes nothing away from it.
    """
    points = {point.name: point for point in entry_points(group=GROUP)}
    if settings.type not in points:
        raise ConfigurationError(
            "connect.type_unknown", source=settings.id, type=settings.type, known=", ".join(sorted(points))
        )
    kind: type[Source] = points[settings.type].load()
    return kind(kind.beside(settings) if beside else settings, wanted)
