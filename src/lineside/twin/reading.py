"""Reads a line model from its JSON and says everything that is wrong with it at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lineside.errors import ConfigurationError
from lineside.texts import DEFAULT_LANGUAGE, has, say
from lineside.twin.check import contradictions
from lineside.twin.model import SCHEMA, Line


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a line model: where, and the sentence."""

    path: str
    problem: str
    fields: Mapping[str, object]

    def sentence(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What is wrong."""
        return say(self.problem, language, **self.fields)

    def cure(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What to write instead."""
        key = f"{self.problem}.cure"
        return say(key, language, **self.fields) if has(key) else ""


class LineRefused(ConfigurationError):
    """A line model cannot be used; `findings` holds every reason."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        super().__init__("twin.refused", name=name, count=len(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        told = (f"{f.path}: {f.sentence()} {f.cure()}".rstrip() for f in self.findings)
        return "\n".join([self.sentence(), *told])


def read_line(path: Path) -> Line:
    """The line model in a file. Raises LineRefused with every finding, ConfigurationError for no readable file."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigurationError("twin.unreadable", file=str(path), reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError("twin.unreadable", file=str(path), reason="UTF-8") from error
    return parse_line(json_of(text, path), str(path))


def json_of(text: str, path: Path) -> Any:
    """The document in the text of a file. Raises ConfigurationError that names the line where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # numbers without end, and depths that no one reads, included
        line, reason = (error.lineno, error.msg) if isinstance(error, json.JSONDecodeError) else (1, str(error))
        raise ConfigurationError("twin.no_json", file=str(path), line=line, reason=reason) from error


def parse_line(document: object, name: str = "model") -> Line:
    """The line model a JSON document holds. Raises LineRefused with every finding."""
    form = document.get("schema") if isinstance(document, dict) else None
    if isinstance(document, dict) and form == "lineside.twin/1":
        document = document.get("line")  # a fitted twin is read for its line
        form = document.get("schema") if isinstance(document, dict) else None
    if form != SCHEMA:
        raise LineRefused(name, [Finding("schema", "twin.schema", {"found": str(form), "schema": SCHEMA})])
    try:
        line = Line.model_validate(document)
    except ValidationError as error:
        raise LineRefused(name, [worded(detail) for detail in error.errors()]) from error
    check_line(line, name)
    return line


def check_line(line: Line, name: str = "model") -> None:
    """Raises LineRefused with everything in the model that does not fit together."""
    findings = [Finding(*found) for found in contradictions(line)]
    if findings:
        raise LineRefused(name, findings)


_WORDED = {
    "missing": "twin.missing",
    "extra_forbidden": "twin.no_such_key",
    "greater_than": "twin.above",
    "greater_than_equal": "twin.at_least",
    "less_than": "twin.below",
    "less_than_equal": "twin.at_most",
    "int_type": "twin.whole",
    "int_parsing": "twin.whole",
    "int_from_float": "twin.whole",
    "float_type": "twin.number",
    "float_parsing": "twin.number",
    "finite_number": "twin.number",
    "string_type": "twin.text",
    "string_pattern_mismatch": "twin.name",
    "literal_error": "twin.choice",
    "union_tag_invalid": "twin.choice",
    "union_tag_not_found": "twin.no_type",
    "dict_type": "twin.table",
    "model_type": "twin.table",
    "model_attributes_type": "twin.table",
    "tuple_type": "twin.list",
    "list_type": "twin.list",
    "too_short": "twin.too_few",
    "too_long": "twin.too_many_items",
    "string_too_short": "twin.too_few",
    "string_too_long": "twin.too_many_items",
}
"""The sentence for each kind of mistake that validation finds; it speaks of JSON."""


def worded(detail: Mapping[str, Any]) -> Finding:
    """A mistake that validation found, as a finding in our words."""
    path = ""
    for part in detail["loc"]:
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if path else str(part)
    context = dict(detail.get("ctx") or {})
    known = str(context.get("expected") or context.get("expected_tags") or "")
    fields = {
        "value": str(detail.get("input"))[:60],
        "limit": f"{next((context[key] for key in ('gt', 'ge', 'lt', 'le') if key in context), 0):g}",
        "known": known.replace("'", "").replace(" or ", ", "),
        "least": context.get("min_length", 0),
        "most": context.get("max_length", 0),
    }
    key = _WORDED.get(detail["type"])
    return Finding(path or "-", key, fields) if key else Finding(path or "-", "twin.value", {"reason": detail["msg"]})
