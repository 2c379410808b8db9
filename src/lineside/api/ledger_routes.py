"""The ledger: what happened, its head to compare, proofs, receipts, and the whole of it to take away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from lineside.api.guard import TheCaller, needs
from lineside.api.house import House, TheHouse
from lineside.api.job_routes import job_json
from lineside.api.ledger_view import entry_json
from lineside.api.problems import language_of
from lineside.jobs import submit_verify
from lineside.measure import parse_moment_in
from lineside.trust import (
    Asked,
    Kind,
    Permission,
    Receipt,
    as_file,
    exported_ledger,
    fingerprint,
    marked_head,
    prove,
)

_PIECE = 2000
_FILE = {"Content-Disposition": 'attachment; filename="ledger-head.json"'}
_EXPORT = {"Content-Disposition": 'attachment; filename="ledger.jsonl"'}
_Request = Request[Any, Any, Any]
Kinds = Annotated[list[str] | None, QueryParameter(name="kind", description="Of these kinds; may be repeated.")]
Who = Annotated[str | None, QueryParameter(name="who", description="By these: account/3, machine, node, address/5.")]
Before = Annotated[int | None, QueryParameter(name="before", description="Older than this entry.")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=500, description="So many at most.")]
Since = Annotated[str | None, QueryParameter(name="from", description="Not before this time.")]
Until = Annotated[str | None, QueryParameter(name="to", description="Before this time.")]
OfEntry = Annotated[int | None, QueryParameter(name="entry", description="Prove that this entry is in the ledger.")]
OfSize = Annotated[int | None, QueryParameter(name="size", description="Prove that it begins with its first entries.")]


@get("/api/ledger", opt=needs(Permission.READ_LEDGER), sync_to_thread=True)
def ledger_list(
    house: TheHouse,
    request: _Request,
    kind: Kinds = None,
    who: Who = None,
    since: Since = None,
    until: Until = None,
    before: Before = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """The newest entries, in words; older ones with `before`."""
    start, end = (None if one is None else parse_moment_in(one, house.zone) for one in (since, until))
    with house.ledger.stored() as now:
        found = now.page(Asked(before, kind or (), who, start, end), limit)
        names = {f"address/{number}": one for number, one in now.addresses().items()}
        size = now.size
    names |= {f"account/{one.id}": one.name for one in house.people.everybody()}
    entries = [entry_json(entry, names, language_of(request)) for entry in found]
    return {"size": size, "kinds": [one.value for one in Kind], "entries": entries}


@get("/api/ledger/head", opt=needs(Permission.READ_LEDGER), sync_to_thread=True)
def ledger_head(house: TheHouse) -> dict[str, Any]:
    """The signed head as of now, the fingerprint of its key to compare, and the receipts that came back."""
    head = house.ledger.head()
    with house.ledger.stored() as now:
        kept = now.heads(receipts=True)
    receipts = [
        {"holder": holder, "time_ms": time // 1000, "size": text.get("head", {}).get("size")}
        for _, time, holder, text in kept
    ]
    return {"head": head.told(), "fingerprint": fingerprint(head.key), "receipts": receipts}


@get("/api/ledger/head/file", opt=needs(Permission.READ_LEDGER), sync_to_thread=True)
def ledger_head_file(house: TheHouse) -> Response[bytes]:
    """The same as the file to hand to somebody, with the marks that place a change."""
    head = house.ledger.head()
    with house.ledger.stored() as now:
        content = as_file(marked_head(head, now.at))
    return Response(content, media_type="application/json", headers=_FILE)


@get("/api/ledger/proof", opt=needs(Permission.READ_LEDGER), sync_to_thread=True)
def ledger_proof(house: TheHouse, entry: OfEntry = None, size: OfSize = None) -> dict[str, Any]:
    """A head, and the proof (RFC 9162) that an entry is among its entries or that it begins with an older one."""
    return prove(house.ledger, entry, size)


@get("/api/ledger/export", opt=needs(Permission.READ_LEDGER), media_type="application/jsonl")
async def ledger_export(house: TheHouse) -> Stream:
    """All of it as one file, which `lineside ledger verify` checks without asking here."""
    return Stream(_pieces(house), media_type="application/jsonl", headers=_EXPORT)


async def _pieces(house: House) -> AsyncIterator[bytes]:
    lines = _lines(house)
    try:
        while piece := await asyncio.to_thread(lambda: b"".join(islice(lines, _PIECE))):
            yield piece
    finally:
        await asyncio.to_thread(lines.close)  # type: ignore[attr-defined]


def _lines(house: House) -> Iterator[bytes]:
    head = house.ledger.head()
    with house.ledger.stored() as now:
        yield from exported_ledger(now, head)


@post("/api/ledger/verify", opt=needs(Permission.READ_LEDGER), sync_to_thread=True)
def ledger_verify(house: TheHouse, request: _Request) -> dict[str, Any]:
    """Queues the verification of all entries, by its own heads and the receipts that came back."""
    return job_json(submit_verify(house.jobs), language_of(request))


@post("/api/ledger/receipts", opt=needs(Permission.KEEP_LEDGER), sync_to_thread=True)
def ledger_receipt(house: TheHouse, data: JSONBody[dict[str, Any]], caller: TheCaller) -> dict[str, Any]:
    """Keeps a receipt: what somebody who countersigned a head gave back."""
    receipt = Receipt.parse(data, "receipt")
    house.ledger.keep_receipt(receipt, who=caller.who)
    return {"holder": fingerprint(receipt.holder), "size": receipt.head.size}
