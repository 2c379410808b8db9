"""Whom an OPC UA session is opened with: certificates that a person compared, or authorities that answer for others.

A trust list is a folder as OPC UA part 12, annex F lays it out: `trusted/certs` and `trusted/crl` hold servers and
authorities that are trusted and the authorities' revocation lists, `issuers/certs` and `issuers/crl` authorities that
only complete a chain, `rejected/certs` what a person refused. The checks are those of part 4, 6.1.3: of who is trusted
by an authority the whole chain is verified and looked up in each revocation list, and a list that is missing or
outdated is a reason to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from lineside.connect.wording import reason
from lineside.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, CertificateRevocationList
    from cryptography.x509.verification import ExtensionPolicy

CERTIFICATES = (".der", ".pem", ".crt", ".cer")
LONGEST_CHAIN = 8
_FINGERPRINT = re.compile(r"[0-9A-F]{64}")
_NO_NAME = re.compile(r"[^\w .-]")


def fingerprint(certificate: Certificate) -> str:
    """The SHA-256 fingerprint, as tools show it: `AB:CD:...`."""
    from cryptography.hazmat.primitives.hashes import SHA256

    return certificate.fingerprint(SHA256()).hex(":").upper()


def thumbprint(certificate: Certificate) -> str:
    """The SHA-1 fingerprint, which OPC UA servers and tools call the thumbprint."""
    from cryptography.hazmat.primitives.hashes import SHA1

    return certificate.fingerprint(SHA1()).hex(":").upper()  # noqa: S303 - a name to compare; SHA-256 stands beside it


def application_uri(certificate: Certificate) -> str:
    """The application that a certificate speaks for; empty where it does not say."""
    from cryptography.x509 import ExtensionNotFound, SubjectAlternativeName, UniformResourceIdentifier

    with suppress(ExtensionNotFound, ValueError):
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
        return next(iter(names.get_values_for_type(UniformResourceIdentifier)), "")
    return ""


def read_certificate(file: Path) -> Certificate:
    """A certificate in DER or PEM. Raises ConfigurationError for a file of no use."""
    from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

    try:
        data = file.read_bytes()
        return load_pem_x509_certificate(data) if b"-----BEGIN" in data else load_der_x509_certificate(data)
    except (OSError, ValueError) as error:
        raise ConfigurationError("connect.opcua.file", file=str(file), reason=reason(error)) from error


def read_chain(data: bytes | None) -> list[Certificate]:
    """The certificates that a server shows, its own first. Raises ValueError for what is none."""
    from cryptography.x509 import load_der_x509_certificate

    found = []
    while data:
        long = data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0
        size = 2 + long + (int.from_bytes(data[2 : 2 + long], "big") if long else data[1])
        found.append(load_der_x509_certificate(data[:size]))
        data = data[size:]
    return found


@dataclass(slots=True)
class _Known:
    """What lies in files and trust lists."""

    trusted: list[Certificate] = field(default_factory=list)
    issuers: list[Certificate] = field(default_factory=list)
    revoked: list[CertificateRevocationList] = field(default_factory=list)
    broken: list[ConfigurationError] = field(default_factory=list)

    def read(self, path: Path) -> None:
        """Reads a file, a folder of files, or a trust list."""
        if _is_list(path):
            self._certificates(path / "trusted" / "certs", self.trusted)
            self._certificates(path / "issuers" / "certs", self.issuers)
            self._lists(path / "trusted" / "crl")
            self._lists(path / "issuers" / "crl")
        else:
            self._certificates(path, self.trusted)
            self._lists(path)

    def _certificates(self, path: Path, into: list[Certificate]) -> None:
        for file in _files(path, CERTIFICATES):
            try:
                into.append(read_certificate(file))
            except ConfigurationError as error:
                self.broken.append(error)

    def _lists(self, path: Path) -> None:
        from cryptography.x509 import load_der_x509_crl, load_pem_x509_crl

        for file in _files(path, (".crl", *(CERTIFICATES if path.name == "crl" else ()))):
            try:
                data = file.read_bytes()
                self.revoked.append(load_pem_x509_crl(data) if b"-----BEGIN" in data else load_der_x509_crl(data))
            except (OSError, ValueError) as error:
                self.broken.append(ConfigurationError("connect.opcua.file", file=str(file), reason=reason(error)))


def _is_list(path: Path) -> bool:
    return (path / "trusted").is_dir() or (path / "issuers").is_dir()


def _files(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix.lower() in suffixes)
    return [path] if path.suffix.lower() in suffixes else []


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we trust: fingerprints, files or folders of certificates, and the trust list beside our own certificate."""

    prints: frozenset[str]
    paths: tuple[Path, ...]
    folder: Path | None = None
    """The trust list."""
    revocation: bool = True
    """Whether who is trusted by an authority needs its revocation list."""

    @classmethod
    def of(cls, text: str, beside: Path | None = None, *, revocation: bool = True) -> Trust:
        """What the option `trust` says, its parts separated by commas, and the trust list `beside`."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        prints = {part: re.sub(r"[\s:]", "", part).upper() for part in parts}
        paths = tuple(Path(part) for part, print_ in prints.items() if not _FINGERPRINT.fullmatch(print_))
        return cls(frozenset(p for p in prints.values() if _FINGERPRINT.fullmatch(p)), paths, beside, revocation)

    def judge(self, shown: list[Certificate], now: datetime) -> None:
        """Returns when who shows this chain is trusted. Raises ConfigurationError with what keeps it from that."""
        known = self._known()
        certificate = shown[0]
        if fingerprint(certificate).replace(":", "") in self.prints or certificate in known.trusted:
            for revoked in known.revoked:
                _refuse_revoked(certificate, revoked)
            return
        chain = _chain(shown, known, now)
        if chain is not None:
            for one, issuer in pairwise(chain):
                self._look_up(one, issuer, known, now)
            return
        if known.broken:
            raise known.broken[0]
        changed = self.prints or self.paths or any(_same(certificate, one) for one in known.trusted)
        raise ConfigurationError(
            "connect.opcua.changed" if changed else "connect.opcua.untrusted",
            fingerprint=fingerprint(certificate),
            subject=certificate.subject.rfc4514_string(),
            trusted=", ".join([*sorted(self.prints), *(str(path) for path in (*self.paths, self.folder) if path)]),
        )

    def _known(self) -> _Known:
        known = _Known()
        for path in self.paths:
            if not path.exists():
                known.broken.append(ConfigurationError("connect.opcua.file", file=str(path), reason="it is not there"))
            known.read(path)
        if self.folder is not None and _is_list(self.folder):
            known.read(self.folder)
        return known

    def _look_up(self, certificate: Certificate, issuer: Certificate, known: _Known, now: datetime) -> None:
        """Looks a certificate up in the newest revocation list of who issued it."""
        lists = [one for one in known.revoked if one.issuer == issuer.subject and _signed(one, issuer)]
        for one in lists:
            _refuse_revoked(certificate, one)
        if not self.revocation:
            return
        told = {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": issuer.subject.rfc4514_string(),
            "folder": str(self.folder / "trusted" / "crl" if self.folder else self.paths[0]),
        }
        if not lists:
            raise ConfigurationError("connect.opcua.crl_missing", **told)
        due = [one.next_update_utc for one in lists]
        newest = None if None in due else max(one for one in due if one is not None)
        if newest is not None and newest < now:
            raise ConfigurationError("connect.opcua.crl_outdated", until=newest.date().isoformat(), **told)


def _chain(shown: list[Certificate], known: _Known, now: datetime) -> list[Certificate] | None:
    """The verified way from a certificate to a root, over an authority that is trusted; None where there is none."""
    from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

    certificate, *sent = shown
    anchors = [one for one in known.trusted if _is_authority(one)]
    between = [*known.issuers, *sent]
    if certificate.issuer == certificate.subject or not anchors:
        return None  # it vouches for itself
    if not any(one.subject == certificate.issuer for one in (*anchors, *between)):
        return None
    ours, theirs = _policies()
    builder = PolicyBuilder().store(Store(anchors)).time(now).max_chain_depth(LONGEST_CHAIN)
    builder = builder.extension_policies(ca_policy=ours, ee_policy=theirs)
    try:
        chain = builder.build_client_verifier().verify(certificate, between).chain
    except VerificationError as error:
        raise ConfigurationError(
            "connect.opcua.chain",
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            since=certificate.not_valid_before_utc.date().isoformat(),
            until=certificate.not_valid_after_utc.date().isoformat(),
            reason=reason(error),
        ) from error
    return [*chain, *_above(chain[-1], [*anchors, *known.issuers])]


def _above(certificate: Certificate, known: Iterable[Certificate]) -> Iterator[Certificate]:
    """Who issued the authority that is trusted, as far as is known: it may have been revoked."""
    candidates = list(known)
    for _ in range(LONGEST_CHAIN):
        issuer = next((one for one in candidates if one != certificate and _issued(certificate, one)), None)
        if issuer is None:
            return
        yield issuer
        certificate = issuer


def _policies() -> tuple[ExtensionPolicy, ExtensionPolicy]:
    """What is asked of authorities and of servers: not what browsers ask, whose names and uses mean nothing here."""
    from cryptography.x509 import BasicConstraints, KeyUsage
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    def may_issue(_: object, __: object, basic: BasicConstraints) -> None:
        if not basic.ca:
            raise ValueError("it is no authority")

    def may_sign(_: object, __: object, usage: KeyUsage | None) -> None:
        if usage is not None and not usage.key_cert_sign:
            raise ValueError("it may not sign certificates")

    authorities = ExtensionPolicy.permit_all().require_present(BasicConstraints, Criticality.AGNOSTIC, may_issue)
    return authorities.may_be_present(KeyUsage, Criticality.AGNOSTIC, may_sign), ExtensionPolicy.permit_all()


def _is_authority(certificate: Certificate) -> bool:
    from cryptography.x509 import BasicConstraints, ExtensionNotFound

    try:
        return certificate.extensions.get_extension_for_class(BasicConstraints).value.ca
    except (ExtensionNotFound, ValueError):
        return False


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _signed(revoked: CertificateRevocationList, issuer: Certificate) -> bool:
    try:
        return revoked.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _same(certificate: Certificate, other: Certificate) -> bool:
    """Whether two certificates claim to be of one application."""
    uri = application_uri(certificate)
    return bool(uri and uri == application_uri(other)) or certificate.subject == other.subject


def _refuse_revoked(certificate: Certificate, revoked: CertificateRevocationList) -> None:
    """Raises ConfigurationError for a certificate in this list of its issuer."""
    if revoked.issuer != certificate.issuer:
        return
    found = revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if found is not None:
        raise ConfigurationError(
            "connect.opcua.revoked",
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            fingerprint=fingerprint(certificate),
            date=found.revocation_date_utc.date().isoformat(),
        )


class TrustList:
    """The folder in which a person's word about certificates is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def trust(self, certificate: Certificate, instead_of: str | None = None) -> Path:
        """Trusts a certificate from now on, and no longer the one with the fingerprint `instead_of`."""
        for file in _files(self._folder / "trusted" / "certs", CERTIFICATES):
            with suppress(ConfigurationError):
                if fingerprint(read_certificate(file)) == instead_of:
                    file.unlink()
        return self._write(certificate, "trusted", "rejected")

    def refuse(self, certificate: Certificate) -> Path:
        """Keeps a certificate that a person refused, for whoever wants to look into it."""
        return self._write(certificate, "rejected", "trusted")

    def _write(self, certificate: Certificate, into: str, out_of: str) -> Path:
        from cryptography.hazmat.primitives.serialization import Encoding

        name = f"{_common_name(certificate)} [{thumbprint(certificate).replace(':', '')}].der"
        file = self._folder / into / "certs" / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(certificate.public_bytes(Encoding.DER))
            (self._folder / out_of / "certs" / name).unlink(missing_ok=True)
        except OSError as error:
            raise ConfigurationError("connect.opcua.file", file=str(file), reason=reason(error)) from error
        return file


def _common_name(certificate: Certificate) -> str:
    from cryptography.x509.oid import NameOID

    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return _NO_NAME.sub("_", str(names[0].value))[:60].strip() if names else "certificate"
