"""Answers authorities by commands: shows what would be said, and says what was seen; on a node that runs, too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from lineside.api import (
    AnswerAsked,
    ConsentAsked,
    ExposureAsked,
    IncidentAsked,
    answer_json,
    draft_json,
    exposure_basis_json,
    overseen_json,
)
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import language, words
from lineside.errors import ConfigurationError, LinesideError
from lineside.node import Node

_ALL = "/api/member/questions"
_SHORTEST = 8


def show_questions(folder: Path, file: Path | None, *, fetch: bool, as_json: bool) -> None:
    """Lists what is asked and offered, after the hub was asked, or a file was taken."""
    if file is not None:
        text = _read(file)
        taken = _either(
            folder,
            lambda node: _taken(node, text),
            lambda node: node.post(f"{_ALL}/take", {"text": text}),
        )
        click.echo(words("overseen.taken", new=taken["new"], known=taken["known"]), err=as_json)
        _problems(taken["problems"])
    told = _told(folder, fetch=fetch)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    _problems([told["problem"]] if told["problem"] else [])
    for one in told["questions"]:
        due = "" if one["due_ms"] is None else words("overseen.due", due=_moment(one["due_ms"]))
        click.echo(" ".join(filter(None, (one["sha256"][:12], one["title"], f"({one['state_name']})", due))))
        click.echo(f"    {one['words']}")
        if one["reply"] is not None:
            click.echo(f"    {one['reply']['words']} ({one['reply']['state_name']})")
    if not told["questions"]:
        click.echo(words("overseen.no_questions"))


def answer_question(folder: Path, question: str, asked: Mapping[str, Any], seen: str | None) -> None:
    """Shows what would be answered, or says what was seen."""
    sha256 = _whole(folder, "questions", question)
    body = dict(asked)
    path = f"{_ALL}/{sha256}"

    def look(node: Node) -> dict[str, Any]:
        return answer_json(node.overseen.answering.look(sha256, _as(AnswerAsked, body).wish()), language())

    def say(node: Node, digest: str) -> None:
        node.overseen.answering.say(sha256, _as(AnswerAsked, body).wish(), digest)

    told = _either(folder, look, lambda node: node.post(f"{path}/preview", body))
    if seen is not None:
        _say(folder, told, seen, say, f"{path}/reply", body)
        return
    click.echo(told["words"])
    for one in told["values"]:
        value = one["absent_name"] if one["value"] is None else f"{one['value']:.4g}"
        click.echo(f"    {one['name']}: {value} ({one['origin_name']})")
    if told["reveals"] is not None:
        click.echo(words("overseen.reveals", numbers=told["reveals"]["numbers"], count=told["reveals"]["characters"]))
        for what, names in told["reveals"]["names"].items():
            click.echo(f"    {what}: {', '.join(names)}")
    _show_draft(told)


def tell_incident(folder: Path, asked: Mapping[str, Any], seen: str | None) -> None:
    """Lists the incidents that were told; with a title shows what would be told of one, or says what was seen."""
    if not asked.get("title"):
        for one in _told(folder)["incidents"]:
            _show_incident(one)
        return
    body = {name: value for name, value in asked.items() if value is not None}
    for name in ("began", "ended"):
        if (text := body.pop(name, None)) is not None:
            body[f"{name}_ms"] = _parsed(text)

    def look(node: Node) -> dict[str, Any]:
        return draft_json(node.overseen.incidents.look(_as(IncidentAsked, body).happened()), language())

    def say(node: Node, digest: str) -> None:
        node.overseen.incidents.say(_as(IncidentAsked, body).happened(), digest)

    told = _either(folder, look, lambda node: node.post("/api/member/incidents/preview", body))
    _show_or_say(folder, told, seen, say, "/api/member/incidents", body)


def _show_incident(one: Mapping[str, Any]) -> None:
    facts = (f"{one['number']}", one["concern_name"], one["severity_name"], one["title"], f"({one['state_name']})")
    click.echo(" ".join(facts))
    for more in one["more"]:
        click.echo(f"    {more['number']} {more['title']}")
    for look in one["looks"]:
        click.echo(
            f"    {words('overseen.looked', who=look['who'], at=_moment(look['at_ms']), purpose=look['purpose'])}"
        )


def answer_sandbox(folder: Path, sandbox: str | None, asked: Mapping[str, Any] | None, seen: str | None) -> None:
    """Lists the terms with limits against the own months; shows what would be said on one, or says what was seen."""
    if sandbox is None or asked is None:
        for one in _told(folder)["sandboxes"]:
            _show_sandbox(one)
        return
    sha256, body = _whole(folder, "sandboxes", sandbox), dict(asked)
    path = f"/api/member/sandboxes/{sha256}"

    def look(node: Node) -> dict[str, Any]:
        wanted = _as(ConsentAsked, body)
        return draft_json(node.overseen.terms.look(sha256, agrees=wanted.agrees, why=wanted.why), language())

    def say(node: Node, digest: str) -> None:
        wanted = _as(ConsentAsked, body)
        node.overseen.terms.say(sha256, digest, agrees=wanted.agrees, why=wanted.why)

    told = _either(folder, look, lambda node: node.post(f"{path}/preview", body))
    _show_or_say(folder, told, seen, say, f"{path}/consent", body)


def _show_sandbox(one: Mapping[str, Any]) -> None:
    click.echo(f"{one['sha256'][:12]} {one['title']}, {one['first']} – {one['last']} ({one['state_name']})")
    click.echo(f"    {one['relaxed']}")
    for limit in one["limits"]:
        months = ", ".join(f"{month['month']} {month['state_name']}" for month in limit["months"])
        click.echo(f"    {limit['name']}, {limit['words']}: {months}")


def tell_exposure(folder: Path, file: Path | None, seen: str | None) -> None:
    """Shows what could be told, and what was; with a file what would be told by it, or says what was seen."""
    if file is None:
        basis = _either(folder, exposure_basis_json, lambda node: node.get("/api/member/exposure"))
        click.echo(json.dumps({"said": _told(folder)["exposure"], **basis}, ensure_ascii=False, indent=1))
        return
    try:
        body = json.loads(_read(file))
        _as(ExposureAsked, body)
    except (ValueError, msgspec.ValidationError) as error:
        raise ConfigurationError("member.unread", file=str(file), reason=str(error)) from error

    def look(node: Node) -> dict[str, Any]:
        return draft_json(node.overseen.exposures.look(_as(ExposureAsked, body).depends()), language())

    def say(node: Node, digest: str) -> None:
        node.overseen.exposures.say(_as(ExposureAsked, body).depends(), digest)

    told = _either(folder, look, lambda node: node.post("/api/member/exposure/preview", body))
    _show_or_say(folder, told, seen, say, "/api/member/exposure", body)


# in common


def _show_or_say(
    folder: Path,
    told: Mapping[str, Any],
    seen: str | None,
    say: Callable[[Node, str], None],
    path: str,
    body: Mapping[str, Any],
) -> None:
    if seen is None:
        _show_draft(told)
    else:
        _say(folder, told, seen, say, path, body)


def _show_draft(told: Mapping[str, Any]) -> None:
    click.echo(told["raw"])
    if told["held"] is not None:
        click.secho(told["held"]["sentence"], bold=True)
        click.echo(words("overseen.missing", things=", ".join(told["missing"])) if told["missing"] else "")
    else:
        click.echo(words("overseen.to_say", digest=told["digest"][:12]))


def _say(
    folder: Path,
    told: Mapping[str, Any],
    seen: str,
    say: Callable[[Node, str], None],
    path: str,
    body: Mapping[str, Any],
) -> None:
    """Says it where `seen` are the first digits of what it still is."""
    if len(seen) < _SHORTEST or not told["digest"].startswith(seen.lower()):
        raise ConfigurationError("overseen.changed")
    digest = told["digest"]
    _either(folder, lambda node: say(node, digest), lambda node: node.post(path, {**body, "digest": digest}))
    click.echo(words("overseen.said", folder=folder))


def _told(folder: Path, *, fetch: bool = False) -> dict[str, Any]:
    def here(node: Node) -> dict[str, Any]:
        if fetch:
            node.overseen.fetching.fetch()
        return overseen_json(node, language())

    def far(node: RemoteNode) -> dict[str, Any]:
        told: dict[str, Any] = node.post(f"{_ALL}/fetch", {}) if fetch else node.get(_ALL)
        return told

    found: dict[str, Any] = _either(folder, here, far)
    if not found["member"]:
        raise ConfigurationError("member.not_enrolled")
    return found


def _whole(folder: Path, what: str, given: str) -> str:
    """The hash that its first digits mean, or a number. Raises ConfigurationError."""
    for one in _told(folder)[what]:
        sha256 = str(one["sha256"])
        if given == str(one["number"]) or (len(given) >= _SHORTEST and sha256.startswith(given.lower())):
            return sha256
    raise ConfigurationError("overseen.not_here", sha256=given)


def _taken(node: Node, text: str) -> dict[str, Any]:
    taken = node.overseen.fetching.take(text.encode())
    problems = [{"sentence": one.sentence(language()), "cure": one.cure(language())} for one in taken.problems]
    return {"new": taken.new, "known": taken.known, "problems": problems}


def _problems(problems: list[Mapping[str, Any]]) -> None:
    for one in problems:
        click.secho(one["sentence"], bold=True, err=True)
        click.echo(one["cure"] or "", err=True)


def _as(kind: type[Any], body: Mapping[str, Any]) -> Any:
    return msgspec.convert(body, kind)


def _parsed(text: str) -> int:
    """Milliseconds since 1970; without an offset by the clock of this computer. Raises ConfigurationError."""
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError as error:
        raise ConfigurationError("overseen.no_time", text=text[:60]) from error


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().isoformat(" ", "minutes")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LinesideError("member.unread", file=str(file), reason=str(error)) from error


def _either(folder: Path, here: Callable[[Node], Any], far: Callable[[RemoteNode], Any]) -> Any:
    node = opened_or_running(folder, Node.open)
    if isinstance(node, RemoteNode):
        return far(node)
    with node:
        return here(node)
