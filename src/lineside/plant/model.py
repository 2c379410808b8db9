"""The plant as its file tells it: site > area > line > machine (ISA-95), calendars, products, orders, sources.

Every class is a frozen value and the schema of its part of `plant.toml` at once: the reference page and the
errors are made from the field descriptions below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PrivateAttr

from lineside.plant.calendar import microseconds
from lineside.plant.conditions import Condition, parse_condition
from lineside.plant.energy import Energy, Meter
from lineside.plant.feed import Feed
from lineside.plant.served import MTConnectAgent, SparkplugNode
from lineside.plant.sign_in import SignIn
from lineside.plant.states import ASSIGNABLE, State
from lineside.plant.table import Addressed, Identifier, Named, Seconds, Table, by_name
from lineside.plant.told import OrderSpan, Place, Told, by_place, filled, rank_of_order
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

Clock = Annotated[time, BeforeValidator(parse_clock)]
Break = Annotated[tuple[time, time], BeforeValidator(parse_break)]
Days = Annotated[frozenset[int], BeforeValidator(parse_days)]


class Shift(Table):
    """A shift that recurs on given weekdays. An end not after the start is on the next day."""

    name: str = Field(description="What people call the shift.")
    days: Days = Field(
        frozenset(range(7)), description='Weekdays it starts on: "mon-fri", "sat,sun", "daily" or a list.'
    )
    start: Clock = Field(description='Local start, "06:00".')
    end: Clock = Field(description='Local end, "14:00"; not after the start means the next day.')
    breaks: tuple[Break, ...] = Field((), description='Breaks, not planned for production: ["09:00-09:15"].')


class Override(Table):
    """What holds on one date instead of the weekly shifts."""

    date: date
    shifts: tuple[Shift, ...] = Field(description="The shifts that start on that date; an empty list means closed.")
    reason: str = Field("", description="Why, for whoever asks later.")


class Calendar(Named):
    """When production is planned."""

    shift: tuple[Shift, ...] = Field(description="The weekly shifts.", min_length=1)
    holidays: tuple[date, ...] = Field((), description="Dates on which no shift starts.")
    override: tuple[Override, ...] = Field((), description="Dates with shifts of their own; they win over holidays.")


class Site(Named):
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
    notice: str | None = Field(
        None,
        max_length=1000,
        description="What whoever is about to log in reads: who may use the node, what is kept.",
    )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone all local times of the file are in."""
        return ZoneInfo(self.timezone)


class Area(Named):
    """An area of the site."""

    calendar: Identifier | None = Field(None, description="Calendar of this area.")


class Line(Named):
    """A production line or cell."""

    area: Identifier = Field(description="The area it stands in.")
    pace: Identifier | None = Field(None, description="The pace station: the machine whose KPIs are the line's.")
    calendar: Identifier | None = Field(None, description="Calendar of this line.")
    product: Identifier | None = Field(None, description="Planned production: what it makes when nothing else tells.")


class Product(Named):
    """Something the plant makes."""

    ideal_cycle_s: Seconds | None = Field(
        None,
        description="Planned runtime per item (ISO 22400-2 PRI) in seconds, on any machine not named below.",
    )
    ideal_cycle_on: Mapping[Identifier, Seconds] = Field({}, description="The same for single machines.")
    codes: tuple[str, ...] = Field((), description="Names machines use for it, beside its id.")


class SourceSettings(Named):
    """Where data comes from."""

    type: str = Field(
        description='"shdr", "mtconnect", "opcua", "mqtt", "sparkplug", "modbus", "push", "folder", "tally" or "file".'
    )
    url: str | None = Field(None, description="Address of the machine, adapter, agent or server.")
    device: str | None = Field(None, description="Which device of an MTConnect agent.")
    files: str | None = Field(
        None, description='Files that belong to it, "Mazak01*"; used by `lineside import` and by a watched folder.'
    )
    stale_after_s: Seconds = Field(
        30.0, description="Silence after which the source is called degraded and its machines' state unknown."
    )
    options: Mapping[str, Any] = Field({}, description="Settings only this type knows.")


class Signal(Addressed):
    """One value a machine gives."""

    kind: Kind = Field(
        description="state: a word; measure: a number; counter: a running total; count: units since the last value;"
        " text; condition: a level of an alarm."
    )
    unit: str = Field("", description='Unit of the number, "kW".')
    description: str = Field("", description="What it tells, for people.")

    @property
    def numeric(self) -> bool:
        """True when its values are numbers."""
        return self.kind in NUMBER_KINDS


class StateRule(Table):
    """The first rule whose conditions all hold names the machine's state."""

    state: Annotated[State, BeforeValidator(parse_state)] = Field(
        description=", ".join(state.value for state in ASSIGNABLE) + "."
    )
    when: Mapping[Identifier, Annotated[Condition, BeforeValidator(parse_condition)]] = Field(
        description='Signal = value, [values] or "> 2.5"; all must hold. Empty: whenever data is there.'
    )


class UnitsRule(Table):
    """Which signals count what the machine made."""

    total: Identifier | None = Field(None, description="Counter of all units, good and rejected.")
    good: Identifier | None = Field(None, description="Counter of good units.")
    rejected: Identifier | None = Field(None, description="Counter of rejected units.")
    product: Identifier | None = Field(None, description="Signal that names the product being made.")
    rollover: Annotated[int, Field(gt=1)] | None = Field(
        None, description="Value at which the counters start again from zero (65536 for 16 bits)."
    )


class Machine(Named):
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


