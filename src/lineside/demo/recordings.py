"""The recorded machine tools: which they are, what of them is shown, and their working periods as recorded."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lineside.plant import Kind, Span, microseconds


@dataclass(frozen=True, slots=True)
class Item:
    """A data item of a recorded machine and the signal it becomes."""

    id: str
    address: str
    kind: Kind
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class RecordedMachine:
    """A machine tool of the NIST test bed: its signals and how its recorded periods are laid one after another."""

    id: str
    name: str
    recording: str
    origin: str
    items: tuple[Item, ...]
    execution: str
    emergency_stop: str | None
    pause_min: int
    rest_min: int
    """Minutes without data between two periods, and after the last one before they begin again."""


@dataclass(frozen=True, slots=True)
class Period:
    """One working period as recorded: microseconds since its first line, and the lines without their times."""

    name: str
    offset: NDArray[np.int64]
    lines: tuple[str, ...]
    active: tuple[Span, ...]
    """When execution was ACTIVE, in microseconds since the first line."""

    @property
    def length(self) -> int:
        """Microseconds from the first line to the last, in whole seconds."""
        return (int(self.offset[-1]) // 1_000_000 + 1) * 1_000_000


_COMMON = (
    Item("execution", "execution", "state", description="What the control is doing"),
    Item("mode", "mode", "text", description="Automatic, manual or manual data input"),
    Item("program", "program", "text", description="Active part program"),
)
_MAZAK = (
    *_COMMON,
    Item("tool", "Tool_number", "text", description="Tool in the spindle"),
    Item("milling_speed", "Srpm", "measure", "1/min", "Speed of the milling spindle"),
    Item("turning_speed", "S2rpm", "measure", "1/min", "Speed of the turning spindle"),
    Item("turning_load", "S2load", "measure", "%", "Load of the turning spindle"),
    Item("feed", "Fact", "measure", "mm/s", "Actual path feed rate"),
    Item("feed_override", "Fovr", "measure", "%"),
    Item("spindle_override", "Sovr", "measure", "%"),
    Item("part_count", "PartCountAct", "counter", description="Only ever 0: this control was not told to count"),
    Item("logic", "logic_cond", "condition", description="Alarms of the control's logic"),
    Item("motion", "motion_cond", "condition", description="Alarms of the axes' motion"),
    Item("system", "system_cond", "condition", description="Alarms of the system"),
)
_DEGREES = "°C"

RECORDED = (
    RecordedMachine(
        "mazak-1", "Mazak turn-mill 1", "mazak01", "Mazak01, May 2019",
        (
            *_MAZAK,
            Item("milling_load", "Sload", "measure", "%", "Load of the milling spindle"),
            Item("x_load", "Xload", "measure", "%", "Load of the X axis"),
            Item("emergency_stop", "estop", "state"),
        ),
        "execution", "emergency_stop", 20, 14 * 60,
    ),
    RecordedMachine(
        "mazak-3", "Mazak turn-mill 3", "mazak03", "Mazak03, May 2016",
        (
            *_MAZAK,
            Item("milling_load", "S1load", "measure", "%", "Load of the milling spindle"),
            Item("z_load", "Zload", "measure", "%", "Load of the Z axis"),
            Item("spindle_temperature", "Stemp", "measure", _DEGREES),
            Item("available", "avail", "text"),
        ),
        "execution", None, 20, 8 * 60,
    ),
    RecordedMachine(
        "agie", "GF five-axis mill", "gfagie01", "GFAgie01, June and November 2016",
        (
            *_COMMON,
            Item("block", "line", "text", description="Line of the part program"),
            Item("feed_override", "Fovr", "measure", "%"),
            Item("emergency_stop", "estop", "state"),
            Item("logic", "logic", "condition"),
            Item("system", "system", "condition"),
            Item("motion", "motion", "condition"),
            Item("available", "avail", "text"),
        ),
        "execution", "emergency_stop", 15, 90,
    ),
    RecordedMachine(
        "hurco", "Hurco machining centre", "hurco01", "Hurco01, May 2017",
        (
            Item("execution", "Program_Status", "state", description="What the control is doing"),
            Item("program", "Program_Name_Running", "text", description="Active part program"),
            Item("tool", "Current_Tool", "text", description="Tool in the spindle"),
            Item("spindle_speed", "Spindle_Speed", "measure", "1/min"),
            Item("spindle_override", "Spindle_Override", "measure", "%"),
            Item("feed", "Feed_Rate", "measure", "mm/s"),
            Item("feed_override", "Feed_Override", "measure", "%"),
            Item("emergency_stop", "EStop_State", "state"),
            Item("part_count", "Part_Count", "counter", description="Programs completed, by the control's count"),
            Item("available", "avail", "text"),
        ),
        "execution", "emergency_stop", 30, 3 * 60,
    ),
)  # fmt: skip


@cache
def periods(recording: str) -> tuple[Period, ...]:
    """The working periods shipped of one machine, in the order they were recorded."""
    folder = files("lineside.demo").joinpath("data")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.startswith(f"{recording}-"))
    return tuple(_read(name, gzip.decompress(folder.joinpath(name).read_bytes()).decode()) for name in names)


def _read(name: str, text: str) -> Period:
    stamped = [line.partition("|") for line in text.splitlines()]
    times = np.array([_time(stamp) for stamp, _, _ in stamped], np.int64)
    offset = times - times[0]
    lines = tuple(rest for _, _, rest in stamped)
    said = [(int(t), line.split("|")[1]) for t, line in zip(offset, lines, strict=True) if _tells_execution(line)]
    said.append((int(offset[-1]), ""))
    active = tuple((a, b) for (a, word), (b, _) in pairwise(said) if word == "ACTIVE")
    return Period(name.split(".", maxsplit=1)[0], offset, lines, active)


def _time(stamp: str) -> int:
    return microseconds(datetime.fromisoformat(stamp))


def _tells_execution(line: str) -> bool:
    return line.startswith(("execution|", "Program_Status|"))
