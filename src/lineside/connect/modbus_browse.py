"""Looks for meters among the Modbus units of a line, by the registers that packs know of them.

Modbus has no names: what a register holds is written in a device's manual alone. So each map of a pack is tried on each
unit, and taken where what it reads is plausible: a mains frequency, a mains voltage.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from lineside.connect.found import Look, Offer
from lineside.connect.modbus_address import read_address
from lineside.connect.modbus_line import Line, Misanswered, Refused, Unanswered
from lineside.connect.modbus_plan import plan
from lineside.connect.modbus_values import decode

TOTAL = "energy"
LAST_UNIT = 16
"""Units beyond are found by nobody who does not name them: each that is silent costs the time of an answer."""


class Reading(NamedTuple):
    """A register of a meter: where it is, in which unit, and what it may show where that proves the map."""

    id: str
    register: str
    unit: str
    low: float | None
    high: float | None


class Meter(NamedTuple):
    """A kind of meter: its name and registers."""

    name: str
    readings: tuple[Reading, ...]


async def find_meters(line: Line, meters: Iterable[Meter], patience_s: float, look: Look) -> list[Offer]:
    """What each unit offers, by the first map that fits it.

    A device that is a unit of its own answers to every number; it is taken once.
    """
    known = list(meters)
    items: list[Offer] = []
    before: dict[str, float] = {}
    for unit in range(1, LAST_UNIT + 1):
        proof: dict[str, float] = {}
        for meter in known:
            proof = await _proof(line, unit, meter, patience_s) or {}
            if proof:
                break
        if not proof:
            continue
        if _same(proof, before):
            break
        before = before or proof
        items += [_offer(unit, meter, reading) for reading in meter.readings]
        look.found = len(items)
    return items


async def _proof(line: Line, unit: int, meter: Meter, patience_s: float) -> dict[str, float] | None:
    """What the unit shows where the map can be proved; None where it does not fit."""
    shown = {}
    for reading in meter.readings:
        if reading.low is None or reading.high is None:
            continue
        value = await _read(line, f"{unit}/{reading.register}", patience_s)
        if value is None or not reading.low <= value <= reading.high:
            return None
        shown[reading.id] = value
    return shown


def _same(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether two units are one meter: power and voltages change between two questions, its total hardly does."""
    total = one.get(TOTAL, 0.0)
    return one == other or (total > 0 and math.isclose(total, other.get(TOTAL, 0.0), rel_tol=1e-5, abs_tol=0.02))


async def _read(line: Line, address: str, patience_s: float) -> float | None:
    point = read_address(address)
    (block,) = plan({address: point}, 125, 0)
    try:
        _, _, data = await line.read(point.unit, block, patience_s)
    except (Refused, Unanswered, Misanswered):
        return None
    value = decode(point, data)
    return float(value) if isinstance(value, int | float) else None


def _offer(unit: int, meter: Meter, reading: Reading) -> Offer:
    address = f"{unit}/{reading.register}"
    return Offer(address, (f"{meter.name} {unit}", reading.id), kind=None, unit=reading.unit)
