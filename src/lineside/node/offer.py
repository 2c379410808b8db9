"""What a machine offers to MTConnect clients: its data items, under ids that last, in MTConnect's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from lineside.plant import Machine, Plant, Signal, State

DEVICE, PATH = "device", "path"
"""Where a data item stands: at the device itself, or at the path of its controller."""

NO_VALUE = "UNAVAILABLE"
AVAILABILITY, EXECUTION, STATE = "availability", "execution", "state"
COUNTS = {"produced": "ALL", "good": "GOOD", "rejected": "BAD"}
"""Units of the running shift, and MTConnect's subtypes of a part count."""

EXECUTIONS = {
    State.RUNNING: "ACTIVE",
    State.SETUP: "READY",
    State.STARVED: "WAIT",
    State.BLOCKED: "WAIT",
    State.DOWN: "INTERRUPTED",
    State.STOPPED: "STOPPED",
    State.PLANNED_STOP: "STOPPED",
    State.OFF: "STOPPED",
    State.UNMAPPED: NO_VALUE,
    State.NO_DATA: NO_VALUE,
}

_UNITS: dict[str, tuple[str, str, dict[str, str]]] = {
    "WATTAGE": ("Wattage", "WATT", {"mW": "0.001", "W": "1", "kW": "1000", "MW": "1000000"}),
    "ELECTRICAL_ENERGY": (
        "ElectricalEnergy",
        "WATT_SECOND",
        {"J": "1", "Ws": "1", "kJ": "1000", "Wh": "3600", "kWh": "3600000", "MWh": "3600000000"},
    ),
    "VOLT_AMPERE": ("VoltAmpere", "VOLT_AMPERE", {"VA": "1", "kVA": "1000"}),
    "VOLT_AMPERE_REACTIVE": ("VoltAmpereReactive", "VOLT_AMPERE_REACTIVE", {"var": "1", "kvar": "1000"}),
    "VOLTAGE": ("Voltage", "VOLT", {"mV": "0.001", "V": "1", "kV": "1000"}),
    "AMPERAGE": ("Amperage", "AMPERE", {"mA": "0.001", "A": "1"}),
    "RESISTANCE": ("Resistance", "OHM", {"Ω": "1", "Ohm": "1"}),
    "TEMPERATURE": ("Temperature", "CELSIUS", {"°C": "1", "degC": "1", "C": "1"}),
    "PRESSURE": (
        "Pressure",
        "PASCAL",
        {"Pa": "1", "hPa": "100", "mbar": "100", "kPa": "1000", "bar": "100000", "MPa": "1000000"},
    ),
    "ROTARY_VELOCITY": ("RotaryVelocity", "REVOLUTION/MINUTE", {"rpm": "1", "1/min": "1", "r/min": "1", "min-1": "1"}),
    "FREQUENCY": ("Frequency", "HERTZ", {"Hz": "1", "kHz": "1000"}),
    "LENGTH": ("Length", "MILLIMETER", {"µm": "0.001", "um": "0.001", "mm": "1", "cm": "10", "m": "1000"}),
    "VELOCITY": ("Velocity", "MILLIMETER/SECOND", {"mm/s": "1", "m/s": "1000"}),
    "ACCELERATION": (
        "Acceleration",
        "MILLIMETER/SECOND^2",
        {"mm/s²": "1", "mm/s2": "1", "m/s²": "1000", "m/s2": "1000"},
    ),
    "ANGLE": ("Angle", "DEGREE", {"°": "1", "deg": "1"}),
    "TORQUE": ("Torque", "NEWTON_METER", {"Nm": "1", "N·m": "1", "kNm": "1000"}),
    "LINEAR_FORCE": ("LinearForce", "NEWTON", {"N": "1", "kN": "1000"}),
    "FLOW": ("Flow", "LITER/SECOND", {"l/s": "1", "L/s": "1"}),
}
_OF_UNIT = {
    unit: (kind, element, units, Decimal(factor))
    for kind, (element, units, known) in _UNITS.items()
    for unit, factor in known.items()
}
_LOAD = ("LOAD", "Load", "PERCENT", Decimal(1))
_IN_ID = re.compile(r"[^A-Za-z0-9_.\u4e00-\u9fa5-]")


@dataclass(frozen=True, slots=True)
class Item:
    """One data item; `element` is what its values are called in a stream, `factor` turns them into `units`."""

    id: str
    machine: str
    place: str
    category: str
    type: str
    element: str
    sub_type: str = ""
    units: str = ""
    factor: Decimal = Decimal(1)
    signal: str = ""
    series: str = ""


def id_of(machine: str, part: str) -> str:
    """An id that no other machine and part give, and that XML allows; a part of our own begins with a dash."""
    made = _IN_ID.sub(lambda m: f"-{ord(m[0]):x}-", f"{machine.replace('.', '..')}.{part.replace('.', '..')}")
    return f"_{made}" if made[0].isdigit() or made[0] in "_-" else made


def offer(plant: Plant) -> tuple[Item, ...]:
    """Every data item of the plant, machine after machine."""
    return tuple(item for machine in plant.machines.values() for item in _of(machine))


def _of(machine: Machine) -> list[Item]:
    def event(name: str, place: str, kind: str, element: str, sub_type: str = "") -> Item:
        return Item(id_of(machine.id, f"-{name}"), machine.id, place, "EVENT", kind, element, sub_type)

    items = [event(AVAILABILITY, DEVICE, "AVAILABILITY", "Availability")]
    if machine.states:
        items.append(event(EXECUTION, PATH, "EXECUTION", "Execution"))
        items.append(event(STATE, DEVICE, "VARIABLE", "Variable"))
    if machine.units is not None:
        items += [event(name, PATH, "PART_COUNT", "PartCount", sub) for name, sub in COUNTS.items()]
    return items + [_signal(machine, signal) for signal in machine.signals.values()]


def _signal(machine: Machine, signal: Signal) -> Item:
    known = None
    if signal.kind in ("measure", "counter"):
        loaded = signal.unit == "%" and "load" in signal.id.lower()
        known = _LOAD if loaded else _OF_UNIT.get(signal.unit)
    category, kind, element, units, factor = "EVENT", "VARIABLE", "Variable", "", Decimal(1)
    if known is not None:
        category, (kind, element, units, factor) = "SAMPLE", known
    elif signal.kind == "condition":
        category, kind, element = "CONDITION", "SYSTEM", "Condition"
    return Item(
        id_of(machine.id, signal.id),
        machine.id,
        DEVICE,
        category,
        kind,
        element,
        units=units,
        factor=factor,
        signal=signal.id,
        series=f"{machine.id}/{signal.id}",
    )
