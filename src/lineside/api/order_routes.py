"""Orders, products, costs and completions: rows of JSON and files, both ways."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from lineside.api.guard import TheCaller, needs, who_of
from lineside.api.parameters import Start, TheNode, Until
from lineside.api.problems import language_of
from lineside.api.push_routes import TheGate
from lineside.connect import cell_text
from lineside.errors import LinesideError, UnusableData
from lineside.measure import parse_moment
from lineside.node import Node
from lineside.orders import (
    FIELDS,
    KINDS,
    B2mmlVersion,
    EntriesRefused,
    Entry,
    Kind,
    Offer,
    SheetMapping,
    Taken,
    history_of,
    is_document,
    kind_in,
    parse_mapping,
    plain_row,
    write_file,
)
from lineside.texts import say
from lineside.trust import Permission

_SAMPLE = 8
"""Rows of a file that are shown beside the mapping."""
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
}

KindName = FromPath[str]
DryRun = Annotated[bool, QueryParameter(description="Only say what would be taken.")]
Origin = Annotated[str, QueryParameter(description="Who tells it; it is kept with every version.")]
Since = Annotated[str | None, QueryParameter(description="Judge facts by changed rows from here on, not from now.")]
FileName = Annotated[str, QueryParameter(name="name", description="The file's name; its ending says its type.")]
InState = Annotated[str | None, QueryParameter(name="state", description="Only orders in this state.")]
Place = Annotated[str | None, QueryParameter(description="Only those of this line or machine.")]
As = Annotated[str | None, QueryParameter(name="as", description="A mapping as JSON; else a saved or proposed one.")]
Named = Annotated[str | None, QueryParameter(name="mapping", description="The name of a saved mapping.")]
Version = Annotated[B2mmlVersion, QueryParameter(description="Version of B2MML.")]
Id = Annotated[str, QueryParameter(description="The record's id.")]


class NamedMapping(Struct, forbid_unknown_fields=True):
    """A mapping to keep."""

    name: str
    mapping: dict[str, Any]


def _kind(name: str) -> Kind:
    for kind in KINDS:
        if kind == name:
            return kind
    raise LinesideError("orders.no_kind", kind=name, known=", ".join(KINDS))


@get("/api/erp/{kind:str}", opt=needs(Permission.READ_ORDERS))
async def erp_list(
    node: TheNode,
    kind: KindName,
    start: Start = None,
    end: Until = None,
    in_state: InState = None,
    place: Place = None,
) -> dict[str, Any]:
    """Orders, products, costs or completions as they stand, orders with what was made; the last week's and later."""
    rows = await asyncio.to_thread(_rows, node, _kind(kind), start, end)
    return {"rows": [plain_row(row, node.plant.site.zone) for row in rows if _wanted(row, in_state, place)]}


def _rows(node: Node, kind: Kind, start: str | None, end: str | None) -> list[dict[str, Any]]:
    first, last = (None if text is None else parse_moment(text, node.plant) for text in (start, end))
    return node.erp.rows(kind, first, last)


def _wanted(row: Mapping[str, Any], state: str | None, place: str | None) -> bool:
    return (state is None or row.get("state") == state) and (
        place is None or place in (row.get("line"), row.get("machine"))
    )


@post("/api/erp/{kind:str}", opt=needs(Permission.WRITE_ORDERS), request_max_body_size=None, status_code=200)
async def erp_take(
    node: TheNode,
    gate: TheGate,
    request: Request[Any, Any, Any],
    kind: KindName,
    origin: Origin = "REST",
    since: Since = None,
    dry_run: DryRun = False,  # noqa: FBT002 a parameter of the address
) -> dict[str, Any]:
    """Rows of JSON, a list of objects, or a document of B2MML; durable when answered, and the plant works with them.

    Rows that are wrong are named in `findings` and the others taken. A row may leave out what stays as it was; one
    that says nothing new changes nothing, so sending rows again does no harm.
    """
    wanted = _kind(kind)
    async with gate.body(request) as body:
        wanted, entries = await asyncio.to_thread(_told, node, wanted, body, origin[:200])
        since_us = None if since is None else parse_moment(since, node.plant)
        taken = await asyncio.to_thread(
            node.erp.take, wanted, entries, origin=origin[:200], since_us=since_us, dry_run=dry_run, by=who_of(request)
        )
    if taken.refused:
        raise EntriesRefused(taken)
    return taken_json(taken, "en")


def _told(node: Node, kind: Kind, body: bytes, origin: str) -> tuple[Kind, list[Entry]]:
    """What a body tells; a document says itself of what kind."""
    if is_document(body[:4096]):
        offer = node.erp.offer(kind, body, origin)
        return offer.mapping.kind, offer.entries()
    return kind, _entries(body)


def _entries(body: bytes) -> list[Entry]:
    try:
        rows = msgspec.json.decode(body, type=list[dict[str, str | int | float | bool | list[str] | None]])
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnusableData("orders.not_json", reason=str(error)) from error
    return [Entry(str(number), {name: _value(v) for name, v in row.items()}) for number, row in enumerate(rows, 1)]


def _value(value: str | float | list[str] | None) -> str | int | float | bool | None:
    return "; ".join(value) if isinstance(value, list) else value


