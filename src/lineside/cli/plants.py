"""The plant file of a folder: a first one, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import available_timezones

import click

from lineside.cli.terminal import language, tell_error, words
from lineside.connect import recording_items, source
from lineside.errors import ConfigurationError, LinesideError
from lineside.node import PASSIVE
from lineside.plant import PLANT_FILE, Machine, Plant, ScaffoldItem, local_zone, read_plant, scaffold


def require_plant(folder: Path) -> None:
    """Raises ConfigurationError when the folder holds no plant file, before anything is made in it."""
    if not (folder / PLANT_FILE).exists():
        raise ConfigurationError("plant.no_file", file=str(folder / PLANT_FILE), folder=str(folder))


def new_plant(folder: Path, recording: Path | None, machine: str, timezone: str | None) -> None:
    """Writes the first plant file and says what to do next.

    Raises ConfigurationError when a plant file is there already or the time zone is none.
    """
    if timezone is not None and timezone not in available_timezones():
        raise ConfigurationError("plant.zone", value=timezone)
    items = (
        () if recording is None else [ScaffoldItem(i.address, i.kind, i.example) for i in recording_items(recording)]
    )
    path = scaffold(
        folder,
        timezone=timezone or local_zone().key,
        machine=machine,
        items=items,
        recording=None if recording is None else recording.name,
    )
    click.echo(words("new.written", file=path))
    if recording is not None:
        click.echo(words("new.signals", count=len(items), file=recording.name))
    click.echo(words("new.next", folder=folder))


def check_plant(folder: Path) -> int:
    """Says what the plant is, or what is wrong with it; 1 when something is."""
    plant = read_plant(folder).plant
    wrong = source_errors(plant)
    for error in wrong:
        tell_error(error)
    if wrong:
        return 1
    click.echo(words("check.fine", file=folder / PLANT_FILE))
    click.echo(
        words(
            "check.holds",
            site=plant.site.name,
            zone=plant.site.timezone,
            areas=len(plant.areas),
            lines=len(plant.lines),
            machines=len(plant.machines),
            signals=sum(len(m.signals) for m in plant.machines.values()),
            products=len(plant.products),
            orders=len(plant.orders),
        )
    )
    for lack in _lacks(plant):
        click.secho(lack, fg="yellow")
    return 0


def source_errors(plant: Plant) -> list[LinesideError]:
    """What the settings of the sources ask for and no installed type of source can do."""
    errors = []
    for settings in plant.sources.values():
        if settings.type in PASSIVE:
            continue
        wanted = {
            s.address: s.kind for m in plant.machines.values() if m.source == settings.id for s in m.signals.values()
        }
        try:
            source(settings, wanted)
        except LinesideError as error:
            errors.append(error)
    return errors


def _lacks(plant: Plant) -> list[str]:
    """What the file leaves out and OEE will miss; no mistake, but better known before the first shift."""
    wanting = [(machine.name, _lacks_of(plant, machine)) for machine in plant.machines.values()]
    cycles = [p for p in plant.products.values() if p.ideal_cycle_s is None and not p.ideal_cycle_on]
    wanting += [(product.name, ["cycle"]) for product in cycles]
    lines = [x for x in plant.lines.values() if x.pace is None and len(plant.machines_of(x.id)) > 1]
    wanting += [(line.name, ["pace"]) for line in lines]
    return [
        words("check.lacks", machine=name, what=_joined([words(f"check.lack.{lack}") for lack in lacks]))
        for name, lacks in wanting
        if lacks
    ]


def _lacks_of(plant: Plant, machine: Machine) -> list[str]:
    lacking = {
        "calendar": plant.calendar_of(machine) is None and not plant.orders_of(machine),
        "states": not machine.states,
        "units": machine.units is None,
    }
    return [what for what, lacks in lacking.items() if lacks]


def _joined(parts: list[str]) -> str:
    return ("、" if language() == "zh" else ", ").join(parts)
