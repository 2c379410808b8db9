"""The catalogue as the API and the commands tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lineside.node import Catalogue, Node, Preview, Whereabouts, readers
from lineside.texts import say
from lineside.trust import Graded, Judgement, Statement, Thing, ThingKind, branches_of, facts, label_words

_MOST_NAMED = 200


def catalogue_json(node: Node, language: str) -> dict[str, Any]:
    """All things with their grades; what is the same for all of a kind stands once; times in epoch milliseconds."""
    judgement, where = node.catalogue.judgement, node.whereabouts()
    return {
        "things": [_row(judgement, thing, where, language) for thing in judgement.things.values()],
        "kinds": {kind.id: _kind(kind, language) for kind in facts().kinds.values()},
        "labels": labels_json(node.catalogue, language),
        "grades": [{**one.json("grades", language), "name": _name(one.id, language)} for one in facts().grades],
        "duties": [one.json("grades.duty", language) for one in facts().duties],
        "falls": [_fall(one.id, one.source, one.confidence, language) for one in facts().falls],
        "said": [statement_json(one) for one in judgement.statements.values()],
        "overruled": [
            {**statement_json(one), "thing": thing, "because": _why(judgement.of(thing), language)}
            for one, thing in judgement.overruled()
        ],
        "gone": [statement_json(one) for one in judgement.gone()],
        "counted_ms": _ms(where.counted),
    }


def thing_json(node: Node, name: str, language: str) -> dict[str, Any]:
    """One thing with its reasons. Raises ConfigurationError for one that there is not."""
    judgement = node.catalogue.judgement
    found = judgement.of(name)
    thing = judgement.things[name]
    return {
        **_row(judgement, thing, node.whereabouts(), language),
        "because": _why(found, language),
        "path": _path(judgement, judgement.path(name), language),
        "label_paths": {one: list(judgement.path(name, one)) for one in sorted(found.labels)},
        "inputs": _named(judgement, thing.inputs),
        "goes_into": _named(judgement, (one.id for one in judgement.things.values() if name in one.inputs)),
        "branches": list(branches_of(thing)),
        "said": [statement_json(one) for one in judgement.said_of(thing)],
        "history": [statement_json(one) for one in node.catalogue.gradings.history(branches_of(thing))],
    }


def labels_json(catalogue: Catalogue, language: str) -> list[dict[str, Any]]:
    """All labels, with what they imply and how many statements give them."""
    return [
        {
            "id": label.id,
            "words": label_words(label, language),
            "least": str(label.least),
            "leaves": label.leaves,
            "own": label.own,
            "keep_days": label.keep_days,
            "used": sum(label.id in one.labels for one in catalogue.gradings.statements),
        }
        for label in catalogue.gradings.labels
    ]


def preview_json(preview: Preview, language: str) -> dict[str, Any]:
    """What changes, counted by kind, and what stays above what was said, by name."""
    return {
        "raised": preview.raised,
        "lowered": preview.lowered,
        "relabelled": preview.relabelled,
        "above": [
            {"thing": thing, "grade": str(graded.grade), "because": _why(graded, language)}
            for thing, graded in preview.above[:_MOST_NAMED]
        ],
        "above_count": len(preview.above),
    }


def statement_json(one: Statement) -> dict[str, Any]:
    """A statement as somebody made it."""
    return {
        "branch": one.branch,
        "mode": one.mode,
        "grade": None if one.grade is None else str(one.grade),
        "labels": sorted(one.labels),
        "days": one.days,
        "share": one.share,
        "reason": one.reason,
        "by": one.by,
        "at_ms": _ms(one.at_us),
        "withdrawn": one.withdrawn,
    }


def _row(judgement: Judgement, thing: Thing, where: Whereabouts, language: str) -> dict[str, Any]:
    found, amount = judgement.of(thing.id), where.amount(thing)
    default = found.because[0].key.startswith("grades.because.default")
    row = {
        "id": thing.id,
        "name": _called(thing, language),
        "place": thing.places[0],
        "gone": thing.gone,
        "grade": str(found.grade),
        "labels": sorted(found.labels),
        "why": "" if default else _why(found, language),
        "from": found.source,
        "rows": amount.rows,
        "bytes": amount.bytes,
        "first_ms": _ms(amount.first),
        "last_ms": _ms(amount.last),
        "kept": where.kept(thing, language),
        "out": where.outward(thing),
        "releases": where.released(thing),
    }
    return {name: value for name, value in row.items() if value not in (None, "", [], False)}


def _called(thing: Thing, language: str) -> str:
    """What people call a thing; of a KPI also which one, and whether by product."""
    if thing.kind != "kpi":
        return thing.name
    _, _, _, kpi, *by = thing.id.split("/")
    return " · ".join([thing.name, say(f"kpi.{kpi}", language), *(say("grades.by_product", language) for _ in by)])


def _kind(kind: ThingKind, language: str) -> dict[str, Any]:
    return {
        "name": say(f"grades.kind.{kind.id}", language),
        "why": say(f"grades.because.default.{kind.id}", language),
        "grade": str(kind.grade),
        "holds": kind.holds,
        "tables": list(kind.tables),
        "readers": readers(kind),
    }


def _path(judgement: Judgement, path: Iterable[str], language: str) -> list[dict[str, str]]:
    return [{"thing": one, "because": _why(judgement.of(one), language)} for one in path]


def _named(judgement: Judgement, things: Iterable[str]) -> list[Mapping[str, str]]:
    """Things with their grades, the highest first, as many as anybody reads."""
    known = [(judgement.of(one).grade, one) for one in things if one in judgement.things]
    known.sort(key=lambda pair: (-pair[0], pair[1]))
    return [{"thing": one, "grade": str(grade)} for grade, one in known[:_MOST_NAMED]]


def _why(graded: Graded, language: str) -> str:
    return " ".join(one.sentence(language) for one in graded.because)


def _fall(name: str, source: str, confidence: str, language: str) -> dict[str, str]:
    return {"id": name, "words": say(f"grades.rule.{name}", language), "source": source, "confidence": confidence}


def _name(grade: str, language: str) -> str:
    return say(f"grades.{grade}", language)


def _ms(time_us: int | None) -> int | None:
    return None if time_us is None else time_us // 1000
