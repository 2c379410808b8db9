"""Grades: the catalogue, one thing with its reasons, and grading with a look at what that changes."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct, field

from lineside.api.grade_view import catalogue_json, labels_json, preview_json, thing_json
from lineside.api.guard import TheCaller, needs
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError
from lineside.node import Node, read_table, row_problems, write_table
from lineside.trust import MODES, Grade, Label, Permission, Statement, Who

_TABLE_BYTES = 32_000_000
ThingName = Annotated[str, QueryParameter(name="thing", description="signal/press/load, kpi/line/cell/oee, accounts.")]
Least = Annotated[str, QueryParameter(name="least", description="Only things of this grade or a higher one.")]
Reason = Annotated[str, QueryParameter(name="reason", description="Why, for whoever asks later.")]
Dry = Annotated[bool, QueryParameter(name="dry", description="Only say what would change and what is wrong.")]


class StatementAsked(Struct, forbid_unknown_fields=True):
    """What a thing or branch is to be; without grade and labels what was said before is withdrawn."""

    branch: str
    mode: str = "is"
    grade: str | None = None
    labels: list[str] = field(default_factory=list)
    days: float = 0.0
    share: float = 0.5

    def statement(self) -> Statement:
        """The same, looked at. Raises ConfigurationError."""
        mode = next((one for one in MODES if one == self.mode), None)
        if mode is None:
            raise ConfigurationError("grades.no_mode", mode=self.mode[:40])
        grade = None if self.grade is None else Grade.parse(self.grade)
        return Statement(self.branch, mode, grade, frozenset(self.labels), days=self.days, share=self.share)


class StatementsAsked(Struct, forbid_unknown_fields=True):
    """Statements to look at."""

    statements: list[StatementAsked]


class GradingAsked(Struct, forbid_unknown_fields=True):
    """Statements to keep, all or none, and why."""

    statements: list[StatementAsked]
    reason: str


class LabelAsked(Struct, forbid_unknown_fields=True):
    """A label of the plant's own: its words, the least grade it implies, whether what bears it may leave, and why.

    `keep_days`: the values of signals that bear it are removed after so many days, if the plant file keeps them longer.
    """

    id: str
    words: str
    reason: str
    least: str = "general"
    leaves: bool = True
    keep_days: int | None = None


@get("/api/grades", opt=needs(Permission.READ_GRADES), sync_to_thread=True)
def grade_list(node: TheNode, request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Everything there is with its grade, labels, place and ways out; the facts behind the grades."""
    return catalogue_json(node, language_of(request))


@get("/api/grades/thing", opt=needs(Permission.READ_GRADES), sync_to_thread=True)
def grade_view(node: TheNode, request: Request[Any, Any, Any], thing: ThingName) -> dict[str, Any]:
    """One thing: why it has its grade, step by step, what it is made of and goes into, and every grading of it."""
    return thing_json(node, thing, language_of(request))


@post("/api/grades/preview", opt=needs(Permission.WRITE_GRADES), status_code=200, sync_to_thread=True)
def grade_preview(node: TheNode, request: Request[Any, Any, Any], data: JSONBody[StatementsAsked]) -> dict[str, Any]:
    """What some gradings would change: how many things of each kind rise, fall, get other labels, stay above."""
    return preview_json(node.catalogue.preview([one.statement() for one in data.statements]), language_of(request))


@post("/api/grades", opt=needs(Permission.WRITE_GRADES), sync_to_thread=True)
def grade_set(
    node: TheNode, request: Request[Any, Any, Any], caller: TheCaller, data: JSONBody[GradingAsked]
) -> dict[str, Any]:
    """Grades things and branches, all or none; says what that changed."""
    statements = [one.statement() for one in data.statements]
    return preview_json(
        node.catalogue.keep(statements, Who(caller.name, data.reason, caller.who)), language_of(request)
    )


@post("/api/grades/labels", opt=needs(Permission.WRITE_GRADES), sync_to_thread=True)
def label_set(
    node: TheNode, request: Request[Any, Any, Any], caller: TheCaller, data: JSONBody[LabelAsked]
) -> list[dict[str, Any]]:
    """Makes or changes a label of the plant's own; gives back all labels."""
    label = Label(data.id, data.words, Grade.parse(data.least), data.leaves, keep_days=data.keep_days)
    node.catalogue.gradings.keep_label(label, Who(caller.name, data.reason, caller.who))
    return labels_json(node.catalogue, language_of(request))


@delete("/api/grades/labels/{label:str}", opt=needs(Permission.WRITE_GRADES), status_code=200, sync_to_thread=True)
def label_drop(
    node: TheNode, request: Request[Any, Any, Any], caller: TheCaller, label: FromPath[str], reason: Reason = ""
) -> list[dict[str, Any]]:
    """Takes a label away that nothing bears any more; gives back those that are left."""
    node.catalogue.gradings.drop_label(label, Who(caller.name, reason, caller.who))
    return labels_json(node.catalogue, language_of(request))


@get("/api/grades/table", opt=needs(Permission.READ_GRADES), media_type="text/csv")
async def grade_table(node: TheNode, request: Request[Any, Any, Any], least: Least = "general") -> Response[bytes]:
    """The catalogue as CSV: of important and core data what an authority's filing asks for, as far as it is known."""
    content = await asyncio.to_thread(_table, node, language_of(request), Grade.parse(least))
    name = f"catalogue-{node.plant.site.id}.csv"
    told = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=told)


@post(
    "/api/grades/table",
    opt=needs(Permission.WRITE_GRADES),
    status_code=200,
    request_max_body_size=_TABLE_BYTES,
)
async def grade_take_table(
    node: TheNode, request: Request[Any, Any, Any], caller: TheCaller, reason: Reason = "", *, dry: Dry = True
) -> dict[str, Any]:
    """Grades by the rows of a CSV table that say something new, all or none; names each row that is wrong."""
    content = await request.body()
    return await asyncio.to_thread(
        _taken, node, content, Who(caller.name, reason, caller.who), language_of(request), dry=dry
    )


def _table(node: Node, language: str, least: Grade) -> bytes:
    return write_table(node.catalogue, node.whereabouts(), node.plant, language, least)


def _taken(node: Node, content: bytes, who: Who, language: str, *, dry: bool) -> dict[str, Any]:
    statements, problems = read_table(node.catalogue, content)
    kept = not (dry or problems) and bool(statements)
    told = None
    if not problems:
        changed = node.catalogue.keep(statements, who) if kept else node.catalogue.preview(statements)
        told = preview_json(changed, language)
    return {"kept": kept, "rows": len(statements), "problems": row_problems(problems, language), "preview": told}
