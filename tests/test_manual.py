"""The manual keeps up with the product."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
LANGUAGES = ("en", "zh")


def page(language: str, name: str) -> str:
    """Return the text of a page of the manual."""
    return (DOCS / language / name).read_text("utf-8")


def commands(command: click.Command, path: str) -> list[str]:
    """Return the full name of every command at and below this one."""
    if not isinstance(command, click.Group):
        return [path]
    return [name for below, sub in command.commands.items() for name in commands(sub, f"{path} {below}")]


def routes() -> set[str]:
    """Return the path of every route the product declares."""
    decorators = (
        decorator
        for module in (ROOT / "src" / "lineside" / "api").rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in node.decorator_list
    )
    first = (d.args[0] for d in decorators if isinstance(d, ast.Call) and d.args)
    paths = (str(a.value) for a in first if isinstance(a, ast.Constant))
    return {re.sub(r":\w+}", "}", path) for path in paths if path.startswith("/api")}


def test_both_languages_have_the_same_pages_and_sections() -> None:
    """Whoever reads one language misses nothing of the other."""
    outlines = {
        language: {
            file.name: re.findall(r"^#+(?= )", file.read_text("utf-8"), re.MULTILINE)
            for file in sorted((DOCS / language).glob("*.md"))
        }
        for language in LANGUAGES
    }

    assert outlines["en"] == outlines["zh"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_in_the_manual(language: str) -> None:
    """The table of commands names each by its full name."""
    main = importlib.import_module("lineside.cli").main

    names = commands(main, "lineside")

    assert names
    assert [name for name in names if f"`{name}`" not in page(language, "commands.md")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_route_is_in_the_manual(language: str) -> None:
    """The page on the API names each path."""
    written = set(re.findall(r"/api[\w/{}]*", page(language, "api.md")))

    assert routes() - written == set()


def test_the_reference_tables_are_those_of_the_product() -> None:
    """Keys, options and commands stand in the pages as they are, for whoever reads plain Markdown."""
    checked = subprocess.run(
        [sys.executable, DOCS / "reference.py", "--check"], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")
    for language in LANGUAGES:
        assert "| `production_day_starts` |" in page(language, "plant-file.md")
        assert "| `sampling_ms` |" in page(language, "sources.md")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tests_that_the_manual_names_are_there(language: str) -> None:
    """The page on Sparkplug says which assertion which test looks at, each once."""
    files = ("connect/test_sparkplug.py", "publish/test_edge_node.py", "publish/test_host.py", "node/test_publisher.py")
    text = page(language, "sparkplug.md")
    rows = [row for row in text.splitlines() if row.startswith("| `test_")]
    named = [name for row in rows for name in re.findall(r"`([\w-]+)`", row)]
    source = "".join((ROOT / "tests" / file).read_text("utf-8") for file in files)

    assert rows
    assert [name for name in named if name.startswith("test_") and f"def {name}(" not in source] == []
    assert len(named) == len(set(named))


def test_the_manual_builds_without_a_warning(tmp_path: Path) -> None:
    """Links lead somewhere, and every key of the plant file is described in both languages."""
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", DOCS, tmp_path / "manual"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.stderr == ""
    assert built.returncode == 0
