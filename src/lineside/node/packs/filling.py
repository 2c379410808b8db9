"""What a factory may choose for a pack, and the pack's template for the plant file with that in it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Chosen, Pack, Parameter, filled, written
from lineside.plant import Plant, toml_key

Choices: TypeAlias = Mapping[str, Chosen]
_LONGEST = 200
_FIRST_TOKEN = 7_310_000_000


def chosen(pack: Pack, given: Mapping[str, Any], plant: Plant, stations: Sequence[str]) -> dict[str, Chosen]:
    """A value for each parameter of a pack: what was given, else its default.

    `stations` are those of the lines' twins. Raises ConfigurationError, naming the parameter, for what is missing, is
    not in this plant, or is out of bounds.
    """
    known = [one.id for one in pack.parameters]
    for name in given:
        if name not in known:
            raise ConfigurationError("solutions.no_parameter", parameter=name[:60], known=", ".join(known) or "-")
    return {one.id: _chosen(one, given.get(one.id), plant, stations) for one in pack.parameters}


def _chosen(parameter: Parameter, given: Any, plant: Plant, stations: Sequence[str]) -> Chosen:
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


def _token(place: int, value: Chosen) -> str:
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


def _replaced(told: Any, meant: Mapping[str, Chosen]) -> Any:
    if isinstance(told, dict):
        return {_words(name, meant): _replaced(value, meant) for name, value in told.items()}
    if isinstance(told, list):
        return [_replaced(one, meant) for one in told]
    if isinstance(told, str):
        return _words(told, meant)
    return meant.get(str(told), told) if isinstance(told, int) and not isinstance(told, bool) else told


def _words(text: str, meant: Mapping[str, Chosen]) -> str:
    for token, value in meant.items():
        text = text.replace(token, written(value))
    return text
