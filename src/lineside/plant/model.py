"""The plant as its file tells it: site > area > line > machine (ISA-95), calendars, products, orders, sources.

Every class is a frozen value and the schema of its part of `plant.toml` at once: the reference page and the
errors are made from the field descriptions below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from lineside.plant.conditions import Condition, parse_condition
from lineside.plant.states import ASSIGNABLE, State
from lineside.plant.wording import (
    parse_break,
    parse_clock,
    parse_days,
    parse_moment,
    parse_state,
    parse_zone,
)

Kind = Literal["state", "measure", "counter", "count", "text", "condition"]
NUMBER_KINDS: frozenset[Kind] = frozenset({"measure", "counter", "count"})

Identifier = Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=64)]
Clock = Annotated[time, BeforeValidator(parse_clock)]
Break = Annotated[tuple[time, time], BeforeValidator(parse_break)]
Days = Annotated[frozenset[int], BeforeValidator(parse_days)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def by_name(tables: Any) -> Any:
    """`[machine.mazak]` gives its table the id `mazak`."""
    if not isinstance(tables, dict):
        return tables
    return {key: {**table, "id": key} if isinstance(table, dict) else table for key, table in tables.items()}


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _Named(_Table):
    id: Identifier = Field("", exclude=True, description="Taken from the table's name.")
    name: str = Field("", description="What people call it; the id when left out.")

    @model_validator(mode="before")
    @classmethod
    def _name_is_id(cls, data: Any) -> Any:
        if isinstance(data, dict) and "id" in data and "name" not in data:
            return {**data, "name": data["id"]}
        return data


class Shift(_Table):
    """A shift that recurs on given weekdays. An end not after the start is on the next day."""

    name: str = Field(description="What people call the shift.")
    days: Days = Field(
        frozenset(range(7)), description='Weekdays it starts on: "mon-fri", "sat,sun", "daily" or a list.'
    )
    start: Clock = Field(description='Local start, "06:00".')
    end: Clock = Field(description='Local end, "14:00"; not after the start means the next day.')
    breaks: tuple[Break, ...] = Field((), description='Breaks, not planned for production: ["09:00-09:15"].')


class Override(_Table):
    """What holds on one date instead of the weekly shifts."""

    date: date
    shifts: tuple[Shift, ...] = Field(description="The shifts that start on that date; an empty list means closed.")
    reason: str = Field("", description="Why, for whoever asks later.")


class Calendar(_Named):
    """When production is planned."""

    shift: tuple[Shift, ...] = Field(description="The weekly shifts.", min_length=1)
    holidays: tuple[date, ...] = Field((), description="Dates on which no shift starts.")
    override: tuple[Override, ...] = Field((), description="Dates with shifts of their own; they win over holidays.")


class Site(_Named):
    """The enterprise's site: one plant folder is one site."""

    id: Identifier = Field(description="Short name of the site, used in addresses.")
    timezone: Annotated[str, BeforeValidator(parse_zone)] = Field(
        description='IANA name of the plant\'s time zone, "Asia/Shanghai".'
    )
    production_day_starts: Clock | None = Field(
        None,
        description="Local time at which a production day begins; needed when a shift runs over midnight.",
    )
    calendar: Identifier | None = Field(None, description="Calendar of every line that names no other.")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone all local times of the file are in."""
        return ZoneInfo(self.timezone)


class Area(_Named):
    """An area of the site."""

    calendar: Identifier | None = Field(None, description="Calendar of this area.")


class Line(_Named):
    """A production line or cell."""

    area: Identifier = Field(description="The area it stands in.")
    pace: Identifier | None = Field(None, description="The pace station: the machine whose KPIs are the line's.")
    calendar: Identifier | None = Field(None, description="Calendar of this line.")
    product: Identifier | None = Field(None, description="Planned production: what it makes when nothing else tells.")


class Product(_Named):
    """Something the plant makes."""

    ideal_cycle_s: Seconds | None = Field(
        None,
        description="Planned runtime per item (ISO 22400-2 PRI) in seconds, on any machine not named below.",
    )
    ideal_cycle_on: Mapping[Identifier, Seconds] = Field({}, description="The same for single machines.")
    codes: tuple[str, ...] = Field((), description="Names machines use for it, beside its id.")


class SourceSettings(_Named):
    """Where data comes from."""

    type: str = Field(
        description='"shdr", "mtconnect", "opcua", "mqtt", "sparkplug", "modbus", "push", "tally" or "file".'
    )
    url: str | None = Field(None, description="Address of the machine, adapter, agent or server.")
    device: str | None = Field(None, description="Which device of an MTConnect agent.")
    files: str | None = Field(None, description='Recordings that belong to it, "Mazak01*"; used by `lineside import`.')
    stale_after_s: Seconds = Field(
        30.0, description="Silence after which the source is called degraded and its machines' state unknown."
    )
    options: Mapping[str, Any] = Field({}, description="Settings only this type knows.")


class Signal(_Named):
    """One value a machine gives."""

    address: str = Field("", description="Its name at the source (data item, node id, column); the id when left out.")
    kind: Kind = Field(
        description="state: a word; measure: a number; counter: a running total; count: units since the last value;"
        " text; condition: a level of an alarm."
    )
    unit: str = Field("", description='Unit of the number, "kW".')
    description: str = Field("", description="What it tells, for people.")

    @model_validator(mode="before")
    @classmethod
    def _address_is_id(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("address"):
            return {**data, "address": data.get("id", "")}
        return data

    @property
    def numeric(self) -> bool:
        """True when its values are numbers."""
        return self.kind in NUMBER_KINDS


class StateRule(_Table):
    """The first rule whose conditions all hold names the machine's state."""

    state: Annotated[State, BeforeValidator(parse_state)] = Field(
        description=", ".join(state.value for state in ASSIGNABLE) + "."
    )
    when: Mapping[Identifier, Annotated[Condition, BeforeValidator(parse_condition)]] = Field(
        description='Signal = value, [values] or "> 2.5"; all must hold. Empty: whenever data is there.'
    )