class Keep(Table):
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
    addresses_days: Annotated[int, Field(ge=1)] = Field(
        190,
        description="From which address somebody tried to log in or was refused, as the ledger numbers it: forgotten"
        " so long after it was last seen.",
    )
    outbox_days: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Files on schedule that left: removed from `outbox/` so long after they were written."
    )
    budget_gb: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="So much of the disk is meant for the plant's data, in 10^9 bytes; told when it will be used up.",
    )

    parquet: bool = Field(
        False, description="Writes closed hours also as Parquet files into `data/parquet`, for other tools to read."
    )

    @property
    def days(self) -> dict[str, int]:
        """The limits that are set, by key."""
        limits = {key: getattr(self, key) for key in ("measures_days", "minutes_days", "texts_days", "kpi_days")}
        return {key: limit for key, limit in limits.items() if limit is not None}


class Order(Table):
    """A production order."""

    id: str
    product: Identifier
    line: Identifier | None = Field(None, description="The line that makes it (or name a machine).")
    machine: Identifier | None = None
    quantity: Annotated[int, Field(gt=0)]
    start: datetime = Field(description="Planned start; local to the plant unless it has an offset.")
    end: datetime = Field(description="Planned end.")
    priority: Annotated[int, Field(ge=0)] | None = Field(
        None, description="Of orders that begin together the smallest goes first, one without it last."
    )


class Plant(Table):
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
    energy: Energy | None = None
    meters: Annotated[Mapping[Identifier, Meter], BeforeValidator(by_name)] = Field({}, alias="meter")
    orders: tuple[Order, ...] = Field((), alias="order")
    keep: Keep = Keep.model_validate({})
    feeds: Annotated[Mapping[Identifier, Feed], BeforeValidator(by_name)] = Field({}, alias="feed")
    sign_ins: Annotated[Mapping[Identifier, SignIn], BeforeValidator(by_name)] = Field({}, alias="sign_in")
    mtconnect: MTConnectAgent | None = Field(
        None, description="Serves the machines to MTConnect clients; an empty table is enough."
    )
    sparkplug: SparkplugNode | None = Field(
        None, description="Says states and KPIs at a broker, as an edge node of Sparkplug B."
    )
    _told: Told = PrivateAttr(Told())
    _own: frozenset[str] = PrivateAttr(frozenset())
    _cycles: frozenset[str] = PrivateAttr(frozenset())
    _spans: dict[Place, list[OrderSpan]] | None = PrivateAttr(None)

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

    def with_told(self, told: Told, at: int) -> Plant:
        """The plant with what was told from elsewhere, products as they judge facts of a time (microseconds UTC).

        What the file says wins: an order with the id of one in the file is left out, and of a product only what the
        file does not say is taken. So is an order left out whose product, line or machine the plant does not have.
        """
        products = dict(self.products)
        for product in told.products_at(at):
            products[product.id] = filled(self.products.get(product.id), product)
        plant = self.model_copy(update={"products": products})
        own = {order.id for order in self.orders}
        kept = [o for o in told.orders if o.id not in own and plant.places(o.product, o.line, o.machine)]
        plant = plant.model_copy(update={"orders": (*self.orders, *kept)})
        plant._hold(told, frozenset(own), frozenset(products) - self._with_cycle)  # noqa: SLF001 one of its own
        return plant

    def _hold(self, told: Told, own: frozenset[str], cycles: frozenset[str]) -> None:
        self._told, self._own, self._cycles, self._spans = told, own, cycles, None

    @property
    def _with_cycle(self) -> set[str]:
        return {p.id for p in self.products.values() if p.ideal_cycle_s is not None or p.ideal_cycle_on}

    def places(self, product: str, line: str | None, machine: str | None) -> bool:
        """Whether the plant has the product and the place of an order."""
        placed = machine in self.machines if machine is not None else line in self.lines
        return product in self.products and placed

    def in_file(self, order: str) -> bool:
        """Whether one of the plant's orders stands in its file, so that nothing told from elsewhere changes it."""
        return not self._told or order in self._own

    def cycle_told(self, product: str) -> bool:
        """Whether the ideal cycle of a product was told from elsewhere and does not stand in the file."""
        return product in self._cycles

    def spans_of(self, machine: Machine) -> list[OrderSpan]:
        """What orders plan on this machine or its line, in order of start: each as it was known at the time."""
        if self._spans is None:
            own = [self._span(o) for o in self.orders if self.in_file(o.id)]
            told = [s for s in self._told.spans if s.order not in self._own]
            self._spans = by_place([*own, *(s for s in told if self.places(s.product, s.line, s.machine))])
        of_machine, of_line = self._spans.get(("machine", machine.id), []), self._spans.get(("line", machine.line), [])
        return sorted([*of_machine, *of_line], key=lambda span: (span.start, span.rank))

    def _span(self, order: Order) -> OrderSpan:
        ends = (t if t.tzinfo else t.replace(tzinfo=self.site.zone) for t in (order.start, order.end))
        start, end = (microseconds(t) for t in ends)
        rank = rank_of_order(order.priority)
        return OrderSpan(start, end, order.product, order.id, order.line, order.machine, rank=rank)

    def ordered_from(self, machine: Machine) -> int | None:
        """Since when orders and not the calendar alone say what is planned; None: never.

        Orders of the file do so for as long as the file holds; others from the start of the first on.
        """
        spans = self.spans_of(machine)
        if not spans:
            return None
        return -(2**62) if any(span.told is None for span in spans) else spans[0].start

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
