"""Books in a folder of the test, and somebody who tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lineside.books import Books
from lineside.orders import Taken
from tests.orders.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Somebody who tells, with empty books."""
    with Books.open(tmp_path) as books:
        yield Office(books)


@pytest.fixture
def keys() -> Callable[[Taken], list[tuple[str, str]]]:
    """Where and what is wrong."""
    return lambda taken: [(finding.path, finding.key) for finding in taken.findings]
