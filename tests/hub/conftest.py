"""Hubs of one's own, with books in a file and in a real PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lineside.books import Books
from lineside.hub import Hub, scaffold_hub
from tests.hub.factories import Clock, Factory
from tests.postgres import OWNER, Postgres, needed

REGION = '[[region]]\ncode = "north"\nname = { en = "North", zh = "北区" }\ntile = [1, 0]\n'
MIGRATED = "migrated"

Opens = Callable[[], Hub]
"""Opens the hub of a test, again and again."""


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL whose owner has a password, and one database of books for the others to begin as."""
    with Postgres(needed()) as started:
        started.run(f"ALTER ROLE {OWNER} PASSWORD 'secret'", f"CREATE DATABASE {MIGRATED}")
        Books(tmp_path_factory.mktemp("migrated") / "books", address(started, MIGRATED)).close()
        yield started


def address(server: Postgres, database: str) -> str:
    """Where the owner finds one of its databases."""
    return server.url(OWNER).replace("@", ":secret@").replace("/postgres", f"/{database}")


def new_books(server: Postgres) -> str:
    """Where the owner finds new books: a copy of the first ones, and no walk of all migrations."""
    name = f"b{uuid.uuid4().hex}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {MIGRATED}")
    return address(server, name)


def write_hub(folder: Path, more: str = "") -> Path:
    """A hub folder with two regions."""
    file = scaffold_hub(folder, name="Park", time_zone="Asia/Shanghai")
    file.write_text(f"{file.read_text('utf-8')}\n{REGION}{more}", "utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub folder with its books in a file."""
    return write_hub(tmp_path / "hub")


@pytest.fixture(params=["sqlite", "postgresql"])
def books(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the books of the folder lie: a test that asks for it runs once with each."""
    if request.param == "postgresql":
        monkeypatch.setenv("LINESIDE_TEST_BOOKS", new_books(request.getfixturevalue("server")))
        file = folder / "hub.toml"
        file.write_text(f'{file.read_text("utf-8")}\n[books]\nurl_env = "LINESIDE_TEST_BOOKS"\n', "utf-8")
    return str(request.param)


@pytest.fixture
def opens(folder: Path, clock: Clock) -> Iterator[Opens]:
    """Opens the hub of the folder; the one before is closed."""
    with ExitStack() as stack:

        def opened() -> Hub:
            stack.close()
            return stack.enter_context(Hub(folder, now_us=clock))

        yield opened


@pytest.fixture
def hub(opens: Opens) -> Hub:
    """An open hub."""
    return opens()


@pytest.fixture
def factory(hub: Hub, tmp_path: Path, clock: Clock) -> Factory:
    """A factory that was admitted."""
    return Factory.make(tmp_path, clock).joined(hub)
