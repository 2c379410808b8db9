"""Reads `hub.toml`: who runs a hub, where its books lie, and how it protects its members.

What a figure depends on has no default: a key that is missing is told, and nothing runs without it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from lineside.errors import ConfigurationError
from lineside.exchange import catalogue
from lineside.plant import HUB_FILE, Contradiction, Identifier, Misworded, Table, is_private, parse_zone, read_settings
from lineside.rules import industries, size_schemes

_MOST_ENTERPRISES = 10**8


def _within(low: float, high: float, raw: object) -> object:
    """A number from `low` to `high`."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not low <= raw <= high:
        raise Misworded("hub.range", value=repr(raw)[:40], low=low, high=high)
    return raw


def _between(low: float, high: float) -> BeforeValidator:
    return BeforeValidator(partial(_within, low, high))


def _parse_address(raw: object) -> str:
    """Where members reach the hub; empty where files travel on a stick."""
    text = str(raw).strip().rstrip("/")
    if text and not is_private(text):
        raise Misworded("hub.address", value=text[:200])
    return text


def _parse_url(raw: object) -> str | None:
    """The address of a database, without a password: the file is copied and shown."""
    if raw is None:
        return None
    try:
        told = make_url(str(raw))
    except ArgumentError:
        raise Misworded("books.no_url") from None
    if told.get_backend_name() != "postgresql":
        raise Misworded("books.no_url")
    if told.password is not None:
        raise Misworded("hub.password")
    return str(raw)


def _parse_scheme(raw: object) -> str:
    if raw not in size_schemes():
        raise Misworded("hub.size_scheme", value=str(raw)[:40], known=", ".join(size_schemes()))
    return str(raw)


def _parse_indicator(raw: object) -> str:
    known = [one.id for one in catalogue().indicators.values() if one.compared]
    if raw not in known:
        raise Misworded("hub.unknown", value=str(raw)[:40], known=", ".join(known))
    return str(raw)


def _parse_industry(raw: object) -> str:
    try:
        return industries().of(str(raw)).code
    except ConfigurationError as error:
        raise Misworded(error.key, **error.fields) from error


class Kept(Table):
    """In which database of PostgreSQL the books lie."""

    url: Annotated[str | None, BeforeValidator(_parse_url)] = Field(
        None, description='Its address without a password: "postgresql:///?service=hub" or "postgresql://hub@db/hub".'
    )
    url_env: str | None = Field(None, description="Environment variable that holds the address, password included.")


class Protection(Table):
    """What members and the public may be told of groups."""

    group: Annotated[int, _between(3, 1000)] = Field(
        description="So many members at least stay hidden among each other: a figure needs group + colluders members."
    )
    colluders: Annotated[int, _between(0, 100)] = Field(
        description="So many members may put together what they know, and still learn nothing of another."
    )
    largest: Annotated[float, _between(0.05, 1.0)] = Field(
        description="No sum is told of which one member is more than this share."
    )


class Telling(Table):
    """When members are told of groups."""

    days: Annotated[int, _between(0, 366)] = Field(
        description="A month is told so many days after its end; what comes later waits until enough have corrected."
    )
    generated: bool = Field(description="Whether generated members count in figures, as in a demonstration.")


class Leaving(Table):
    """What becomes of members that ended."""

    days: Annotated[int, _between(0, 36_600)] = Field(
        description="So many days after its end what a member said is erased, as the agreement has it."
    )


class Observatory(Table):
    """What the public is told each quarter."""

    indicators: Annotated[tuple[Annotated[str, BeforeValidator(_parse_indicator)], ...], Field(min_length=1)]
    epsilon: Annotated[float, _between(0.01, 10.0)] = Field(
        description="Of the mean of all, and once more of those of all industries: the smaller, the more noise."
    )
    budget: Annotated[float, _between(0.01, 1000.0)] = Field(
        description="Epsilon in all; when it is spent nothing more is told until a person raises it."
    )


class Names(Table):
    """What something is called, by language."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class Region(Table):
    """A part of the hub's area."""

    code: Identifier = Field(description="By which members name it.")
    name: Names
    tile: tuple[int, int] = Field(description="Column and row of its tile on the map, from 0.")


class Population(Table):
    """How many enterprises there are of a kind, members or not: what coverage is told against."""

    industry: Annotated[str, BeforeValidator(_parse_industry)] = Field(description="Two digits of GB/T 4754.")
    size: str = Field(description="A class of the size scheme.")
    region: str | None = Field(None, description="Code of the region; all of them when left out.")
    enterprises: Annotated[int, _between(0, _MOST_ENTERPRISES)]
    source: str = Field(min_length=1, description="Where the number is from, with its year.")


