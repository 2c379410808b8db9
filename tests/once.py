"""What a person's process does once, and a process of tests would do a thousand times with the same result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FunctionType
from typing import Any

import pytest
from litestar._signature import SignatureModel
from litestar.utils.signature import ParsedSignature
from sqlalchemy import Dialect, Engine

from lineside.books import Books, books
from lineside.books.engines import file_engine
from lineside.history import History
from lineside.history.database import Database

_PARSED: dict[CodeType, ParsedSignature] = {}
_parse = ParsedSignature.from_fn
_MODELS: dict[tuple[int, frozenset[str], Any], tuple[ParsedSignature, type[SignatureModel]]] = {}
"""With the signature of that number, so that no other gets it."""
_model = SignatureModel.create
_COMPILED: dict[Any, Any] = {}
_make = Database._make


def _parsed(function: Callable[..., Any], names: dict[str, Any]) -> ParsedSignature:
    """What Litestar reads from the signature of a route: the same in each application, also of a route made for it."""
    if not isinstance(function, FunctionType) or function.__defaults__:  # which may differ where the code does not
        return _parse(function, names)
    if function.__code__ not in _PARSED:
        _PARSED[function.__code__] = _parse(function, names)
    return _PARSED[function.__code__]


def _modelled(
    dependency_name_set: set[str], parsed_signature: ParsedSignature, data_dto: Any = None, **rest: Any
) -> type[SignatureModel]:
    """What Litestar checks the arguments of a route with: of what an application hands in it knows the names alone.

    The decoders are in each application those of Litestar and its plugins.
    """
    key = id(parsed_signature), frozenset(dependency_name_set), data_dto
    if key not in _MODELS:
        made = _model(dependency_name_set, parsed_signature=parsed_signature, data_dto=data_dto, **rest)
        _MODELS[key] = parsed_signature, made
    return _MODELS[key][1]


@cache
def _new_books() -> bytes:
    """The file that the walk of all migrations leaves."""
    with each_time(), TemporaryDirectory() as folder:
        Books.open(Path(folder)).close()
        return (Path(folder) / "data" / "books.sqlite").read_bytes()


@cache
def _new_history() -> bytes:
    """The file that a history without any fact leaves."""
    with each_time(), TemporaryDirectory() as folder:
        History.open(Path(folder)).close()
        return next((Path(folder) / "data").glob("*.duckdb")).read_bytes()


def _begun(database: Database) -> None:
    """In place of an empty file, one with the tables in it."""
    database._path.write_bytes(_new_history())  # noqa: SLF001 - as `_make` does


@cache
def _learned() -> Dialect:
    """The dialect of all files: what is compiled for it serves each of them."""
    engine = file_engine(Path(":memory:"))
    engine.connect().close()  # it learns what this SQLite can
    engine.dispose()
    return engine.dialect


def _remembering(path: Path) -> Engine:
    """Books in a file, for which no statement is compiled again that was compiled for another file."""
    if not path.exists():
        path.write_bytes(_new_books())
    engine = file_engine(path)
    engine.dialect = _learned()
    engine.update_execution_options(compiled_cache=_COMPILED)
    return engine


@contextmanager
def once() -> Iterator[None]:
    """While it lasts, new books and histories are copies of the first of this process, and each route is read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "file_engine", _remembering)
        patch.setattr(Database, "_make", _begun)
        patch.setattr(ParsedSignature, "from_fn", _parsed)
        patch.setattr(SignatureModel, "create", _modelled)
        yield


@contextmanager
def each_time() -> Iterator[None]:
    """While it lasts, every new file is made as a person's is, for who tests that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "file_engine", file_engine)
        patch.setattr(Database, "_make", _make)
        yield
