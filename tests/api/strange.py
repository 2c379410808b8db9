"""Requests that nobody should send, for every route of an application; and what comes back, byte for byte."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar

from tests.api.doors import Door, doors
from tests.api.judging import Answer
from tests.api.oddities import BODIES, BOMB, ENDS, FORMS, HEADERS, KNOWN_WORDS, METHODS, NUMBERS, PLACES, WORDS


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: what is odd about it, and its bytes."""

    method: str
    path: str
    what: str
    raw: bytes
    hidden: frozenset[str] = frozenset()
    """What its caller may not be told."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}, {self.what}: {self.raw[:300]!r}"


def request(method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes | None = None) -> bytes:
    """A request as it goes over the wire, as it was told."""
    lines = [method + b" " + target + b" HTTP/1.1"]
    named = {name.lower() for name, _ in headers}
    lines += [] if b"host" in named else [b"Host: 127.0.0.1"]
    lines += [name + b": " + value for name, value in headers]
    if body is not None and not named & {b"content-length", b"transfer-encoding"}:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"Connection: close", b"", body or b""])


@dataclass(frozen=True, slots=True)
class Caller:
    """By which headers somebody says who they are, and what they may not be told."""

    headers: tuple[tuple[bytes, bytes], ...] = ()
    hidden: frozenset[str] = frozenset()


@dataclass(slots=True)
class Asker:
    """Makes up requests to the routes of an application, by chance and from its own description."""

    app: Litestar
    callers: Sequence[Caller]
    seed: int = 1
    draw: random.Random = field(init=False)
    document: Mapping[str, Any] = field(init=False)
    doors: list[Door] = field(init=False)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.document = self.app.openapi_schema.to_schema()
        self.doors = sorted(doors(self.app), key=lambda door: (door.path, door.method))

    def round(self) -> Iterator[Ask]:
        """Each oddity once for each route, with other values in each round."""
        for door in self.doors:
            for kind in (self._method, self._place, self._query, self._doubled, self._headed):
                yield kind(door)
            if door.body is not None:
                for kind in (self._shaped, self._shaped, self._body, self._packed):
                    yield kind(door)

    def _target(self, door: Door, place: bytes | None = None) -> bytes:
        at = door.url(self.draw.choice(("in", "out"))).partition("?")[0].encode()
        if place is None or "{" not in door.path:
            return at if place is None else at.rstrip(b"/") + b"/" + place
        filled = [place if part.startswith("{") else part.encode() for part in door.path.split("/")]
        return b"/".join(filled)

    def _operation(self, door: Door) -> Mapping[str, Any]:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", door.path)
        found: Mapping[str, Any] = self.document["paths"].get(path, {}).get(door.method.lower(), {})
        return found

    def _asked(self, door: Door) -> list[str]:
        return [one["name"] for one in self._operation(door).get("parameters", ()) if one["in"] == "query"]

    def _word(self) -> str:
        return self.draw.choice(self.draw.choice((WORDS, KNOWN_WORDS)))

    def _value(self, name: str) -> bytes:
        known = {"from": "2026-03-04", "to": "2026-03-05", "scope": "machine/press", "kpi": "oee"}
        word = known.get(name, self._word()) if self.draw.random() < 0.5 else self._word()
        return "".join(f"%{byte:02x}" for byte in word.encode("utf-8", "surrogatepass")).encode()

    def _searched(self, door: Door) -> bytes:
        return b"&".join(name.encode() + b"=" + self._value(name) for name in self._asked(door))

    def _plain(self, door: Door) -> bytes:
        return self._target(door) + b"?" + self._searched(door)

    def _ask(
        self,
        door: Door,
        what: str,
        target: bytes,
        *more: tuple[bytes, bytes],
        method: bytes = b"",
        body: bytes | None = None,
    ) -> Ask:
        caller, named = self.draw.choice(self.callers), {name.lower() for name, _ in more}
        headers = [one for one in caller.headers if one[0].lower() not in named] + [*more]
        body = b"{}" if body is None and door.body is not None else body
        raw = request(method or door.method.encode(), target, headers, body)
        return Ask((method.decode("latin-1") or door.method), door.path, what, raw, caller.hidden)

    def _method(self, door: Door) -> Ask:
        method = self.draw.choice(METHODS)
        return self._ask(door, "another method", self._target(door), method=method, body=b"{}")

    def _place(self, door: Door) -> Ask:
        return self._ask(door, "a strange path", self._target(door, self.draw.choice(PLACES)))

    def _query(self, door: Door) -> Ask:
        return self._ask(door, "a strange query", self._plain(door))

    def _doubled(self, door: Door) -> Ask:
        return self._ask(
            door, "a query twice", self._plain(door) + b"&" + self._searched(door) + self.draw.choice(ENDS)
        )

    def _headed(self, door: Door) -> Ask:
        return self._ask(door, "a strange header", self._plain(door), self.draw.choice(HEADERS))

    def _shaped(self, door: Door) -> Ask:
        content = self._operation(door).get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        value = {} if schema is None else self._made(schema)
        form = b"Content-Type", b"application/json"
        return self._ask(door, "strange values", self._plain(door), form, body=json.dumps(value).encode())

    def _body(self, door: Door) -> Ask:
        form = b"Content-Type", self.draw.choice(FORMS)
        return self._ask(door, "a strange body", self._plain(door), form, body=self.draw.choice(BODIES))

    def _packed(self, door: Door) -> Ask:
        packed = self.draw.choice((BOMB, BOMB[:500], b"\x1f\x8b", b"{}", gzip.compress(b"{}")))
        encoding = b"Content-Encoding", self.draw.choice((b"gzip", b"deflate", b"br", b"gzip, gzip", b"\xff"))
        form = b"Content-Type", b"application/json"
        return self._ask(door, "a packed body", self._plain(door), form, encoding, body=packed)

    def _made(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """A value as a schema has it, or now and then another one."""
        if self.draw.random() < 0.1 or depth > 6:
            return self.draw.choice((*WORDS, *NUMBERS, None, True, [], {}, [[]]))
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._made(self.document["components"]["schemas"][name], depth + 1)
        if several := schema.get("oneOf") or schema.get("anyOf"):
            return self._made(self.draw.choice(several), depth + 1)
        if "enum" in schema:
            return self.draw.choice(schema["enum"])
        form = schema.get("type", "object")
        return self._of_form(form if isinstance(form, str) else self.draw.choice(form), schema, depth)

    def _of_form(self, form: str, schema: Mapping[str, Any], depth: int) -> Any:
        if form == "object":
            more = schema.get("additionalProperties")
            named = {name: self._made(one, depth + 1) for name, one in schema.get("properties", {}).items()}
            left = {name for name in named if name not in schema.get("required", ()) and self.draw.random() < 0.3}
            extra = {self._word(): self._made(more, depth + 1)} if isinstance(more, dict) else {}
            return {name: value for name, value in named.items() if name not in left} | extra
        if form == "array":
            return [self._made(schema.get("items", {}), depth + 1) for _ in range(self.draw.randint(0, 3))]
        return {"integer": self.draw.choice(NUMBERS), "number": self.draw.choice(NUMBERS), "null": None}.get(
            form, self.draw.random() < 0.5 if form == "boolean" else self._word()
        )


async def exchanged(port: int, raw: bytes) -> list[Answer]:
    """What comes back until the node hangs up: each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        return answers(await asyncio.wait_for(_all(reader), 120))
    finally:
        writer.close()


async def _all(reader: asyncio.StreamReader) -> bytes:
    told = bytearray()
    try:
        while piece := await reader.read(65_536):
            told += piece
    except ConnectionError:  # refused before all of it was sent
        if not told:
            raise
    return bytes(told)


def answers(told: bytes) -> list[Answer]:
    """The answers in what came over the wire."""
    found = []
    while told:
        head, _, rest = told.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if first.startswith("HTTP/1.1 100 "):
            told = rest
            continue
        if headers.get("transfer-encoding") == "chunked":
            body, told = _joined(rest)
        else:
            length = int(headers.get("content-length", len(rest)))
            body, told = rest[:length], rest[length:]
        found.append(Answer(int(first.split()[1]), headers, body))
    return found


def _joined(rest: bytes) -> tuple[bytes, bytes]:
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2 :]
        if not length:
            break
    return body, rest
