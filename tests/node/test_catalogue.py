"""The catalogue of a plant that is graded, edited and asked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineside.errors import ConfigurationError, UnusableData
from lineside.node import Catalogue, Node, read_table, write_table
from lineside.trust import Grade, Label, Mode, Statement, Who
from tests.releases import allowed

WHY = Who("sina", "the customer asked for it")
PLANT = """\
[site]
id = "works"
timezone = "UTC"
[keep]
measures_days = 30
minutes_days = 400
kpi_days = 800
[sparkplug]
url = "mqtt://127.0.0.1:9"
group = "g"
metrics = ["oee"]
[area.hall]
[line.cell]
area = "hall"
pace = "press"
[source.plc]
type = "push"
[machine.press]
name = "Press 1"
line = "cell"
source = "plc"
[machine.press.signals]
mode = { kind = "state" }
load = { kind = "measure" }
recipe = { kind = "text" }
[[machine.press.states]]
state = "running"
when = { mode = "ACTIVE", recipe = "A" }
"""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A plant of one press."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    with Node.open(tmp_path) as opened:
        yield opened


def says(branch: str, grade: Grade | None, *labels: str, mode: Mode = "is") -> Statement:
    """A statement to be kept."""
    return Statement(branch, mode, grade, frozenset(labels))


def table(node: Node, least: Grade = Grade.GENERAL, language: str = "en") -> list[dict[str, str]]:
    """The catalogue as a spreadsheet shows it."""
    content = write_table(node.catalogue, node.whereabouts(), node.plant, language, least)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def written(rows: list[dict[str, str]]) -> bytes:
    """Rows as a spreadsheet saves them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def test_a_preview_counts_what_would_change_and_changes_nothing(node: Node) -> None:
    """One signal raises the numbers that are made of it."""
    one = says("signal/press/recipe", Grade.IMPORTANT)

    told = node.catalogue.preview([one])

    assert told.raised["kpi"] == 20  # all but the quality of the press and its line: of wider scopes it is weighed
    assert told.raised["signal"] == 1
    assert node.catalogue.of("signal/press/recipe").grade is Grade.GENERAL
    assert node.catalogue.keep([one], WHY) == told
    assert node.catalogue.of("kpi/line/cell/oee").grade is Grade.IMPORTANT
    assert node.catalogue.of("kpi/line/cell/quality").grade is Grade.GENERAL
    assert node.catalogue.of("signal/press/load").grade is Grade.GENERAL
    assert node.catalogue.of("backups").labels == {"personal", "secret"}


def test_a_contradiction_is_refused_and_half_of_one_is_told(node: Node) -> None:
    """A grade that nothing would have is refused with what raises it; where some have it the others are named."""
    catalogue = node.catalogue
    catalogue.keep([says("signal@line/cell", Grade.IMPORTANT, mode="least"), says("states/press", Grade.CORE)], WHY)

    for one in (says("signal/press/load", Grade.GENERAL), says("kpi/line/cell/oee", Grade.GENERAL)):
        with pytest.raises(ConfigurationError) as raised:
            catalogue.keep([one], WHY)
        assert raised.value.key == "grades.contradicts"
    assert "由 kpi/machine/press/oee 得出，后者为核心数据。" in raised.value.sentence("zh")
    told = catalogue.preview([says("line/cell", Grade.GENERAL)])
    assert {name for name, _ in told.above} >= {"signal/press/load", "kpi/line/cell/oee"}
    assert "orders/cell" not in {name for name, _ in told.above}


def test_what_there_is_not_is_not_graded(node: Node) -> None:
    """A slip of the pen is told, and so is a withdrawal of what was never said."""
    for one, key in ((says("signal/press/laod", Grade.CORE), "no_thing"), (says("machine/press", None), "empty")):
        with pytest.raises(ConfigurationError) as raised:
            node.catalogue.keep([one], WHY)
        assert raised.value.key == f"grades.{key}"


def test_a_renamed_machine_leaves_its_gradings_told_as_gone(node: Node) -> None:
    """Its stored values keep their grade under the old name, in the old line; the new name waits to be graded."""
    node.history.series("press/recipe")
    load = says("signal/press/load", Grade.IMPORTANT)
    node.catalogue.keep([says("machine/press", Grade.CORE), load], WHY)
    (node.folder / "plant.toml").write_text(PLANT.replace("press", "stamp"), "utf-8")

    assert node.editions.notice(2_000_000_000_000_000)

    judgement = node.catalogue.judgement
    assert judgement.of("signal/press/recipe").grade is Grade.CORE
    assert judgement.things["signal/press/recipe"].gone
    assert judgement.of("signal/stamp/recipe").grade is Grade.GENERAL
    assert judgement.of("kpi/line/cell/oee").grade is Grade.CORE
    assert judgement.path("kpi/line/cell/oee")[1] == "kpi/machine/press/oee"
    assert [one.branch for one in judgement.gone()] == [load.branch]
    node.catalogue.keep([says(load.branch, None)], WHY)
    assert node.catalogue.judgement.gone() == []


