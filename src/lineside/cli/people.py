"""Makes and changes accounts: in the books of a folder, or through the node that runs on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from rich.table import Table

from lineside.api import account_json
from lineside.cli.folders import held, people_of, require_house
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import console, words
from lineside.node import NAMES
from lineside.trust import Grant, People, SecondFactor


def list_people(folder: Path, *, as_json: bool) -> None:
    """Shows every account."""
    found = _either(
        folder,
        lambda people: [account_json(account) for account in people.everybody()],
        lambda node: node.get("/api/people"),
    )
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if not found:
        click.echo(words("people.none"))
        return
    table = Table(*(words(f"people.{column}") for column in ("name", "roles", "state", "tokens")), box=None)
    for one in found:
        tokens = (f"{t['id']} {t['name']} ({_role(t)})" for t in one["tokens"])
        table.add_row(one["name"], ", ".join(map(_role, one["roles"])), words(_state(one)), "\n".join(tokens))
    console().print(table)


def add_account(folder: Path, name: str, roles: Iterable[str], *, service: bool) -> None:
    """Makes an account, and prints the code of a person."""
    grants = [Grant.parse(role) for role in roles]
    kind: Any = "service" if service else "person"
    asked = {"name": name, "kind": kind, "roles": list(map(_asked, grants))}
    code = _either(
        folder, lambda people: people.add(name, kind, grants), lambda node: node.post("/api/people", asked)["code"]
    )
    click.echo(words("people.made", name=name))
    if code is not None:
        click.secho(words("people.code", name=name, code=code), bold=True)


def give_roles(folder: Path, name: str, roles: Iterable[str]) -> None:
    """Gives other roles."""
    grants = [Grant.parse(role) for role in roles]
    asked = {"roles": list(map(_asked, grants))}
    _either(
        folder,
        lambda people: people.grant(name, grants),
        lambda node: node.put(f"/api/people/{quote(name, safe='')}/roles", asked),
    )
    click.echo(words("people.changed", name=name))


def disable_account(folder: Path, name: str, *, disabled: bool) -> None:
    """Shuts an account out, or lets it in again."""
    _either(
        folder,
        lambda people: people.disable(name, disabled=disabled),
        lambda node: node.put(f"/api/people/{quote(name, safe='')}/disabled", {"disabled": disabled}),
    )
    click.echo(words("people.changed", name=name))


def forget_account(folder: Path, name: str) -> None:
    """Takes the name of an account that is shut out from everything that is kept."""
    former = _either(
        folder,
        lambda people: people.forget(name, also=NAMES),
        lambda node: node.delete(f"/api/people/{quote(name, safe='')}")["name"],
    )
    click.echo(words("people.forgotten", name=name, former=former))
    click.secho(words("people.elsewhere"), fg="yellow")


def reset_account(folder: Path, name: str) -> None:
    """Prints the code for a new password."""
    code = _either(
        folder,
        lambda people: people.reset(name),
        lambda node: node.post(f"/api/people/{quote(name, safe='')}/reset", {})["code"],
    )
    click.secho(words("people.code", name=name, code=code), bold=True)


def make_token(folder: Path, name: str, label: str, role: str, days: int) -> None:
    """Prints a new token; the words around it go to the error stream, so that it can be piped."""
    limit = Grant.parse(role)
    asked = {"name": label, "days": days, **_asked(limit)}
    token = _either(
        folder,
        lambda people: people.token(name, label, limit, days),
        lambda node: node.post(f"/api/people/{quote(name, safe='')}/tokens", asked)["token"],
    )
    click.echo(words("people.token", name=name, days=days), err=True)
    click.echo(token)


def revoke_token(folder: Path, name: str, number: int) -> None:
    """Takes a token back."""
    _either(
        folder,
        lambda people: people.revoke(name, number),
        lambda node: node.delete(f"/api/people/{quote(name, safe='')}/tokens/{number}"),
    )
    click.echo(words("people.changed", name=name))


def demand_second(folder: Path, roles: Iterable[str], *, everybody: bool) -> None:
    """Demands a second factor of these and no others."""
    rule = SecondFactor.of(roles, everybody=everybody)
    asked = {"everybody": everybody, "roles": sorted(rule.roles)}
    _either(folder, lambda people: people.demand_second(rule), lambda node: node.put("/api/factors", asked))


def show_second(folder: Path) -> None:
    """Says of whom a second factor is demanded."""
    found = _either(
        folder,
        lambda people: {"everybody": people.second.everybody, "roles": sorted(people.second.roles)},
        lambda node: node.get("/api/factors"),
    )
    said = "everybody" if found["everybody"] else "of" if found["roles"] else "nobody"
    click.echo(words(f"people.second.{said}", roles=", ".join(found["roles"])))


def _either(folder: Path, here: Callable[[People], Any], far: Callable[[RemoteNode], Any]) -> Any:
    """Asks the books of a folder that nobody has open, else the node that has; a faulty plant file is no hindrance."""
    require_house(folder)
    owned = opened_or_running(folder, held)
    if isinstance(owned, RemoteNode):
        return far(owned)
    with owned, people_of(folder) as people:
        return here(people)


def _asked(grant: Grant) -> dict[str, str]:
    return {"role": grant.role.value, "scope": grant.scope}


def _role(told: dict[str, Any]) -> str:
    return str(Grant.of(told["role"], told["scope"]))


def _state(account: dict[str, Any]) -> str:
    if account["disabled"]:
        return "people.disabled"
    if account["issuer"]:
        return "people.provider"
    return "people.waits" if account["kind"] == "person" and not account["password"] else f"people.{account['kind']}"
