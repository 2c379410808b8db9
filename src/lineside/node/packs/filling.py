"""Puts what a factory chose into a pack's texts, its template for the plant file and its changes of the line model."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Pack, Parameter
from lineside.plant import Plant, toml_key

Choice: TypeAlias = str | float
Choices: TypeAlias = Mapping[str, Choice]
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_-]{0,39})\}")
_LONGEST = 200
_FIRST_TOKEN = 7_310_000_000


def chosen(pack: Pack, given: Mapping[str, Any], plant: Plant, stations: Sequence[str]) -> dict[str, Choice]:
    """A value for each parameter of a pack: what was given, else its default.

    `stations` are those of the lines' twins. Raises ConfigurationError, naming the parameter, for what is missing, is
    not in this plant, or is out of bounds.
    """
    known = [one.id for one in pack.parameters]
    for name in given:
        if name not in known:
            raise ConfigurationError("solutions.no_parameter", parameter=name[:60], known=", ".join(known) or "-")
    return {one.id: _chosen(one, given.get(one.id), plant, stations) for one in pack.parameters}


def _chosen(parameter: Parameter, given: Any, plant: Plant, stations: Sequence[str]) -> Choice:
    value = parameter.default if given in (None, "") else given
    if value is None:
        raise ConfigurationError("solutions.missing", parameter=parameter.id)
    if parameter.kind == "number":
        return _number(parameter, value)
    if not isinstance(value, str):
        raise ConfigurationError("solutions.no_text", parameter=parameter.id)
    places = {"line": list(plant.lines), "machine": list(plant.machines), "station": stations}.get(parameter.kind)
    if places is None:
        return _text(parameter, value)
    if value not in places:
        told = ", ".join(places) or "-"
        raise ConfigurationError(f"solutions.no_{parameter.kind}", parameter=parameter.id, value=value[:60], known=told)
    return value


def _number(parameter: Parameter, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ConfigurationError("solutions.no_number", parameter=parameter.id, value=str(value)[:60]) from None
    least, most = parameter.least, parameter.most
    inside = (least is None or number >= least) and (most is None or number <= most)
    if not inside or number - number != 0:  # neither endless nor no number
        bounds = f"{'-' if least is None else f'{least:g}'} .. {'-' if most is None else f'{most:g}'}"
        raise ConfigurationError("solutions.out_of_bounds", parameter=parameter.id, value=f"{number:g}", bounds=bounds)
    return number


def _text(parameter: Parameter, value: str) -> str:
    plain = all(c not in "\"'\\" and unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in value)
    if not plain or not 0 < len(value) <= _LONGEST:
        raise ConfigurationError("solutions.no_text", parameter=parameter.id)
    return value


def written(choice: Choice) -> str:
    """How a choice stands in a text; whole numbers without a point."""
    if isinstance(choice, str):
        return choice
    return str(int(choice)) if choice == int(choice) and abs(choice) < 1e15 else repr(choice)


def filled(text: str, choices: Choices) -> str:
    """A text with `{id}` of every parameter replaced; other braces stay."""
    return _PLACEHOLDER.sub(lambda found: written(choices[found[1]]) if found[1] in choices else found[0], text)


def filled_changes(changes: Sequence[Mapping[str, Any]], choices: Choices) -> list[dict[str, Any]]:
    """Changes of the line model, filled; a text that is a number's placeholder and nothing else becomes the number."""
    return [_filled_json(one, choices) for one in changes]


def _filled_json(told: Any, choices: Choices) -> Any:
    if isinstance(told, Mapping):
        return {_pointer(name, choices): _filled_json(value, choices) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_filled_json(one, choices) for one in told]
    if not isinstance(told, str):
        return told
    whole = _PLACEHOLDER.fullmatch(told)
    if whole and isinstance(choices.get(whole[1]), float):
        number = float(choices[whole[1]])
        return int(number) if number == int(number) else number
    return _pointer(told, choices)


def _pointer(text: str, choices: Choices) -> str:
    """A JSON pointer (RFC 6901) is filled so that no choice adds a step to it; another text as texts are."""
    if not text.startswith("/"):
        return filled(text, choices)
    steps = {name: written(value).replace("~", "~0").replace("/", "~1") for name, value in choices.items()}
    return filled(text, steps)


def filled_template(template: str, choices: Choices) -> str:
    """A template for the plant file, filled: its tables and keys are those of the template, whatever was chosen.

    Raises UnusableData for a template that is no TOML, or that a choice would give another shape.
    """
    tokens = {name: _token(place, value) for place, (name, value) in enumerate(choices.items())}
    marked = _document(filled(template, tokens))
    text = filled(_keys_quoted(template, choices), choices)
    meant = {token: choices[name] for name, token in tokens.items()}
    if _document(text) != _replaced(marked, meant):
        raise UnusableData("solutions.template")
    return text


def _token(place: int, value: Choice) -> str:
    """What stands for a choice while the shape of a template is read: of its kind, and nowhere else."""
    number = _FIRST_TOKEN + place
    return f"x-{number}-x" if isinstance(value, str) else str(number)


def _keys_quoted(template: str, choices: Choices) -> str:
    """The template with ids in quotes where they are a step of a table's name and TOML wants that."""
    for name, value in choices.items():
        if isinstance(value, str) and toml_key(value) != value:
            template = re.sub(rf"(?m)^(\s*\[[^\]\"'#]*[\[.])\{{{name}\}}(?=[.\]])", rf'\1"{{{name}}}"', template)
    return template


def _document(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableData("solutions.template") from error


def _replaced(told: Any, meant: Mapping[str, Choice]) -> Any:
    if isinstance(told, dict):
        return {_words(name, meant): _replaced(value, meant) for name, value in told.items()}
    if isinstance(told, list):
        return [_replaced(one, meant) for one in told]
    if isinstance(told, str):
        return _words(told, meant)
    return meant.get(str(told), told) if isinstance(told, int) and not isinstance(told, bool) else told


def _words(text: str, meant: Mapping[str, Choice]) -> str:
    for token, value in meant.items():
        text = text.replace(token, written(value))
    return text
