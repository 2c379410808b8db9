"""Imports recordings with progress, in this process or by the node that runs on the folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from lineside.cli.folders import require_plant
from lineside.cli.following import follow, follow_remote, plain
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import console, language, words
from lineside.jobs import Job
from lineside.node import Node, submit_import
from lineside.texts import say

_SHOWN = 6
_MIXED_SHARE = 0.1
"""Where more of the rows than this share their time with the row before, a table mixes several machines."""
_DAMAGE = "archive_cut"


def import_recordings(folder: Path, files: Sequence[Path], params: Mapping[str, Any], *, as_json: bool) -> int:
    """Imports, shows how far it is, and sums up what was set aside and why.

    1 when it did not get to its end, or the end of a file is lost.
    """
    require_plant(folder)
    params = {"files": [str(file.resolve()) for file in files], **params}
    node = opened_or_running(folder, Node.open)
    if isinstance(node, RemoteNode):
        result = _import_remotely(node, params)
    else:
        with node:
            result = _import_locally(node, params)
    if result is None:
        click.echo(words("import.cancelled"), err=True)
        return 1
    for file in result:
        if as_json:
            click.echo(json.dumps(file, ensure_ascii=False))
        else:
            _tell(file)
    return int(any(_DAMAGE in file["set_aside"] for file in result))


def wait_for(node: Node, job: Job) -> None:
    """Waits for an import of this process; who interrupts it leaves the rest to the next start of the node."""
    follow(lambda: plain(node.jobs.get(job.id)))


def _import_locally(node: Node, params: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The summaries of an import done by a node of this process; None when a person stopped it."""
    job = submit_import(node.jobs, params)
    return _files(follow(lambda: plain(node.jobs.get(job.id)), lambda: node.jobs.cancel(job.id)))


def _import_remotely(node: RemoteNode, params: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    return _files(follow_remote(node, "import", params))


def _files(result: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    return None if result is None else list(result["files"])


def _tell(file: Mapping[str, Any]) -> None:
    """What became of one file, in words."""
    out = console()
    name = Path(file["file"]).name
    out.print(words("import.done", file=name, source=file["source"], stored=_count(file["stored"])), style="bold")
    if file["repeated"]:
        out.print("  " + words("import.repeated", count=_count(file["repeated"])))
    tell_found(file)


def tell_found(file: Mapping[str, Any], *, faults: bool = True) -> None:
    """What a reading of a file found, in words; with what was set aside unless its `faults` are told already."""
    out = console()
    if file["first"] is not None:
        out.print("  " + words("import.span", first=_time(file["first"]), last=_time(file["last"])))
    if file["backwards"]:
        out.print("  " + words("import.backwards", count=_count(file["backwards"])))
    if file["early_losses"]:
        out.print("  " + words("import.early_losses", count=_count(file["early_losses"])), style="yellow")
    if file["encoding"] != "utf-8":
        out.print("  " + words("import.encoding", encoding=file["encoding"].upper()))
    if file["ambiguous"]:
        out.print("  " + words("import.ambiguous", count=_count(file["ambiguous"])))
    if file["same_moment"] > _MIXED_SHARE * file["lines"]:
        out.print("  " + words("import.same_moment", count=_count(file["same_moment"])), style="yellow")
    for reason, seen in sorted(file["set_aside"].items(), key=lambda item: -item[1]["count"]) if faults else ():
        out.print("  " + _set_aside(reason, seen), style="yellow", markup=False)
    if file["unwanted"]:
        often = sorted(file["unwanted"].items(), key=lambda item: -item[1])
        names = ", ".join(name for name, _ in often[:_SHOWN]) + (", …" if len(often) > _SHOWN else "")
        total = _count(sum(file["unwanted"].values()))
        out.print("  " + words("import.unwanted", count=total, names=names), markup=False)
    if not file["observations"]:
        why = "nothing" if file["unwanted"] else "unusable" if file["set_aside"] else "empty"
        out.print("  " + words(f"import.{why}"), style="yellow")


def _set_aside(reason: str, seen: Mapping[str, Any]) -> str:
    if reason == _DAMAGE:
        return words("import.damaged", reason=seen["example"])
    fields = {"what": say(f"connect.setaside.{reason}", language()), "count": _count(seen["count"])}
    key = "import.set_aside" if seen["line"] else "import.set_aside_somewhere"
    return words(key, **fields, line=seen["line"], example=seen["example"])


def _count(number: int) -> str:
    return f"{number:,}"


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
