"""Solution packs and needs by commands: in a folder that nobody has open, or through the node that runs on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from lineside.api import (
    applied_json,
    need_json,
    needs_json,
    offers_json,
    pack_draft_json,
    solution_json,
    solutions_json,
)
from lineside.cli.following import follow, plain
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import console, language, words
from lineside.errors import ConfigurationError, LinesideError
from lineside.jobs import Job
from lineside.node import Node

_LEAST_DIGITS = 8


def show_packs(folder: Path, *, as_json: bool) -> None:
    """What is here, and what was put to use."""
    _show_packs(_solutions(folder), as_json=as_json)


def _solutions(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = _either(
        folder, lambda node: solutions_json(node, language()), lambda node: node.get("/api/solutions")
    )
    return told


def _show_packs(told: Mapping[str, Any], *, as_json: bool = False) -> None:
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    if not told["packs"]:
        click.echo(words("packs.none"))
    table = Table(*(words(f"packs.{one}") for one in ("pack", "title", "indicator", "measured", "cost")), box=None)
    for one in told["packs"]:
        name = f"{one['id']} {one['edition']} ({one['sha256'][:_LEAST_DIGITS]})"
        table.add_row(Text(name), Text(one["title"]), one["indicator"]["name"], _effect(one), _cost(one["cost"]))
    if told["packs"]:
        console().print(table)
    for one in told["packs"]:
        for key in ("withdrawn", "fits"):
            if one[key] is (key == "withdrawn"):
                reasons = "; ".join(one["why"]) or "-"
                click.echo(f"  {one['id']}: {words(f'packs.{key}', why=reasons)}")
    for one in told["applied"]:
        _show_applied(one)


def _effect(card: Mapping[str, Any]) -> str:
    """What pilots found; a pack that nobody measured says so."""
    if not card["effects"]:
        return words("packs.unmeasured")
    one = card["effects"][0]
    interval = _interval(one, card["indicator"]["unit"])
    return words("packs.effect", interval=interval, members=one["members"])


def _interval(told: Mapping[str, Any], unit: str) -> str:
    if told["relative"] or unit == "share":
        sign = "%" if told["relative"] else words("packs.points")
        return f"{told['low'] * 100:+.1f} .. {told['high'] * 100:+.1f} {sign}"
    return f"{told['low']:+.3g} .. {told['high']:+.3g} {unit}".rstrip()


def _cost(cost: Mapping[str, Any]) -> str:
    low, high = cost["once_cny"]
    return words("packs.costs" if cost["members"] else "packs.costs_stated", low=f"{low:,.0f}", high=f"{high:,.0f}")


def _show_applied(one: Mapping[str, Any]) -> None:
    state = "packs.ended" if one["ended_ms"] is not None else "packs.in_use"
    told = words("packs.told") if one["told"] is not None else words("packs.untold")
    month = one["ended_month"] or one["month"]
    click.echo(words(state, number=one["id"], title=one["title"], month=month, told=told))
    unit = one["indicator"]["unit"]
    if one["foreseen"] is not None:
        click.echo("  " + words("packs.foreseen", interval=_interval(one["foreseen"], unit)))
    measured = one["measured"]
    if measured is not None:
        counts = {"before": measured["months_before"], "after": measured["months_after"]}
        if measured["change"] is None:
            click.echo("  " + words("packs.no_change", **counts))
        else:
            point = dict.fromkeys(("low", "high"), measured["change"]) | {"relative": measured["relative"]}
            change = _interval(point, unit).partition(" .. ")[2]
            stand = "" if measured["stand"] is None else words(f"packs.stand.{measured['stand']}")
            click.echo("  " + words("packs.change", change=change, stand=stand, **counts).rstrip())


def fetch_packs(folder: Path) -> None:
    """Asks the hub."""

    def here(node: Node) -> dict[str, Any]:
        fetched = node.packs.shelf.fetch()
        problems = [{"sentence": one.sentence(language())} for one in fetched.problems]
        told = {"new": fetched.new, "listed": fetched.listed, "problems": problems}
        return {**told, **solutions_json(node, language())}

    told = _either(folder, here, lambda node: node.post("/api/solutions/fetch", {}))
    click.echo(words("packs.fetched", new=told["new"], listed=told["listed"]))
    for one in told["problems"]:
        click.echo(f"  {one['sentence']}", err=True)
    _show_packs(told)


def take_pack(folder: Path, file: Path) -> None:
    """Keeps one that was carried."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LinesideError("member.unread", file=str(file), reason=reason) from error

    def here(node: Node) -> dict[str, Any]:
        return solution_json(node, node.packs.shelf.take(text.encode()).sha256, language())

    told = _either(folder, here, lambda node: node.post("/api/solutions/take", {"content": text}))
    click.echo(words("packs.taken", title=told["title"], edition=told["edition"], sha256=told["sha256"]))


