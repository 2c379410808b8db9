"""Sets up a demo plant's folder, and finds what belongs to one that is there already."""

from __future__ import annotations

import socket
import tomllib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from lineside.demo import imports
from lineside.demo.assembly import Assembly, history, kept, latest
from lineside.demo.plantfile import ASSEMBLY, BENCH, plant_file
from lineside.demo.recordings import RECORDED, RecordedMachine
from lineside.demo.shifts import HISTORY_DAYS, Timetable, timetable
from lineside.demo.signals import Rows
from lineside.demo.tape import Tape
from lineside.demo.works import Works
from lineside.errors import ConfigurationError
from lineside.plant import PLANT_FILE, local_zone

DEMO_FILE = "demo.toml"
IMPORTS = "import"


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file of recorded history and the source of the plant file it belongs to."""

    path: Path
    source: str


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """A demo plant: its folder, its seed, its ports by source, and the files to import before it goes live."""

    folder: Path
    seed: int
    timetable: Timetable
    ports: Mapping[str, int]
    files: tuple[HistoryFile, ...]
    works: Works = Works()  # noqa: RUF009 - frozen
    line: Assembly | None = field(default=None, repr=False, compare=False)
    """The assembly line as the history left it; None when the demo is continued later."""

    @classmethod
    def load(cls, folder: Path) -> DemoPlan:
        """The plan of a folder that `prepare` made; raises ConfigurationError when its demo.toml cannot be used."""
        path = folder / DEMO_FILE
        try:
            content = tomllib.loads(path.read_text("utf-8"))
            zone, days = ZoneInfo(str(content["timezone"])), int(content.get("history_days", HISTORY_DAYS))
            times = timetable(int(content["set_up_us"]), zone, days)
            works = Works(days=days, machining=bool(content.get("machining", True)))
            ports = {str(source): int(port) for source, port in content["ports"].items()}
            seed = int(content["seed"])
        except OSError as error:
            raise ConfigurationError("demo.no_file", file=str(path)) from error
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ConfigurationError("demo.file_broken", file=str(path), reason=str(error)) from error
        wrong = [source for source in _sources(works) if not 0 < ports.get(source, 0) < 65536]
        if wrong:
            raise ConfigurationError("demo.file_broken", file=str(path), reason=f"ports: {wrong[0]}")
        return cls(folder, seed, times, ports, (), works)

    @property
    def recorded(self) -> tuple[RecordedMachine, ...]:
        """The recorded machine tools that it has."""
        return RECORDED if self.works.machining else ()


def prepare(
    folder: Path, *, now_us: int, seed: int, zone: ZoneInfo | None = None, works: Works | None = None
) -> DemoPlan:
    """Writes plant.toml, demo.toml and the history under `import/`; the same arguments give the same data.

    Only the ports differ from time to time: they are free ones.
    """
    works = works or Works()
    times = timetable(now_us, zone or local_zone(), works.days)
    ports = _free_ports(works)
    (folder / IMPORTS).mkdir(parents=True, exist_ok=True)
    plan = DemoPlan(folder, seed, times, ports, (), works, Assembly.from_history(times, seed))
    files = _write_history(plan)
    (folder / PLANT_FILE).write_text(plant_file(times, ports, works), "utf-8")
    (folder / DEMO_FILE).write_text(_demo_file(plan), "utf-8")
    return replace(plan, files=files)


def catch_up(plan: DemoPlan, now_us: int) -> tuple[Path, ...]:
    """Files with what the machines said since the history was written: to be imported just before going live."""
    rows = None
    if plan.line is not None:
        rows = latest(plan.line, now_us)
        plan.line.kept = []
    return _write_latest(plan, now_us, rows)


def fill_in(plan: DemoPlan, now_us: int) -> tuple[Path, ...]:
    """Files with what the machines said since `catch_up`: the seconds before the node heard all of them."""
    return _write_latest(plan, now_us, None if plan.line is None else kept(plan.line, now_us))


def _write_latest(plan: DemoPlan, now_us: int, rows: Rows | None) -> tuple[Path, ...]:
    folder, since = plan.folder / IMPORTS, plan.timetable.now
    files = []
    for machine in plan.recorded:
        path = folder / f"{machine.id}-latest.shdr.gz"
        imports.write_lines(path, Tape(machine, since), since, now_us)
        files.append(path)
    if rows is not None and len(rows):
        path = folder / f"{ASSEMBLY}-latest.parquet"
        imports.write_rows(path, rows)
        files.append(path)
    return tuple(files)


def _write_history(plan: DemoPlan) -> tuple[HistoryFile, ...]:
    times, folder = plan.timetable, plan.folder / IMPORTS
    files = []
    for machine in plan.recorded:
        path = folder / f"{machine.id}.shdr.gz"
        imports.write_tape(path, Tape(machine, times.now), times.start, times.now)
        files.append(HistoryFile(path, machine.id))
    assembly = HistoryFile(folder / f"{ASSEMBLY}.parquet", ASSEMBLY)
    if plan.line is not None:
        imports.write_rows(assembly.path, history(plan.line, times.start, times.now))
    if not plan.works.machining:
        return (*files, assembly)
    bench = HistoryFile(folder / f"{BENCH}.csv", BENCH)
    imports.write_tally(bench.path, times, plan.seed)
    return (*files, assembly, bench)


def _sources(works: Works) -> list[str]:
    """The sources that need a port."""
    return [*(machine.id for machine in RECORDED if works.machining), ASSEMBLY]


def _free_ports(works: Works) -> dict[str, int]:
    """A free loopback port for every source, all held until all are found."""
    ports = {}
    with ExitStack() as held:
        for source in _sources(works):
            listener = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            listener.bind(("127.0.0.1", 0))
            ports[source] = int(listener.getsockname()[1])
    return ports


def _demo_file(plan: DemoPlan) -> str:
    ports = "\n".join(f"{source} = {port}" for source, port in plan.ports.items())
    return f"""\
# Written by `lineside demo`; it makes this folder a demo: `lineside run` starts the simulated machines with it.
# Without this file the folder is an ordinary plant whose machines cannot be reached.
seed = {plan.seed}
set_up_us = {plan.timetable.now}
timezone = "{plan.timetable.zone.key}"
history_days = {plan.works.days}
machining = {str(plan.works.machining).lower()}  # whether it has more than the pump line

[ports]
{ports}
"""
