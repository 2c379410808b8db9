"""The catalogue as a CSV table: for an authority's filing, and to grade many things at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.node.catalogue import Catalogue
from lineside.node.whereabouts import Whereabouts, readers
from lineside.orders import bare, guarded
from lineside.plant import Plant, moment
from lineside.texts import say
from lineside.trust import MODES, Grade, Judgement, Mode, Statement, Thing, facts

COLUMNS = (
    "thing", "mode", "grade", "labels", "reason", "because", "name", "category", "handler", "places",
    "holds", "rows", "bytes", "from", "to", "kept", "readers", "leaves_by", "basis", "basis_confidence",
)  # fmt: skip
_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row of a table; rows count from the heading, which is row 1."""

    row: int
    error: LinesideError


def write_table(
    catalogue: Catalogue, where: Whereabouts, plant: Plant, language: str, least: Grade = Grade.GENERAL
) -> bytes:
    """Every thing of a grade or a higher one, a row each, UTF-8 with a mark, as spreadsheets want it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    judgement = catalogue.judgement
    for thing in judgement.things.values():
        if judgement.of(thing.id).grade >= least:
            writer.writerow([guarded(str(cell)) for cell in _row(judgement, thing, where, plant, language)])
    return text.getvalue().encode("utf-8-sig")


def _row(judgement: Judgement, thing: Thing, where: Whereabouts, plant: Plant, language: str) -> Iterator[object]:
    found, kind, amount = judgement.of(thing.id), facts().kinds[thing.kind], where.amount(thing)
    basis = next(one for one in facts().grades if one.id == str(found.grade))
    zone = plant.site.zone
    yield from (thing.id, "is", str(found.grade), " ".join(sorted(found.labels)))
    said = judgement.statements.get((thing.id, "is"))
    yield from ("" if said is None else said.reason, found.because[0].sentence(language))
    yield from (thing.name, say(f"grades.kind.{thing.kind}", language))
    yield from (plant.site.name, " ".join(thing.places), " ".join((kind.holds, *kind.tables)))
    yield from ("" if one is None else one for one in (amount.rows, amount.bytes))
    for one in (amount.first, amount.last):
        yield "" if one is None else f"{moment(one, zone):%Y-%m-%d %H:%M}"
    yield from (where.kept(thing, language), " ".join(readers(kind)), _out(thing, where))
    yield from (basis.source, basis.confidence)


def _out(thing: Thing, where: Whereabouts) -> str:
    return " ".join([*where.outward(thing), *(f"release/{one}" for one in where.released(thing))])


def read_table(catalogue: Catalogue, content: bytes) -> tuple[list[Statement], list[RowProblem]]:
    """The statements that a table makes beyond what is so already, and what is wrong in which row.

    Asks for the columns thing and grade; mode is "is" where left out, an empty grade says nothing of it. Raises
    UnusableData where it is no such table.
    """
    judgement, problems = catalogue.judgement, list[RowProblem]()
    statements: dict[tuple[str, str], tuple[int, Statement]] = {}
    for number, cells in _cells(content):
        try:
            if (one := _statement(judgement, catalogue, cells)) is not None:
                first, _ = statements.setdefault((one.branch, one.mode), (number, one))
                if first != number:
                    problems.append(RowProblem(number, ConfigurationError("grades.twice", thing=one.branch, row=first)))
        except LinesideError as error:
            problems.append(RowProblem(number, error))
    wanted = [one for _, one in statements.values()]
    wrong = ((statements[one.branch, one.mode][0], error) for one, error in catalogue.errors(wanted))
    problems += [RowProblem(number, error) for number, error in wrong]
    return wanted, sorted(problems, key=lambda problem: problem.row)


def _cells(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableData("grades.table", problem=str(error)[:200]) from error
    if not rows or not {"thing", "grade"} <= rows[0].keys() or len(rows) > _LARGEST:
        raise UnusableData("grades.table", problem="thing, grade")
    for number, row in enumerate(rows, start=2):
        yield number, {name: bare(value.strip()) for name, value in row.items() if isinstance(value, str)}


def _statement(judgement: Judgement, catalogue: Catalogue, cells: dict[str, str]) -> Statement | None:
    """What a row says; None where that is so already."""
    branch, grade = cells["thing"], Grade.parse(cells["grade"]) if cells["grade"] else None
    mode = _mode(cells.get("mode") or "is")
    labels = frozenset(cells.get("labels", "").replace(",", " ").split())
    said = judgement.statements.get((branch, mode))
    if mode == "is" and branch in judgement.things:
        now = judgement.of(branch)
        own = frozenset() if said is None else said.labels
        elsewhere = now.labels - own | frozenset(now.label_sources or ())
        if missing := sorted(elsewhere - labels):
            raise ConfigurationError("grades.not_here", label=missing[0], thing=branch)
        labels -= elsewhere
        if (grade is None or grade == now.grade) and labels == own:
            return None
        if grade == now.grade and (said is None or said.grade is None):
            grade = None  # it is so without a word of its own, and follows what it is made of
    elif said is not None and (said.grade, said.labels) == (grade, labels):
        return None
    wanted = Statement(branch, mode, grade, labels, cells.get("reason", ""))
    if wanted.withdrawn and said is None:
        raise ConfigurationError("grades.empty")
    return catalogue.gradings.checked([wanted])[0]


def _mode(text: str) -> Mode:
    found = next((mode for mode in MODES if mode == text), None)
    if found is None:
        raise ConfigurationError("grades.no_mode", mode=text[:40])
    return found


def row_problems(problems: Sequence[RowProblem], language: str) -> list[dict[str, object]]:
    """The problems in words."""
    return [
        {"row": one.row, "sentence": one.error.sentence(language), "cure": one.error.cure(language)} for one in problems
    ]
