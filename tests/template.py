"""New books as the migrations make them: walked once in each process, said again for every later file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from lineside.books import migrations

walked = migrations.upgrade
"""The migrations themselves, one after another."""
_SAID: list[str] = []
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


@contextmanager
def templated() -> Iterator[None]:
    """While it lasts, only the first new file of books of this process walks all migrations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", _upgrade)
        yield


@contextmanager
def untemplated() -> Iterator[None]:
    """While it lasts, every new file walks them, for who tests the migrations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", walked)
        yield
