"""The twin's answers on the command line: from a model file, without any plant."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, cast

import click
from rich.table import Table
from rich.text import Text

from lineside.cli.terminal import console, language
from lineside.cli.twin import tell_refusal, with_progress
from lineside.texts import say
from lineside.twin import Line, LineRefused, read_line
from lineside.twin.answers import (
    Aim,
    ChangesRefused,
    Shock,
    Study,
    best_buffers,
    bottleneck,
    candidates,
    rank,
    read_changes,
    shock_costs,
    what_if,
)

Answer = dict[str, Any]
Tell = Callable[[float], None]


def answer_what_if(model: Path, changes: Path, study: Study, replications: int, *, as_json: bool) -> int:
    """Compares each change with today; 1 when a file cannot be used."""
    return _answered(
        model,
        lambda line: lambda tell: what_if(line, read_changes(changes), study, replications=replications, tell=tell),
        _tell_what_if,
        as_json=as_json,
    )


def answer_rank(
    model: Path, changes: Path | None, study: Study, aim: str, *, zone: float, most: int, as_json: bool
) -> int:
    """Ranks the changes, or those proposed for the line; 1 when a file cannot be used."""

    def work(line: Line) -> Callable[[Tell], Answer]:
        wanted = candidates(line, language()) if changes is None else read_changes(changes)

        def ranked(tell: Tell) -> Answer:
            with _interruptible() as stop:
                by = cast("Aim", aim)
                return rank(line, wanted, study, aim=by, zone=zone, most=most, tell=tell, stop=stop)

        return ranked

    return _answered(model, work, _tell_rank, as_json=as_json)


def answer_bottleneck(model: Path, study: Study, *, cut: float, as_json: bool) -> int:
    """Names the station that limits the line; 1 when the file cannot be used."""
    return _answered(
        model, lambda line: lambda tell: bottleneck(line, study, cut=cut, tell=tell), _tell_bottleneck, as_json=as_json
    )


def answer_buffers(
    model: Path, places: int, study: Study, names: Sequence[str], replications: int, *, as_json: bool
) -> int:
    """Shares places out between buffers; 1 when the file cannot be used."""
    return _answered(
        model,
        lambda line: (
            lambda tell: best_buffers(line, places, study, names=names or None, replications=replications, tell=tell)
        ),
        _tell_buffers,
        as_json=as_json,
    )


def answer_shock(
    model: Path, shock: Shock, study: Study, changes: Path | None, replications: int, *, as_json: bool
) -> int:
    """What a shock costs, and what softens it; 1 when a file cannot be used."""

    def work(line: Line) -> Callable[[Tell], Answer]:
        tried = candidates(line, language()) if changes is None else read_changes(changes)
        return lambda tell: shock_costs(line, shock, study, changes=tried, replications=replications, tell=tell)

    return _answered(model, work, _tell_shock, as_json=as_json)


def _answered(
    model: Path,
    work: Callable[[Line], Callable[[Tell], Answer]],
    show: Callable[[Answer], None],
    *,
    as_json: bool,
) -> int:
    """Reads the model, works with progress, and shows the answer; 1 when a file cannot be used."""
    try:
        answer = with_progress(work(read_line(model)))
    except (LineRefused, ChangesRefused) as refused:
        tell_refusal(refused)
        return 1
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        show(answer)
    return 0


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed; pressed again it ends the command."""
    pressed = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        del number, frame
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _words(key: str, /, **fields: object) -> str:
    return say(f"answers.{key}", language(), **fields)


def _say(key: str, /, style: str = "", **fields: object) -> None:
    console().print(Text(_words(key, **fields), style=style))


