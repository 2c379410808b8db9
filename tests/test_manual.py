"""The manual keeps up with the product."""

from __future__ import annotations

from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"


def test_every_command_is_in_the_manual() -> None:
    """Both languages of the manual show each command by its full name."""
    cli = pytest.importorskip(
        "lineside.cli", reason="the commands are not there yet", exc_type=ModuleNotFoundError
    )
    pages = {lang: (DOCS / lang / "commands.md").read_text("utf-8") for lang in ("en", "zh")}

    names = commands(cli.main, "lineside")

    assert names
    for lang, page in pages.items():
        assert [name for name in names if name not in page] == [], lang


def commands(command: object, path: str) -> list[str]:
    """Return the full name of every command below a click command."""
    below: dict[str, object] = getattr(command, "commands", {})
    return [c for name, sub in below.items() for c in commands(sub, f"{path} {name}")] if below else [path]
