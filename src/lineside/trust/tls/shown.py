"""A certificate with its key as files: whether a node can show it, for which names and how long."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from lineside.errors import ConfigurationError, LinesideError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_PARTIAL_CHAIN, _NO_CHECK_TIME = 0x80000, 0x200000  # of X509_VERIFY_PARAM_set_flags(3); Python names neither in 3.11


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate that fits its key."""

    file: Path
    pem: str
    """The certificate alone."""
    names: tuple[str, ...]
    """Host names and addresses it speaks for."""
    since: datetime
    until: datetime
    fingerprint: str
    context: ssl.SSLContext

    def wrong(self, now: datetime) -> LinesideError | None:
        """Why whoever is shown it now would refuse it: it is too old, or too new for this clock."""
        told = {"file": str(self.file), "now": f"{now:%Y-%m-%d %H:%M} UTC"}
        if now > self.until:
            return ConfigurationError("tls.outdated", until=f"{self.until:%Y-%m-%d %H:%M} UTC", **told)
        if now < self.since:
            return ConfigurationError("tls.not_yet", since=f"{self.since:%Y-%m-%d %H:%M} UTC", **told)
        return None

    def left(self, now: datetime) -> timedelta:
        """How long it still holds."""
        return self.until - now

    def require(self, names: tuple[str, ...]) -> None:
        """Raises ConfigurationError unless it speaks for all these names."""
        if missing := [name for name in names if not any(_covers(own, name.lower()) for own in self.names)]:
            raise ConfigurationError(
                "tls.foreign", file=str(self.file), names=", ".join(self.names), missing=", ".join(missing)
            )


def _covers(own: str, name: str) -> bool:
    return own == name or (own.startswith("*.") and name.partition(".")[2] == own[2:])


def read_shown(file: Path, key: Path) -> Shown:
    """What two PEM files hold: a certificate, before those that answer for it, and its key.

    Raises ConfigurationError that names the file which is of no use, and why.
    """
    from cryptography.x509 import load_pem_x509_certificates

    try:
        chain = load_pem_x509_certificates(_read(file))
    except ValueError as error:
        raise ConfigurationError("tls.no_certificate", file=str(file)) from error
    certificate = chain[0]
    _require_key(certificate, file, key)
    names = _names(certificate)
    if not names:
        raise ConfigurationError("tls.no_names", file=str(file))
    return Shown(
        file,
        _pem(certificate),
        names,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        fingerprint_of(_pem(certificate)),
        _context(file, key),
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError("tls.unreadable", file=str(file), reason=error.strerror or str(error)) from error


def _require_key(certificate: Certificate, file: Path, key: Path) -> None:
    """The key is there, open, and that of the certificate; else a server would ask the terminal, or fail in riddles."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = _read(key)
    try:
        secret = load_pem_private_key(data, None)
    except TypeError as error:
        raise ConfigurationError("tls.key_locked", file=str(key)) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError("tls.no_key", file=str(key)) from error
    if secret.public_key() != certificate.public_key():
        raise ConfigurationError("tls.misfit", file=str(file), key=str(key))


def _context(file: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION
    try:
        context.load_cert_chain(file, key)
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise ConfigurationError("tls.unfit", file=str(file), reason=reason) from error
    return context


def _names(certificate: Certificate) -> tuple[str, ...]:
    from cryptography.x509 import DNSName, ExtensionNotFound, IPAddress, SubjectAlternativeName

    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except (ExtensionNotFound, ValueError):
        return ()
    hosts = [name.lower() for name in names.get_values_for_type(DNSName)]
    return (*hosts, *(str(address) for address in names.get_values_for_type(IPAddress)))


def _pem(certificate: Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM).decode()


def fingerprint_of(pem: str) -> str:
    """The SHA-256 of a certificate as tools and browsers show it: `AB:CD:...`. Raises ValueError for what is none."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(pem.encode()).fingerprint(SHA256()).hex(":").upper()


def validity_of(pem: str) -> tuple[datetime, datetime]:
    """From when until when a certificate holds. Raises ValueError for what is none."""
    from cryptography.x509 import load_pem_x509_certificate

    certificate = load_pem_x509_certificate(pem.encode())
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def trusting(pem: str, *, alone: bool = False) -> ssl.SSLContext:
    """For who connects: trusts what this authority answers for, under the names that it says.

    `alone`: nothing but this very certificate, whatever its names and dates. Raises ValueError for what is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if alone:
        context.check_hostname = False
        context.verify_flags |= _PARTIAL_CHAIN | _NO_CHECK_TIME
    try:
        context.load_verify_locations(cadata=pem)
    except ssl.SSLError as error:
        raise ValueError(error.reason) from error
    return context
