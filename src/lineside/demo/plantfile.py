"""Writes the demo's plant.toml: short, commented, and meant to be read by whoever writes their first one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time

from lineside.demo.recordings import RECORDED, Item, RecordedMachine
from lineside.demo.shifts import DAY_US, ORDERS_AHEAD_DAYS, SHIFTS, Timetable
from lineside.demo.signals import GOOD, POWER, PROCESS, PRODUCT, REJECTED, SITE_NODE, STATE, TEMPERATURE, node_id
from lineside.demo.stations import BOTTLENECK, PRODUCTS, STATIONS, Station
from lineside.demo.works import Works
from lineside.plant import moment, toml_string

ASSEMBLY = "assembly"
BENCH = "bench"
_EXPECTED_OEE = 0.75

_HEAD = """\
# The demo plant of Lineside. Change anything here and watch: the node notices, and says line and cure when
# something does not fit. One machine is one block; paste a block to add a machine.
#
# - Assembly: six simulated stations behind a real OPC UA server: "simulated". They carry the whole OEE.
{about}
[site]
id = {id}
name = {name}
timezone = "{zone}"  # every local time in this file is in it
production_day_starts = "06:00"  # the night shift belongs to the day on which it starts
calendar = "three-shift"

# ---- Calendar: without one nothing is planned and OEE asks for it. -------------------------------------------------

[calendar.three-shift]
name = "Three shifts"
holidays = []  # for example [2026-12-25]

{shifts}
# ---- Areas and lines. The pace station of a line is the machine whose KPIs are the line's. -------------------------

[area.assembly]
name = "Assembly"

[line.pumps]
area = "assembly"
name = "Pump line"
pace = "{pace}"  # the slowest station sets the pace
{machining}
# ---- Products and their ideal cycle times (ISO 22400: planned runtime per item), in seconds. -----------------------

{products}{flange}
# ---- Sources: where data comes from. `files` names recordings that belong to a source. -----------------------------

{sources}[source.{assembly}]
type = "opcua"
url = "opc.tcp://127.0.0.1:{assembly_port}/"
files = "assembly*"
{bench}
# ---- Energy: what the site takes, the factor of its electricity, and the meter of the whole site. ------------------

[energy]
carriers = ["electricity"]
grid = "cn"  # the national average of China; name your own grid

[meter.main]
name = "Main meter, simulated"
of = "site"
source = "{assembly}"
address = "{main_meter}"
unit = "kW"
"""

_ABOUT_MACHINING = """\
# - Machining: real machine tools of the NIST test bed, recorded 2016 to 2019, moved to today: "recorded, shifted".
#   Nobody wrote down their ideal cycle times and their controls were not told to count, so OEE says what it lacks.
# - Deburring: a bench without any signal, where people tell what they made (a tally).
"""

_MACHINING = """
[area.machining]
name = "Machining"

[line.cell]
area = "machining"
name = "Machining cell"
pace = "{cell_pace}"  # the line's KPIs are those of this machine

[line.deburring]
area = "machining"
name = "Deburring"
pace = "bench"
product = "flange"
"""

_FLANGE = """
[product.flange]
name = "Flange, deburred"
ideal_cycle_s = 150.0
"""

_BENCH_SOURCE = """
[source.{bench}]
type = "tally"  # counts come from people, on the tally page
files = "bench*"
"""

_CELL_HEAD = """\

# ---- Machining cell: signals and the rules that make a state of them (the first rule that holds wins). -------------

"""

_STATION_RULES = (
    ("running", "EXECUTE"),
    ("setup", "SETUP"),
    ("starved", "STARVED"),
    ("blocked", "BLOCKED"),
    ("down", "FAULT"),
    ("stopped", "STOPPED"),
)
_STANDING = (
    "READY",
    "STOPPED",
    "INTERRUPTED",
    "FEED_HOLD",
    "PROGRAM_STOPPED",
    "PROGRAM_COMPLETED",
    "OPTIONAL_STOP",
)


def plant_file(times: Timetable, ports: Mapping[str, int], works: Works) -> str:
    """The text of plant.toml for a demo plant with this timetable and these ports."""
    more = works.machining
    recorded = RECORDED if more else ()
    head = _HEAD.format(
        about=_ABOUT_MACHINING if more else "",
        id=toml_string(works.id),
        name=toml_string(works.name),
        zone=times.zone.key,
        shifts="\n".join(_shifts(times)),
        pace=BOTTLENECK,
        machining=_MACHINING.format(cell_pace=RECORDED[0].id) if more else "",
        products="\n".join(_products()),
        flange=_FLANGE if more else "",
        sources="".join(f"{_recorded_source(machine, ports[machine.id])}\n" for machine in recorded),
        assembly=ASSEMBLY,
        assembly_port=ports[ASSEMBLY],
        main_meter=SITE_NODE,
        bench=_BENCH_SOURCE.format(bench=BENCH) if more else "",
    )
    cell = "\n".join("\n".join(_recorded_machine(machine)) for machine in recorded)
    stations = "\n".join("\n".join(_station(station)) for station in STATIONS)
    orders = "\n".join(_orders(times))
    machines = f"{_CELL_HEAD}{cell}\n{_BENCH}" if more else ""
    return f"{head}{machines}\n{_STATIONS_HEAD}\n{stations}\n{_ORDERS_HEAD}\n{orders}"


_BENCH = """\
# ---- Deburring bench: no signal tells its state, so availability stays open; the counts are told by hand. ----------

