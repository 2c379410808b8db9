"""Encryption of OPC UA sessions: whose certificate a server shows, and who we say that we are.

A server shows its certificate before anything is encrypted; the channel is then made with the very one that was
trusted, so whoever shows another's certificate cannot go on.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lineside.connect.opcua_trust import Trust, read_chain
from lineside.connect.wording import reason, without_password
from lineside.errors import ConfigurationError, Unreachable

if TYPE_CHECKING:
    from asyncua.client.client import Client
    from cryptography.x509 import Certificate

APPLICATION_URI = "urn:lineside:node"
KEYS, OWN, KEY = "keys", "opcua.der", "opcua.pem"
"""Where in a plant's folder our certificate and its key lie."""
POLICIES = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss", "Basic256", "Basic128Rsa15")
"""The last two rest on SHA-1 and are there for old servers alone."""
MODES = ("Sign", "SignAndEncrypt")
BEST = (
    "Aes256Sha256RsaPss/SignAndEncrypt",
    "Aes128Sha256RsaOaep/SignAndEncrypt",
    "Basic256Sha256/SignAndEncrypt",
    "Aes256Sha256RsaPss/Sign",
    "Aes128Sha256RsaOaep/Sign",
    "Basic256Sha256/Sign",
)
"""Ways to secure a session, the best first."""
VALID_DAYS = 3_650


class Security(NamedTuple):
    """How a session is secured, and the files of our certificate and its key."""

    policy: str
    mode: str
    certificate: str
    key: str


class Shown(NamedTuple):
    """What a server shows before a session: its certificate, what it offers as `policy/mode`, and kinds of logins."""

    chain: tuple[Certificate, ...]
    """Its own certificate first, then such as vouch for it."""
    offers: tuple[str, ...]
    logins: tuple[str, ...]
    application: str

    @property
    def certificate(self) -> Certificate | None:
        """Its own; None where it has none."""
        return self.chain[0] if self.chain else None

    @property
    def best(self) -> str | None:
        """The best way to secure a session that it offers."""
        return next((offer for offer in BEST if offer in self.offers), None)


def read_security(source: str, text: str) -> Security | None:
    """What the option `security` says: policy, mode, certificate, key. Raises ConfigurationError."""
    if not text:
        return None
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or parts[0] not in POLICIES or parts[1] not in MODES or not all(parts):
        raise ConfigurationError(
            "connect.opcua.security",
            source=source,
            name="security",
            value=text,
            policies=", ".join(POLICIES),
            modes=", ".join(MODES),
        )
    return Security(*parts)


async def secure(client: Client, security: Security, trust: Trust) -> None:
    """Prepares a client for an encrypted session with a server that we trust; raises what keeps it from that."""
    from asyncua import ua
    from asyncua.crypto import security_policies
    from asyncua.crypto.uacrypto import CertProperties
    from cryptography.hazmat.primitives.serialization import Encoding

    for file in (security.certificate, security.key):
        if not os.access(file, os.R_OK):
            raise ConfigurationError("connect.opcua.file", file=file, reason="it is not there or may not be read")
    policy = getattr(security_policies, f"SecurityPolicy{security.policy}")
    shown = _shown(await client.connect_and_get_server_endpoints(), f"{security.policy}/{security.mode}")
    if shown.certificate is None:
        raise Unreachable(
            "connect.opcua.no_endpoint",
            wanted=f"{security.policy}/{security.mode}",
            offered=", ".join(shown.offers) or "-",
        )
    trust.judge(list(shown.chain), datetime.now(UTC))
    try:
        await client.set_security(
            policy,
            security.certificate,
            security.key,
            server_certificate=CertProperties(shown.certificate.public_bytes(Encoding.DER), extension="der"),
            mode=getattr(ua.MessageSecurityMode, security.mode),
        )
    except (ValueError, TypeError) as error:
        files = f"{security.certificate}, {security.key}"
        raise ConfigurationError("connect.opcua.file", file=files, reason=reason(error)) from error


async def look_at_server(url: str, patience_s: float = 10.0, wanted: str | None = None) -> Shown:
    """What the server at an address shows to anybody; its certificate for the way `wanted`, or for any.

    Raises ConfigurationError or Unreachable.
    """
    from asyncua.client.client import Client
    from asyncua.ua.uaerrors import UaError

    if not url.startswith("opc.tcp://"):
        raise ConfigurationError("connect.url", source="-", url=without_password(url))
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    client = Client(url, timeout=patience_s)
    try:
        async with asyncio.timeout(patience_s):
            return _shown(await client.connect_and_get_server_endpoints(), wanted)
    except TimeoutError as error:
        raise Unreachable("connect.no_answer", url=without_password(url)) from error
    except (OSError, UaError) as error:
        raise Unreachable("connect.unreachable", url=without_password(url), reason=reason(error)) from error


def _shown(endpoints: Iterable[Any], wanted: str | None) -> Shown:
    """What the endpoints say; the certificate is that of the endpoint wanted, or of any."""
    offers: dict[str, None] = {}
    logins: dict[str, None] = {}
    chain: tuple[Certificate, ...] = ()
    application = ""
    for endpoint in endpoints:
        policy = str(endpoint.SecurityPolicyUri).rpartition("#")[2].replace("_", "")
        offer = "None" if policy == "None" else f"{policy}/{endpoint.SecurityMode.name.rstrip('_')}"
        offers[offer] = None
        logins.update(dict.fromkeys(token.TokenType.name for token in endpoint.UserIdentityTokens or ()))
        application = endpoint.Server.ApplicationUri or application
        if not chain and wanted in (None, offer):
            chain = _read_shown(endpoint.ServerCertificate)
    return Shown(chain, tuple(offers), tuple(logins), application)


def _read_shown(data: bytes | None) -> tuple[Certificate, ...]:
    try:
        return tuple(read_chain(data))
    except ValueError as error:
        raise Unreachable("connect.opcua.unreadable_certificate", reason=reason(error)) from error


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """The files of this node's own certificate and key in a folder; made when they are not there yet."""
    from asyncua.crypto.cert_gen import (
        dump_private_key_as_pem,
        generate_private_key,
        generate_self_signed_app_certificate,
    )
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID

    certificate, key = folder / OWN, folder / KEY
    if certificate.exists() and key.exists():
        return certificate, key
    secret = generate_private_key()
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(APPLICATION_URI)]
    made = generate_self_signed_app_certificate(
        secret, "Lineside", {}, names, [ExtendedKeyUsageOID.CLIENT_AUTH], VALID_DAYS
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(dump_private_key_as_pem(secret))
        certificate.write_bytes(made.public_bytes(Encoding.DER))
    except OSError as error:
        raise ConfigurationError("connect.opcua.file", file=str(folder), reason=reason(error)) from error
    return certificate, key
