"""The plant file of a folder: a first one, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import available_timezones

import click

from lineside.cli.folders import require_plant
from lineside.cli.terminal import language, words
from lineside.connect import recording_items, source
from lineside.errors import ConfigurationError, LinesideError
from lineside.node import PASSIVE
from lineside.plant import (
    PLANT_FILE,
    Finding,
    Machine,
    Plant,
    PlantFileError,
    PlantText,
    ScaffoldItem,
    SourceSettings,
    findings_at,
    local_zone,
    read_plant,
    scaffold,
)
from lineside.publish import broker_for

_SHOWN = 6


def new_plant(
    folder: Path, recording: Path | None, machine: str, timezone: str | None, time_column: str | None = None
) -> None:
    """Writes the first plant file and says what to do next.

    Raises ConfigurationError when a plant file is there already or the time zone is none.
    """
    if timezone is not None and timezone not in available_timezones():
        raise ConfigurationError("plant.zone", value=timezone)
    found = () if recording is None else recording_items(recording, time_column=time_column)
    items = [ScaffoldItem(item.address, item.kind, item.example) for item in found]
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


def check_plant(folder: Path) -> None:
    """Says what the plant is. Raises PlantFileError with every mistake in it, those of its sources too."""
    require_plant(folder)
    path = folder / PLANT_FILE
    try:
        read = read_plant(folder)
    except PlantFileError as error:
        more = [] if error.rest is None else source_findings(error.rest)
        raise PlantFileError(path, [*error.findings, *more]) from error
    if wrong := source_findings(read):
        raise PlantFileError(path, wrong)
    plant = read.plant
    click.echo(words("check.fine", file=path))
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
    for text, warning in _kept(plant):
        click.secho(text, fg="yellow" if warning else None)
    for lack in _lacks(plant):
        click.secho(lack, fg="yellow")


def source_findings(read: PlantText) -> list[Finding]:
    """What the settings of the sources ask for and no installed type of source can do."""
    live = (settings for settings in read.plant.sources.values() if settings.type not in PASSIVE)
    machines = list(read.plant.machines.values())
    found = [one for settings in live for one in wrong_with(settings, machines)]
    return findings_at(read.text, [*found, *_wrong_outwards(read.plant)])


def _wrong_outwards(plant: Plant) -> Iterator[tuple[tuple[str, ...], str, dict[str, object]]]:
    """The same of the broker the plant speaks at: the first mistake."""
    if plant.sparkplug is not None:
        try:
            broker_for(plant.sparkplug, plant.site.id)
        except LinesideError as error:
            option = error.fields.get("name")
            where = ("options", str(option)) if option in plant.sparkplug.options else ("url",)
            yield ("sparkplug", *where), error.key, error.fields


def wrong_with(
    settings: SourceSettings, every: Sequence[Machine] = ()
) -> Iterator[tuple[tuple[str, ...], str, dict[str, object]]]:
    """Key path, text and fields of each mistake in one source: its type, every option, its address."""
    machines = [m for m in every if m.source == settings.id]
    wanted = {s.address: s.kind for m in machines for s in m.signals.values()}
    while True:
        try:
            misread = source(settings, wanted).misread
        except LinesideError as error:
            where, name = ("source", settings.id), str(error.fields.get("name"))
            if name in settings.options:
                yield (*where, "options", name), error.key, error.fields
                others = {key: value for key, value in settings.options.items() if key != name}
                settings = settings.model_copy(update={"options": others})
                continue
            if error.key == "connect.url" and not settings.url:
                yield where, "plant.no_url", {"source": settings.id, "type": settings.type}
            else:
                yield (*where, "url" if error.key == "connect.url" else "type"), error.key, error.fields
            return
        for machine in machines:
            for name, signal in machine.signals.items():
                if wrong := misread.get(signal.address):
                    yield ("machine", machine.id, "signals", name, "address"), wrong.key, wrong.fields
        return


def _kept(plant: Plant) -> Iterator[tuple[str, bool]]:
    """What [keep] will take away, and whether that changes what KPIs can tell."""
    free = [
        (f"{m.id}/{s.id}", s.numeric)
        for m in plant.machines.values()
        for s in m.signals.values()
        if s.id not in m.kpi_signals
    ]
    for key, days in plant.keep.days.items():
        names = [name for name, numeric in free if numeric is (key != "texts_days")]
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        yield words(f"check.keep.{key}", days=days, count=len(names), names=shown or "-"), key == "kpi_days"


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
        "calendar": plant.calendar_of(machine) is None and plant.ordered_from(machine) is None,
        "states": not machine.states,
        "units": machine.units is None,
    }
    return [what for what, lacks in lacking.items() if lacks]


def _joined(parts: list[str]) -> str:
    return ("、" if language() == "zh" else ", ").join(parts)
