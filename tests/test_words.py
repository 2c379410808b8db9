"""What Lineside says: both languages alike, every key known, every error with its cure."""

from __future__ import annotations

import ast
import json
from collections import Counter
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from lineside.texts import say

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "lineside"


def catalogues(language: str) -> dict[str, dict[str, str]]:
    """Return the texts of a language by file, and fail on a key that stands twice."""
    files: dict[str, dict[str, str]] = {}
    for file in sorted((SOURCE / "texts" / language).glob("*.json")):
        pairs: list[tuple[str, str]] = json.loads(file.read_text("utf-8"), object_pairs_hook=list)
        files[file.name] = dict(pairs)
        assert len(files[file.name]) == len(pairs), f"{language}/{file.name} holds a key twice"
    return files


def fields(text: str) -> set[str]:
    """Return the names of a text's placeholders."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    """English and Chinese hold the same files, keys and placeholders."""
    english, chinese = catalogues("en"), catalogues("zh")

    assert english
    assert english.keys() == chinese.keys()
    for file, texts in english.items():
        assert texts.keys() == chinese[file].keys(), file
        differing = {key for key, text in texts.items() if fields(text) != fields(chinese[file][key])}
        assert differing == set(), file


@pytest.mark.parametrize(
    ("language", "period", "words"),
    [
        ("en", "2026-10", "Oct 2026"),
        ("zh", "2026-10", "2026年10月"),
        ("zh", "2026-01", "2026年1月"),
        ("en", "2026-Q3", "Q3 2026"),
        ("zh", "2026-Q3", "2026年第3季度"),
        ("en", "2026-13", "2026-13"),
        ("en", "{sha256}", "{sha256}"),
    ],
)
def test_a_month_is_read_in_the_words_of_the_language(language: str, period: str, words: str) -> None:
    """A text asks for it; what is no month or quarter is shown as it came, whatever it holds."""
    said = say("ledger.said.figures.published", language, indicator="oee", period=period, sha256="00")

    assert f" {words}" in said


def test_no_text_is_said_in_two_files() -> None:
    """A key stands in one file, so that no room speaks over another."""
    keys = Counter(key for texts in catalogues("en").values() for key in texts)

    assert [key for key, times in keys.items() if times > 1] == []


def test_every_error_says_what_is_wrong_and_what_to_do() -> None:
    """The key of each error raised in the product has a text and a cure."""
    texts = {key for file in catalogues("en").values() for key in file}

    keys = {where: key for where, key in first_words(error_names()) if not {key, f"{key}.cure"} <= texts}

    assert keys == {}


def test_every_sentence_asked_for_exists() -> None:
    """Each literal key given to `say` stands in the catalogue."""
    texts = {key for file in catalogues("en").values() for key in file}

    assert {where: key for where, key in first_words({"say"}) if key not in texts} == {}


def error_names() -> set[str]:
    """Return the error classes whose first argument is a text key, wherever they are declared."""
    names, found = set[str](), {"LinesideError"}
    classes = [
        (node.name, {_last(base) for base in node.bases})
        for _, node in nodes()
        if isinstance(node, ast.ClassDef)
        and not any(isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in node.body)
    ]
    while found != names:  # each round finds the children of those found before
        names = found
        found = names | {name for name, bases in classes if bases & names}
    return names


def first_words(callables: set[str]) -> list[tuple[str, str]]:
    """Return the literal first arguments of calls to the named callables, each after its place."""
    return [
        (f"{module}:{node.lineno}", node.args[0].value)
        for module, node in nodes()
        if isinstance(node, ast.Call)
        and _last(node.func) in callables
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def _last(named: ast.expr) -> str:
    """Return the last name of a dotted one; nothing of what is no name."""
    return named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""


@cache
def nodes() -> list[tuple[str, ast.Call | ast.ClassDef]]:
    """Return every call and class of the product's source, after the path of its module."""
    return [
        (module.relative_to(SOURCE).as_posix(), node)
        for module in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Call | ast.ClassDef)
    ]


def test_a_text_that_is_missing_hides_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A key nobody worded, and a text that lacks a field, are shown with what is known, and logged once."""
    said = [say("node.nobody_wrote_this", "zh", machine="press", seconds=3) for _ in range(2)]
    lacking = say("node.source_failed", "en", source="s")

    assert said == ["node.nobody_wrote_this machine=press seconds=3"] * 2
    assert lacking == "node.source_failed source=s"
    assert caplog.text.count("node.nobody_wrote_this") == 1
