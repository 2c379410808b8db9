"""Fits a twin to an event log or to a line of a plant, tries it, and foretells the shift."""

from __future__ import annotations

import json
import time as clock
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from lineside.cli.folders import require_plant
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import console, language, words
from lineside.cli.twin import with_progress
from lineside.errors import ConfigurationError, LinesideError
from lineside.node import Node, submit_fit, tonight
from lineside.texts import say
from lineside.twin.answers import changes_document, read_changes
from lineside.twin.fit import Record, Twin, fit, parse_twin
from lineside.twin.fit.reading import read_log
from lineside.twin.validate import Known, Trust, in_words, rungs_in_words, validate

Tell = Callable[[float], None]
_POLL_S = 0.3


def fit_log(log: Path, columns: Sequence[str], out: Path | None, *, as_json: bool) -> None:
    """Fits a twin to an event log, without any plant."""
    record = _read(log, columns)
    twin: Twin = with_progress(lambda tell: fit(record, tell=tell))
    _keep(twin.plain(), out)
    if as_json:
        click.echo(json.dumps(twin.plain(), ensure_ascii=False, indent=1))
    else:
        _tell_twin(twin)


def validate_log(log: Path, columns: Sequence[str], change: Path | None, since: str, *, as_json: bool) -> None:
    """Tries a twin of the first two thirds of an event log on the rest, and on a change that came at a moment."""
    stated = () if change is None else read_changes(change)
    record = _read(log, columns)
    known = Known(_moment(record, since), stated) if stated else None

    def tried(tell: Tell) -> Trust:
        drifts = () if known is not None else fit(record).changes
        return validate(record, known=known, drifts=drifts, tell=tell)

    _tell_trust(with_progress(tried).plain(), as_json=as_json)


def fit_line(
    folder: Path, line: str, out: Path | None, change: tuple[Path, str] | None = None, *, as_json: bool, trial: bool
) -> None:
    """Fits and tries the twin of a line of a plant, and keeps it there; `trial` shows how the trial went.

    It is tried on a `change`, too: a file of changes, and since when they are made.
    """
    require_plant(folder)
    stated = None if change is None else {"since": change[1], "changes": changes_document(read_changes(change[0]))}
    twin, trust = _fitted(folder, line, stated)
    _keep(twin.plain(), out)
    if trial:
        _tell_trust(trust, as_json=as_json)
    elif as_json:
        click.echo(json.dumps(twin.plain(), ensure_ascii=False, indent=1))
    else:
        _tell_twin(twin)


def forecast_line(folder: Path, line: str, *, as_json: bool) -> None:
    """Foretells the running shift of a line."""
    require_plant(folder)
    told = _of_node(folder, lambda node: tonight(node.twins, line), lambda far: far.get(f"/api/twin/{line}/tonight"))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    out, units = console(), told["units"]
    out.print(
        words(
            "fit.forecast",
            shift=told["shift"]["name"],
            now=units["now"],
            mean=f"{units['mean']:.0f}",
            low=f"{units['low']:.0f}",
            high=f"{units['high']:.0f}",
        )
    )
    for order in told["orders"]:
        chance = "-" if order["on_time"] is None else f"{order['on_time'] * 100:.0f} %"
        out.print(words("fit.order", order=order["id"], made=order["made"], of=order["quantity"], chance=chance))


def _read(log: Path, columns: Sequence[str]) -> Record:
    pairs = [text.partition("=") for text in columns]
    if wrong := [text for text in columns if "=" not in text]:
        raise ConfigurationError("cli.fit.column", column=wrong[0])
    return read_log(log, columns={role: column for role, _, column in pairs} or None)


def _moment(record: Record, text: str) -> float:
    """A moment as the times of a log are written, in seconds of its record."""
    try:
        if record.epoch is None:
            return float(text)
        told = datetime.fromisoformat(text)
        return ((told if told.tzinfo else told.replace(tzinfo=UTC)) - record.epoch).total_seconds()
    except ValueError as error:
        raise ConfigurationError("cli.fit.since", value=text, name=record.name) from error


