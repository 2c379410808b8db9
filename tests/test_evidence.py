"""The table of requirements says what is true: every one is there, and what is said to prove it exists."""

from __future__ import annotations

import ast
import re
import runpy
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "lineside"
TOLD: dict[str, Any] = tomllib.loads((ROOT / "docs" / "evidence.toml").read_text("utf-8"))
covered = runpy.run_path(str(ROOT / "docs" / "reference.py"))["covered"]
LISTS = ("iec", "asvs")
STATUSES = {"met", "partly", "open", "owner", "none"}
CRYPTOGRAPHY = {"argon2", "cryptography", "hashlib", "hmac", "joserfc", "secrets", "ssl"}


@cache
def functions_of(file: str) -> set[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in functions}


@cache
def product() -> dict[str, str]:
    """Return the text of every module of the product, by its path."""
    return {p.relative_to(SOURCE).as_posix(): p.read_text("utf-8") for p in SOURCE.rglob("*.py")}


@cache
def trees() -> dict[str, list[ast.AST]]:
    """Return every piece of every module, by its path."""
    return {path: list(ast.walk(ast.parse(text))) for path, text in product().items()}


@cache
def imported(path: str) -> set[str]:
    """Return the first names of what a module imports."""
    names = {alias.name for node in trees()[path] if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in trees()[path] if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("name", LISTS)
def test_every_requirement_is_answered_once(name: str) -> None:
    """All up to the level that is asked for, and no other."""
    levels = TOLD["levels"][name]
    wanted = sorted(one for level in levels.values() for one in level)

    answered = sorted(one for row in TOLD[name] for one in covered(row["ids"], levels))

    assert answered == wanted
    assert len(wanted) == len(set(wanted)) == {"iec": 48, "asvs": 253}[name]


@pytest.mark.parametrize("row", [row for name in LISTS for row in TOLD[name]], ids=lambda row: row["ids"][:20])
def test_an_answer_is_whole(row: dict[str, Any]) -> None:
    """In both languages; what is met has a test, what is not says what is open; every test is there."""
    needed = {"ids", "title", "status", "how"} | ({"open"} if row["status"] in ("partly", "open") else set())
    texts = [row[key] for key in ("title", "how", "open") if key in row]

    assert row["status"] in STATUSES
    assert needed <= row.keys() <= needed | {"tests"}
    assert all(len(both) == 2 and all(both) and "|" not in "".join(both) for both in texts)
    assert not any(re.search(r"[\u4e00-\u9fff]", both[0]) for both in texts)
    assert row["status"] != "met" or row["tests"]
    named = [test.split("::") for test in row.get("tests", ())]
    assert [(file, test) for file, test in named if test not in functions_of(file)] == []


def test_pages_build_no_markup_and_run_no_text() -> None:
    """Texts are shown as texts; nothing comes from other windows."""
    never = r"\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage|srcdoc"
    pages = [p for p in (ROOT / "web" / "src").rglob("*") if p.suffix in {".ts", ".svelte", ".html"}]

    assert len(pages) > 50
    assert [p.name for p in pages if re.search(never, p.read_text("utf-8"))] == []


def test_nothing_runs_what_came_from_outside() -> None:
    """No text is evaluated, no object of a stranger made; only its own solver and demo plants start."""
    ran, started = set(), set()
    for path, nodes in trees().items():
        called = [node.func for node in nodes if isinstance(node, ast.Call)]
        calls = {one.id for one in called if isinstance(one, ast.Name)}
        calls |= {
            ast.unparse(one) for one in called if isinstance(one, ast.Attribute) and one.attr in {"system", "popen"}
        }
        ran |= {(path, one) for one in calls & {"eval", "exec", "compile", "os.system", "os.popen"}}
        ran |= {(path, one) for one in imported(path) & {"pickle", "marshal", "shelve", "yaml", "dill"}}
        started |= {path} if "subprocess" in imported(path) else set()

    assert ran == set()
    assert started == {"cli/cluster_plants.py", "twin/schedule/apart.py"}


def test_nothing_follows_redirects() -> None:
    """Whoever is asked answers, or nobody does."""
    assert [path for path, text in product().items() if re.search(r"redirects\s*=\s*True", text)] == []


def test_no_request_takes_fields_that_are_not_meant() -> None:
    """Every body that is read into a type refuses keys that the type has not."""
    loose = [
        (path, node.name)
        for path, nodes in trees().items()
        if path.startswith("api/")
        for node in nodes
        if isinstance(node, ast.ClassDef)
        and "Struct" in map(ast.unparse, node.bases)
        and not any(one.arg == "forbid_unknown_fields" for one in node.keywords)
    ]

    assert loose == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_cryptography_is_used_where_the_manual_says(language: str) -> None:
    """The list of keys and algorithms names the modules; one that is not among them is found."""
    text = (ROOT / "docs" / language / "threats.md").read_text("utf-8")
    places = tuple(re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", text))

    using = {path for path in product() if CRYPTOGRAPHY & imported(path)}

    assert {path for path in using if not path.startswith(places)} == set()
    assert [one for one in places if not (SOURCE / one).exists()] == []
