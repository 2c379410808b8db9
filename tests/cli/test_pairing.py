from __future__ import annotations

import asyncio
import logging
import re
import socket
import tomllib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from asyncua import ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.server.server import Server
from click.testing import Result
from cryptography.x509.oid import ExtendedKeyUsageOID

from lineside.connect import discover

Run = Callable[..., Result]
SITE = '[site]\nid = "p"\ntimezone = "UTC"\n'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[Server, str]]:
    """A server with a value, not yet started, and its address."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    held = socket.socket()  # so that nobody else gets the port before the server listens at it
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    url = f"opc.tcp://127.0.0.1:{held.getsockname()[1]}"
    made = Server()
    await made.init()
    made.set_endpoint(url)
    files = tmp_path / "server.pem", tmp_path / "server.der"
    uses = [ExtendedKeyUsageOID.SERVER_AUTH]
    await setup_self_signed_certificate(*files, made._application_uri, "localhost", uses, {})  # noqa: SLF001
    await made.load_private_key(files[0])
    await made.load_certificate(files[1])
    await made.nodes.objects.add_variable(2, "Load", 1.5)
    (tmp_path / "plant.toml").write_text(SITE, "utf-8")
    yield made, url
    held.close()
    logging.getLogger("asyncua").setLevel(logging.NOTSET)


async def test_what_pairing_prints_makes_an_encrypted_session(
    run: Run, server: tuple[Server, str], tmp_path: Path
) -> None:
    """The line it ends with goes into the source as it stands; the node's key stays in the plant's folder."""
    running, url = server
    running.set_security_policy([ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    async with running:
        told = await asyncio.to_thread(run, "pair", url, tmp_path)
        options = tomllib.loads(told.stdout.splitlines()[-1])["options"]
        proposal = await discover(url, options=options, watch_s=0.3)

    assert told.exit_code == 0
    assert re.search(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", told.stdout)
    assert str(tmp_path / "keys" / "opcua.der") in told.stdout
    assert options["security"].startswith("Basic256Sha256,SignAndEncrypt,")
    assert [signal.example for signal in proposal.machines[0].signals] == ["1.5"]


async def test_a_server_without_encryption_cannot_be_paired(
    run: Run, server: tuple[Server, str], tmp_path: Path
) -> None:
    """That is told, and nothing is made."""
    running, url = server
    running.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    async with running:
        told = await asyncio.to_thread(run, "pair", url, tmp_path)

    assert (told.exit_code, "None" in told.stderr) == (1, True)
    assert not (tmp_path / "keys").exists()
