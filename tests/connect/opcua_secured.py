"""An OPC UA server with every policy and login, under a certificate."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.crypto.cert_gen import (
    dump_private_key_as_pem,
    generate_private_key,
    generate_self_signed_app_certificate,
)
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.shared import free_port

ALL = [
    ua.SecurityPolicyType.NoSecurity,
    ua.SecurityPolicyType.Basic256Sha256_Sign,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_Sign,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_Sign,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
]


def application(name: str, uri: str) -> tuple[Any, x509.Certificate]:
    """A key and a certificate of an application, signed by itself."""
    key = generate_private_key()
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri), x509.DNSName("localhost")]
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return key, generate_self_signed_app_certificate(key, name, {}, names, uses)


class Doorman(UserManager):
    """Lets in who has the right password or certificate, and who has neither."""

    def __init__(self, certificate: x509.Certificate) -> None:
        self._certificate = certificate.public_bytes(Encoding.DER)
        self.last = ""

    def get_user(
        self, iserver: object, username: str | None = None, password: str | None = None, certificate: Any = None
    ) -> User | None:
        """The user, or none. Of who is nobody the library gives the certificate of the channel."""
        del iserver
        self.last = "certificate" if certificate == self._certificate else "password" if username else "anonymous"
        return None if username and (username, password) != ("reader", "right") else User(role=UserRole.User)


@asynccontextmanager
async def serving(
    folder: Path, key: Any, certificate: x509.Certificate, doorman: Doorman, port: int = 0
) -> AsyncIterator[tuple[Server, str]]:
    """A server with a load, under this certificate."""
    port = port or free_port()
    (folder / "server.der").write_bytes(certificate.public_bytes(Encoding.DER))
    (folder / "server.pem").write_bytes(dump_private_key_as_pem(key))
    server = Server(user_manager=doorman)
    await server.init()
    server.set_endpoint(url := f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy(ALL)
    server.set_identity_tokens([ua.AnonymousIdentityToken, ua.UserNameIdentityToken, ua.X509IdentityToken])
    await server.load_certificate(folder / "server.der")
    await server.load_private_key(folder / "server.pem")
    node = ua.NodeId(ua.String("Load"), ua.Int16(2))
    await server.nodes.objects.add_variable(node, ua.QualifiedName("Load", ua.Int16(2)), 12.5)
    async with server:
        yield server, url


@contextmanager
def apart(folder: Path, key: Any, certificate: x509.Certificate) -> Iterator[str]:
    """The address of such a server that runs in a thread and an event loop of its own."""
    started, stop = threading.Event(), threading.Event()
    told: list[str] = []

    async def serve() -> None:
        async with serving(folder, key, certificate, Doorman(certificate)) as (_, url):
            told.append(url)
            started.set()
            await asyncio.to_thread(stop.wait)

    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert started.wait(60)
        yield told[0]
    finally:
        stop.set()
        thread.join()
        logging.getLogger("asyncua").setLevel(logging.NOTSET)
