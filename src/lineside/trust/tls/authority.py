"""The authority of one node: it answers for the node's own names, and can answer for no other.

Its key lies in the plant folder, so whoever takes that could pose as anything a device believes it: therefore its
certificate says for which names and addresses it may sign (critical name constraints), and that it makes no other
authorities. It signs one certificate, for a month, again and again.
"""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineside.errors import ConfigurationError
from lineside.trust.tls.shown import Shown, fingerprint_of, read_shown

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder, GeneralName

AUTHORITY = "tls"
"""The folder within data/."""
_HERE = ("localhost", "127.0.0.1", "::1")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_EARLIER = timedelta(days=2)
"""How long before now what is made holds, for devices whose clock is a day behind."""
_AUTHORITY_DAYS = 3650
VALID_DAYS = 30
RENEW_DAYS = 10


class Authority:
    """That of a node, in files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = folder / "authority.key"
        self.file = folder / "authority.pem"
        self.node = folder / "node.pem"
        """The node's certificate, that of the authority, and the node's key."""

    @property
    def exists(self) -> bool:
        """Whether one was made."""
        return self.file.exists()

    @property
    def pem(self) -> str:
        """Its certificate, which devices are told to trust. Raises ConfigurationError where it cannot be read."""
        try:
            return self.file.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError("tls.unreadable", file=str(self.file), reason=_reason(error)) from error

    @property
    def fingerprint(self) -> str:
        """By which devices and people recognise it. Raises ConfigurationError."""
        self._certificate()
        return fingerprint_of(self.pem)

    @property
    def names(self) -> tuple[str, ...]:
        """For which it may sign, beside this computer itself. Raises ConfigurationError."""
        from cryptography.x509 import NameConstraints

        permitted = self._certificate().extensions.get_extension_for_class(NameConstraints).value.permitted_subtrees
        names = [str(getattr(one.value, "network_address", one.value)) for one in permitted or ()]
        return tuple(name for name in names if name not in _HERE)

    def make(self, names: tuple[str, ...], now: datetime) -> None:
        """Makes a new one for these names, and its first certificate. Raises ConfigurationError."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

        known = tuple(dict.fromkeys(map(parse_name, names)))
        key = generate_private_key(SECP256R1())
        number = x509.random_serial_number()
        subject = _subject(f"Lineside {known[0][:40]} {number % 0x10000:04X}")
        permitted = [_general(name, subtree=True) for name in (*known, *_HERE)]
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = (
            _builder(subject, subject, key, now, _AUTHORITY_DAYS)
            .serial_number(number)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.NameConstraints(permitted, None), critical=True)
        )
        certificate = _signed(builder, key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self._key, _key_pem(key), 0o600)
            _write(self.file, certificate, 0o644)
        except OSError as error:
            raise ConfigurationError("tls.unwritable", file=str(self._folder), reason=_reason(error)) from error
        self.issue(now)

    def issue(self, now: datetime) -> None:
        """Makes a new certificate and key of the node, in place of the ones before. Raises ConfigurationError."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
        from cryptography.x509.oid import ExtendedKeyUsageOID

        authority, secret = self._certificate(), self._secret()
        key = generate_private_key(SECP256R1())
        names = (*self.names, *_HERE)
        identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = (
            _builder(_subject(names[0][:60]), authority.subject, key, now, VALID_DAYS)
            .serial_number(x509.random_serial_number())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        )
        try:
            _write(self.node, _signed(builder, secret) + self.pem.encode() + _key_pem(key), 0o600)
        except OSError as error:
            raise ConfigurationError("tls.unwritable", file=str(self.node), reason=_reason(error)) from error

    def shown(self, now: datetime) -> Shown:
        """The node's certificate, a new one where it ends soon, or was made for a time that this clock has not reached.

        Raises ConfigurationError.
        """
        if not self.node.exists():
            self.issue(now)
        shown = read_shown(self.node, self.node)
        if shown.left(now) < timedelta(days=RENEW_DAYS) or shown.since > now:
            self.issue(now)
            shown = read_shown(self.node, self.node)
        return shown

    def _certificate(self) -> Certificate:
        from cryptography.x509 import load_pem_x509_certificate

        try:
            return load_pem_x509_certificate(self.pem.encode())
        except ValueError as error:
            raise ConfigurationError("tls.no_certificate", file=str(self.file)) from error

    def _secret(self) -> EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            secret = load_pem_private_key(self._key.read_bytes(), None)
        except OSError as error:
            raise ConfigurationError("tls.unreadable", file=str(self._key), reason=_reason(error)) from error
        except (ValueError, TypeError) as error:
            raise ConfigurationError("tls.no_key", file=str(self._key)) from error
        if not isinstance(secret, EllipticCurvePrivateKey) or secret.public_key() != self._certificate().public_key():
            raise ConfigurationError("tls.misfit", file=str(self.file), key=str(self._key))
        return secret


def parse_name(text: str) -> str:
    """A host name or an address as certificates hold it. Raises ConfigurationError for what is neither."""
    name = text.strip("[]").lower()
    try:
        return str(ip_address(name))
    except ValueError:
        if not _NAME.fullmatch(name) or name.rpartition(".")[2].isdigit():
            raise ConfigurationError("tls.name", name=text) from None
    return name


def _general(name: str, *, subtree: bool = False) -> GeneralName:
    from cryptography.x509 import DNSName, IPAddress

    try:
        return IPAddress(ip_network(name) if subtree else ip_address(name))
    except ValueError:
        return DNSName(name)


def _subject(name: str) -> Any:
    from cryptography.x509 import Name, NameAttribute, NameOID

    return Name([NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(subject: Any, issuer: Any, key: EllipticCurvePrivateKey, now: datetime, days: int) -> CertificateBuilder:
    from cryptography.x509 import CertificateBuilder, SubjectKeyIdentifier

    return (
        CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed(builder: CertificateBuilder, key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def _key_pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, data: bytes, mode: int) -> None:
    """Puts a file in its place whole, never with a moment in which others may read it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)) if isinstance(error, OSError) else str(error)
