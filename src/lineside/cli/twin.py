"""Simulates a line from its model file, without any plant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from lineside.cli.terminal import console, language, words
from lineside.errors import ConfigurationError
from lineside.texts import say
from lineside.twin import STATES, Engine, Line, LineRefused, read_line, simulate

if TYPE_CHECKING:
    from lineside.twin.answers import ChangesRefused

Given = TypeVar("Given")


def run_model(
    model: Path,
    *,
    horizon: float,
    replications: int,
    warmup: float | None,
    seed: int,
    engine: str,
    log: Path | None,
    as_json: bool,
) -> int:
    """Simulates the model and prints what came out; 1 when the model cannot be used.

    With a log the first replication is written down as well, by the engine that can be watched.
    """
    try:
        line = read_line(model)
    except LineRefused as refused:
        tell_refusal(refused)
        return 1
    result = with_progress(
        lambda tell: simulate(
            line,
            horizon=horizon,
            replications=replications,
            warmup=warmup,
            seed=seed,
            engine=cast("Engine", engine),
            tell=tell,
        ).plain()
    )
    if log is not None:
        _write_log(line, log, horizon, seed)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        _tell(line, result)
    return 0


def _write_log(line: Line, log: Path, horizon: float, seed: int) -> None:
    from lineside.twin.fit import simulated_record
    from lineside.twin.fit.reading import write_log

    record = simulated_record(line, horizon, seed)
    try:
        write_log(record, log)
    except OSError as error:
        raise ConfigurationError("cli.fit.unwritable", file=str(log), reason=error.strerror or str(error)) from error


def print_schema() -> None:
    """Prints the JSON Schema of line models."""
    click.echo(json.dumps(Line.model_json_schema(by_alias=True), indent=1))


def with_progress(work: Callable[[Callable[[float], None]], Given]) -> Given:
    """What some work gives, its progress shown meanwhile."""
    screen = Console(stderr=True)
    columns = (TextColumn("{task.percentage:>3.0f} %"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as shown:
        task = shown.add_task("", total=1.0)
        return work(lambda share: shown.update(task, completed=share))


def tell_refusal(refused: LineRefused | ChangesRefused) -> None:
    """Shows why a file cannot be used, with every finding and its cure."""
    err = Console(stderr=True)
    err.print(Text(refused.sentence(language()), style="bold red"))
    for finding in refused.findings:
        err.print(Text(f"{finding.path}: {finding.sentence(language())}"))
        if cure := finding.cure(language()):
            err.print(Text(f"    {cure}"))


def _tell(line: Line, result: Mapping[str, Any]) -> None:
    """The whole, then the stations, then the buffers; each mean with its interval."""
    out, unit = console(), line.time_unit
    start = {"replications": result["replications"], "warmup": f"{result['warmup']:g}", "unit": unit}
    out.print(words("twin.ran", horizon=f"{result['horizon']:g}", **start), style="bold")
    whole = Table(box=None, pad_edge=False, show_header=False)
    for name in ("throughput", "out", "scrapped", "lead_time", "wip"):
        whole.add_row(words(f"twin.{name}", unit=unit), _measure(result[name]))
    out.print(whole)
    stations = Table(box=None, pad_edge=False, header_style="bold")
    stations.add_column(words("twin.station"))
    for state in STATES:
        stations.add_column(words(f"twin.{state}"), justify="right")
    for name, told in result["stations"].items():
        stations.add_row(Text(name), *(_share(told[state]) for state in STATES))
    out.print(stations)
    buffers = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("buffer", "level", "wait", "full"):
        buffers.add_column(words(f"twin.{column}", unit=unit), justify="left" if column == "buffer" else "right")
    for name, told in result["buffers"].items():
        full = "-" if told["full"] is None else _share(told["full"])
        buffers.add_row(Text(name), _measure(told["level"]), _measure(told["wait"]), full)
    out.print(buffers)
    for name, told in result["orders"].items():
        out.print(
            words("twin.order", order=name, time=_measure(told["completed"]), share=_share(told["completed_share"]))
        )
    if result["deadlocks"]:
        first = f"{result['first_deadlock']:g}"
        out.print(say("twin.deadlock", language(), count=result["deadlocks"], time=first), style="yellow")


def _measure(told: Mapping[str, Any]) -> str:
    if told["mean"] is None:
        return "-"
    half = "" if told["half_width"] is None else f" ± {told['half_width']:.2g}"
    return f"{told['mean']:.6g}{half}"


def _share(told: Mapping[str, Any]) -> str:
    if told["mean"] is None:
        return "-"
    half = "" if told["half_width"] is None else f" ± {told['half_width'] * 100:.1g}"
    return f"{told['mean'] * 100:.1f}{half} %"
