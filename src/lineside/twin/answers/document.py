"""The line model as a JSON document, and the places in it that JSON pointers (RFC 6901) name.

Pointers name places of the whole document, with every key that the file may leave out. Where there is one value for
all products (`*`) its key may be left out of the pointer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from lineside.errors import ConfigurationError
from lineside.twin.model import ANY, Line

Document: TypeAlias = dict[str, Any]

_TIMES = {"value", "values", "mean", "sd", "scale", "low", "mode", "high", "shift"}
"""The keys of distributions that hold times; their other keys have no unit."""


def document_of(line: Line) -> Document:
    """The whole document of a line; it reads back as the same line."""
    document: Document = json.loads(line.model_dump_json(by_alias=True))
    for station in document["stations"].values():
        if station["buffer"] is None:  # left out: a null that is written is a queue without limit
            del station["buffer"]
    return document


def put(document: Document, pointer: str, value: Any) -> None:
    """Writes a value at a place; what holds the place must be there. `-` appends to a list."""
    holder, key = _place(document, pointer)
    if isinstance(holder, list):
        if key == "-":
            holder.append(value)
            return
        holder[_index(holder, key, pointer)] = value
    else:
        holder[key] = value


def drop(document: Document, pointer: str) -> None:
    """Takes out what is at a place."""
    holder, key = _place(document, pointer)
    if isinstance(holder, list):
        del holder[_index(holder, key, pointer)]
    elif key in holder:
        del holder[key]
    else:
        raise _nothing(pointer, holder, key)


def scale(document: Document, pointer: str, factor: float) -> None:
    """Multiplies a number, every time of a distribution, the distributions of all products, or a list of set-ups."""
    holder, key = _place(document, pointer)
    place: Any = _index(holder, key, pointer) if isinstance(holder, list) else key
    if isinstance(holder, dict) and key not in holder:
        raise _nothing(pointer, holder, key)
    holder[place] = _scaled(holder[place], factor, pointer)


def _scaled(value: Any, factor: float, pointer: str) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value * factor
    if isinstance(value, Mapping) and "type" in value:
        return {key: _times(key, held, factor) for key, held in value.items()}
    if isinstance(value, Mapping) and value and all(isinstance(v, Mapping) and "type" in v for v in value.values()):
        return {key: _scaled(law, factor, pointer) for key, law in value.items()}
    if isinstance(value, list) and value and all(isinstance(rule, Mapping) and "time" in rule for rule in value):
        return [{**rule, "time": _scaled(rule["time"], factor, pointer)} for rule in value]
    raise ConfigurationError("answers.no_number", pointer=pointer, found=_short(value))


def _times(key: str, held: Any, factor: float) -> Any:
    """What a key of a distribution holds, scaled where it is a time or again a distribution."""
    if isinstance(held, list):
        return [_times(key, one, factor) for one in held]
    if isinstance(held, Mapping):
        return {inner: _times(inner, value, factor) for inner, value in held.items()}
    return held * factor if key in _TIMES and isinstance(held, int | float) else held


def _place(document: Document, pointer: str) -> tuple[Any, str]:
    """What holds the place a pointer names, and the place's key in it."""
    if not pointer.startswith("/"):
        raise ConfigurationError("answers.pointer", pointer=pointer)
    *way, last = _keys(pointer)
    holder: Any = document
    for key in way:
        holder = _below(_inside(holder, key), key, pointer)
    holder = _inside(holder, last)
    if not isinstance(holder, dict | list):
        raise _nothing(pointer, holder, last)
    return holder, last


def _keys(pointer: str) -> Iterator[str]:
    return (key.replace("~1", "/").replace("~0", "~") for key in pointer[1:].split("/"))


def _inside(holder: Any, key: str) -> Any:
    """The one value for all products, where a pointer passes over its key."""
    if isinstance(holder, dict) and key not in holder and set(holder) == {ANY} and key != ANY:
        return holder[ANY] if key in holder[ANY] else holder
    return holder


def _below(holder: Any, key: str, pointer: str) -> Any:
    if isinstance(holder, list):
        return holder[_index(holder, key, pointer)]
    if isinstance(holder, dict) and key in holder:
        return holder[key]
    raise _nothing(pointer, holder, key)


def _index(holder: list[Any], key: str, pointer: str) -> int:
    if key.isdigit() and int(key) < len(holder):
        return int(key)
    raise _nothing(pointer, holder, key)


def _nothing(pointer: str, holder: Any, key: str) -> ConfigurationError:
    """The error for a pointer that leads nowhere: from which key on, and what there is instead."""
    if isinstance(holder, dict):
        known = ", ".join(holder) or "-"
    elif isinstance(holder, list):
        known = ", ".join(str(i) for i in range(len(holder))) or "-"
    else:
        known = _short(holder)
    return ConfigurationError("answers.nothing_there", pointer=pointer, key=key, known=known)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
