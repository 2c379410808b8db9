"""The ledger by the API: who did what, refusals, heads, proofs, receipts and verification."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside import texts
from lineside.api.ledger_view import entry_json
from lineside.node import Node
from lineside.trust import Export, Head, Held, Key, Kind, Receipt, extends, includes
from lineside.trust.ledger.tree import leaf_hash

TEXTS = Path(texts.__file__).parent
Client = AsyncTestClient[Litestar]


async def entries(client: Client, **asked: Any) -> list[dict[str, Any]]:
    """What the ledger tells, the newest first."""
    answer = await client.get("/api/ledger", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


async def test_a_tally_is_in_the_ledger_with_who_made_it(client: Client) -> None:
    """Units counted by hand are told with machine and counts; sent again, nothing is told again."""
    said = {"machine": "bench", "good": 4, "rejected": 1, "time": "2026-03-04T08:15"}
    for _ in range(2):
        assert (await client.post("/api/tally", json=said)).status_code == 201

    (told,) = await entries(client, kind="facts.tally")

    assert (told["who"], told["who_name"], told["about"]) == ("machine", "at the node's computer", "machine/bench")
    assert told["sentence"] == "Counted by hand: 4 good, 1 rejected."


async def test_wrong_passwords_and_refusals_are_counted(client: Client, node: Node) -> None:
    """A wrong password is told with the account it was for, a refusal with who asked."""
    node.people.redeem("eva", node.people.first_code(), "a horse on the staircase")
    code = node.people.add("otto", "person", [])
    node.people.redeem("otto", code or "", "a horse on the staircase")
    for name in ("Eva", "Eva", "nobody-known"):
        await client.post("/api/login", json={"name": name, "password": "wrong wrong wrong"})
    await client.post("/api/login", json={"name": "otto", "password": "a horse on the staircase"})
    assert (await client.get("/api/people")).status_code == 403
    node.ledger.flush(everything=True)
    client.cookies.clear()
    await client.post("/api/login", json={"name": "eva", "password": "a horse on the staircase"})

    wrong = {one["about"]: one for one in await entries(client, kind="login.wrong")}
    (refused,) = await entries(client, kind="request.refused")
    rights = await entries(client, kind="login.right", who="account/1")

    assert {about: one["facts"]["count"] for about, one in wrong.items()} == {"account/1": 2, "nobody": 1}
    assert {one["who"] for one in wrong.values()} == {"address/1"}
    assert (refused["who"], refused["who_name"]) == ("account/2", "otto")
    assert refused["facts"] == {"count": 1, "permission": "people.read", "why": "trust.not_permitted"}
    assert [one["facts"] for one in rights] == [{"app": False}]


async def test_every_kind_has_its_words() -> None:
    """Each kind of entry is told in both languages, also where its facts were damaged."""
    for language in ("en", "zh"):
        unreadable = entry_json({"index": 1}, {}, language)["sentence"]
        facts = dict.fromkeys(re.findall(r"{(\w+)}", (TEXTS / "en" / "ledger.json").read_text("utf-8")), 1)
        said = {
            kind: entry_json({"index": 1, "kind": kind.value, "facts": facts}, {}, language)["sentence"]
            for kind in Kind
        }
        assert [kind for kind, sentence in said.items() if sentence == unreadable] == []


async def test_proofs_hold_without_the_node(client: Client) -> None:
    """An entry and an older head are proven by the answer alone."""
    for number in range(5):
        await client.post("/api/tally", json={"machine": "bench", "good": number + 1})
    old = Head.parse((await client.get("/api/ledger/head")).json()["head"], "head")
    await client.post("/api/tally", json={"machine": "bench", "good": 9})
    there = (await client.get("/api/ledger/proof", params={"entry": 3})).json()
    before = (await client.get("/api/ledger/proof", params={"size": old.size})).json()

    head = Head.parse(there["head"], "head")
    assert includes(
        3, head.size, leaf_hash(there["body"].encode()), list(map(bytes.fromhex, there["proof"])), head.root
    )
    assert extends(old.size, head.size, old.root, list(map(bytes.fromhex, before["proof"])), head.root)
    for wrong in ({}, {"entry": 99}, {"size": 0}, {"entry": 1, "size": 1}, {"entry": -1}):
        assert (await client.get("/api/ledger/proof", params=wrong)).status_code == 400


async def test_a_receipt_is_taken_and_the_ledger_verified(client: Client, node: Node, tmp_path: Path) -> None:
    """A head goes out, comes back countersigned, and a job compares the ledger with it."""
    file = await client.get("/api/ledger/head/file")
    held = Held.parse(file.content, "held")
    receipt = Receipt.sign(Key.make(tmp_path / "auditor"), held.head, 1)

    kept = await client.post("/api/ledger/receipts", json=receipt.told())
    wrong = await client.post("/api/ledger/receipts", json=receipt.told() | {"time": 2})
    job = (await client.post("/api/ledger/verify")).json()
    result = node.jobs.wait(job["id"], 60).result
    (tmp_path / "export").write_bytes((await client.get("/api/ledger/export")).content)

    assert (kept.status_code, wrong.status_code) == (201, 422)
    assert [one["size"] for one in (await client.get("/api/ledger/head")).json()["receipts"]] == [held.head.size]
    assert result is not None
    assert (result["whole"], result["compared"]) == (True, 1)
    assert Export.open(tmp_path / "export").verify([held]).whole
