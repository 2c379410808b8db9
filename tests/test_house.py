"""The house rules: which room may import which, who may reach outside, what each room promises."""

from __future__ import annotations

import ast
import importlib
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "lineside"

ROOMS = (
    "texts",
    "errors",
    "plant",
    "books",
    "history",
    "trust",
    "jobs",
    "connect",
    "edge",
    "publish",
    "measure",
    "orders",
    "twin",
    "rules",
    "exchange",
    "valve",
    "hub",
    "node",
)
"""In the order of the flow: a room may import the rooms before it, and nothing after it."""

EDGES: dict[str, tuple[str, ...]] = {
    "api": ROOMS,
    "demo": ROOMS,
    "cli": (*ROOMS, "api", "demo"),
    "__main__": ("cli",),
}
"""Nothing imports an edge, but the commands start the others."""

MAY_IMPORT = {room: ROOMS[:place] for place, room in enumerate(ROOMS)} | EDGES

OUTWARD = (
    "aiohttp",
    "aiomqtt",
    "asyncio.open_connection",
    "asyncua.Client",
    "asyncua.client",
    "asyncua.sync",
    "ftplib",
    "http.client",
    "httpx",
    "lineside.connect.broker_session",
    "paho",
    "psycopg",
    "pymysql",
    "requests",
    "smtplib",
    "socket.create_connection",
    "sqlalchemy.create_engine",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websockets.asyncio.client",
    "websockets.client",
    "websockets.connect",
    "websockets.sync.client",
    "xmlrpc.client",
)
"""Names, and all below them, that open a connection to somewhere else."""

OUTWARD_METHODS = {"create_connection", "create_datagram_endpoint", "open_connection", "sock_connect"}
SOCKET_METHODS = {"connect", "connect_ex", "sendto"}
REACHES_OUT = {
    "connect/": "reads machines and databases of the plant; nothing of the plant is told there",
    "edge/forward.py": "the edge hands on to the node it works for",
    "publish/door.py": "what the plant says of itself, each message past the outlet of the valve",
    "node/member/door.py": "what a member says to its hub, each letter past the outlet of the valve",
    "cli/remote.py": "the commands ask their own node, on loopback",
    "trust/oidc/provider.py": "sign-in asks the provider that the plant file names who somebody is, and tells nothing",
}
"""Where connections are opened, and why that is no other way out. Answers leave past `api/outward.py`."""
MAY_REACH_OUT = tuple(REACHES_OUT)
OWN_FILES = {("books/engines.py", "sqlalchemy.create_engine")}
"""What opens the books: a file of the folder, or the database of its own that somebody keeps them in."""


class Use(NamedTuple):
    """A name from elsewhere that a module uses, with all its dots, and where."""

    name: str
    line: int


@cache
def modules() -> dict[str, str]:
    """Return the text of every module of the product, by its path."""
    return {module.relative_to(SOURCE).as_posix(): module.read_text("utf-8") for module in sorted(SOURCE.rglob("*.py"))}


def room_of(module: str) -> str:
    """Return the room or edge a module belongs to; the package's own `__init__` is its own room."""
    return module.partition("/")[0].removesuffix(".py")


@cache
def uses(text: str, package: str = "lineside") -> list[Use]:
    """Return what a module imports and, through these imports, which dotted names it speaks."""
    tree = ast.parse(text)
    known: dict[str, str] = {}
    found: list[Use] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
                found.append(Use(alias.name, node.lineno))
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                known[alias.asname or alias.name] = f"{base}.{alias.name}"
                found.append(Use(f"{base}.{alias.name}", node.lineno))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (dotted := _dotted(node)):
            first, _, rest = dotted.partition(".")
            if first in known:
                found.append(Use(f"{known[first]}.{rest}", node.lineno))
    return found


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return None


def rooms_used(text: str, package: str) -> dict[str, int]:
    """Return the rooms a module imports, each with the first line that does."""
    rooms: dict[str, int] = {}
    for name, line in uses(text, package):
        parts = name.split(".")
        if parts[0] == "lineside" and len(parts) > 1 and parts[1] != "__version__":
            rooms.setdefault(parts[1], line)
    return rooms