class UnitsRule(_Table):
    """Which signals count what the machine made."""

    total: Identifier | None = Field(None, description="Counter of all units, good and rejected.")
    good: Identifier | None = Field(None, description="Counter of good units.")
    rejected: Identifier | None = Field(None, description="Counter of rejected units.")
    product: Identifier | None = Field(None, description="Signal that names the product being made.")
    rollover: Annotated[int, Field(gt=1)] | None = Field(
        None, description="Value at which the counters start again from zero (65536 for 16 bits)."
    )


class Machine(_Named):
    """A machine, station or work place: ISA-95 work unit."""

    line: Identifier = Field(description="The line it stands in.")
    source: Identifier | None = Field(None, description="The source its signals come from.")
    label: str = Field("", description='Said beside its name wherever it is shown ("simulated").')
    calendar: Identifier | None = Field(None, description="Calendar of this machine alone.")
    signals: Annotated[Mapping[Identifier, Signal], BeforeValidator(by_name)] = Field(
        {}, description="Its signals by id."
    )
    states: tuple[StateRule, ...] = Field((), description="Rules from signals to states, first match wins.")
    units: UnitsRule | None = Field(None, description="Counters of what it made.")

    @property
    def state_signals(self) -> tuple[Signal, ...]:
        """The signals its state rules look at, in the order first named."""
        ids = dict.fromkeys(signal for rule in self.states for signal in rule.when)
        return tuple(self.signals[i] for i in ids)

    @property
    def kpi_signals(self) -> frozenset[str]:
        """Ids of the signals that its states, units and product rest on: what a KPI or a twin reads of it."""
        units = (
            () if self.units is None else (self.units.total, self.units.good, self.units.rejected, self.units.product)
        )
        return frozenset([s.id for s in self.state_signals] + [signal for signal in units if signal is not None])

    @property
    def series(self) -> dict[str, Signal]:
        """Its signals by series key, `machine/signal`."""
        return {f"{self.id}/{signal.id}": signal for signal in self.signals.values()}


