"""What a person's process does once, and a process of tests would do a thousand times with the same result."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from litestar.utils.signature import ParsedSignature
from sqlalchemy import Connection, Dialect, Engine

from lineside.books import books, migrations
from lineside.books.engines import file_engine

walked = migrations.upgrade
"""The migrations themselves, one after another."""
_SAID: list[str] = []
_PARSED: dict[Callable[..., Any], ParsedSignature] = {}
_parse = ParsedSignature.from_fn
_COMPILED: dict[Any, Any] = {}
_OWN = {"BEGIN TRANSACTION;", "COMMIT;"}


def _upgrade(connection: Connection, found: str | None) -> bool:
    """As `walked`; the tables of a new file are those that the first walk of this process left."""
    file = connection.connection.driver_connection
    if found is not None or not isinstance(file, sqlite3.Connection):
        return walked(connection, found)
    if _SAID:
        for statement in _SAID:
            file.execute(statement)
        return True
    known = walked(connection, None)
    _SAID.extend(line for line in file.iterdump() if line not in _OWN)
    return known


def _parsed(function: Callable[..., Any], names: dict[str, Any]) -> ParsedSignature:
    """What Litestar reads from the signature of a route, which is the same in each application."""
    if "<locals>" in function.__qualname__:  # it ends with its application
        return _parse(function, names)
    if function not in _PARSED:
        _PARSED[function] = _parse(function, names)
    return _PARSED[function]


@cache
def _learned() -> Dialect:
    """The dialect of all files: what is compiled for it serves each of them."""
    engine = file_engine(Path(":memory:"))
    engine.connect().close()  # it learns what this SQLite can
    engine.dispose()
    return engine.dialect


def _remembering(path: Path) -> Engine:
    """Books in a file, for which no statement is compiled again that was compiled for another file."""
    engine = file_engine(path)
    engine.dialect = _learned()
    engine.update_execution_options(compiled_cache=_COMPILED)
    return engine


@contextmanager
def once() -> Iterator[None]:
    """While it lasts, this process walks the migrations for its first new books, and reads each route once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", _upgrade)
        patch.setattr(books, "file_engine", _remembering)
        patch.setattr(ParsedSignature, "from_fn", _parsed)
        yield


@contextmanager
def each_time() -> Iterator[None]:
    """While it lasts, every new file walks the migrations, for who tests them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", walked)
        yield
