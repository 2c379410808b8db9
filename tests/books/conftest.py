"""Here every file of books walks all migrations, as a person's does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.once import each_time


@pytest.fixture(autouse=True)
def _walked() -> Iterator[None]:
    """Tests what the other tests take as made."""
    with each_time():
        yield