class Keep(_Table):
    """How long values are kept. What is left out is kept for ever."""

    measures_days: Annotated[int, Field(ge=2)] | None = Field(
        None,
        description="Numbers that no KPI reads: every value so long, then of each minute the first, the least, the"
        " greatest and the last.",
    )
    minutes_days: Annotated[int, Field(ge=2)] | None = Field(
        None, description="The same numbers: removed when they are so old."
    )
    texts_days: Annotated[int, Field(ge=2)] | None = Field(
        None, description="States, texts and conditions that no KPI reads: removed when they are so old."
    )
    kpi_days: Annotated[int, Field(ge=32)] | None = Field(
        None,
        description="What KPIs and twins read, and when sources were heard: removed when so old. Earlier time then is"
        " *no data* for good.",
    )
    budget_gb: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="So much of the disk is meant for the plant's data, in 10^9 bytes; told when it will be used up.",
    )

    @property
    def days(self) -> dict[str, int]:
        """The limits that are set, by key."""
        limits = {key: getattr(self, key) for key in ("measures_days", "minutes_days", "texts_days", "kpi_days")}
        return {key: limit for key, limit in limits.items() if limit is not None}


class Order(_Table):
    """A production order."""

    id: str
    product: Identifier
    line: Identifier | None = Field(None, description="The line that makes it (or name a machine).")
    machine: Identifier | None = None
    quantity: Annotated[int, Field(gt=0)]
    start: datetime = Field(description="Planned start; local to the plant unless it has an offset.")
    end: datetime = Field(description="Planned end.")


class MTConnectAgent(_Table):
    """That MTConnect clients can read the plant's machines from this node."""

    version: Literal["1.3", "2.0", "2.3", "2.5", "2.7"] = Field(
        "2.0", description="Version of MTConnect that the documents are valid for."
    )
    buffer: Annotated[int, Field(ge=1000, le=4_000_000)] = Field(
        131_072, description="Values kept in memory for clients that lag or were cut off."
    )


class Plant(_Table):
    """A whole plant, as one edition of its file describes it."""

    valid_from: Annotated[date | datetime | None, BeforeValidator(parse_moment)] = Field(
        None, description="From when this edition judges facts; when left out, from the moment it is noticed."
    )
    site: Site
    calendars: Annotated[Mapping[Identifier, Calendar], BeforeValidator(by_name)] = Field({}, alias="calendar")
    areas: Annotated[Mapping[Identifier, Area], BeforeValidator(by_name)] = Field({}, alias="area")
    lines: Annotated[Mapping[Identifier, Line], BeforeValidator(by_name)] = Field({}, alias="line")
    products: Annotated[Mapping[Identifier, Product], BeforeValidator(by_name)] = Field({}, alias="product")
    sources: Annotated[Mapping[Identifier, SourceSettings], BeforeValidator(by_name)] = Field({}, alias="source")
    machines: Annotated[Mapping[Identifier, Machine], BeforeValidator(by_name)] = Field({}, alias="machine")
    orders: tuple[Order, ...] = Field((), alias="order")
    keep: Keep = Keep.model_validate({})
    mtconnect: MTConnectAgent | None = Field(
        None, description="Serves the machines to MTConnect clients; an empty table is enough."
    )

    def calendar_of(self, machine: Machine) -> Calendar | None:
        """The calendar that plans this machine: its own, its line's, its area's or the site's."""
        line = self.lines[machine.line]
        name = machine.calendar or line.calendar or self.areas[line.area].calendar or self.site.calendar
        return self.calendars[name] if name else None

    def machines_of(self, line: str) -> tuple[Machine, ...]:
        """The machines of a line, in the order the file names them."""
        return tuple(m for m in self.machines.values() if m.line == line)

    def lines_of(self, area: str) -> tuple[Line, ...]:
        """The lines of an area, in the order the file names them."""
        return tuple(line for line in self.lines.values() if line.area == area)

    def orders_of(self, machine: Machine) -> tuple[Order, ...]:
        """The orders planned on this machine or its line."""
        return tuple(
            o for o in self.orders if o.machine == machine.id or (o.machine is None and o.line == machine.line)
        )

    def counted_by_hand(self, machine: Machine) -> bool:
        """Whether people tell what the machine makes."""
        source = self.sources.get(machine.source or "")
        return source is not None and source.type == "tally"

    def ideal_cycle_s(self, product: str, machine: str) -> float | None:
        """Planned runtime per item in seconds, or None where the file names none."""
        known = self.products.get(product)
        return None if known is None else known.ideal_cycle_on.get(machine, known.ideal_cycle_s)

    def product_named(self, word: str) -> str | None:
        """The id of the product a machine calls `word`, or None."""
        if word in self.products:
            return word
        return next((p.id for p in self.products.values() if word in p.codes), None)
