"""The line model, `lineside.line/1`: plain data that says how parts flow through stations.

Every class is a frozen value and its part of the published JSON schema at once. What it all means, moment by
moment, is told in the manual's page on the line model; three engines give that meaning, and tests hold them to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lineside.twin.distributions import Law, NonNegative, Positive, as_law

SCHEMA: Literal["lineside.line/1"] = "lineside.line/1"
OUT = "out"
SCRAP = "scrap"
ANY = "*"

Name = Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=64)]
Time = Annotated[Law, Field(discriminator="type"), BeforeValidator(as_law)]
Whole = Annotated[int, Field(ge=1)]


def by_product(value: Any) -> Any:
    """One distribution for all products, or one for each product with `*` for the others."""
    if isinstance(value, Mapping) and "type" not in value:
        return value
    return {ANY: value}


def as_buffer(value: Any) -> Any:
    """A number is a capacity; null is a buffer without end."""
    return value if isinstance(value, Mapping) else {"capacity": value}


def as_routes(value: Any) -> Any:
    """A name is one route that everything takes."""
    if isinstance(value, str):
        return ({"to": value},)
    return (value,) if isinstance(value, Mapping) else value


TimeByProduct = Annotated[Mapping[str, Time], BeforeValidator(by_product)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Product(_Part):
    """What is made."""

    priority: int = Field(0, description="In every queue the greater goes first, equals in the order they came.")


class Calendar(_Part):
    """When a station works: spans of time from 0 on, repeated after `period`."""

    on: Annotated[tuple[tuple[NonNegative, Positive], ...], Field(min_length=1)]
    period: Positive | None = Field(None, description="Left out: off for good after the last span.")
    begun: NonNegative = Field(0.0, alias="from", description="The time of the period at which time 0 lies.")


class Resource(_Part):
    """Operators or repair crews that stations share."""

    count: Whole


class Pallets(_Part):
    """Carriers that go round: a part takes one at `load` and gives it back when it leaves `unload`."""

    count: Whole
    load: Name
    unload: Name
    back: Time | None = Field(None, description="How long an empty carrier takes back to `load`.")


class Buffer(_Part):
    """Places where parts wait, first in, first out."""

    capacity: Annotated[int, Field(ge=0)] | None = Field(description="Places; null is no limit.")
    initial: Annotated[int, Field(ge=0)] | Mapping[str, Annotated[int, Field(ge=0)]] | tuple[Name, ...] = Field(
        0,
        description="Parts in it at time 0: how many, how many of each product, or the product of each in order.",
    )


class Route(_Part):
    """Where a part goes next."""

    to: str = Field(description='A station, a buffer, "out" or "scrap".')
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    product: Name | None = Field(None, description="Only parts of this product take it.")
    transfer: Time | None = Field(None, description="How long the way takes.")


class Failure(_Part):
    """One way in which a station fails."""

    time_to_failure: Time
    repair: Time
    clock: Literal["operating", "calendar"] = Field(
        "operating", description="What wears it: working time, or all scheduled time in which it is not down."
    )
    needs: Mapping[Name, Whole] = Field({}, description="Resources the repair takes.")


class Setup(_Part):
    """What changing from one product to another takes."""

    before: str = Field(ANY, alias="from", description="Product made before; `*` is any.")
    after: str = Field(ANY, alias="to", description="Product to be made; `*` is any.")
    time: Time


class _Server(_Part):
    made: Name | None = Field(None, description="The product it made before, for set-ups; left out, none.")


class _Busy(_Server):
    product: Name | None = Field(
        None, description="What its part is; left out, what the station makes, else the first product."
    )


class Idle(_Server):
    """A server without a part."""

    state: Literal["idle"]


class Working(_Busy):
    """A server at work on a part."""

    state: Literal["working"]
    left: Time | None = Field(None, description="Of the work; left out, all of it.")


class SettingUp(_Busy):
    """A server in set-up for a part."""

    state: Literal["setup"]
    left: Time | None = Field(None, description="Of the set-up; left out, all of it.")


class Waiting(_Busy):
    """A server whose part waits for the resources it needs."""

    state: Literal["waiting"]


class Blocked(_Busy):
    """A server whose part waits for room: finished, or with `blocking = "before"` not begun."""

    state: Literal["blocked"]


Busy: TypeAlias = Working | SettingUp | Waiting | Blocked


class Down(_Server):
    """A server that has failed."""

    state: Literal["down"]
    failure: Name
    left: Time | None = Field(None, description="Of the repair; left out, all of it.")
    doing: Annotated[Busy, Field(discriminator="state")] | None = Field(
        None, description="What it does with its part, were it not down; left out, it has none."
    )


Start = Annotated[Idle | Working | SettingUp | Waiting | Blocked | Down, Field(discriminator="state")]


class Station(_Part):
    """One machine, or several alike that share a queue."""

    work: TimeByProduct = Field(description="Time one part takes; by product where they differ.")
    servers: Whole = 1
    buffer: Annotated[Buffer | None, BeforeValidator(as_buffer)] = Field(
        None,
        description="Its own queue, named by the station: places, or null for no limit. Left out where it `takes`.",
    )
    takes: Mapping[Name, Whole] = Field(
        {}, description="Parts it puts together: so many from each buffer (its own queue included if named)."
    )
    makes: Name | None = Field(None, description="Product it turns a part into; the first taken one's when left out.")
    to: Annotated[tuple[Route, ...], BeforeValidator(as_routes), Field(min_length=1)]
    blocking: Literal["after", "before"] = Field(
        "after", description="Holds the finished part until there is room, or does not begin before there is."
    )
    failures: Mapping[Name, Failure] = {}
    setups: tuple[Setup, ...] = ()
    needs: Mapping[Name, Whole] = Field({}, description="Resources a part takes from its set-up to its finish.")
    priority: int = Field(0, description="For resources and places the greater goes first.")
    calendar: Name | None = None
    start: tuple[Start, ...] = Field((), description="What its servers do at time 0, one each; the others are idle.")


class Plan(_Part):
    """Which product is due when."""

    due: Annotated[tuple[tuple[NonNegative, Name], ...], Field(min_length=1)] = Field(
        description="From which time on which product, in order, from 0 on."
    )
    period: Positive | None = Field(None, description="After it the plan begins again.")


class Source(_Part):
    """Where parts come from. Without `interval` there is always another."""

    to: Name
    product: Name | Mapping[Name, Positive] | None = Field(None, description="A product, or weights of several.")
    plan: Plan | None = Field(None, description="In place of `product`: what is due when a part enters the line.")
    interval: Time | None = None
    first: NonNegative | None = Field(None, description="When the first comes; else after one interval.")
    batch: Whole = Field(1, description="So many come together.")
    limit: Whole | None = Field(None, description="So many in all, and no more.")
    full: Literal["wait", "lose"] = Field("wait", description="What becomes of a part that finds no place.")


class Order(_Part):
    """So many of a product, wanted by a time."""

    id: Name
    product: Name | None = None
    quantity: Whole
    release: NonNegative = 0.0
    due: NonNegative | None = None
    to: Name


class Line(_Part):
    """A line: stations, what feeds them, what they share."""

    form: Literal["lineside.line/1"] = Field(alias="schema")
    name: str = ""
    time_unit: str = Field("s", description="Said beside every time; all times of the file are in it.")
    products: Mapping[Name, Product] = {}
    calendars: Mapping[Name, Calendar] = {}
    resources: Mapping[Name, Resource] = {}
    pallets: Mapping[Name, Pallets] = {}
    buffers: Mapping[Name, Annotated[Buffer, BeforeValidator(as_buffer)]] = {}
    sources: Mapping[Name, Source] = {}
    orders: tuple[Order, ...] = ()
    stations: Annotated[Mapping[Name, Station], Field(min_length=1)]
