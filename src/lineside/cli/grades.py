"""Lists grades and sets them: in a folder that nobody has open, or through the node that runs on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from lineside.api import catalogue_json, preview_json
from lineside.cli.folders import require_plant
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import console, language, words
from lineside.node import Node
from lineside.trust import LOCAL_OWNER, Grade, Statement, Who


def list_grades(folder: Path, least: str, *, as_json: bool) -> None:
    """Shows everything of a grade and higher ones."""
    told = _either(folder, lambda node: catalogue_json(node, language()), lambda node: node.get("/api/grades"))
    told["things"] = [one for one in told["things"] if Grade.parse(one["grade"]) >= Grade.parse(least)]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    if not told["things"]:
        click.echo(words("grades.none"))
        return
    names = {one["id"]: one["name"] for one in told["grades"]}
    table = Table(*(words(f"grades.{column}") for column in ("thing", "grade", "labels", "why")), box=None)
    for one in told["things"]:
        why = one.get("why") or told["kinds"][one["id"].partition("/")[0]]["why"]
        table.add_row(one["id"], names[one["grade"]], " ".join(one.get("labels", ())), why)
    console().print(table)


def set_grade(folder: Path, asked: dict[str, Any], reason: str) -> None:
    """Keeps a statement, and says what that changed."""
    done = _either(
        folder,
        lambda node: preview_json(node.catalogue.keep([_statement(asked)], Who(LOCAL_OWNER.name, reason)), language()),
        lambda node: node.post("/api/grades", {"statements": [asked], "reason": reason}),
    )
    counts = {name: sum(done[name].values()) for name in ("raised", "lowered", "relabelled")}
    click.echo(words("grades.kept", branch=asked["branch"], **counts))


def _statement(asked: dict[str, Any]) -> Statement:
    grade = asked["grade"]
    wanted = None if grade is None else Grade.parse(grade)
    return Statement(asked["branch"], asked["mode"], wanted, frozenset(asked["labels"]))


def _either(folder: Path, here: Callable[[Node], Any], far: Callable[[RemoteNode], Any]) -> Any:
    require_plant(folder)
    node = opened_or_running(folder, Node.open)
    if isinstance(node, RemoteNode):
        return far(node)
    with node:
        return here(node)