def taken_json(taken: Taken, language: str) -> dict[str, Any]:
    """What became of the entries of a source, with the first refused ones in words."""
    counts = {name: getattr(taken, name) for name in ("entries", "new", "changed", "same", "refused")}
    findings = [{"path": f.path, "sentence": f.sentence(language), "cure": f.cure(language)} for f in taken.findings]
    return {**counts, "shadowed": list(taken.shadowed), "findings": findings}


@get("/api/erp/{kind:str}/versions", opt=needs(Permission.READ_ORDERS), sync_to_thread=True)
def erp_versions(node: TheNode, kind: KindName, id: Id) -> list[dict[str, Any]]:
    """Every version of one record, the oldest first."""
    node.editions.hear()
    rows = history_of(node.editions.ledger, _kind(kind), id)
    return [plain_row(row, node.plant.site.zone) for row in rows]


@get("/api/erp/{kind:str}/file", opt=needs(Permission.READ_ORDERS))
async def erp_file(
    node: TheNode,
    kind: KindName,
    name: FileName = "orders.xlsx",
    start: Start = None,
    end: Until = None,
    version: Version = "V0600",
) -> Response[bytes]:
    """The same as CSV or XLSX by the ending of its name; no text in it is taken for a formula.

    As XML it is a performance of B2MML: what was made of each order.
    """
    wanted = kind_in(name, _kind(kind))
    rows = await asyncio.to_thread(_rows, node, wanted, start, end)
    content = await asyncio.to_thread(write_file, name, wanted, rows, node.plant, node.erp.now(), version)
    told = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=_TYPES[PurePath(name).suffix.lower()], headers=told)


@post("/api/erp/{kind:str}/file", opt=needs(Permission.WRITE_ORDERS), request_max_body_size=None, status_code=200)
async def erp_take_file(
    node: TheNode,
    gate: TheGate,
    request: Request[Any, Any, Any],
    kind: KindName,
    name: FileName,
    mapping: As = None,
    named: Named = None,
    dry_run: DryRun = True,  # noqa: FBT002 a parameter of the address
) -> dict[str, Any]:
    """A file as the body (CSV, XLSX or B2MML): how it is read, what is wrong with which row, and how it begins.

    With `dry_run=false` its good rows are taken.
    """
    wanted = _kind(kind)
    chosen = None if mapping is None else parse_mapping(_object(mapping))
    async with gate.body(request) as body:
        return await asyncio.to_thread(_take_file, node, wanted, body, name, chosen, named, request, dry_run=dry_run)


def _object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnusableData("orders.not_json", reason=str(error)) from error


def _take_file(
    node: Node,
    kind: Kind,
    body: bytes,
    name: str,
    mapping: SheetMapping | None,
    named: str | None,
    request: Request[Any, Any, Any],
    *,
    dry_run: bool,
) -> dict[str, Any]:
    language, by = language_of(request), who_of(request)
    offer = node.erp.offer(kind, body, name[:200], named=named, mapping=mapping)
    told = _offer_json(offer, language)
    try:
        taken = node.erp.take(offer.mapping.kind, offer.entries(), origin=name[:200], dry_run=dry_run, by=by)
    except UnusableData as error:
        if not dry_run:
            raise
        return {**told, "taken": None, "problem": {"sentence": error.sentence(language), "cure": error.cure(language)}}
    return {**told, "taken": taken_json(taken, language), "problem": None}


def _offer_json(offer: Offer, language: str) -> dict[str, Any]:
    sheet, mapping = offer.sheet, offer.mapping
    return {
        "file": sheet.file,
        "sheets": list(sheet.titles),
        "columns": list(sheet.columns),
        "rows": len(sheet.rows),
        "sample": [[cell_text(cell) for cell in row.cells[: len(sheet.columns)]] for row in sheet.rows[:_SAMPLE]],
        "mapping": mapping.model_dump(mode="json"),
        "saved": offer.saved,
        "itself": offer.told is not None,
        "fields": [
            {"name": f.name, "label": say(f"orders.field.{f.name}", language), "needed": f.needed, "type": f.type}
            for f in FIELDS[mapping.kind]
        ],
    }


@get("/api/erp/{kind:str}/mappings", opt=needs(Permission.READ_ORDERS))
async def erp_mappings(node: TheNode, kind: KindName) -> dict[str, Any]:
    """The mappings that are kept, the newest first."""
    return await _mappings(node, _kind(kind))


@post("/api/erp/{kind:str}/mappings", opt=needs(Permission.WRITE_ORDERS), status_code=200)
async def erp_save_mapping(
    node: TheNode, kind: KindName, data: JSONBody[NamedMapping], caller: TheCaller
) -> dict[str, Any]:
    """Keeps a mapping by a name; one that had the name is replaced."""
    wanted = _kind(kind)
    await asyncio.to_thread(
        node.erp.save, data.name[:200], parse_mapping({**data.mapping, "kind": wanted}), by=caller.who
    )
    return await _mappings(node, wanted)


@delete("/api/erp/{kind:str}/mappings", opt=needs(Permission.WRITE_ORDERS), status_code=200)
async def erp_drop_mapping(node: TheNode, kind: KindName, name: FileName, caller: TheCaller) -> dict[str, Any]:
    """Forgets a mapping."""
    await asyncio.to_thread(node.erp.drop, name, by=caller.who)
    return await _mappings(node, _kind(kind))


async def _mappings(node: Node, kind: Kind) -> dict[str, Any]:
    kept = await asyncio.to_thread(node.erp.mappings, kind)
    return {name: one.model_dump(mode="json") for name, one in kept.items()}
