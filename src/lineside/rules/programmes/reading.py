"""A programme out of a table of a rule's file; all that is wrong with it is told at once."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from lineside.rules.edition import Confidence, Edition
from lineside.rules.expressions import (
    PURE,
    ChoiceName,
    Misread,
    NumberName,
    TruthName,
    parse_number,
    parse_truth,
)
from lineside.rules.programmes.programme import (
    Caution,
    Condition,
    Evidence,
    Input,
    InputKind,
    Parameter,
    Phase,
    Programme,
    Shows,
    Step,
    Timing,
    covers,
)
from lineside.rules.programmes.table import Table

Names = dict[str, NumberName | TruthName | ChoiceName]


def read_programme(table: Table) -> Programme:
    """The programme of a table; it may be used only where no problem was noted."""
    edition, until = _edition(table), table.day("to")
    if until is not None and until < edition.since:
        table.problem("rules.programme.ends_before", "to")
    evidence = _by_name(table, "evidence", _evidence)
    inputs = _by_name(table, "input", lambda one: _input(one, evidence))
    parameters = _by_name(table, "parameter", lambda one: _parameter(one, edition.since, until))
    names = _names(table, inputs, parameters)
    conditions = tuple(_condition(one, names, evidence, edition.confidence) for one in table.tables("condition"))
    steps = tuple(_step(one, names) for one in table.tables("step"))
    made = Programme(
        id=table.id("id"),
        names=table.words("name"),
        edition=edition,
        until=until,
        country=table.text("country"),
        region=table.words("region", needed=False),
        dated_by=table.words("dated_by"),
        authority=table.words("authority"),
        inputs=inputs,
        parameters=parameters,
        conditions=conditions,
        steps=steps,
        amount=table.text("amount"),
        timing=table.one_of("timing", Timing),
        payments=table.texts("payments"),
        budget=table.text("budget", ""),
        evidence=evidence,
        excludes=frozenset(table.texts("excludes")),
        combines=frozenset(table.texts("combines")),
        replaces=table.truth("replaces"),
        cautions=tuple(map(_caution, table.tables("caution"))),
        sha256=digest_of(table.told),
    )
    _agrees(table, made)
    return made


def digest_of(told: Mapping[str, Any]) -> str:
    """SHA-256 of what a rule says, whatever the order of its keys and the blanks of its file."""
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


def _edition(table: Table) -> Edition:
    since = table.day("from")
    if since is None and not table.has("from"):
        table.problem("rules.file.missing", "from")
    if not table.told.get("source") or not table.told.get("confidence"):
        table.problem("rules.programme.no_source", "source")
        source, confidence = table.text("source", "-"), table.one_of("confidence", Confidence, Confidence.UNSURE)
    else:
        source, confidence = table.text("source"), table.one_of("confidence", Confidence)
    return Edition(table.text("edition"), table.text("document"), source, confidence, since or date.min)


def _by_name(table: Table, key: str, read: Callable[[Table], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    called = "id" if key == "evidence" else "name"
    for one in table.tables(key):
        made = read(one)
        name = getattr(made, called)
        if name in found:
            one.problem("rules.file.twice", called, value=name)
        found[name] = made
    return found


def _evidence(table: Table) -> Evidence:
    shows = table.one_of("shows", Shows)
    indicator = table.text("indicator") if shows is Shows.INDICATOR else ""
    return Evidence(table.name("id"), shows, table.words(), indicator)


def _shown(table: Table, evidence: Mapping[str, Evidence]) -> tuple[str, ...]:
    names = table.texts("evidence")
    for one in names:
        if one not in evidence:
            table.problem("rules.programme.no_evidence", "evidence", value=one)
    return names


def _input(table: Table, evidence: Mapping[str, Evidence]) -> Input:
    kind = table.one_of("kind", InputKind, InputKind.NUMBER)
    number = kind is InputKind.NUMBER
    least, most = (table.number(key, end) if number else 0.0 for key, end in (("least", -math.inf), ("most", math.inf)))
    if least > most:
        table.problem("rules.programme.bounds", "most")
    choices = {name: one.words() for name, one in table.within("choices")} if kind is InputKind.CHOICE else {}
    if kind is InputKind.CHOICE and len(choices) < 2:
        table.problem("rules.programme.no_choices", "choices")
    unit = table.unit("unit") if number else PURE
    return Input(table.name("name"), kind, table.words(), unit, least, most, choices, _shown(table, evidence))


def _parameter(table: Table, since: date, until: date | None) -> Parameter:
    if table.has("phase"):
        phases = tuple(
            Phase(one.day("from") or since, one.day("to"), one.number("value")) for one in table.tables("phase")
        )
        if not covers(phases, since, until):
            table.problem("rules.programme.phases", "phase")
    else:
        phases = (Phase(since, until, table.number("value")),)
    return Parameter(table.name("name"), table.words(), table.unit("unit"), phases)


def _names(table: Table, inputs: Mapping[str, Input], parameters: Mapping[str, Parameter]) -> Names:
    names: Names = {}
    for one in inputs.values():
        match one.kind:
            case InputKind.NUMBER:
                names[one.name] = NumberName(one.unit)
            case InputKind.TRUTH:
                names[one.name] = TruthName()
            case InputKind.CHOICE:
                names[one.name] = ChoiceName(frozenset(one.choices))
    for name, parameter in parameters.items():
        if name in names:
            table.problem("rules.file.twice", "parameter", value=name)
        names[name] = NumberName(parameter.unit)
    return names


def _condition(table: Table, names: Names, evidence: Mapping[str, Evidence], own: Confidence) -> Condition:
    name, text, when = table.name("id"), table.text("when", ""), None
    if text:
        try:
            when = parse_truth(text, names)
        except Misread as error:
            table.misread(error, "when")
    elif name in names:
        table.problem("rules.file.twice", "id", value=name)
    confidence = table.one_of("confidence", Confidence, own)
    return Condition(name, table.words(), when, text, _shown(table, evidence), confidence)


def _step(table: Table, names: Names) -> Step:
    """A step, which those after it can speak of."""
    name, unit, text = table.name("name"), table.unit("unit"), table.text("formula")
    words = table.words()
    if name in names:
        table.problem("rules.file.twice", "name", value=name)
    tree, found = parse_number("0", {})
    try:
        tree, found = parse_number(text or "0", names)
    except Misread as error:
        table.misread(error, "formula")
    if found is not None and found != unit:
        table.problem("rules.programme.unit_of_step", "unit", unit=str(unit), found=str(found))
    names[name] = NumberName(unit)
    return Step(name, words, unit, tree, text)


def _caution(table: Table) -> Caution:
    return Caution(table.words(), table.one_of("confidence", Confidence))


def _agrees(table: Table, made: Programme) -> None:
    """Notes what names something that is not there."""
    steps = {one.name: one for one in made.steps}
    if made.amount not in steps:
        table.problem("rules.programme.no_step", "amount", value=made.amount, known=", ".join(steps))
    for one in made.payments:
        if one not in steps or made.amount not in steps or steps[one].unit != steps[made.amount].unit:
            table.problem("rules.programme.no_step", "payments", value=one, known=", ".join(steps))
    if made.budget and made.budget not in made.parameters:
        known = ", ".join(made.parameters) or "-"
        table.problem("rules.programme.no_parameter", "budget", name=made.budget, known=known)
    elif made.budget and made.amount in steps and made.parameters[made.budget].unit != steps[made.amount].unit:
        table.problem("rules.programme.budget_unit", "budget", unit=str(steps[made.amount].unit))
    for at, condition in enumerate(made.conditions):
        if condition.id in {one.id for one in made.conditions[:at]}:
            table.problem("rules.file.twice", "condition", value=condition.id)
    for one in sorted(made.excludes & made.combines):
        table.problem("rules.programme.both", "excludes", value=one)
