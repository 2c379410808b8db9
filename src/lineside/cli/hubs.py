"""A hub made, run and looked after: in its folder, or through the hub that runs on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from lineside.api.hub import create_hub_app, invited_json, member_json
from lineside.cli.folders import is_hub
from lineside.cli.following import follow_remote
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.serving import Served, begin, listener, serve_house
from lineside.cli.terminal import console, language, words
from lineside.errors import ConfigurationError
from lineside.exchange import Answer
from lineside.hub import HUB_FILE, Hub, export_hub, labels_of, scaffold_hub
from lineside.node import hub_kinds
from lineside.plant import identifier, local_zone
from lineside.trust import fingerprint

_LINES = 500
"""Envelopes of a file that are taken together."""


def new_hub(folder: Path, name: str | None, timezone: str | None) -> None:
    """Writes a first hub file."""
    zone = timezone or local_zone().key
    path = scaffold_hub(folder, name=name or folder.resolve().name, time_zone=zone, language=language())
    click.echo(words("new.written", file=path))
    click.echo(words("hub.next", folder=folder))


def run_hub(folder: Path, port: int | None, served: Served, *, browser: bool) -> None:
    """Runs the hub of a folder. Raises ConfigurationError."""
    _require_hub(folder)
    begin(folder, "hub")
    served = served.with_credentials(folder)
    with listener(port, served.host) as door, Hub.open(folder, kinds=hub_kinds) as hub:
        served.require(hub.people)
        click.echo(words("hub.known_by", name=hub.name, key=fingerprint(hub.voice.key)))
        serve_house(hub, partial(create_hub_app, hub), door, served, live=hub.live(), browser=browser)


def invite_members(
    folder: Path,
    labels: Sequence[str],
    table: Path | None,
    again: int | None,
    target: Path,
    days: int,
    spoken: str | None,
) -> None:
    """Makes invitations, and writes each into a file of its own that nobody else on this computer reads."""
    asked: dict[str, Any] = {"days": days, "language": spoken or language()}
    if again is not None:
        made = _either(
            folder,
            lambda hub: [invited_json(hub.invitations.again(again, **asked))],
            lambda node: [node.post(f"/api/members/{again}/again", asked)],
        )
    else:
        wanted = labels_of(_bytes_of(table)) if table is not None else list(labels)
        made = _either(
            folder,
            lambda hub: [invited_json(one) for one in hub.invitations.invite(wanted, **asked)],
            lambda node: node.post("/api/invitations", {"labels": wanted, **asked}),
        )
    for one in made:
        click.echo(words("hub.invited", label=one["label"], file=_written(target, one)))
    click.echo(words("hub.hand_on"))


def list_members(folder: Path, *, as_json: bool) -> None:
    """Shows the register."""
    found = _either(
        folder,
        lambda hub: [member_json(hub, one) for one in hub.register.everybody()],
        lambda node: node.get("/api/members"),
    )
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if not found:
        click.echo(words("hub.nobody"))
        return
    table = Table(*(words(f"hub.{column}") for column in ("number", "label", "name", "state", "last", "key")), box=None)
    for one in found:
        state = words(f"hub.state.{one['state']}")
        table.add_row(
            *(str(one["number"]), one["label"], one["profile"]["name"], state),
            *(str(one["last"]), one["fingerprint"] or "-"),
        )
    console().print(table)


def admit_member(folder: Path, member: int, compared: str) -> None:
    """Admits a member whose fingerprint was compared."""
    told = _either(
        folder,
        lambda hub: member_json(hub, hub.registrar.admit(member, compared)),
        lambda node: node.post(f"/api/members/{member}/admit", {"fingerprint": compared}),
    )
    click.echo(words("hub.admitted", member=member, name=told["profile"]["name"]))


def end_member(folder: Path, member: int, how: str, why: str, into: int | None) -> None:
    """Refuses or closes a member."""

    def here(hub: Hub) -> None:
        if how == "refuse":
            hub.registrar.refuse(member, why)
        else:
            hub.registrar.close(member, why, into=into)

    _either(folder, here, lambda node: node.post(f"/api/members/{member}/{how}", {"why": why, "into": into}))
    click.echo(words("hub.ended", member=member))


def take_file(folder: Path, file: Path) -> int:
    """Takes the envelopes in a file, and writes the answers beside it; 1 when something was not taken."""
    target = file.with_name(f"{file.name}.answers")
    lines = [line for line in _bytes_of(file).splitlines() if line.strip()]
    pieces = [b"\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES)]
    answers: list[Answer] = _either(
        folder,
        lambda hub: [answer for piece in pieces for answer in hub.receive(piece)],
        lambda node: [answer for piece in pieces for answer in _parsed(node.send("/api/exchange", piece))],
    )
    try:
        target.write_bytes(b"".join(answer.json() + b"\n" for answer in answers))
    except OSError as error:
        raise ConfigurationError("hub.unwritten", file=str(target), reason=error.strerror or str(error)) from error
    problems = [answer.problem for answer in answers if answer.problem is not None]
    for problem in {one.sentence[language()]: one for one in problems}.values():
        click.secho(problem.sentence[language()], fg="yellow", err=True)
        click.echo(problem.cure[language()], err=True)
    click.echo(words("hub.taken", taken=len(answers) - len(problems), of=len(answers), file=target))
    return 1 if problems else 0


def export_whole(folder: Path, target: Path) -> int:
    """Exports the hub; 1 when a person stopped it."""
    full = target.absolute()
    made: Mapping[str, Any] | None = _either(
        folder,
        lambda hub: export_hub(folder, hub.books, hub.ledger, hub.figures, full),
        lambda node: follow_remote(node, "hub.export", {"target": str(full)}),
    )
    if made is None:
        click.echo(words("backup.cancelled"), err=True)
        return 1
    click.echo(words("hub.exported", target=full, members=made["members"], statements=made["statements"]))
    return 0


def _either(folder: Path, here: Callable[[Hub], Any], far: Callable[[RemoteNode], Any]) -> Any:
    """Asks the hub of a folder that nobody has open, else the one that has."""
    _require_hub(folder)
    opened = opened_or_running(folder, Hub.open)
    if isinstance(opened, RemoteNode):
        return far(opened)
    with opened as hub:
        return here(hub)


def _require_hub(folder: Path) -> None:
    """Raises ConfigurationError when the folder holds no hub, before anything is made in it."""
    if not is_hub(folder):
        raise ConfigurationError("hub.no_file", file=str(folder / HUB_FILE), folder=str(folder))


def _written(target: Path, invited: Mapping[str, Any]) -> Path:
    """A new file of an invitation, whose owner alone can read it: it holds the code."""
    name = identifier(invited["label"], "-") or "member"
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in _free(target, name):
            path.touch(0o600, exist_ok=False)
            path.write_text(json.dumps(invited["invitation"]) + "\n", "ascii")
            return path
    except OSError as error:
        raise ConfigurationError("hub.unwritten", file=str(target), reason=error.strerror or str(error)) from error
    raise ConfigurationError("hub.unwritten", file=str(target), reason=name)


def _free(target: Path, name: str) -> Iterator[Path]:
    """Names that no file has."""
    tries = (target / f"{name}{'' if at == 1 else f'-{at}'}.invitation" for at in range(1, 10_001))
    return (path for path in tries if not path.exists())


def _parsed(lines: bytes) -> Iterator[Answer]:
    return (Answer.parse(line) for line in lines.splitlines())


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError("hub.unread", file=str(file), reason=error.strerror or str(error)) from error
