"""Joins a hub, speaks to it and leaves it: in a folder that nobody has open, or through the node that runs on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.table import Table

from lineside.api import EnrolAsked, membership_json, membership_preview_json, profile_of
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import console, language, words
from lineside.errors import ConfigurationError, LinesideError
from lineside.node import Node

_NEEDED = ("name", "industry", "region")


def join_hub(folder: Path, invitation: Path, accept: str | None, profile: Mapping[str, Any]) -> None:
    """Takes an invitation; with the hash of its agreement and a profile it is enrolled."""
    text = _read(invitation)
    told = either(
        folder,
        lambda node: _taken(node, text),
        lambda node: node.post("/api/member/invitation", {"invitation": text}),
    )
    membership = told["membership"]
    if accept is None:
        _show_invitation(membership, folder, invitation)
        return
    missing = [name for name in _NEEDED if not profile.get(name)]
    if missing:
        raise ConfigurationError("member.no_profile", missing=", ".join(f"--{name}" for name in missing))
    kept = {name: list(value) if name == "traits" else value for name, value in profile.items()}
    asked = {"profile": kept, "agreement": _whole(accept, membership["agreement"]["sha256"])}
    told = either(folder, lambda node: _enrolled(node, asked), lambda node: node.post("/api/member/enrol", asked))
    click.echo(words("member.asked", hub=told["membership"]["hub"]["name"]))
    if not told["membership"]["open"]:
        click.echo(words("member.to_release", folder=folder, hub=told["membership"]["hub"]["id"]))
    _show(told)


def _whole(accept: str, sha256: str) -> str:
    """The hash that its first digits mean, eight at least."""
    return sha256 if len(accept) >= 8 and sha256.startswith(accept.lower()) else accept


def _taken(node: Node, text: str) -> dict[str, Any]:
    node.member.memberships.take(text.encode())
    return membership_json(node, language())


def _enrolled(node: Node, asked: Mapping[str, Any]) -> dict[str, Any]:
    told = msgspec.convert(asked, EnrolAsked)
    node.member.memberships.enrol(profile_of(msgspec.to_builtins(told.profile)), told.agreement)
    return membership_json(node, language())


def _show_invitation(membership: Mapping[str, Any], folder: Path, invitation: Path) -> None:
    hub, agreement = membership["hub"], membership["agreement"]
    click.echo(words("member.invited", hub=hub["name"]))
    click.echo(words("member.compare", hub=hub["fingerprint"], own=membership["fingerprint"]))
    click.echo(agreement["text"])
    accept = agreement["sha256"][:12]
    click.echo(words("member.to_accept", folder=folder, invitation=invitation, accept=accept))


def show_status(folder: Path, *, as_json: bool) -> None:
    """Shows all that is known of the membership."""
    told = _told(folder)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _show(told)


def _told(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = either(
        folder, lambda node: membership_json(node, language()), lambda node: node.get("/api/member")
    )
    return told


def _show(told: Mapping[str, Any]) -> None:
    membership = told["membership"]
    if membership is None:
        click.echo(words("member.nowhere"))
        return
    table = Table(box=None, show_header=False)
    table.add_row(words("member.hub"), f"{membership['hub']['name']} ({membership['hub']['id']})")
    table.add_row(words("member.state"), membership["state_name"])
    table.add_row(words("member.hub_key"), membership["hub"]["fingerprint"])
    table.add_row(words("member.own_key"), membership["fingerprint"])
    if told["next"] is not None:
        table.add_row(words("member.next"), f"{told['next']['month']}, {moment(told['next']['at_ms'])}")
    if told["due"]:
        table.add_row(words("member.due"), ", ".join(told["due"]))
    console().print(table)
    for one in reversed(told["statements"]):
        entry = "" if one["receipt"] is None else words("member.entry", entry=one["receipt"]["entry"])
        click.echo(
            " ".join(filter(None, (f"{one['number']}", one["say_name"], one["month"], one["state_name"], entry)))
        )
        remarks = [] if one["receipt"] is None else one["receipt"]["remarks"]
        for line in (*remarks, *([one["problem"]["sentence"]] if one["problem"] else [])):
            click.echo(f"    {line}")
    if (lost := membership["lost"]) is not None:
        click.secho(lost["sentence"], bold=bool(lost["waits"]))
    if (rewound := membership["rewound"]) is not None:
        click.secho(rewound["sentence"], bold=True)
    if (problem := membership["problem"]) is not None:
        click.secho(problem["sentence"], bold=True)
        click.echo(problem["cure"] or "")


def show_preview(folder: Path, month: str | None, *, as_json: bool) -> None:
    """Shows what would be said of a month."""
    told = either(
        folder,
        lambda node: membership_preview_json(node, month, language()),
        lambda node: node.get("/api/member/preview", {} if month is None else {"month": month}),
    )
    if as_json:
        click.echo(told["raw"])
        return
    table = Table(*(words(f"member.{one}") for one in ("indicator", "value", "coverage", "origin")), box=None)
    for one in told["values"]:
        value = one["absent_name"] if one["value"] is None else f"{one['value']:.4g}"
        coverage = "" if one["coverage"] is None else f"{one['coverage']:.0%}"
        table.add_row(one["indicator"], value, coverage, "" if one["value"] is None else one["origin_name"])
    click.echo(told["month"])
    console().print(table)


def send_due(folder: Path, first: str | None) -> None:
    """Says what is due."""

    def here(node: Node) -> dict[str, Any]:
        node.member.memberships.speaking()
        node.member.speak(first)
        return membership_json(node, language())

    told = either(folder, here, lambda node: node.post("/api/member/send", {"first": first}))
    _show(told)


def write_letters(folder: Path, file: Path, first: str | None) -> None:
    """Writes what waits into a file that is not there yet."""
    _require_new(file)
    text = either(
        folder,
        lambda node: node.member.letters(first).decode(),
        lambda node: node.post("/api/member/letters", {"first": first})["letters"],
    )
    _write(file, text)
    click.echo(words("member.written", file=file, count=len(text.splitlines())))


def sign_application(folder: Path, file: Path, signed: Path) -> None:
    """Signs an application for support that was brought from the hub."""
    _require_new(signed)
    text = _read(file)

    def here(node: Node) -> dict[str, Any]:
        says, envelope = node.member.sign(text.encode())
        return {"number": says.application, "proofs": len(says.proofs), "envelope": envelope.json().decode()}

    told = either(folder, here, lambda node: node.post("/api/member/application", {"content": text}))
    _write(signed, told["envelope"] + "\n")
    click.echo(words("member.signed", number=told["number"], count=told["proofs"], file=signed))


def _require_new(file: Path) -> None:
    if file.exists():
        raise ConfigurationError("member.file_there", file=str(file))


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as into:
            into.write(text)
    except OSError as error:
        raise LinesideError("member.file", file=str(file), reason=error.strerror or str(error)) from error


def take_answers(folder: Path, file: Path) -> None:
    """Takes what came back."""
    text = _read(file)

    def here(node: Node) -> dict[str, Any]:
        carried = node.member.carry(text.encode())
        problems = [{"sentence": one.sentence(language()), "cure": one.cure(language())} for one in carried.problems]
        return {"taken": carried.taken, "problems": problems, **membership_json(node, language())}

    told = either(folder, here, lambda node: node.post("/api/member/answers", {"answers": text}))
    click.echo(words("member.taken", count=told["taken"]))
    for one in told["problems"]:
        click.echo(one["sentence"])
    _show(told)


def enter_value(folder: Path, month: str, indicator: str, value: float | None, note: str) -> None:
    """Keeps a value by hand."""
    asked = {"month": month, "indicator": indicator, "value": value, "note": note}

    def here(node: Node) -> None:
        node.member.entered.enter(node.member.months.catalogue, month, indicator, value, note)

    either(folder, here, lambda node: node.post("/api/member/enter", asked))
    key = "member.entered" if value is not None else "member.entered_back"
    told = {} if value is None else {"value": f"{value:g}"}
    click.echo(words(key, month=month, indicator=indicator, **told))


def change_profile(folder: Path, changes: Mapping[str, Any]) -> None:
    """Says what is different; the rest stays as it was said before."""
    membership = _told(folder)["membership"]
    before = {} if membership is None else membership["profile"] or {}
    given = {name: list(value) if name == "traits" else value for name, value in changes.items() if value}
    asked = {"profile": {**before, **given}}

    def here(node: Node) -> dict[str, Any]:
        node.member.change_profile(profile_of(asked["profile"]))
        return membership_json(node, language())

    _show(either(folder, here, lambda node: node.post("/api/member/profile", asked)))


def rotate_key(folder: Path) -> None:
    """Gives another key the word."""

    def here(node: Node) -> dict[str, Any]:
        node.member.rotate()
        return membership_json(node, language())

    _show(either(folder, here, lambda node: node.post("/api/member/rotate", {})))


def go_on(folder: Path) -> None:
    """Goes on after a stop."""

    def here(node: Node) -> dict[str, Any]:
        node.member.recover()
        return membership_json(node, language())

    _show(either(folder, here, lambda node: node.post("/api/member/recover", {})))


def leave_hub(folder: Path, why: str) -> None:
    """Leaves."""

    def here(node: Node) -> dict[str, Any]:
        node.member.leave(why)
        return membership_json(node, language())

    _show(either(folder, here, lambda node: node.post("/api/member/leave", {"why": why})))
    click.echo(words("member.leaving"))


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LinesideError("member.unread", file=str(file), reason=reason) from error


def moment(ms: int) -> str:
    """A time since 1970 by the clock of this computer."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"


def either(folder: Path, here: Callable[[Node], Any], far: Callable[[RemoteNode], Any]) -> Any:
    """Does it here, or has the node that runs do it."""
    node = opened_or_running(folder, Node.open)
    if isinstance(node, RemoteNode):
        return far(node)
    with node:
        return here(node)