[machine.bench]
line = "deburring"
name = "Deburring bench"
source = "bench"
label = "tally"
[machine.bench.signals]
good = { kind = "count", description = "Good pieces since the last entry" }
rejected = { kind = "count", description = "Rejected pieces since the last entry" }
[machine.bench.units]
good = "good"
rejected = "rejected"
"""

_STATIONS_HEAD = """\
# ---- Pump line: six stations with buffers between them. The addresses are OPC UA node ids. -------------------------
"""

_ORDERS_HEAD = """\
# ---- Orders of the pump line. Where orders are, planned busy time is theirs; elsewhere it is the calendar's. -------
# A shift without an order is for cleaning: the line stands, and nothing was planned.
"""


def _shifts(times: Timetable) -> Iterator[str]:
    for (name, start, end), (begin, finish) in zip(SHIFTS, times.breaks, strict=True):
        yield "[[calendar.three-shift.shift]]"
        yield f'name = "{name}"'
        yield 'days = "daily"'
        yield f'start = "{_clock(start)}"'
        yield f'end = "{_clock(end)}"'
        yield f'breaks = ["{_clock(begin)}-{_clock(finish)}"]\n'


def _clock(clock: time) -> str:
    return clock.strftime("%H:%M")


def _products() -> Iterator[str]:
    pace = next(station for station in STATIONS if station.id == BOTTLENECK)
    for product, code in PRODUCTS.items():
        yield f"[product.{product}]"
        yield f'name = "{product.replace("-", " ").capitalize()}"'
        yield f'codes = ["{code}"]  # what the controllers call it'
        yield f"ideal_cycle_s = {pace.ideal_s[product]}"
        others = ", ".join(f"{station.id} = {station.ideal_s[product]}" for station in STATIONS if station is not pace)
        yield f"ideal_cycle_on = {{ {others} }}\n"


def _recorded_source(machine: RecordedMachine, port: int) -> str:
    return (
        f"[source.{machine.id}]  # {machine.origin}\n"
        f'type = "shdr"\nurl = "tcp://127.0.0.1:{port}"\nfiles = "{machine.id}*"\n'
    )


def _recorded_machine(machine: RecordedMachine) -> Iterator[str]:
    yield f"[machine.{machine.id}]"
    yield 'line = "cell"'
    yield f'name = "{machine.name}"'
    yield f'source = "{machine.id}"'
    yield 'label = "recorded, shifted"'
    yield f"[machine.{machine.id}.signals]"
    for item in machine.items:
        yield _signal(item)
    if machine.emergency_stop is not None:
        yield f"[[machine.{machine.id}.states]]"
        yield 'state = "down"'
        yield f'when = {{ {machine.emergency_stop} = "TRIGGERED" }}'
    yield f"[[machine.{machine.id}.states]]"
    yield 'state = "running"'
    yield f'when = {{ {machine.execution} = "ACTIVE" }}'
    yield f"[[machine.{machine.id}.states]]"
    yield 'state = "stopped"'
    standing = ", ".join(f'"{word}"' for word in _STANDING)
    yield f"when = {{ {machine.execution} = [{standing}] }}\n"


def _signal(item: Item) -> str:
    parts = [f'address = "{item.address}"'] if item.address != item.id else []
    parts.append(f'kind = "{item.kind}"')
    if item.unit:
        parts.append(f'unit = "{item.unit}"')
    if item.description:
        parts.append(f'description = "{item.description}"')
    return f"{item.id} = {{ {', '.join(parts)} }}"


def _station(station: Station) -> Iterator[str]:
    yield f"[machine.{station.id}]"
    yield 'line = "pumps"'
    yield f'name = "{station.name}"'
    yield f'source = "{ASSEMBLY}"'
    yield 'label = "simulated"'
    yield f"[machine.{station.id}.signals]"
    for item in station_signals(station):
        yield _signal(item)
    for state, word in _STATION_RULES:
        yield f"[[machine.{station.id}.states]]"
        yield f'state = "{state}"'
        yield f'when = {{ state = "{word}" }}'
    yield f"[machine.{station.id}.units]"
    yield 'good = "good"'
    yield 'rejected = "rejected"'
    yield 'product = "product"'
    if station.rollover is not None:
        yield f"rollover = {station.rollover}  # this controller counts in 16 bits"
    yield ""


def station_signals(station: Station) -> list[Item]:
    """The signals of a simulated station."""
    signals = [
        Item("state", node_id(station, STATE), "state"),
        Item("product", node_id(station, PRODUCT), "text", description="Code of the product in the station"),
        Item("good", node_id(station, GOOD), "counter", description="Good parts, running total"),
        Item("rejected", node_id(station, REJECTED), "counter", description="Rejected parts, running total"),
        Item("power", node_id(station, POWER), "measure", "kW", "Power of the motors"),
        Item("temperature", node_id(station, TEMPERATURE), "measure", "°C", "Temperature of the main drive"),
    ]
    if station.process is not None:
        value = station.process
        signals.append(Item(value.id, node_id(station, PROCESS), "measure", value.unit, value.description))
    return signals


def _orders(times: Timetable) -> Iterator[str]:
    pace = next(station for station in STATIONS if station.id == BOTTLENECK)
    for run in times.runs(times.now + ORDERS_AHEAD_DAYS * DAY_US):
        quantity = round(run.working_s * _EXPECTED_OEE / pace.ideal_s[run.product] / 10) * 10
        start, end = (moment(us, times.zone).strftime("%Y-%m-%dT%H:%M:%S") for us in (run.start, run.end))
        yield "[[order]]"
        yield f'id = "P-{run.number:03d}"'
        yield 'line = "pumps"'
        yield f'product = "{run.product}"'
        yield f"quantity = {quantity}"
        yield f"start = {start}"
        yield f"end = {end}\n"
