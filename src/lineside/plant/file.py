"""Reads `plant.toml` and says everything that is wrong with it at once: line, key, problem and cure."""

from __future__ import annotations

import copy
import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lineside.errors import ConfigurationError
from lineside.plant.checks import Contradiction, contradictions
from lineside.plant.edge import EDGE_FILE, Edge
from lineside.plant.locate import KeyPath, line_of, lines_of_keys
from lineside.plant.model import Plant
from lineside.plant.rest import follows, readable_of, rest_of
from lineside.plant.wording import Misworded
from lineside.texts import DEFAULT_LANGUAGE, has, say

PLANT_FILE = "plant.toml"
HUB_FILE = "hub.toml"
"""By it a folder is known as that of a hub, without a hub being loaded."""
_M = TypeVar("_M", bound=BaseModel)
_POSITION = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


_WANTED = tuple(
    (re.compile(pattern), f"plant.wants_{what}")
    for pattern, what in (
        ("literal_", "one_of"),
        ("greater_than$", "more"),
        ("int_", "whole"),
        ("float_|finite_", "number"),
        ("string_type", "text"),
        ("model_|dict_|mapping_", "table"),
        ("tuple_|list_", "list"),
        ("too_short", "some"),
        ("date_", "date"),
        ("datetime_", "moment"),
    )
)
"""What a value should have been, by how pydantic calls what it is not."""
_SYNTAX = tuple(
    (re.compile(pattern), f"plant.syntax_{what}")
    for pattern, what in (
        ("Expected '='", "equals"),
        ("Invalid value", "value"),
        (r"Unterminated string|Illegal character '\\n'|Expected \"'", "quote"),
        ("Unclosed", "bracket"),
        ("Cannot declare|Duplicate|Cannot overwrite|Cannot redefine", "twice"),
        ("Expected newline or end of document", "after"),
        ("Expected ']", "heading"),
        ("Invalid statement|Invalid initial character", "statement"),
        ("Unescaped|Invalid hex", "backslash"),
    )
)
"""What stands where TOML stops making sense, by how tomllib says it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the plant file."""

    line: int
    key: str
    problem: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What is wrong."""
        return say(self.problem, language, **self.fields)

    def cure(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What to write instead."""
        key = f"{self.problem}.cure"
        return say(key, language, **self.fields) if has(key) else ""


class PlantFileError(ConfigurationError):
    """The plant file cannot be used; `findings` holds every reason, `rest` what can be read of it nevertheless."""

    def __init__(self, path: Path, findings: Sequence[Finding], rest: PlantText | None = None) -> None:
        ordered = sorted(findings, key=lambda f: (f.line, f.key))
        super().__init__("plant.refused", file=str(path), count=len(ordered))
        self.path = path
        self.findings = tuple(ordered)
        self.rest = rest

    def __str__(self) -> str:
        return "\n".join(
            [
                self.sentence(),
                *(
                    f"{self.path}:{f.line}: {f'{f.key}: ' if f.key else ''}{f.sentence()} {f.cure()}"
                    for f in self.findings
                ),
            ]
        )


@dataclass(frozen=True, slots=True)
class PlantText:
    """A plant file's text and what it says."""

    text: str
    plant: Plant

    def line(self, key: str) -> int:
        """The line on which a key of the file itself, in no table, stands."""
        return line_of(lines_of_keys(self.text), (key,))


def read_plant(folder: Path) -> PlantText:
    """The plant of a folder. Raises PlantFileError with every finding, or ConfigurationError without a file."""
    path = folder / PLANT_FILE
    text = _text_of(path, "plant.no_file")
    return PlantText(text, parse_plant(text, path))


def read_edge(folder: Path) -> tuple[str, Edge]:
    """The text of a folder's edge file and what it says; raises what `read_plant` raises."""
    return read_settings(folder / EDGE_FILE, Edge, "plant.no_edge_file")


def read_settings(
    path: Path, model: type[_M], missing: str, check: Callable[[_M], Iterable[Contradiction]] = lambda _: ()
) -> tuple[str, _M]:
    """The text of a file of settings and what it says, `check` finding what contradicts itself in it.

    Raises PlantFileError with every finding, or ConfigurationError `missing` without a file.
    """
    text = _text_of(path, missing)
    document = _document(text, path)
    try:
        told = model.model_validate(document)
    except ValidationError as error:
        raise PlantFileError(path, _what_is_wrong(error, text, model)[1]) from error
    if contradicted := list(check(told)):
        raise PlantFileError(path, findings_at(text, contradicted))
    return text, told


def _text_of(path: Path, missing: str) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(missing, file=str(path), folder=str(path.parent)) from None
    except OSError as error:
        raise ConfigurationError("plant.unreadable", file=str(path), reason=error.strerror or str(error)) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PlantFileError(path, [Finding(line, "", "plant.encoding")]) from error


