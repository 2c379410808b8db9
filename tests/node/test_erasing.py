from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.history import SAMPLES, rewrite_history
from lineside.jobs import JobRecord
from lineside.node import Node, chosen, erase, now_us, remains
from lineside.orders import Entry
from lineside.trust import Certificate, Label, Parcel, Statement, Who, as_file
from lineside.trust.grades import Grade
from lineside.twin.fit import TwinRecord
from tests.releases import allowed

SECOND = 1_000_000
HOUR = 3600 * SECOND
RECIPE = "RECIPE-OF-THE-CUSTOMER-4711"
BEGAN = (now_us() // HOUR - 50) * HOUR
RECIPES = frozenset({"signal/press/recipe"})
ORDER: dict[str, Any] = {"product": "bolt", "line": "cell", "quantity": 5, "start": "2036-12-01", "end": "2036-12-01"}


def add(node: Node, key: str, start: int, texts: list[str]) -> None:
    """Stores texts, one a minute."""
    series = node.history.series(key, kind="text")
    time = start + np.arange(len(texts)) * 60 * SECOND
    columns = {
        "series": np.full(len(texts), series, np.int32),
        "time": time.view("datetime64[us]"),
        "number": np.full(len(texts), np.nan),
        "text": texts,
        "quality": np.zeros(len(texts), np.int16),
    }
    node.history.append(pa.table({name: pa.array(columns[name], SAMPLES.field(name).type) for name in columns}))


@pytest.fixture
def works(plant: Any) -> Path:
    """A plant whose press tells a customer's recipe: closed and open hours, Parquet, an order, a twin, an answer."""
    folder: Path = plant.write(plant.source("s", "file", ""), plant.machine("press", "s"))
    with (folder / "plant.toml").open("a", encoding="utf-8") as file:
        file.write('[keep]\nparquet = true\n[machine.press.signals.recipe]\nkind = "text"\n')
    with Node.open(folder) as node:
        add(node, "press/recipe", BEGAN, [f"{RECIPE}-{i % 7}" for i in range(2000)])
        add(node, "press/program", BEGAN, [f"PROGRAM-OF-OURS-{i % 7}" for i in range(2000)])
        node.history.compact(now_us())
        node.history.write_hours(now_us(), lambda: None, whole=True)
        add(node, "press/recipe", now_us() - 60 * SECOND, [f"{RECIPE}-now"])
        entries = [Entry("1", {"id": RECIPE, **ORDER}), Entry("2", {"id": "OTHER", **ORDER})]
        node.erp.take("orders", entries, origin="file")
        with node.books.session() as rows:
            past = {"made_us": BEGAN, "start_us": BEGAN, "end_us": now_us()}
            rows.add(TwinRecord(line="cell", twin={"recipe": RECIPE}, trust=None, today={}, **past))
            job = {"kind": "twin.ask", "title": "cell", "params": {"line": "cell"}, "result": {"recipe": RECIPE}}
            rows.add(JobRecord(state="done", total=None, submitted_us=BEGAN, **job))
        allowed(node, "mtconnect", "acme", "signal/press/recipe")
        node.valve.let_out(Parcel("mtconnect", "acme", RECIPES, f"last {RECIPE}".encode(), "text/xml", "current"))
        node.valve.keep()
    return folder


def holding(folder: Path, word: str) -> set[str]:
    """The files with a word in their bytes."""
    return {
        path.relative_to(folder).parts[1]
        for path in folder.rglob("*")
        if path.is_file() and word.encode() in path.read_bytes()
    }


def texts(folder: Path, key: str) -> list[str | None]:
    """All texts of a series."""
    with Node.open(folder) as node:
        return list(node.history.read(node.history.catalogue()[key].id, 0, now_us() + HOUR).texts())


def test_a_contract_is_erased_wherever_it_lies(works: Path) -> None:
    """What bears a label is gone from the bytes of every file: closed and open hours, Parquet, twins and answers."""
    with Node.open(works) as node:
        who = Who("eva", "contract 7")
        node.catalogue.gradings.keep_label(Label("contract-7", "Contract 7", Grade.GENERAL, leaves=False), who)
        labelled = [Statement(one, "is", None, frozenset({"contract-7"})) for one in ("signal/press/recipe",)]
        node.catalogue.keep([*labelled, Statement("orders/cell", "is", None, frozenset({"contract-7"}))], who)
        node.catalogue.keep([Statement("twin/cell", "is", None, frozenset({"contract-7"}))], who)
    before = holding(works, RECIPE)
    ours = len(texts(works, "press/program"))

    certificate = erase(works, ["label/contract-7"], "the contract ended")
    rewrite_history(works, lambda: None)

    assert before >= {"history.duckdb", "books.sqlite", "parquet"}
    assert holding(works, RECIPE) == set()
    assert texts(works, "press/recipe") == []
    assert len(texts(works, "press/program")) == ours
    rows = {one["thing"]: one["rows"] for one in certificate.statement["things"]}
    expected = {"signal/press/recipe": 2001, "orders/cell": 2, "twin/cell": 1, "answers/cell": 1}
    assert {thing: rows[thing] for thing in expected} == expected


def test_only_what_is_older_goes(works: Path) -> None:
    """Before a time: later samples stay, and those of open hours; what was made of it is named."""
    limit = BEGAN + HOUR

    certificate = erase(works, ["signal/press/recipe"], "too old", before=limit)

    assert len(texts(works, "press/recipe")) == 2001 - 60
    told = certificate.statement["things"]
    assert told == [{"thing": "signal/press/recipe", "rows": 60, "first": BEGAN, "last": limit - 60 * SECOND}]
    assert certificate.statement["before"] == limit


def test_a_certificate_is_proven_without_the_plant(works: Path, tmp_path: Path) -> None:
    """It holds with nothing but its own bytes; any changed word, entry, proof or signature is found."""
    told = erase(works, ["orders/cell"], "asked for by the customer").told()
    file = tmp_path / "erased.json"
    file.write_bytes(as_file(told))

    found = Certificate.read(file)

    assert (found.statement["reason"], found.told()) == ("asked for by the customer", told)
    for key, changed in spoilt(told):
        file.write_bytes(as_file(changed))
        with pytest.raises(UnusableData) as raised:
            Certificate.read(file)
        assert raised.value.key.startswith("ledger."), key


def spoilt(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The certificate with one thing changed."""
    yield "statement", {**told, "statement": {**told["statement"], "reason": "another"}}
    yield "entry", {**told, "entry": told["entry"] - 1}
    yield "body", {**told, "body": told["body"].replace("facts.erased", "facts.tally")}
    yield "proof", {**told, "proof": ["00" * 32, *told["proof"][1:]]}
    yield "short", {**told, "proof": told["proof"][1:]}
    yield "head", {**told, "head": {**told["head"], "root": "00" * 32}}
    yield "format", {**told, "format": "lineside.other/1"}
    for missing in told:
        yield missing, {key: value for key, value in told.items() if key != missing}


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (["signal/press/nothing"], "erase.no_thing"),
        (["label/nothing"], "erase.no_thing"),
        (["kpi/line/cell/oee"], "erase.nothing_stored"),
        (["accounts"], "erase.nothing_stored"),
        (["plant"], "erase.nothing_stored"),
    ],
)
def test_what_cannot_be_erased_is_told_and_nothing_goes(works: Path, asked: list[str], key: str) -> None:
    """An unknown thing, a computed one and one that must stay are named, and the good one beside them stays, too."""
    with pytest.raises(ConfigurationError) as raised:
        erase(works, ["signal/press/recipe", *asked], "a try")

    assert raised.value.key == key
    assert len(texts(works, "press/recipe")) == 2001


def test_an_erasure_needs_a_reason(works: Path) -> None:
    """Without words nothing is done."""
    with pytest.raises(LinesideError, match="reason"):
        erase(works, ["orders/cell"], "  ")


def test_a_place_means_what_is_stored_of_it_and_no_whole(works: Path) -> None:
    """The line's signals, orders, twin and answers, not the plant's costs; what was made of a thing is named."""
    with Node.open(works) as node:
        judgement = node.catalogue.judgement
        things = [thing.id for thing in chosen(judgement, ["line/cell"])]
        alone = chosen(judgement, ["signal/press/parts"])

        assert {"signal/press/recipe", "orders/cell", "twin/cell", "answers/cell", "completions/cell"} <= set(things)
        assert not {"costs", "schedules", "products", "states/press"} & set(things)
        assert [thing.id for thing in chosen(judgement, ["costs"])] == ["costs"]
        assert remains(judgement, alone) == ["answers/cell", "jobs", "schedules", "twin/cell"]


def test_the_history_is_rewritten_whole(works: Path) -> None:
    """A copy takes the file's place with every sample, and an unfinished one of before is thrown away."""
    before = texts(works, "press/recipe")
    (works / "data" / "history.fresh").write_bytes(b"half a copy")

    rewrite_history(works, lambda: None)

    assert texts(works, "press/recipe") == before
    assert not (works / "data" / "history.fresh").exists()
    assert before[0] == f"{RECIPE}-0"


def test_what_kpis_read_leaves_no_data_and_no_wrong_number(works: Path) -> None:
    """Half of a shift's counts would look like little work: so its time is not heard any more; a recipe's is."""
    with Node.open(works) as node:
        node.history.hear("s", BEGAN, BEGAN + 10 * HOUR, durable=True)

    recipe = erase(works, ["signal/press/recipe"], "a recipe", before=BEGAN + HOUR)
    counts = erase(works, ["signal/press/parts"], "counts", before=BEGAN + HOUR)

    assert (recipe.statement["no_data"], counts.statement["no_data"]) == ([], ["press"])
    with Node.open(works) as node:
        assert node.history.heard("s", BEGAN, BEGAN + 20 * HOUR).tolist() == [[BEGAN + HOUR, BEGAN + 10 * HOUR]]
