"""The first plant file of a new folder: short, valid, and commented where a person has to decide."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lineside.errors import ConfigurationError
from lineside.plant.file import PLANT_FILE
from lineside.plant.model import Kind


@dataclass(frozen=True, slots=True)
class Item:
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

[source.{machine}]
type = "{type}"                      # shdr, mtconnect, opcua, tally or file
{address}

[machine.{machine}]
line = "line-1"
name = "{machine}"
source = "{machine}"

[machine.{machine}.signals]
"""

_RULES = """
# The first rule whose conditions all hold names the state. Words: running, setup, starved, blocked, down,
# stopped, planned_stop, off. What no rule catches is shown as unmapped, silence as no_data.
[[machine.{machine}.states]]
state = "running"
when = {{ {state} = "ACTIVE" }}

[[machine.{machine}.states]]
state = "stopped"
when = {{ {state} = ["READY", "STOPPED", "INTERRUPTED", "FEED_HOLD", "PROGRAM_STOPPED"] }}

# [machine.{machine}.units]          # any two of total, good and rejected
# total = "parts"
# rejected = "scrap"
"""


def scaffold(
    folder: Path,
    *,
    timezone: str,
    machine: str = "machine-1",
    items: Sequence[Item] = (),
    recording: str | None = None,
) -> Path:
    """Writes a first `plant.toml` into `folder` (made if need be) and returns its path.

    With `items` (what a recording holds) every one becomes a signal. Raises ConfigurationError when a plant
    file is there already: nothing a person wrote is overwritten.
    """
    path = folder / PLANT_FILE
    if path.exists():
        raise ConfigurationError("plant.exists", file=str(path))
    folder.mkdir(parents=True, exist_ok=True)
    site = re.sub(r"[^\w.-]+", "-", folder.resolve().name).strip("-.") or "site"
    if recording:
        kind, address = "file", f'files = "{recording}"'
    else:
        kind, address = "shdr", 'url = "tcp://127.0.0.1:7878"'
    text = _HEAD.format(folder=folder, site=site, timezone=timezone, machine=machine, type=kind, address=address)
    signals = items or (Item("execution", "state", "ACTIVE"),)
    state = next((i.address for i in signals if i.kind == "state"), None)
    text += "".join(_signal(item) for item in signals)
    if state:
        text += _RULES.format(machine=machine, state=_key(state))
    path.write_text(text, "utf-8")
    return path


def _key(address: str) -> str:
    identifier = re.sub(r"[^\w.-]+", "_", address).strip("._-") or "signal"
    return identifier if re.fullmatch(r"[A-Za-z0-9_-]+", identifier) else f'"{identifier}"'


def _signal(item: Item) -> str:
    key = _key(item.address)
    escaped = item.address.replace("\\", "\\\\").replace('"', '\\"')
    address = "" if key.strip('"') == item.address else f'address = "{escaped}", '
    example = re.sub(r"\s+", " ", item.example)[:40]
    return f'{key} = {{ {address}kind = "{item.kind}" }}' + (f"   # e.g. {example}" if example else "") + "\n"