def test_a_series_that_comes_is_graded_at_once(node: Node) -> None:
    """What is stored can be asked for, whether the plant file names it or not."""
    node.history.series("ghost/value")

    assert node.catalogue.of("signal/ghost/value").grade is Grade.GENERAL


def test_where_things_live_and_go(node: Node) -> None:
    """Files and tables, how long each kind of values is kept, and what leaves today."""
    where, things = node.whereabouts(), node.catalogue.judgement.things

    assert where.kept(things["signal/press/load"], "en") == ""
    assert where.kept(things["orders/cell"], "en") == "for ever"
    assert where.kept(things["heard/plc"], "en") == "800 days"
    assert where.outward(things["kpi/machine/press/oee"]) == ["sparkplug"]
    assert where.outward(things["kpi/machine/press/quality"]) == []
    assert where.outward(things["states/press"]) == []
    number = allowed(node, "mtconnect", "acme", "kpi/machine/press/*")
    assert node.whereabouts().released(things["kpi/machine/press/oee"]) == [number]
    assert node.whereabouts().released(things["states/press"]) == []
    assert f"release/{number}" in next(
        row["leaves_by"] for row in table(node) if row["thing"] == "kpi/machine/press/oee"
    )
    assert where.amount(things["accounts"]).rows == 0
    assert where.amount(things["plant"]).bytes == len(PLANT)
    for key, kind in (("press/mode", "state"), ("press/load", "measure")):
        node.history.series(key, kind=kind)
    where = node.whereabouts()
    assert where.kept(things["signal/press/mode"], "en") == "800 days"
    assert where.kept(things["signal/press/load"], "en") == "every value 30 days, thinned out 400 days"


def test_a_table_that_nobody_changed_changes_nothing(node: Node) -> None:
    """Also with statements, labels and inherited grades in it, in both languages."""
    catalogue = node.catalogue
    catalogue.gradings.keep_label(Label("recipe", "customer recipe", Grade.IMPORTANT, leaves=False), WHY)
    catalogue.keep([says("signal/press/recipe", None, "recipe"), says("line/cell", Grade.IMPORTANT)], WHY)

    for language in ("en", "zh"):
        assert read_table(catalogue, written(table(node, language=language))) == ([], [])
    assert {row["thing"] for row in table(node, Grade.IMPORTANT)} >= {"signal/press/recipe", "kpi/line/cell/oee"}
    assert all(row["basis"] and row["basis_confidence"] == "found" for row in table(node))


def test_many_things_are_graded_by_a_table(node: Node) -> None:
    """Only rows that say something new are statements; their reasons are their own."""
    rows = table(node)
    for row in rows:
        if row["thing"] == "signal/press/recipe":
            row |= {"grade": "重要数据", "reason": "contract 7"}
        if row["thing"] == "signal/press/load":
            row["labels"] = "personal"

    statements, problems = read_table(node.catalogue, written(rows))
    node.catalogue.keep(statements, WHY)

    assert problems == []
    assert {(one.branch, one.grade, one.labels, one.reason) for one in node.catalogue.gradings.statements} == {
        ("signal/press/recipe", Grade.IMPORTANT, frozenset(), "contract 7"),
        ("signal/press/load", None, frozenset({"personal"}), WHY.reason),
    }


def test_each_wrong_row_is_named(node: Node) -> None:
    """With what is wrong; rows count from the heading."""
    node.catalogue.keep([says("signal/press/mode", Grade.CORE)], WHY)
    lines = [
        "thing,mode,grade,labels",
        "signal/press/load,is,secret,",
        "signal/press/load,maybe,core,",
        "signal/press/nothing,is,core,",
        "states/press,is,general,",
        "accounts,is,general,",
        "signal/press/load,is,core,nobody",
        "signal@site,least,core,",
        "signal@site,least,important,",
    ]

    _, problems = read_table(node.catalogue, "\n".join(lines).encode())

    assert [(one.row, one.error.key.removeprefix("grades.")) for one in problems] == [
        (2, "no_grade"),
        (3, "no_mode"),
        (4, "no_thing"),
        (5, "contradicts"),
        (6, "not_here"),
        (7, "no_label"),
        (9, "twice"),
    ]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a,b\n1,2\n", b'thing,grade\n"open'])
def test_what_is_no_table_is_refused(node: Node, content: bytes) -> None:
    """Whatever bytes come."""
    with pytest.raises(UnusableData):
        read_table(node.catalogue, content)


def test_answers_come_from_memory(node: Node) -> None:
    """The same judgement answers until the plant or the gradings change."""
    first = node.catalogue.judgement
    same = node.catalogue.judgement
    node.catalogue.keep([says("site", Grade.IMPORTANT)], WHY)

    assert first is same
    assert node.catalogue.judgement is not first
    assert isinstance(node.catalogue, Catalogue)