def _document(text: str, path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(text)
        copy.deepcopy(document)  # whoever works on it goes down into it again
    except (ValueError, RecursionError) as error:  # numbers without end and depths that no one reads included
        raise PlantFileError(path, [_syntax_finding(error, text)]) from error
    return document


def parse_plant(text: str, path: Path = Path(PLANT_FILE)) -> Plant:
    """The plant that `text` describes. Raises PlantFileError with every finding."""
    document = _document(text, path)
    try:
        plant = Plant.model_validate(document)
    except ValidationError as error:
        details, findings = _what_is_wrong(error, text)
        rest, wrong = rest_of(document, details)
        if rest is not None:
            told = (found for found in contradictions(rest) if not follows(found, wrong))
            findings += findings_at(text, told)
        raise PlantFileError(path, findings, None if rest is None else PlantText(text, rest)) from error
    if found := list(contradictions(plant)):
        raise PlantFileError(path, findings_at(text, found), PlantText(text, plant))
    return plant


@lru_cache(8)
def accepted_plant(text: str) -> tuple[Plant, tuple[Finding, ...]]:
    """The plant of a text that was accepted once, and what this version cannot read of it and sets aside.

    What the checks have learnt since does not take it back.
    """
    document = tomllib.loads(text)
    try:
        return Plant.model_validate(document), ()
    except ValidationError as error:
        details, findings = _what_is_wrong(error, text)
    return readable_of(document, details), tuple(findings)


def _what_is_wrong(
    error: ValidationError, text: str, model: type[BaseModel] = Plant
) -> tuple[list[ErrorDetails], list[Finding]]:
    lines = lines_of_keys(text)
    every = error.errors()  # a list with a wrong element is also called too short
    details = [detail for detail in every if detail["type"] != "too_short" or not detail["input"]] or every
    return details, [_finding(detail, lines, model) for detail in details if not _said_of_the_table(detail)]


def findings_at(text: str, contradictions: Iterable[Contradiction]) -> list[Finding]:
    """What is wrong at key paths of a valid TOML `text`, with the lines they stand on."""
    lines = lines_of_keys(text)
    return [Finding(line_of(lines, where), dotted(where), key, fields) for where, key, fields in contradictions]


def dotted(path: Sequence[str | int]) -> str:
    """A key path as people read it: `machine.mazak.states[2].when`."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _syntax_finding(error: Exception, text: str) -> Finding:
    match = _POSITION.search(str(error))
    line = int(match[1]) if match and match[1] else text.count("\n") + 1
    reason = _POSITION.sub("", str(error)).strip()
    problem = next((problem for pattern, problem in _SYNTAX if pattern.match(reason)), "plant.syntax")
    twice = text.splitlines()[line - 1].partition("=")[0].strip() if problem == "plant.syntax_twice" else ""
    return Finding(line, twice, problem, {"reason": reason})


def _said_of_the_table(detail: ErrorDetails) -> bool:
    """True for the id a table took from a name that is refused itself."""
    return len(detail["loc"]) > 1 and detail["loc"][-2:] == (detail["input"], "id")


def _finding(detail: ErrorDetails, lines: dict[KeyPath, int], model: type[BaseModel]) -> Finding:
    where = tuple(part for part in detail["loc"] if part != "[key]")
    key, fields = _unknown_key(where, model) if detail["type"] == "extra_forbidden" else _misfit(detail, str(where[-1]))
    return Finding(line_of(lines, where), dotted(where), key, fields)


def _unknown_key(where: KeyPath, model: type[BaseModel]) -> tuple[str, dict[str, object]]:
    known = list(_known_keys(where[:-1], model))
    near = difflib.get_close_matches(str(where[-1]), known, 1)
    if near:
        return "plant.unknown_key_near", {"name": where[-1], "near": near[0]}
    return "plant.unknown_key", {"name": where[-1], "known": ", ".join(known)}


def _misfit(detail: ErrorDetails, name: str) -> tuple[str, Mapping[str, object]]:
    """Which sentence says why a value does not fit, and its fields."""
    kind, context = detail["type"], detail.get("ctx", {})
    if isinstance(cause := context.get("error"), Misworded):
        return cause.key, cause.fields
    if kind == "missing":
        return "plant.missing_key", {"name": name}
    if (kind.startswith("string_") and kind != "string_type") or "[key]" in detail["loc"]:
        return "plant.identifier", {"value": detail["input"]}
    problem = next((problem for pattern, problem in _WANTED if pattern.match(kind)), "plant.value")
    expected = ", ".join(re.findall(r"'([^']*)'", str(context.get("expected"))))
    fields = {"reason": detail["msg"], "expected": expected, "limit": context.get("gt")}
    return problem, {"value": _short(detail["input"]), **fields}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _known_keys(where: Sequence[str | int], top: type[BaseModel]) -> Iterator[str]:
    """The keys a table at `where` may hold, found by walking the models as the path goes."""
    model: type[BaseModel] | None = top
    for part in where:
        if model is None or isinstance(part, int):
            continue
        hit = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        if hit is not None:
            model = _model_inside(hit.annotation)
    if model is not None:
        yield from (f.alias or n for n, f in model.model_fields.items() if not f.exclude)


def _model_inside(annotation: Any) -> type[BaseModel] | None:
    """The model class an annotation holds, however wrapped in mappings, tuples or Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (found := _model_inside(argument)) is not None:
            return found
    return None