def preview_pack(folder: Path, name: str, values: Sequence[str], *, twin: bool, as_json: bool) -> None:
    """Shows what it would change."""
    given = _values(values)

    def here(node: Node) -> dict[str, Any]:
        sha256 = node.packs.shelf.find(name).sha256
        draft = pack_draft_json(node.packs.draft(sha256, given), language())
        if not twin:
            return draft
        job = node.packs.ask(node.jobs, sha256, given)
        follow(lambda: plain(node.jobs.get(job.id)), lambda: node.jobs.cancel(job.id))
        return draft | {"asked": _answer(solution_json(node, sha256, language()), job.id)}

    def far(node: RemoteNode) -> dict[str, Any]:
        sha256 = _find(node, name)
        draft: dict[str, Any] = node.post(f"/api/solutions/{sha256}/preview", {"values": given})
        if not twin:
            return draft
        job = node.post(f"/api/solutions/{sha256}/ask", {"values": given})["id"]
        follow(lambda: node.get(f"/api/jobs/{job}"), lambda: node.delete(f"/api/jobs/{job}"))
        return draft | {"asked": _answer(node.get(f"/api/solutions/{sha256}"), job)}

    told = _either(folder, here, far)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _show_draft(told, folder, name, values)


def _answer(told: Mapping[str, Any], job: int) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in told["asked"] if one["id"] == job)
    return found | {"indicator": told["indicator"]}


def _show_draft(told: Mapping[str, Any], folder: Path, name: str, values: Sequence[str]) -> None:
    for line in told["diff"] or [words("packs.same_file")]:
        click.echo(line)
    for one in told["findings"]:
        click.secho(f"{one['line']}: {one['key']}: {one['sentence']} {one['cure']}", fg="yellow")
    for one in told["settings"]:
        click.echo(f"{one['words']}: {one['value']} {one['unit']}".rstrip())
    click.echo(f"\n{told['instruction']}\n")
    asked, answer = told.get("asked"), ""
    if asked is not None and (found := asked.get("outlook")) is not None:
        if found["foreseen"] is None:
            click.echo(found["silence"])
        else:
            interval = _interval(found["foreseen"], asked["indicator"]["unit"])
            click.echo(words("packs.foreseen", interval=interval) + f" ({found['basis']})")
            answer = f" --answer {asked['id']}"
    chosen = "".join(f" --set '{one}'" for one in values)
    if not told["findings"]:
        click.echo(words("packs.to_apply", folder=folder, pack=name, set=chosen, seen=told["seen"], answer=answer))


def apply_pack(folder: Path, name: str, values: Sequence[str], asked: Mapping[str, Any]) -> None:
    """Puts it to use."""
    given, answer = _values(values), asked["answer"]

    def here(node: Node) -> dict[str, Any]:
        job: Job | None = None if answer is None else node.jobs.get(answer)
        draft = node.packs.draft(node.packs.shelf.find(name).sha256, given)
        told = {"cost_cny": asked["cost_cny"], "tell": asked["tell"]}
        applied = node.packs.apply(draft, asked["seen"], answer=job, **told)
        return applied_json(node, applied, language())

    _show_applied(
        _either(
            folder,
            here,
            lambda node: node.post(f"/api/solutions/{_find(node, name)}/apply", {"values": given, **asked}),
        )
    )


