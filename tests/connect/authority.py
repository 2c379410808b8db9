"""An authority that vouches for OPC UA servers, and the trust list of who believes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asyncua.crypto.cert_gen import generate_private_key
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def named(name: str) -> x509.Name:
    """A subject."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass
class Authority:
    """Issues certificates and revocation lists."""

    key: Any
    certificate: x509.Certificate

    @classmethod
    def root(cls, name: str = "Works CA") -> Authority:
        """One that nobody is above."""
        key = generate_private_key()
        return cls(key, _certificate(named(name), named(name), key.public_key(), key, authority=True))

    def below(self, name: str) -> Authority:
        """One that this one vouches for."""
        key = generate_private_key()
        subject = self.certificate.subject
        return Authority(key, _certificate(named(name), subject, key.public_key(), self.key, authority=True))

    def issue(self, key: Any, name: str = "Press", *, until: datetime = NOW + 9 * DAY) -> x509.Certificate:
        """A server's certificate."""
        return _certificate(named(name), self.certificate.subject, key.public_key(), self.key, until=until)

    def revocations(self, *revoked: x509.Certificate, due: datetime = NOW + DAY) -> bytes:
        """The list of what is revoked, valid until `due`, as a file holds it."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(due - 2 * DAY).next_update(due)
        for one in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(NOW - DAY)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)


def put(folder: Path, place: str, thing: x509.Certificate | bytes, name: str = "") -> Path:
    """Puts a certificate or a revocation list into a trust list."""
    data = thing if isinstance(thing, bytes) else thing.public_bytes(Encoding.DER)
    file = folder / place / (name or f"{hash(data):x}{'.crl' if isinstance(thing, bytes) else '.der'}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: Any,
    signer: Any,
    *,
    authority: bool = False,
    until: datetime = NOW + 9 * DAY,
) -> x509.Certificate:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(min(NOW, until) - 9 * DAY).not_valid_after(until)
    builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    names = [x509.UniformResourceIdentifier("urn:press"), x509.DNSName("localhost")]
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, SHA256())