def _fitted(folder: Path, line: str, change: dict[str, Any] | None) -> tuple[Twin, Mapping[str, Any]]:
    """The twin fitted by a job of the node, here or running elsewhere, with its trial."""

    def here(node: Node) -> tuple[dict[str, Any], dict[str, Any]]:
        job = submit_fit(node.jobs, node.plant, line, change=change)
        with_progress(lambda tell: _wait(tell, lambda: _state(node.jobs.get(job.id))))
        kept = node.twins.newest(line)
        return (dict(kept.twin), dict(kept.trust or {})) if kept is not None else ({}, {})

    def far(node: RemoteNode) -> tuple[dict[str, Any], dict[str, Any]]:
        job = node.post(f"/api/twin/{line}/fit", {} if change is None else {"change": change})
        with_progress(lambda tell: _wait(tell, lambda: _far_state(node.get(f"/api/jobs/{job['id']}"))))
        kept = node.get(f"/api/twin/{line}/document")
        return kept["twin"], kept["trust"]

    twin, trust = _of_node(folder, here, far)
    return parse_twin(twin, line), trust or {"verdict": "untested"}


def _of_node(folder: Path, here: Callable[[Node], Any], far: Callable[[RemoteNode], Any]) -> Any:
    """Asks the plant's node: opened here, or the one that runs on its folder."""
    node = opened_or_running(folder, Node.open)
    if isinstance(node, RemoteNode):
        return far(node)
    with node:
        return here(node)


def _state(job: Any) -> tuple[bool, float, LinesideError | None]:
    error = None if job.error_key is None else LinesideError(job.error_key, **(job.error_fields or {}))
    return job.state.over, job.done / (job.total or 1), error


def _far_state(job: Mapping[str, Any]) -> tuple[bool, float, LinesideError | None]:
    error = None if job["error"] is None else LinesideError(job["error"]["key"], **job["error"]["fields"])
    return job["state"] not in ("queued", "running"), job["done"] / (job["total"] or 1), error


def _wait(tell: Tell, look: Callable[[], tuple[bool, float, LinesideError | None]]) -> dict[str, Any]:
    while True:
        over, share, error = look()
        tell(min(share, 1.0))
        if error is not None:
            raise error
        if over:
            return {}
        clock.sleep(_POLL_S)


def _keep(document: Mapping[str, Any], out: Path | None) -> None:
    if out is not None:
        try:
            out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
        except OSError as error:
            raise ConfigurationError(
                "cli.fit.unwritable", file=str(out), reason=error.strerror or str(error)
            ) from error


def _tell_twin(twin: Twin) -> None:
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("station", "what", "about", "value", "interval", "n", "origin"):
        table.add_column(words(f"fit.{column}"), justify="right" if column in ("value", "interval", "n") else "left")
    for one in twin.parameters:
        if one.value is None:
            continue
        low, high = ("∞" if end is None else f"{end:.4g}" for end in (one.low, one.high))
        table.add_row(
            Text(one.station or ""),
            say(f"fit.what.{one.what}", language()),
            Text(one.about),
            f"{one.value:.5g} {one.unit if one.unit != '1' else ''}".rstrip(),
            "" if one.low is None and one.high is None else f"{low} – {high}",
            str(one.n),
            say(f"fit.origin.{one.origin}", language()),
        )
    out.print(table)
    for finding in twin.findings:
        out.print(Text(f"{finding.path}: {finding.sentence(language())} {finding.cure(language())}".rstrip()))
    for change in twin.changes:
        told = {"station": change.station, "about": change.about, "factor": f"{change.factor:.2g}"}
        told |= {"low": f"{change.low:.2g}", "high": f"{change.high:.2g}"}
        out.print(Text(say(f"fit.drift.{change.what}", language(), **told)), style="yellow")


def _tell_trust(trust: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(trust, ensure_ascii=False, indent=1))
        return
    out = console()
    good, bad = in_words(trust, {}, language())
    out.print(words(f"fit.verdict.{trust['verdict']}"), style="bold")
    for one in rungs_in_words(trust, language()):
        told = say("validate.rung", language(), rung=one["rung"], verdict=one["verdict"])
        out.print(Text(f"  {told}"))
    for sentences, key in ((good, "trust"), (bad, "distrust")):
        if sentences:
            out.print(words(f"fit.{key}"))
        for sentence in sentences:
            out.print(Text(f"  {sentence}"))
    for one in trust.get("measured", []):
        if one["what"] == "made":
            covers = ", ".join(f"{c['level'] * 100:.0f} %: {c['inside']}/{c['of']}" for c in one["coverage"])
            out.print(words("fit.coverage", covers=covers))
