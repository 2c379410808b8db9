"""The twin's answers on the command line: from a model file, without any plant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from lineside.cli.terminal import console, language
from lineside.cli.twin import tell_refusal, with_progress
from lineside.texts import say
from lineside.twin import Line, LineRefused, read_line
from lineside.twin.answers import ChangesRefused, Study, read_changes, what_if

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