class Chain(Table):
    """Industries that supply each other: those whose goods the next ones need come first."""

    id: Identifier = Field(description="By which pages name it.")
    name: Names
    industries: Annotated[tuple[Annotated[str, BeforeValidator(_parse_industry)], ...], Field(min_length=2)] = Field(
        description="Two digits of GB/T 4754 each, from the first supplier to who makes the last product."
    )


class Concern(Table):
    """What an incident may concern: who looks after it may look at it."""

    id: Identifier = Field(description="By which members and roles name it: overseer@concern/security.")
    name: Names


CONCERNS = tuple(
    Concern(id=one, name=Names(en=en, zh=zh))
    for one, en, zh in (
        ("safety", "Safety at work", "安全生产"),
        ("environment", "Environment", "生态环境"),
        ("quality", "Quality", "质量"),
        ("security", "Security of information", "信息安全"),
    )
)
"""Of a hub whose settings name none: no figure depends on them."""


class HubSettings(Table):
    """What a person wrote of a hub."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    address: Annotated[str, BeforeValidator(_parse_address)] = Field(
        "", description="Where members reach it: https://hub.example. Without it they send files."
    )
    time_zone: Annotated[str, BeforeValidator(parse_zone)] = Field(description="IANA name; by it a month is over.")
    size_scheme: Annotated[str, BeforeValidator(_parse_scheme)] = Field(
        description="By which members are classed: " + ", ".join(size_schemes()) + "."
    )
    books: Kept = Field(Kept(url=None, url_env=None), description="Left out, they lie in a file of the folder.")
    protection: Protection
    telling: Telling | None = Field(None, description="Left out, no figures of groups are told.")
    observatory: Observatory | None = Field(None, description="Left out, the public is told no figures.")
    leaving: Leaving | None = Field(None, description="Left out, nothing that a former member said is erased.")
    regions: Annotated[tuple[Region, ...], Field(alias="region", min_length=1)]
    population: tuple[Population, ...] = ()
    chains: Annotated[tuple[Chain, ...], Field(alias="chain")] = ()
    concerns: Annotated[tuple[Concern, ...], Field(alias="concern", min_length=1)] = CONCERNS

    @property
    def in_database(self) -> bool:
        """Whether the books lie elsewhere than in the folder."""
        return self.books.url is not None or self.books.url_env is not None

    @property
    def region_codes(self) -> tuple[str, ...]:
        """By which members name where they are."""
        return tuple(one.code for one in self.regions)

    @property
    def concern_ids(self) -> tuple[str, ...]:
        """By which members and roles name what an incident concerns."""
        return tuple(one.id for one in self.concerns)


def read_hub(folder: Path) -> HubSettings:
    """The settings of a folder. Raises PlantFileError with every finding, ConfigurationError without a file."""
    return read_settings(folder / HUB_FILE, HubSettings, "hub.no_file", _contradictions)[1]


def books_url(settings: HubSettings, environment: Callable[[str], str | None] = os.environ.get) -> str | None:
    """The address of the database that the settings name; None for a file of the folder. Raises ConfigurationError."""
    name = settings.books.url_env
    if name is None:
        return settings.books.url
    found = environment(name)
    if not found:
        raise ConfigurationError("hub.no_url_env", name=name)
    return found


def _contradictions(told: HubSettings) -> Iterator[Contradiction]:
    if told.books.url is not None and told.books.url_env is not None:
        yield ("books", "url_env"), "hub.two_books", {}
    if told.observatory is not None and told.telling is None:
        yield ("observatory",), "hub.no_telling", {}
    yield from _twice([("region", at, "code") for at in range(len(told.regions))], told.region_codes)
    yield from _twice([("region", at, "tile") for at in range(len(told.regions))], [one.tile for one in told.regions])
    yield from _twice([("chain", at, "id") for at in range(len(told.chains))], [one.id for one in told.chains])
    for at, one in enumerate(told.chains):
        yield from _twice([("chain", at, "industries", place) for place in range(len(one.industries))], one.industries)
    yield from _twice([("concern", at, "id") for at in range(len(told.concerns))], told.concern_ids)
    sizes = [one.id for one in size_schemes()[told.size_scheme].classes]
    for at, kind in enumerate(told.population):
        if kind.size not in sizes:
            yield ("population", at, "size"), "hub.unknown", {"value": kind.size, "known": ", ".join(sizes)}
        if kind.region is not None and kind.region not in told.region_codes:
            known = ", ".join(told.region_codes)
            yield ("population", at, "region"), "hub.unknown", {"value": kind.region, "known": known}


def _twice(places: Sequence[tuple[str | int, ...]], values: Sequence[Any]) -> Iterator[Contradiction]:
    """Each place whose value stands at another one, too."""
    times = Counter(values)
    for place, value in zip(places, values, strict=True):
        if times[value] > 1:
            yield place, "hub.twice", {"value": str(value)}
