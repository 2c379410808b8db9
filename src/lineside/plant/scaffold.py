"""The first plant file of a new folder: short, valid, and commented where a person has to decide."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lineside.errors import ConfigurationError
from lineside.plant.file import PLANT_FILE
from lineside.plant.model import Kind
from lineside.plant.writing import identifier, toml_comment, toml_key, toml_string


@dataclass(frozen=True, slots=True)
class ScaffoldItem:
    """A data item seen at a source, to be offered as a signal."""

    address: str
    kind: Kind
    example: str


_HEAD = """\
# Lineside plant file. Keys and their meaning: `lineside check {folder}` names every mistake with its cure.

[site]
id = "{site}"
name = "{site}"
timezone = "{timezone}"              # IANA name; every local time in this file is in it
production_day_starts = "06:00"
# calendar = "three-shift"           # without a calendar Lineside will not guess: OEE says it is missing

# [calendar.three-shift]
# holidays = [2026-12-25]
# [[calendar.three-shift.shift]]
# name = "early"
# days = "mon-fri"
# start = "06:00"
# end = "14:00"
# breaks = ["09:00-09:15", "12:00-12:30"]

[area.production]
name = "Production"

[line.line-1]
area = "production"
name = "Line 1"
pace = "{machine}"                   # the machine whose KPIs are the line's
# product = "part-a"                 # what it makes when neither orders nor the machine tell

# [product.part-a]
# name = "Part A"
# ideal_cycle_s = 42.0               # without it effectiveness and OEE say what they lack

[source.{key}]
type = "{type}"                      # shdr, mtconnect, opcua, mqtt, sparkplug, push, tally or file
{address}

[machine.{key}]
line = "line-1"
name = {name}
source = "{machine}"

[machine.{key}.signals]
"""

_RULES = """
# The first rule whose conditions all hold names the state. Words: running, setup, starved, blocked, down,
# stopped, planned_stop, off. What no rule catches is shown as unmapped, silence as no_data.
[[machine.{key}.states]]
state = "running"
when = {{ {state} = "ACTIVE" }}

[[machine.{key}.states]]
state = "stopped"
when = {{ {state} = ["READY", "STOPPED", "INTERRUPTED", "FEED_HOLD", "PROGRAM_STOPPED"] }}
"""


_NO_RULES = """
# Rules name the machine's state by its signals; none here looks like an execution state. The first rule whose
# conditions all hold wins. Words: running, setup, starved, blocked, down, stopped, planned_stop, off.
# [[machine.{key}.states]]
# state = "running"
# when = {{ {state} = {example} }}   # or a comparison of a number: "> 2.5"
"""

_UNITS = """
# [machine.{key}.units]          # any two of total, good and rejected
# total = "parts"
# rejected = "scrap"
"""

_EXECUTION = frozenset({"ACTIVE", "READY", "STOPPED", "INTERRUPTED", "FEED_HOLD", "PROGRAM_STOPPED"})
"""What an execution state may show, as MTConnect names it."""


def scaffold(
    folder: Path,
    *,
    timezone: str,
    machine: str = "machine-1",
    items: Sequence[ScaffoldItem] = (),
    recording: str | None = None,
) -> Path:
    """Writes a first `plant.toml` into `folder` (made if need be) and returns its path.

    With `items` (what a recording holds) every one becomes a signal. Raises ConfigurationError when a plant
    file is there already, as nothing a person wrote is overwritten, and when none can be written there.
    """
    path = folder / PLANT_FILE
    if path.exists():
        raise ConfigurationError("plant.exists", file=str(path))
    if recording:
        kind, address = "file", f"files = {toml_string(glob.escape(recording))}"
    else:
        kind, address = "shdr", 'url = "tcp://127.0.0.1:7878"'
    id = identifier(machine, "-") or "machine-1"
    text = _HEAD.format(
        folder=toml_comment(str(folder)),
        site=identifier(folder.resolve().name, "-") or "site",
        timezone=timezone,
        machine=id,
        key=toml_key(id),
        name=toml_string(machine),
        type=kind,
        address=address,
    )
    signals = _named(items or (ScaffoldItem("execution", "state", "ACTIVE"),))
    text += "".join(_signal(name, item) for name, item in signals.items())
    if state := _execution(signals):
        text += _RULES.format(key=toml_key(id), state=toml_key(state))
    else:
        name, item = next(((n, i) for n, i in signals.items() if i.kind == "state"), next(iter(signals.items())))
        text += _NO_RULES.format(
            key=toml_key(id), state=toml_key(name), example=toml_comment(toml_string(item.example[:40] or "ACTIVE"))
        )
    text += _UNITS.format(key=toml_key(id))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigurationError("plant.unwritable", file=str(path), reason=error.strerror or str(error)) from error
    return path


def _execution(signals: Mapping[str, ScaffoldItem]) -> str | None:
    """The signal that looks like an execution state, by its name or else by what it showed."""
    states = {name: item for name, item in signals.items() if item.kind == "state"}
    named = (name for name in states if "exec" in name.lower())
    shown = (name for name, item in states.items() if item.example.upper() in _EXECUTION)
    return next(named, next(shown, None))


def _named(items: Sequence[ScaffoldItem]) -> dict[str, ScaffoldItem]:
    """The items by ids of their own."""
    named: dict[str, ScaffoldItem] = {}
    for item in items:
        name = first = identifier(item.address, "_") or "signal"
        number = 1
        while name in named:
            number += 1
            name = f"{first}-{number}"
        named[name] = item
    return named


def _signal(name: str, item: ScaffoldItem) -> str:
    address = "" if name == item.address else f"address = {toml_string(item.address)}, "
    example = toml_comment(re.sub(r"\s+", " ", item.example)[:40])
    comment = f"   # e.g. {example}" if example else ""
    return f'{toml_key(name)} = {{ {address}kind = "{item.kind}" }}{comment}\n'
