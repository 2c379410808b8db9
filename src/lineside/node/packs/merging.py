"""Writes what a pack changes into somebody's plant file, whose comments and order stay as they are.

tomlkit edits the text. It is the kept library for that, and it has been found to move keys into other tables in rare
layouts; so nothing of it is used that tomllib does not read back as exactly the plant that was meant.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import MutableMapping
from typing import Any, TypeGuard

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Item

from lineside.errors import ConfigurationError, UnusableData


def merged(text: str, addition: str) -> str:
    """A plant file with the tables and keys of an addition: added, or in the place of what was there.

    To a list of tables those are appended that it has not yet; any other list is replaced, as a value is. Raises
    UnusableData where either is no TOML, and ConfigurationError where the file cannot be edited without a doubt.
    """
    try:
        meant = plainly_merged(tomllib.loads(text), tomllib.loads(addition))
    except (ValueError, RecursionError) as error:
        raise UnusableData("solutions.no_toml", reason=str(error)[:200]) from error
    windows = "\r\n" in text
    try:
        document = tomlkit.parse(text)
        _merge(document, tomlkit.parse(addition.replace("\r\n", "\n")))
        after = tomlkit.dumps(document)
        after = after.replace("\r\n", "\n").replace("\n", "\r\n") if windows else after
        read = tomllib.loads(after)
    except (TOMLKitError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ConfigurationError("solutions.by_hand") from error
    if read != meant:
        raise ConfigurationError("solutions.by_hand")
    return after


def plainly_merged(told: dict[str, Any], addition: dict[str, Any]) -> dict[str, Any]:
    """What the merged file says."""
    result = dict(told)
    for name, value in addition.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            result[name] = plainly_merged(before, value)
        elif _are_tables(before) and _are_tables(value):
            result[name] = [*before, *(one for one in value if one not in before)]
        else:
            result[name] = value
    return result


def _are_tables(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _merge(told: MutableMapping[str, Any], addition: MutableMapping[str, Any]) -> None:
    for name, value in addition.items():
        before = told.get(name)
        if isinstance(before, MutableMapping) and isinstance(value, MutableMapping):
            _merge(before, value)
        elif _are_tables(before) and _are_tables(value):
            _append(before, value)
        elif before is None or _plain(before) != _plain(value):
            told[name] = value


def _append(told: list[Any], added: list[Any]) -> None:
    for one in added:
        if _plain(one) not in _plain(told):
            told.append(one if isinstance(told, AoT) == isinstance(added, AoT) else _item(one, told))


def _item(one: Any, inside: list[Any]) -> Item:
    """A table in the form of the list that it comes into."""
    item: Item = tomlkit.item(_plain(one), inside if isinstance(inside, Item) else None)
    return item


def _plain(value: Any) -> Any:
    return value.unwrap() if isinstance(value, Item) or hasattr(value, "unwrap") else value


def difference(before: str, after: str, name: str) -> tuple[str, ...]:
    """The lines of a unified diff; none where nothing changes."""
    lines = (before.splitlines(), after.splitlines())
    return tuple(difflib.unified_diff(*lines, f"{name} (-)", f"{name} (+)", lineterm=""))
