"""What a person's process does once, and a process of tests would do a thousand times with the same result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FunctionType
from typing import Any

import pytest
from litestar import Litestar
from litestar._asgi.routing_trie import mapping
from litestar._openapi.plugin import OpenAPIPlugin
from litestar._signature import SignatureModel
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPI
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp
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
_KNOWN: set[tuple[object, frozenset[str]]] = set()
"""The routes that an application of this process has, by their code and by what they may take."""
_register = HTTPRouteHandler.on_registration
_map = HTTPRoute.create_handler_map
_stack = mapping.build_route_middleware_stack
_describe = OpenAPIPlugin.provide_openapi
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


def _is_registered(handler: HTTPRouteHandler) -> bool:
    return hasattr(handler, "has_sync_callable")


def _registered(handler: HTTPRouteHandler, app: Litestar) -> None:
    """A route that an application of this process has is looked at by the next one when somebody asks for it."""
    known = getattr(handler.fn, "__code__", handler.fn), frozenset(app.dependencies)
    if _is_registered(handler):  # at a path that has got another method
        _register(handler, app)
    elif known in _KNOWN:
        handler.resolve_opts()  # with them a route declares its permission
    else:
        _register(handler, app)
        _KNOWN.add(known)


def _mapped(route: HTTPRoute) -> None:
    """The routes by method, without what is handed to those that nobody has asked for."""
    if all(map(_is_registered, route.route_handlers)):
        _map(route)
        return
    late: Any = {method: (one, None) for one in route.route_handlers for method in one.http_methods}
    route.route_handler_map.update(late)


def _stacked(app: Litestar, route: Any, route_handler: Any) -> ASGIApp:
    """The way to a route: where it was not looked at yet, it is with the first request."""
    stack = partial(_stack, app=app, route=route, route_handler=route_handler)
    if not isinstance(route, HTTPRoute) or all(map(_is_registered, route.route_handlers)):
        return stack()
    made: list[ASGIApp] = []

    async def late(scope: Any, receive: Any, send: Any) -> None:
        if not made:
            _complete(route, app)
            made.append(stack())
        await made[0](scope, receive, send)

    return late


def _complete(route: HTTPRoute, app: Litestar) -> None:
    """Does for a route what its application left."""
    late = [one for one in route.route_handlers if not _is_registered(one)]
    for one in late:
        _register(one, app)
    if late:
        route.route_handler_map.clear()
        _map(route)


def _described(plugin: OpenAPIPlugin) -> OpenAPI:
    """The description of all routes, which are looked at for it."""
    for route in plugin.app.routes:
        if isinstance(route, HTTPRoute):
            _complete(route, plugin.app)
    return _describe(plugin)


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
        patch.setattr(HTTPRouteHandler, "on_registration", _registered)
        patch.setattr(HTTPRoute, "create_handler_map", _mapped)
        patch.setattr(mapping, "build_route_middleware_stack", _stacked)
        patch.setattr(OpenAPIPlugin, "provide_openapi", _described)
        yield


@contextmanager
def each_time() -> Iterator[None]:
    """While it lasts, every new file is made as a person's is, for who tests that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "file_engine", file_engine)
        patch.setattr(Database, "_make", _make)
        yield