def outward(text: str, package: str = "lineside") -> list[Use]:
    """Return the places where a module could open a connection to somewhere else."""
    named = uses(text, package)
    found = [use for use in named if any(use.name == n or use.name.startswith(f"{n}.") for n in OUTWARD)]
    methods = set(OUTWARD_METHODS)
    if any(use.name == "socket" or use.name.startswith("socket.") for use in named):
        methods |= SOCKET_METHODS
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    reached = [call.func for call in calls if isinstance(call.func, ast.Attribute)]
    return found + [Use(method.attr, method.lineno) for method in reached if method.attr in methods]


def package_of(module: str) -> str:
    """Return the dotted package that relative imports of a module start from."""
    return ".".join(("lineside", *module.split("/")[:-1]))


def present_rooms() -> list[str]:
    """Return the rooms that are packages, with a contract of their own."""
    return [room for room in (*ROOMS, *EDGES) if (SOURCE / room / "__init__.py").is_file()]


def test_every_folder_and_module_is_a_known_room() -> None:
    """A room that is not in the list has no place in the order, so it may not exist."""
    known = {*ROOMS, *EDGES, "__init__"}

    rooms = {room_of(module) for module in modules()}

    assert rooms - known == set()


def test_imports_go_one_way() -> None:
    """A room imports the rooms before it in the flow; nothing imports an edge."""
    against = {
        f"{module}:{line}": room
        for module, text in modules().items()
        for room, line in rooms_used(text, package_of(module)).items()
        if room not in {room_of(module), *MAY_IMPORT.get(room_of(module), ())}
    }

    assert against == {}


def test_a_room_is_entered_by_its_door() -> None:
    """Another room's names come from its `__init__`, never from a module inside it."""
    inside = {
        f"{module}:{use.line}": use.name
        for module, text in modules().items()
        for use in uses(text, package_of(module))
        if (parts := use.name.split("."))[0] == "lineside"
        and len(parts) > 3
        and parts[1] != room_of(module)
        and f"{parts[1]}/{parts[2]}.py" in modules()
    }

    assert inside == {}


def test_only_the_readers_reach_outside() -> None:
    """Only `connect` opens connections, `publish` by its door, an edge to its node, the commands to their own."""
    reaching = {
        f"{module}:{use.line}": use.name
        for module, text in modules().items()
        if not module.startswith(MAY_REACH_OUT)
        for use in outward(text, package_of(module))
        if (module, use.name) not in OWN_FILES
    }

    assert reaching == {}


def test_the_door_sends_only_what_the_outlet_let_out() -> None:
    """Each use of a session that publishes or connects stands behind `_let_out` in its function; there are two."""
    tree = ast.parse((SOURCE / "publish" / "door.py").read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]
    calls = {one.name: [ast.unparse(c.func) for c in ast.walk(one) if isinstance(c, ast.Call)] for one in functions}

    sending = {name: said for name, said in calls.items() if {"self._session.publish", "broker_session"} & {*said}}

    assert sorted(sending) == ["opened", "publish"]
    for said in sending.values():
        assert said.index("_let_out") < min(
            said.index(c) for c in ("self._session.publish", "broker_session") if c in said
        )


