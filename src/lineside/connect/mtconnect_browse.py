"""What the device model of an MTConnect agent offers as values of signals."""

from __future__ import annotations

from lineside.connect.found import Offer
from lineside.connect.mtconnect_xml import DataItem, Devices
from lineside.plant import Kind

UNITS = {
    "AMPERE": "A",
    "CELSIUS": "°C",
    "COUNT": "",
    "DEGREE": "°",
    "DEGREE/SECOND": "°/s",
    "HERTZ": "Hz",
    "KILOGRAM": "kg",
    "KILOWATT": "kW",
    "KILOWATT_HOUR": "kWh",
    "LITER": "l",
    "MILLIMETER": "mm",
    "MILLIMETER/SECOND": "mm/s",
    "MILLIMETER/MINUTE": "mm/min",
    "NEWTON": "N",
    "NEWTON_METER": "Nm",
    "PASCAL": "Pa",
    "PERCENT": "%",
    "REVOLUTION/MINUTE": "1/min",
    "SECOND": "s",
    "VOLT": "V",
    "WATT": "W",
    "WATT_HOUR": "Wh",
}
"""How people write the units of the standard; others stay as they are, in small letters."""
MANY = ("_3D", "_VECTOR")
"""Units of several numbers in one value."""


def offers(devices: Devices, device: str | None) -> list[Offer]:
    """Every data item of the devices, or of one, by its id; what an agent says of itself is left out."""
    return [_offer(item) for item in devices.items if not item.of_agent and device in (None, item.device)]


def _offer(item: DataItem) -> Offer:
    kinds: dict[str, Kind] = {"CONDITION": "condition", "SAMPLE": "measure"}
    kind: Kind | None = "count" if item.type.startswith("PART_COUNT") and item.representation == "DISCRETE" else None
    return Offer(
        address=item.id,
        place=(item.device, *item.components, item.name or item.type.lower().replace(".", "_")),
        model=item.type,
        kind=kind or kinds.get(item.category),
        unit=UNITS.get(item.units, item.units.lower()),
        useless=_useless(item),
    )


def _useless(item: DataItem) -> str:
    if item.representation in ("DATA_SET", "TABLE"):
        return item.representation
    return item.units if item.units.endswith(MANY) else ""
