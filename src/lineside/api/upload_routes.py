"""A file dropped in the browser: it comes in pieces, is looked at as a table, and becomes an import."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from litestar import Request, delete, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct, to_builtins

from lineside.api.guard import TheCaller, needs
from lineside.api.job_routes import job_json
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.errors import LinesideError
from lineside.node import Arriving, Reading, now_us, preview
from lineside.trust import Permission

PIECE = 1_000_000
SILENCE_S = 30.0
"""A sender that has sent nothing for so long is taken for gone."""

FileName = Annotated[str, QueryParameter(name="name", description="The name of the file, as a person knows it.")]


class ReadingAsked(Struct, forbid_unknown_fields=True):
    """What a person says of a file; what is left out is found or proposed. As the command `lineside import` has it."""

    source: str | None = None
    sheet: str | None = None
    time_column: str | None = None
    clock_column: str | None = None
    machine_column: str | None = None
    signal_column: str | None = None
    value_column: str | None = None
    names: dict[str, str] | None = None
    day_first: bool | None = None
    zone: str | None = None


class PreviewAsked(ReadingAsked):
    """The same, and whether the table has one row a moment (wide) or one row a value (long)."""

    form: Literal["wide", "long"] | None = None


@post("/api/uploads", opt=needs(Permission.RUN_JOBS), request_max_body_size=None)
async def upload(node: TheNode, request: Request[Any, Any, Any], file_name: FileName) -> dict[str, Any]:
    """Takes the bytes of a file to be imported, up to 256 MB; it is kept until its import is done, or for a day."""
    length = request.headers.get("content-length", "0")
    size = int(length) if length.isdecimal() else 0
    arriving = await asyncio.to_thread(node.uploads.begin, file_name, size, node.jobs)
    try:
        await _take(request, arriving)
        kept = await asyncio.to_thread(arriving.keep)
    except BaseException:
        await asyncio.shield(asyncio.to_thread(arriving.drop))
        raise
    return {"id": kept.id, "name": kept.path.name, "size": kept.size}


async def _take(request: Request[Any, Any, Any], arriving: Arriving) -> None:
    piece = bytearray()
    pieces = request.stream()
    try:
        while True:
            async with asyncio.timeout(SILENCE_S):
                chunk = await anext(pieces, None)
            if chunk is None:
                break
            piece += chunk
            if len(piece) >= PIECE:
                await asyncio.to_thread(arriving.write, bytes(piece))
                piece.clear()
    except TimeoutError:
        raise LinesideError("api.body_late", seconds=f"{SILENCE_S:g}") from None
    await asyncio.to_thread(arriving.write, bytes(piece))


@post("/api/uploads/{upload_id:str}/preview", opt=needs(Permission.RUN_JOBS), status_code=200, sync_to_thread=True)
def upload_preview(node: TheNode, upload_id: FromPath[str], data: JSONBody[PreviewAsked]) -> dict[str, Any]:
    """The first rows of an uploaded file, what its columns seem to mean, and what is wrong in which row."""
    asked = to_builtins(data)
    return preview(node.plant, node.uploads.get(upload_id).path, Reading.of(asked), now_us(), asked["form"])


@post("/api/uploads/{upload_id:str}/import", opt=needs(Permission.RUN_JOBS), sync_to_thread=True)
def upload_import(
    node: TheNode,
    request: Request[Any, Any, Any],
    upload_id: FromPath[str],
    data: JSONBody[ReadingAsked],
    caller: TheCaller,
) -> dict[str, Any]:
    """Queues the import of an uploaded file; the job's result says what was stored, and what was not and why."""
    return job_json(
        node.uploads.submit(node.jobs, upload_id, {**to_builtins(data), "by": caller.who}), language_of(request)
    )


@delete("/api/uploads/{upload_id:str}", opt=needs(Permission.RUN_JOBS), status_code=204, sync_to_thread=True)
def upload_drop(node: TheNode, upload_id: FromPath[str]) -> None:
    """Forgets an uploaded file."""
    node.uploads.remove(upload_id)
