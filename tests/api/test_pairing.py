from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import create_app
from lineside.connect import fingerprint, make_certificate
from lineside.node import Node
from tests.connect.opcua_secured import apart, application

Client = AsyncTestClient[Litestar]
MACHINE = """
[source.mill]
type = "opcua"
url = "{url}"
{options}
[machine.mill]
line = "cell"
source = "mill"
[machine.mill.signals]
load = {{ address = "ns=2;s=Load", kind = "measure" }}
"""


@pytest.fixture(scope="module")
def press() -> tuple[Any, x509.Certificate]:
    """A server's key and certificate."""
    return application("Press", "urn:press")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, press: tuple[Any, x509.Certificate]) -> Iterator[str]:
    """The address of a server."""
    with apart(tmp_path_factory.mktemp("server"), *press) as url:
        yield url


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that nobody listens at; it is held, so that nobody else begins to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def add_mill(folder: Path, url: str, *, secured: bool) -> None:
    """Adds a source to the plant, secured by the node's own certificate or not at all."""
    options = ""
    if secured:
        own, key = make_certificate(folder / "keys")
        options = f'options = {{ security = "Basic256Sha256,SignAndEncrypt,{own},{key}", publishing_ms = 50 }}'
    with (folder / "plant.toml").open("a", encoding="utf-8") as file:
        file.write(MACHINE.format(url=url, options=options))


async def test_a_server_is_compared_and_trusted(folder: Path, server: str, press: tuple[Any, x509.Certificate]) -> None:
    """What it shows is told with its fingerprints; trusted, its values come, and who said so stands in the books."""
    add_mill(folder, server, secured=True)
    with Node.open(folder) as node:
        async with node.live(), AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
            before = (await client.get("/api/sources/mill/pairing?lang=zh")).json()
            asked = {"fingerprint": before["shown"]["sha256"], "trusted": True}
            after = (await client.post("/api/sources/mill/pairing", json=asked)).json()
            async with asyncio.timeout(60):
                while node.intake.health["mill"].values == 0:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            settled = await client.post("/api/sources/mill/pairing", json=asked)

    assert (before["trusted"], before["decidable"], before["key"]) == (False, True, "connect.opcua.untrusted")
    assert not before["reason"].isascii()
    assert before["shown"]["sha256"] == fingerprint(press[1])
    assert (before["shown"]["application"], before["shown"]["in_time"]) == ("urn:press", True)
    assert len(before["shown"]["sha1"]) == 59
    assert (after["trusted"], after["reason"], after["options"]) == (True, None, None)
    assert after["last"]["who"] == "local owner"
    assert after["last"]["fingerprint"] == fingerprint(press[1])
    assert (settled.status_code, settled.json()["key"]) == (400, "node.pairing_settled")


async def test_a_changed_certificate_stays_refused_until_a_person_compares(
    folder: Path, server: str, press: tuple[Any, x509.Certificate], tmp_path: Path
) -> None:
    """The one before is told beside it; a fingerprint that is not shown trusts nobody; a new word ends the old one."""
    add_mill(folder, server, secured=True)
    key, renewed = application("Press", "urn:press")
    with Node.open(folder) as node:
        async with AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
            await client.post("/api/sources/mill/pairing", json={"fingerprint": fingerprint(press[1]), "trusted": True})
            text = (folder / "plant.toml").read_text("utf-8")
            (tmp_path / "other").mkdir()
            with apart(tmp_path / "other", key, renewed) as url:
                (folder / "plant.toml").write_text(text.replace(server, url), "utf-8")
                node.editions.notice(2_000_000_000_000_000)
                changed = (await client.get("/api/sources/mill/pairing")).json()
                wrong = await client.post(
                    "/api/sources/mill/pairing", json={"fingerprint": fingerprint(press[1]), "trusted": True}
                )
                refused = await client.post(
                    "/api/sources/mill/pairing", json={"fingerprint": fingerprint(renewed), "trusted": False}
                )
                trusted = await client.post(
                    "/api/sources/mill/pairing", json={"fingerprint": fingerprint(renewed), "trusted": True}
                )

    assert changed["key"] == "connect.opcua.changed"
    assert changed["expected"] == [fingerprint(press[1])]
    assert (wrong.status_code, wrong.json()["key"]) == (409, "node.pairing_moved")
    assert (refused.json()["trusted"], refused.json()["last"]["trusted"]) == (False, False)
    assert (trusted.json()["trusted"], trusted.json()["last"]["trusted"]) == (True, True)
    kept = [file.parent.parent.name for file in sorted((folder / "keys").rglob("certs/*.der"))]
    assert kept == ["trusted"]


async def test_our_own_certificate_is_made_and_given_away(folder: Path, server: str) -> None:
    """Without its key; with what the source lacks for an encrypted session."""
    add_mill(folder, server, secured=False)
    with Node.open(folder) as node:
        async with AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
            before = (await client.get("/api/sources/mill/pairing")).json()
            none = await client.get("/api/sources/mill/certificate")
            made = (await client.post("/api/sources/mill/certificate")).json()
            file = await client.get("/api/sources/mill/certificate")

    assert (before["secured"], before["trusted"], before["decidable"], before["own"]) == (None, False, False, None)
    assert "Basic256Sha256/SignAndEncrypt" in before["offers"]
    assert (none.status_code, none.json()["key"]) == (400, "node.pairing_no_own")
    assert fingerprint(x509.load_der_x509_certificate(file.content)) == made["own"]["sha256"]
    assert file.headers["content-disposition"].startswith("attachment")
    assert made["own"]["application"] == "urn:lineside:node"
    assert str(folder / "keys" / "opcua.der") in made["options"]


async def test_a_server_that_does_not_answer_is_told_and_ours_is_shown(folder: Path, free_port: int) -> None:
    """Its administrator may want our certificate meanwhile."""
    add_mill(folder, f"opc.tcp://127.0.0.1:{free_port}", secured=True)
    with Node.open(folder) as node:
        async with AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
            told = (await client.get("/api/sources/mill/pairing")).json()
            word = await client.post("/api/sources/mill/pairing", json={"fingerprint": "AB", "trusted": True})

    assert (told["shown"], told["key"]) == (None, "connect.unreachable")
    assert told["own"]["sha256"]
    assert (word.status_code, word.json()["key"]) == (502, "connect.unreachable")


async def test_only_opcua_servers_are_paired(client: Client) -> None:
    """Others show no certificate of this kind."""
    other = await client.get("/api/sources/disk/pairing")
    nobody = await client.get("/api/sources/nobody/pairing")

    assert (other.status_code, other.json()["key"]) == (400, "connect.opcua.no_pairing")
    assert (nobody.status_code, nobody.json()["key"]) == (404, "node.no_source")