def _table(first: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _study(answer: Answer) -> dict[str, str]:
    return {
        "horizon": f"{answer['horizon']:g}",
        "warmup": f"{answer['warmup']:g}",
        "unit": answer["time_unit"],
        "confidence": f"{answer['confidence'] * 100:g}",
    }


def number(told: Mapping[str, Any] | None, factor: float = 1.0, sign: str = "", unit: str = "") -> str:
    """A mean with its half-width; `sign` is `+` where the direction is to be seen."""
    if told is None or told["mean"] is None:
        return "-"
    half = "" if told["half_width"] is None else f" ± {told['half_width'] * factor:.2g}"
    return f"{told['mean'] * factor:{sign}.4g}{half}{unit}"


def percent(told: Mapping[str, Any] | None) -> str:
    """A difference in relation to today, in %."""
    return number(told, 100.0, "+", " %")


def _tell_what_if(answer: Answer) -> None:
    _say("compared", style="bold", replications=answer["replications"], **_study(answer))
    for change in answer["changes"]:
        _say("change", style="bold", name=change["name"])
        table = _table("", *(_words(f"column.{name}") for name in ("today", "changed", "difference", "relative")), "")
        rows = {_words(f"aim.{aim}", unit=answer["time_unit"]): told for aim, told in change["measures"].items()}
        rows |= {_words("order", order=name): told for name, told in change["orders"].items()}
        for name, told in rows.items():
            gap = told["difference"]
            table.add_row(
                Text(name),
                number(told["today"]),
                number(told["changed"]),
                number(gap, sign="+"),
                percent(gap["relative"]),
                _words(f"verdict.{told['verdict']}"),
            )
        console().print(table)
        if change["deadlocks"]:
            _say("deadlocks", style="yellow", count=change["deadlocks"])


def _tell_rank(answer: Answer) -> None:
    zone = f"{answer['zone']:.4g}"
    aim = _words(f"aim.{answer['aim']}", unit=answer["time_unit"])
    _say("ranked", style="bold", replications=answer["replications"], zone=zone, aim=aim, **_study(answer))
    if not answer["decided"]:
        _say("undecided", style="yellow")
    table = _table(
        _words("column.change"), *(_words(f"column.{name}") for name in ("gain", "relative", "best", "within", "spent"))
    )
    for one in answer["ranking"]:
        table.add_row(
            Text(one["name"] or _words("today")),
            number(one["gain"], sign="+"),
            percent(one["gain"]["relative"]),
            f"{one['p_best'] * 100:.1f} %",
            f"{one['p_within_zone'] * 100:.1f} %",
            str(one["replications"]),
        )
    console().print(table)


def _tell_bottleneck(answer: Answer) -> None:
    if answer["bottleneck"] is None:
        _say("no_bottleneck", style="bold")
    else:
        _say("bottleneck", style="bold", station=answer["bottleneck"])
    if answer["alike"]:
        _say("alike", style="yellow", stations=", ".join(answer["alike"]))
    if not answer["decided"]:
        _say("undecided", style="yellow")
    cut = f"{answer['cut'] * 100:g}"
    _say("cut_by", cut=cut, replications=answer["replications"], **_study(answer))
    columns = ("cycle_cut", "repair_cut", "best", "alone", "shifting", "blocked", "starved", "turning")
    table = _table(_words("column.station"), *(_words(f"column.{name}", cut=cut) for name in columns))
    for one in answer["stations"]:
        table.add_row(
            Text(one["name"]),
            percent(one["gain"]["relative"]),
            percent(one["repair_gain"] and one["repair_gain"]["relative"]),
            f"{one['p_best'] * 100:.1f} %",
            *(f"{one[name]['mean'] * 100:.1f} %" for name in ("active_alone", "active_shifting", "blocked", "starved")),
            "*" if one["turning_point"] else "",
        )
    console().print(table)


def _tell_buffers(answer: Answer) -> None:
    found = ", ".join(f"{name} {places}" for name, places in answer["best"].items())
    _say("allocation", style="bold", places=answer["places"], allocation=found)
    gain = answer["gain"]
    _say("over_equal", gain=number(gain, sign="+"), relative=percent(gain["relative"]), unit=answer["time_unit"])
    _say("spent", replications=answer["replications"], **_study(answer))
    table = _table(_words("column.places"), *answer["best"], _words("aim.throughput", unit=answer["time_unit"]))
    equal = {**answer["equal"], "places": _words("equal", places=answer["places"])}
    for one in (*answer["totals"], equal):
        held = (str(places) for places in one["allocation"].values())
        table.add_row(str(one["places"]), *held, number(one["throughput"]))
    console().print(table)


def _tell_shock(answer: Answer) -> None:
    unit, worst, softened = answer["time_unit"], answer["worst"], answer["softened"]
    _say("lost", style="bold", lost=number(answer["lost"]))
    _say("worst", time=f"{worst['time']:g}", unit=unit, lost=number(worst))
    for key, missing in (("back", "throughput_back"), ("caught_up", "caught_up")):
        if answer[missing] is None:
            _say(f"not_{key}", style="yellow")
        else:
            _say(key, time=f"{answer[missing]:g}", unit=unit)
    _say("softens", style="bold", name=softened["best"] or _words("today"))
    if not softened["decided"]:
        _say("undecided", style="yellow")
    _say("shock_runs", replications=answer["replications"], **_study(answer))
    table = _table(
        _words("column.change"), *(_words(f"column.{name}") for name in ("missing", "best", "within", "spent"))
    )
    for one in softened["ranking"]:
        table.add_row(
            Text(one["name"] or _words("today")),
            number(one["missing"]),
            f"{one['p_best'] * 100:.1f} %",
            f"{one['p_within_zone'] * 100:.1f} %",
            str(one["replications"]),
        )
    console().print(table)
