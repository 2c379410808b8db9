"""A pack's texts with what a factory chose put in the place of `{id}`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from lineside.exchange.words import Both

Chosen: TypeAlias = float | str
"""What a factory chose for a parameter."""
_WHOLE = 1e15
"""Below which a whole number is written with all of its digits."""
_PLACE = re.compile(r"\{([a-z][a-z0-9_-]{0,39})\}")


def places(told: object) -> Iterator[str]:
    """The parameters that a text names, or a document in any key or string of it."""
    if isinstance(told, str):
        yield from _PLACE.findall(told)
    elif isinstance(told, Both):
        yield from places((told.en, told.zh))
    elif isinstance(told, Mapping):
        for key, value in told.items():
            yield from places(key)
            yield from places(value)
    elif isinstance(told, Sequence):
        for one in told:
            yield from places(one)


def written(value: Chosen) -> str:
    """How it stands in a text: a number as short as reads back the same, a whole one without a point."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) and abs(value) < _WHOLE else repr(float(value))


def filled(text: str, chosen: Mapping[str, Chosen]) -> str:
    """The text; a place that nothing was chosen for stays as it is."""
    return _PLACE.sub(lambda found: written(chosen.get(found[1], found[0])), text)


def filled_toml(text: str, chosen: Mapping[str, Chosen]) -> str:
    """A template for the plant file. Texts are escaped as within the quotes of a basic string: none can leave them."""
    return filled(text, {name: _escaped(value) for name, value in chosen.items()})


def filled_changes(changes: Sequence[Mapping[str, Any]], chosen: Mapping[str, Chosen]) -> list[dict[str, Any]]:
    """Changes of a line model: a string that is a place and nothing else becomes what was chosen, a number a number."""
    return [_document(one, chosen) for one in changes]


def _document(told: Any, chosen: Mapping[str, Chosen]) -> Any:
    if isinstance(told, Mapping):
        return {_pointer(key, chosen): _document(value, chosen) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [_document(one, chosen) for one in told]
    if not isinstance(told, str):
        return told
    alone = _PLACE.fullmatch(told)
    value = chosen.get(alone[1], told) if alone else _pointer(told, chosen)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _pointer(text: str, chosen: Mapping[str, Chosen]) -> str:
    """A JSON pointer (RFC 6901) is filled so that no choice adds a step to it; another text as texts are."""
    if not text.startswith("/"):
        return filled(text, chosen)
    return filled(text, {name: written(one).replace("~", "~0").replace("/", "~1") for name, one in chosen.items()})


def _escaped(value: Chosen) -> Chosen:
    if not isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
