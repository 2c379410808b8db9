"""Reads a scheduling problem and says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lineside.errors import ConfigurationError
from lineside.twin.reading import Finding, json_of, worded
from lineside.twin.schedule.check import contradictions
from lineside.twin.schedule.formats import problem_of_text
from lineside.twin.schedule.problem import SCHEMA, Problem


class ProblemRefused(ConfigurationError):
    """A scheduling problem cannot be used; `findings` holds every reason."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        super().__init__("schedule.refused", name=name, count=len(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        told = (f"{f.path}: {f.sentence()} {f.cure()}".rstrip() for f in self.findings)
        return "\n".join([self.sentence(), *told])


def read_problem(path: Path) -> Problem:
    """The problem in a file: JSON, or the numbers of a JSPLIB or flexible job shop instance.

    Raises ProblemRefused with every finding, ConfigurationError for no readable file, UnusableData for no numbers.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigurationError("schedule.unreadable", file=str(path), reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError("schedule.unreadable", file=str(path), reason="UTF-8") from error
    if path.suffix != ".json" and not text.lstrip().startswith("{"):
        return parse_problem(problem_of_text(text, path.stem), str(path))
    return parse_problem(json_of(text, path), str(path))


def parse_problem(document: object, name: str = "problem") -> Problem:
    """The problem a JSON document holds. Raises ProblemRefused with every finding."""
    form = document.get("schema") if isinstance(document, dict) else None
    if form != SCHEMA:
        raise ProblemRefused(name, [Finding("schema", "schedule.schema", {"found": str(form), "schema": SCHEMA})])
    try:
        problem = Problem.model_validate(document)
    except ValidationError as error:
        raise ProblemRefused(name, [worded(detail) for detail in error.errors() if not _echoes(detail)]) from error
    if found := contradictions(problem):
        raise ProblemRefused(name, [Finding(*contradiction) for contradiction in found])
    return problem


def _echoes(detail: Mapping[str, Any]) -> bool:
    """Whether a list is called too short only because what is wrong in it was not counted."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]