def test_a_member_says_only_what_the_outlet_let_out() -> None:
    """Each function of its door that sends or gives envelopes stands behind `_let_out`; there are two."""
    tree = ast.parse((SOURCE / "node" / "member" / "door.py").read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    calls = {one.name: [ast.unparse(c.func) for c in ast.walk(one) if isinstance(c, ast.Call)] for one in functions}
    ways = {"httpx.Client", "letter.envelope.json"}

    sending = {name: said for name, said in calls.items() if ways & {*said}}

    assert sorted(sending) == ["send", "written"]
    for said in sending.values():
        assert said.index("_let_out") < min(said.index(one) for one in ways & {*said})


@pytest.mark.parametrize(
    "text",
    [
        "import httpx",
        "from urllib import request",
        "from sqlalchemy import create_engine, text",
        "import asyncio\nasyncio.open_connection('h', 1)",
        "from asyncua import Client as Reader",
        "import asyncua as ua\nua.Client('opc.tcp://h')",
        "import socket\ns = socket.socket()\ns.connect(('h', 1))",
        "from websockets.sync.client import connect",
        "async def f(loop):\n    await loop.create_connection(None, 'h', 1)",
        "from lineside.connect import broker_session",
    ],
)
def test_a_way_outside_is_found(text: str) -> None:
    """The scan sees each of these ways to open a connection."""
    assert outward(text)


@pytest.mark.parametrize(
    "text",
    [
        "import duckdb\nduckdb.connect('history.duckdb')",
        "from asyncua import Server, ua",
        "from urllib.parse import urlsplit",
        "import asyncio\nasyncio.start_server(None, '127.0.0.1', 0)",
    ],
)
def test_what_stays_inside_is_not_accused(text: str) -> None:
    """Files, servers and parsers are no connections."""
    assert outward(text) == []


@pytest.mark.parametrize(
    ("text", "package", "rooms"),
    [
        ("from lineside import measure", "lineside.plant", {"measure"}),
        ("from ..measure import kpi", "lineside.plant", {"measure"}),
        ("def f():\n    import lineside.api.app", "lineside.node", {"api"}),
        ("import lineside\nlineside.cli.main()", "lineside.node", {"cli"}),
        ("from lineside import __version__", "lineside.api", set()),
    ],
)
def test_every_form_of_import_is_seen(text: str, package: str, rooms: set[str]) -> None:
    """Relative, late and attribute-wise imports count like any other."""
    assert rooms_used(text, package).keys() - {package.partition(".")[2]} == rooms


@pytest.mark.parametrize("room", present_rooms())
def test_a_room_keeps_its_contract(room: str) -> None:
    """What `__all__` names can be imported, stands in order, and is all that the door holds."""
    module = importlib.import_module(f"lineside.{room}")
    names: list[str] = module.__all__

    body = ast.parse((SOURCE / room / "__init__.py").read_text("utf-8")).body
    logic = [node.lineno for node in body if not _is_contract(node)]

    assert [name for name in names if not hasattr(module, name)] == []
    assert names == sorted(set(names), key=_constants_classes_functions)
    assert logic == []


def _is_contract(node: ast.stmt) -> bool:
    """Whether a statement belongs into a door: the docstring, imports, `__all__`."""
    if isinstance(node, ast.Assign):
        return [ast.unparse(target) for target in node.targets] == ["__all__"]
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom)


def _constants_classes_functions(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_no_module_grows_past_400_lines() -> None:
    """A longer module holds two ideas."""
    assert {module for module, text in modules().items() if len(text.splitlines()) > 400} == set()


def test_tests_mirror_the_rooms() -> None:
    """A folder of tests carries the name of the room it tests."""
    folders = {p.name for p in (ROOT / "tests").iterdir() if p.is_dir() and not p.name.startswith(("_", "."))}

    assert folders - {*ROOMS, *EDGES, "data", "web"} == set()


@pytest.mark.parametrize("file", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda f: f.name)
def test_lock_files_name_no_place(file: Path) -> None:
    """Locked requirements hold names, versions and hashes: where to get them is the reader's matter."""
    lines = file.read_text("utf-8").splitlines()

    assert [line for line in lines if "://" in line or re.match(r"\s*--(?!hash=)|.*@\s", line)] == []


def test_the_pages_lock_file_names_no_place() -> None:
    """The pages' lock file keeps hashes and leaves out where each package was fetched from."""
    locked = json.loads((ROOT / "web" / "package-lock.json").read_text("utf-8"))["packages"]

    assert [name for name, entry in locked.items() if "resolved" in entry] == []
    assert [name for name, entry in locked.items() if name and "integrity" not in entry] == []
