"""Certificates of somebody else's making, for tests: right, and wrong in every way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def key_pem(key: EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    """A key as a file holds it."""
    locked = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)


def write_certificate(
    folder: Path,
    names: Sequence[str] = ("localhost",),
    since: datetime = NOW - DAY,
    until: datetime = NOW + 90 * DAY,
    stem: str = "own",
    hosts: Sequence[str] = (),
) -> tuple[Path, Path]:
    """Makes a self-signed certificate and its key."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "plant")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
    if names or hosts:
        known = [*map(x509.DNSName, names), *(x509.IPAddress(ip_address(one)) for one in hosts)]
        builder = builder.add_extension(x509.SubjectAlternativeName(known), critical=False)
    certificate, secret = folder / f"{stem}.pem", folder / f"{stem}.key"
    certificate.write_bytes(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
    secret.write_bytes(key_pem(key))
    return certificate, secret