def end_pack(folder: Path, number: int, *, restore: bool, why: str) -> None:
    """Gives one up."""

    def here(node: Node) -> dict[str, Any]:
        return applied_json(node, node.packs.end(number, restore=restore, why=why), language())

    asked = {"restore": restore, "why": why}
    _show_applied(_either(folder, here, lambda node: node.post(f"/api/solutions/applied/{number}/end", asked)))


def measure_pack(folder: Path, number: int) -> None:
    """Computes what came of one."""

    def here(node: Node) -> dict[str, Any]:
        job = node.packs.measure(node.jobs, number)
        follow(lambda: plain(node.jobs.get(job.id)), lambda: node.jobs.cancel(job.id))
        return solutions_json(node, language())

    def far(node: RemoteNode) -> Any:
        job = node.post(f"/api/solutions/applied/{number}/measure", {})["id"]
        follow(lambda: node.get(f"/api/jobs/{job}"), lambda: node.delete(f"/api/jobs/{job}"))
        return node.get("/api/solutions")

    told = _either(folder, here, far)
    _show_applied(next(one for one in told["applied"] if one["id"] == number))


# -- needs -------------------------------------------------------------------------------------------------


def show_needs(folder: Path, *, as_json: bool) -> None:
    """What was posted."""
    told = _either(folder, lambda node: needs_json(node, language()), lambda node: node.get("/api/needs"))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    if not told["needs"]:
        click.echo(words("packs.no_needs"))
    for one in told["needs"]:
        _show_need(one)


def _show_need(one: Mapping[str, Any]) -> None:
    state = "over" if one["back"] is not None else "open" if one["taken"] else "waits"
    click.echo(words(f"packs.need.{state}", number=one["number"], title=one["title"]))


def post_need(folder: Path, asked: Mapping[str, Any]) -> None:
    """Posts one."""

    def here(node: Node) -> dict[str, Any]:
        return need_json(node.packs.needs.post(**asked), language())

    _show_need(_either(folder, here, lambda node: node.post("/api/needs", asked)))


def take_need_back(folder: Path, number: int) -> None:
    """Takes one back."""

    def here(node: Node) -> dict[str, Any]:
        return need_json(node.packs.needs.take_back(number), language())

    _show_need(_either(folder, here, lambda node: node.post(f"/api/needs/{number}/back", {})))


def show_offers(folder: Path, *, as_json: bool) -> None:
    """What was offered."""
    told = _either(folder, lambda node: offers_json(node, language()), lambda node: node.post("/api/needs/offers", {}))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for one in told:
        click.echo(words("packs.offers", number=one["number"], count=len(one["offers"])))
        for offer in one["offers"]:
            pack = "" if offer["pack"] is None else offer["pack"][: 2 * _LEAST_DIGITS]
            click.echo("  " + " ".join(filter(None, (pack, offer["title"], offer["by"], offer["words"]))))


# -- shared ------------------------------------------------------------------------------------------------


def _values(values: Sequence[str]) -> dict[str, str]:
    """Parameters as people write them. Raises ConfigurationError for one without a value."""
    given = {}
    for one in values:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise ConfigurationError("solutions.no_value", given=one[:60])
        given[name.strip()] = value.strip()
    return given


def _find(node: RemoteNode, name: str) -> str:
    """The hash of a pack of a running node. Raises ConfigurationError."""
    packs = node.get("/api/solutions")["packs"]
    named = [one["sha256"] for one in packs if one["id"] == name and one["newest"]]
    hashed = [one["sha256"] for one in packs if len(name) >= _LEAST_DIGITS and one["sha256"].startswith(name.lower())]
    found: list[str] = named or hashed
    if len(found) != 1:
        raise ConfigurationError("solutions.not_here", sha256=name[:64])
    return found[0]


def _either(folder: Path, here: Callable[[Node], Any], far: Callable[[RemoteNode], Any]) -> Any:
    node = opened_or_running(folder, Node.open)
    if isinstance(node, RemoteNode):
        return far(node)
    with node:
        return here(node)
