"""Changes to a line as plain data, `lineside.changes/1`: what to set, scale and remove in its model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lineside.errors import ConfigurationError
from lineside.twin.answers.document import document_of, drop, put, scale
from lineside.twin.distributions import Positive
from lineside.twin.model import Line
from lineside.twin.reading import Finding, json_of, parse_line, worded

CHANGES: Literal["lineside.changes/1"] = "lineside.changes/1"

Pointer = Annotated[str, Field(pattern=r"^/", description="JSON pointer into the line model, /stations/mill/work.")]


class Change(BaseModel):
    """One change to a line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    sets: Mapping[Pointer, Any] = Field(default={}, alias="set", description="Place -> its new value.")
    scales: Mapping[Pointer, Positive] = Field(
        default={},
        alias="scale",
        description="Place of a number or a distribution -> factor; every time in it is multiplied.",
    )
    removes: tuple[Pointer, ...] = Field(default=(), alias="remove", description="Places to take out.")


class Changes(BaseModel):
    """A file of changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: Literal["lineside.changes/1"] = Field(alias="schema")
    changes: tuple[Change, ...]


class ChangesRefused(ConfigurationError):
    """A file of changes cannot be used; `findings` holds every reason."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        super().__init__("answers.refused", name=name, count=len(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join([self.sentence(), *(f"{f.path}: {f.sentence()} {f.cure()}".rstrip() for f in self.findings)])


def read_changes(path: Path) -> tuple[Change, ...]:
    """The changes in a file. Raises ChangesRefused with every finding, ConfigurationError for no readable file."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigurationError("answers.unreadable", file=str(path), reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError("answers.unreadable", file=str(path), reason="UTF-8") from error
    return parse_changes(json_of(text, path), str(path))


def changes_document(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Changes as plain data, as a file of them lists them."""
    return [change.model_dump(mode="json", by_alias=True, exclude_unset=True) for change in changes]


def parse_changes(document: object, name: str = "changes") -> tuple[Change, ...]:
    """The changes a JSON document holds. Raises ChangesRefused with every finding."""
    try:
        changes = Changes.model_validate(document).changes
    except ValidationError as error:
        raise ChangesRefused(name, [_worded(detail) for detail in error.errors()]) from error
    names = [change.name for change in changes]
    twice = [
        Finding(f"changes[{i + 1}].name", "answers.name_taken", {"name": told})
        for i, told in enumerate(names)
        if told in names[:i]
    ]
    if twice:
        raise ChangesRefused(name, twice)
    return changes


def _worded(detail: Mapping[str, Any]) -> Finding:
    found = worded(detail)
    no_pointer = detail["type"] == "string_pattern_mismatch"
    return Finding(found.path, "answers.pointer", {"pointer": detail["input"]}) if no_pointer else found


def changed(line: Line, *changes: Change) -> Line:
    """The line with these changes made in their order; in each first `set`, then `scale`, then `remove`.

    Raises ConfigurationError for a pointer that leads nowhere and LineRefused where the changed line contradicts
    itself.
    """
    document = document_of(line)
    for change in changes:
        for pointer, value in change.sets.items():
            put(document, pointer, json.loads(json.dumps(value)))
        for pointer, factor in change.scales.items():
            scale(document, pointer, factor)
        for pointer in change.removes:
            drop(document, pointer)
    return parse_line(document, " + ".join(change.name for change in changes) or "model")
