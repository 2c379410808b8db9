"""Certificates: those of the node's own authority, and what is wrong with others."""

from __future__ import annotations

import ssl
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from lineside.errors import ConfigurationError
from lineside.trust import Authority, read_shown, trusting
from tests.certificates import DAY, NOW, key_pem, write_certificate


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> str | None:
    """Carries a handshake in memory; gives the version agreed on. Raises what the client raises."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return ends[0].version()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """That of a node with a name and an address."""
    made = Authority(tmp_path / "tls")
    made.make(("Node.example", "192.0.2.5", "2001:db8::5"), NOW)
    return made


@pytest.mark.parametrize("host", ["node.example", "192.0.2.5", "2001:db8::5", "localhost", "127.0.0.1"])
def test_who_trusts_the_authority_trusts_the_node_under_each_of_its_names(authority: Authority, host: str) -> None:
    """By TLS 1.3, with names and addresses checked."""
    shown = authority.shown(NOW)

    assert shake_hands(shown.context, trusting(authority.pem), host) == "TLSv1.3"
    assert authority.names == ("node.example", "192.0.2.5", "2001:db8::5")


def test_another_name_and_another_authority_are_refused(authority: Authority, tmp_path: Path) -> None:
    """The device that connects says which of the two is wrong."""
    other = Authority(tmp_path / "other")
    other.make(("node.example",), NOW)
    shown = authority.shown(NOW)

    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(shown.context, trusting(authority.pem), "bank.example")
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate in"):
        shake_hands(shown.context, trusting(other.pem), "node.example")


def test_old_versions_of_tls_are_refused(authority: Authority) -> None:
    """And of TLS 1.2 only what keeps the past secret is left."""
    context = authority.shown(NOW).context

    ciphers = {one["name"] for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"}

    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert ciphers
    assert [name for name in ciphers if not name.startswith("ECDHE-") or name.endswith(("SHA", "SHA256-CBC"))] == []


def test_a_stolen_key_of_the_authority_cannot_speak_for_others(authority: Authority, tmp_path: Path) -> None:
    """Devices refuse what it signs beyond the names it was made for."""
    secret = load_pem_private_key((authority.file.parent / "authority.key").read_bytes(), None)
    issuer = x509.load_pem_x509_certificate(authority.pem.encode())
    key = generate_private_key(SECP256R1())
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bank")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("bank.example")]), critical=False)
        .sign(secret, SHA256())  # type: ignore[arg-type]
    )
    file = tmp_path / "forged.pem"
    file.write_bytes(forged.public_bytes(Encoding.PEM) + key_pem(key))

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(read_shown(file, file).context, trusting(authority.pem), "bank.example")


def test_keys_are_their_owners_alone(authority: Authority) -> None:
    """The node's and the authority's; what devices are given anybody may read."""
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in authority.file.parent.iterdir()}

    assert modes == {"authority.key": 0o600, "authority.pem": 0o644, "node.pem": 0o600}


def test_the_certificate_is_renewed_before_it_ends_and_its_key_with_it(authority: Authority) -> None:
    """Ten days before; the authority stays the one that devices trust."""
    first, pem = authority.shown(NOW), authority.pem

    same, later = authority.shown(NOW + 19 * DAY), authority.shown(NOW + 21 * DAY)

    assert (same.fingerprint, first.wrong(NOW + 19 * DAY)) == (first.fingerprint, None)
    assert later.fingerprint != first.fingerprint
    assert later.until > NOW + 50 * DAY
    assert authority.pem == pem


@pytest.mark.parametrize("off", [-DAY, DAY])
def test_a_clock_that_is_off_by_a_day_is_no_obstacle(authority: Authority, off: timedelta) -> None:
    """Neither at the node nor at the device."""
    shown = authority.shown(NOW)

    assert shown.wrong(NOW + off) is None


def test_what_a_clock_far_ahead_made_is_made_anew_when_the_clock_is_right_again(authority: Authority) -> None:
    """Else every device would refuse it for years."""
    ahead = authority.shown(NOW + 2000 * DAY)

    again = authority.shown(NOW)

    assert ahead.wrong(NOW) is not None
    assert again.wrong(NOW) is None


@pytest.mark.parametrize("name", ["https://node", "node:8000", "*.node", "a b", "", "192.0.2.999", "-x", "é.example"])
def test_what_is_no_name_is_told(tmp_path: Path, name: str) -> None:
    """And nothing is made."""
    with pytest.raises(ConfigurationError, match="neither a host name nor an address"):
        Authority(tmp_path / "tls").make(("node", name), NOW)

    assert list(tmp_path.iterdir()) == []


def test_a_certificate_that_is_brought_is_read(tmp_path: Path) -> None:
    """With its names and dates; wildcards cover one level."""
    shown = read_shown(*write_certificate(tmp_path, ["plant.example", "*.plant.example"]))

    shown.require(("plant.example", "NODE.plant.example"))
    assert shown.left(NOW).days == 90
    with pytest.raises(ConfigurationError, match=r"not for a\.b\.plant\.example"):
        shown.require(("a.b.plant.example",))


def test_what_is_wrong_with_files_is_told_by_name(tmp_path: Path) -> None:
    """Missing, misfitting, locked, nameless or no certificate at all."""
    good, key = write_certificate(tmp_path)
    other, other_key = write_certificate(tmp_path, stem="other")
    nameless, its_key = write_certificate(tmp_path, [], stem="nameless")
    locked = tmp_path / "locked.key"
    locked.write_bytes(key_pem(generate_private_key(SECP256R1()), b"secret"))
    cases = {
        (tmp_path / "none.pem", key): "tls.unreadable",
        (good, tmp_path / "none.key"): "tls.unreadable",
        (key, key): "tls.no_certificate",
        (good, good): "tls.no_key",
        (good, locked): "tls.key_locked",
        (good, other_key): "tls.misfit",
        (other, key): "tls.misfit",
        (nameless, its_key): "tls.no_names",
    }

    found = {}
    for files in cases:
        with pytest.raises(ConfigurationError) as told:
            read_shown(*files)
        found[files] = told.value.key

    assert found == cases


@pytest.mark.parametrize(
    ("since", "until", "key"),
    [(NOW - 9 * DAY, NOW - DAY, "tls.outdated"), (NOW + DAY, NOW + 9 * DAY, "tls.not_yet")],
)
def test_dates_are_told_with_this_clock(tmp_path: Path, since: object, until: object, key: str) -> None:
    """As either the certificate or the clock may be wrong."""
    shown = read_shown(*write_certificate(tmp_path, since=since, until=until))  # type: ignore[arg-type]

    error = shown.wrong(NOW)

    assert error is not None
    assert error.key == key
    assert f"{NOW:%Y-%m-%d}" in str(error)
