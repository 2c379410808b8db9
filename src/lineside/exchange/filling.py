"""A pack's texts with what a factory chose put in the place of `{id}`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from lineside.exchange.words import Both

Chosen: TypeAlias = float | str
"""What a factory chose for a parameter."""
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


def filled_words(text: str, chosen: Mapping[str, Chosen]) -> str:
    """Words for people; a place that nothing was chosen for stays as it is."""
    return _PLACE.sub(lambda found: _plain(chosen.get(found[1], found[0])), text)


def filled_toml(text: str, chosen: Mapping[str, Chosen]) -> str:
    """A template for the plant file. Texts are escaped as within the quotes of a basic string: none can leave them."""
    return _PLACE.sub(lambda found: _escaped(chosen.get(found[1], found[0])), text)


def filled_changes(changes: Sequence[Mapping[str, Any]], chosen: Mapping[str, Chosen]) -> list[dict[str, Any]]:
    """Changes of a line model: a string that is a place and nothing else becomes what was chosen, a number a number."""
    return [_document(one, chosen) for one in changes]


def _document(told: Any, chosen: Mapping[str, Chosen]) -> Any:
    if isinstance(told, str):
        alone = _PLACE.fullmatch(told)
        return chosen.get(alone[1], told) if alone else filled_words(told, chosen)
    if isinstance(told, Mapping):
        return {_key(key, chosen): _document(value, chosen) for key, value in told.items()}
    return [_document(one, chosen) for one in told] if isinstance(told, list | tuple) else told


def _key(text: str, chosen: Mapping[str, Chosen]) -> str:
    """A key with its places filled; in a JSON pointer what is chosen is one step of it (RFC 6901)."""
    pointer = text.startswith("/")

    def put(found: re.Match[str]) -> str:
        value = _plain(chosen.get(found[1], found[0]))
        return value.replace("~", "~0").replace("/", "~1") if pointer else value

    return _PLACE.sub(put, text)


def _plain(value: Chosen) -> str:
    return value if isinstance(value, str) else f"{value:.12g}"


def _escaped(value: Chosen) -> str:
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f") if isinstance(value, str) else plain
