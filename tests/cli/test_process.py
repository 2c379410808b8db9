"""What every program that runs on says in its log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineside.cli.process import keep_log


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A log that is kept as long as a test runs."""
    root, file = logging.getLogger(), tmp_path / "node.log"
    before, level = root.handlers[:], root.level
    monkeypatch.setattr(logging, "raiseExceptions", True)
    for handler in before:  # or `keep_log` would close those of pytest
        root.removeHandler(handler)
    keep_log(file)
    yield file
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    for handler in before:
        root.addHandler(handler)
    root.setLevel(level)


def test_nobody_writes_a_line_of_the_log_but_the_node(kept: Path) -> None:
    """What comes from outside stays in its entry, which says when it was, anywhere on earth."""
    forged = "2026-11-27 06:00:00.000+00:00 INFO lineside: all is well"
    try:
        raise ValueError(f"x\n{forged}")  # noqa: TRY301
    except ValueError:
        logging.getLogger("lineside").exception("the name is \x1b[2J%s\r\n%s", "a\u2028b", forged)

    lines = kept.read_text("utf-8").split("\n")
    told = [line for line in lines if line and not line.startswith("    ")]
    assert len(told) == 1
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d ERROR lineside: the name", told[0])
    assert told[0].isprintable()
    assert sum("ValueError: x" in line for line in lines) == 1
