"""Encryption, trust and logins of OPC UA: whose certificate a server shows, and who we say that we are.

A server is trusted by the fingerprint of its certificate, or by a file of it or of who issued it. It shows the
certificate before anything is encrypted; the channel is then made with the very one that was trusted, so whoever shows
another's certificate cannot go on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from lineside.connect.live import reason, without_password
from lineside.errors import ConfigurationError, Unreachable

if TYPE_CHECKING:
    from asyncua.client.client import Client
    from cryptography.x509 import Certificate

APPLICATION_URI = "urn:lineside:node"
POLICIES = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss", "Basic256", "Basic128Rsa15")
"""The last two rest on SHA-1 and are there for old servers alone."""
MODES = ("Sign", "SignAndEncrypt")
VALID_DAYS = 3_650
_FINGERPRINT = re.compile(r"[0-9A-F]{64}")


class Security(NamedTuple):
    """How a session is secured, and the files of our certificate and its key."""

    policy: str
    mode: str
    certificate: str
    key: str


class Shown(NamedTuple):
    """What a server shows before a session: its certificate, what it offers as `policy/mode`, and kinds of logins."""

    certificate: Certificate | None
    offers: tuple[str, ...]
    logins: tuple[str, ...]
    application: str


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


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we trust: fingerprints, and files or folders of certificates."""

    prints: frozenset[str]
    paths: tuple[Path, ...]

    @classmethod
    def of(cls, text: str) -> Trust:
        """What the option `trust` says, its parts separated by commas."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        prints = {part: re.sub(r"[\s:]", "", part).upper() for part in parts}
        paths = tuple(Path(part) for part, print_ in prints.items() if not _FINGERPRINT.fullmatch(print_))
        return cls(frozenset(p for p in prints.values() if _FINGERPRINT.fullmatch(p)), paths)

    def holds(self, certificate: Certificate, now: datetime) -> bool:
        """Whether this certificate is trusted: itself, or because one that is trusted issued it and it is valid."""
        if fingerprint(certificate).replace(":", "") in self.prints:
            return True
        known = list(self._certificates())
        if certificate in known:
            return True
        valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
        return valid and any(_issued(certificate, issuer) for issuer in known)

    def _certificates(self) -> Iterator[Certificate]:
        for path in self.paths:
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            yield from (read_certificate(file) for file in files if file.suffix in (".der", ".pem", ".crt", ".cer"))


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.x509 import BasicConstraints, ExtensionNotFound

    try:
        if not issuer.extensions.get_extension_for_class(BasicConstraints).value.ca:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, ExtensionNotFound):
        return False
    return True


def fingerprint(certificate: Certificate) -> str:
    """The SHA-256 fingerprint, as tools show it: `AB:CD:...`."""
    from cryptography.hazmat.primitives.hashes import SHA256

    return certificate.fingerprint(SHA256()).hex(":").upper()


def read_certificate(file: Path) -> Certificate:
    """A certificate in DER or PEM. Raises ConfigurationError for a file of no use."""
    from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

    try:
        data = file.read_bytes()
        return load_pem_x509_certificate(data) if b"-----BEGIN" in data else load_der_x509_certificate(data)
    except (OSError, ValueError) as error:
        raise ConfigurationError("connect.opcua.file", file=str(file), reason=reason(error)) from error


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
    if not trust.holds(shown.certificate, datetime.now(UTC)):
        known = trust.prints or trust.paths
        raise ConfigurationError(
            "connect.opcua.changed" if known else "connect.opcua.untrusted",
            fingerprint=fingerprint(shown.certificate),
            subject=shown.certificate.subject.rfc4514_string(),
            trusted=", ".join([*sorted(trust.prints), *map(str, trust.paths)]),
        )
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


async def look_at_server(url: str, patience_s: float = 10.0) -> Shown:
    """What the server at an address shows to anybody. Raises ConfigurationError or Unreachable."""
    from asyncua.client.client import Client
    from asyncua.ua.uaerrors import UaError

    if not url.startswith("opc.tcp://"):
        raise ConfigurationError("connect.url", source="-", url=without_password(url))
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    client = Client(url, timeout=patience_s)
    try:
        async with asyncio.timeout(patience_s):
            return _shown(await client.connect_and_get_server_endpoints(), None)
    except TimeoutError as error:
        raise Unreachable("connect.no_answer", url=without_password(url)) from error
    except (OSError, UaError) as error:
        raise Unreachable("connect.unreachable", url=without_password(url), reason=reason(error)) from error


def _shown(endpoints: Iterable[Any], wanted: str | None) -> Shown:
    """What the endpoints say; the certificate is that of the endpoint wanted, or of any."""
    from asyncua.crypto.uacrypto import x509_from_der

    offers: dict[str, None] = {}
    logins: dict[str, None] = {}
    certificate = None
    application = ""
    for endpoint in endpoints:
        policy = str(endpoint.SecurityPolicyUri).rpartition("#")[2].replace("_", "")
        offer = "None" if policy == "None" else f"{policy}/{endpoint.SecurityMode.name.rstrip('_')}"
        offers[offer] = None
        logins.update(dict.fromkeys(token.TokenType.name for token in endpoint.UserIdentityTokens or ()))
        application = endpoint.Server.ApplicationUri or application
        if certificate is None and wanted in (None, offer):
            certificate = cast("Any", x509_from_der)(endpoint.ServerCertificate)
    return Shown(certificate, tuple(offers), tuple(logins), application)


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

    certificate, key = folder / "opcua.der", folder / "opcua.pem"
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
