"""A clock that a test moves, and books of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lineside.books import Books

START_US = 1_800_000_000_000_000


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.us = START_US

    def __call__(self) -> int:
        """Microseconds since 1970."""
        return self.us


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """The books of a new folder."""
    with Books.open(tmp_path) as opened:
        yield opened
