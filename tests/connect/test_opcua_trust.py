from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asyncua.crypto.cert_gen import generate_private_key
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lineside.connect import fingerprint
from lineside.connect.opcua_trust import Trust, TrustList, application_uri, read_chain
from lineside.errors import ConfigurationError
from tests.connect.authority import DAY, NOW, Authority, put

TRUSTED, TRUSTED_LISTS = "trusted/certs", "trusted/crl"
ISSUERS, ISSUERS_LISTS = "issuers/certs", "issuers/crl"


@pytest.fixture(scope="module")
def root() -> Authority:
    """The works' own authority."""
    return Authority.root()


@pytest.fixture(scope="module")
def hall(root: Authority) -> Authority:
    """The authority of one hall, which the works' own vouches for."""
    return root.below("Hall CA")


@pytest.fixture(scope="module")
def key() -> Any:
    """A server's key."""
    return generate_private_key()


def verdict(folder: Path, *shown: x509.Certificate, text: str = "", now: Any = NOW, revocation: bool = True) -> str:
    """That who shows these is trusted, or why not: the error's last word, and its sentence."""
    try:
        Trust.of(text, folder, revocation=revocation).judge(list(shown), now)
    except ConfigurationError as error:
        told = ConfigurationError(error.key, url="opc.tcp://press", **error.fields)
        return f"{told.key.rpartition('.')[2]}: {told.sentence()} {told.cure()}"
    return "trusted"


def test_who_lies_in_the_trust_list_is_trusted(tmp_path: Path, root: Authority, key: Any) -> None:
    """The certificate itself: a person compared it, so nobody else need vouch for it."""
    press = root.issue(key)
    assert verdict(tmp_path, press).startswith("untrusted: Nobody has said yet")

    put(tmp_path, TRUSTED, press)

    assert verdict(tmp_path, press) == "trusted"
    assert verdict(tmp_path, root.issue(key, "Mill")).startswith("changed")


def test_another_certificate_of_a_trusted_application_is_a_changed_one(
    tmp_path: Path, root: Authority, key: Any
) -> None:
    """By its application URI, or its name where it vouches for itself; whoever says nothing of the kind is unknown."""
    put(tmp_path, TRUSTED, root.issue(key))
    put(tmp_path, TRUSTED, root.certificate)

    assert verdict(tmp_path, Authority.root("Somebody").issue(key)).startswith("changed")
    assert verdict(tmp_path, Authority.root("Somebody").certificate).startswith("untrusted")
    assert verdict(tmp_path, Authority.root().certificate).startswith("changed")


def test_who_an_authority_vouches_for_is_trusted_with_its_list(tmp_path: Path, root: Authority, key: Any) -> None:
    """Without the list nobody can say whether the certificate still holds; that can be done without."""
    press = root.issue(key)
    put(tmp_path, TRUSTED, root.certificate)
    missing = verdict(tmp_path, press)
    without = verdict(tmp_path, press, revocation=False)

    put(tmp_path, TRUSTED_LISTS, root.revocations(root.issue(key)))

    assert missing.startswith("crl_missing: There is no revocation list of CN=Works CA")
    assert (without, verdict(tmp_path, press)) == ("trusted", "trusted")


def test_a_revoked_certificate_is_refused_even_when_it_was_compared(tmp_path: Path, root: Authority, key: Any) -> None:
    """Whether an authority is trusted, or the certificate itself, or its fingerprint; with or without lists needed."""
    press = root.issue(key)
    put(tmp_path, TRUSTED, root.certificate)
    put(tmp_path, TRUSTED_LISTS, root.revocations(press))
    by_authority = verdict(tmp_path, press)
    put(tmp_path, TRUSTED, press)

    assert by_authority.startswith("revoked")
    assert verdict(tmp_path, press).startswith("revoked")
    assert verdict(tmp_path, press, text=fingerprint(press), revocation=False).startswith("revoked")


def test_an_outdated_list_is_refused_until_there_is_a_newer_one(tmp_path: Path, root: Authority, key: Any) -> None:
    """The newest counts."""
    press = root.issue(key)
    put(tmp_path, TRUSTED, root.certificate)
    put(tmp_path, TRUSTED_LISTS, root.revocations(due=NOW - DAY))
    outdated = verdict(tmp_path, press)

    put(tmp_path, TRUSTED_LISTS, root.revocations())

    assert outdated.startswith("crl_outdated")
    assert f"{NOW - DAY:%Y-%m-%d}" in outdated
    assert verdict(tmp_path, press) == "trusted"


def test_a_list_that_somebody_else_signed_is_no_list(tmp_path: Path, root: Authority, key: Any) -> None:
    """Though it says that it is the authority's."""
    put(tmp_path, TRUSTED, root.certificate)
    put(tmp_path, TRUSTED_LISTS, Authority.root().revocations())

    assert verdict(tmp_path, root.issue(key)).startswith("crl_missing")


@pytest.mark.parametrize("way", ["in the list", "sent by the server"])
def test_a_chain_is_verified_to_the_authority_that_is_trusted(
    tmp_path: Path, root: Authority, hall: Authority, key: Any, way: str
) -> None:
    """What lies between comes from the trust list or from the server; each link is looked up."""
    press = hall.issue(key)
    sent = (press, hall.certificate) if way == "sent by the server" else (press,)
    put(tmp_path, TRUSTED, root.certificate)
    put(tmp_path, TRUSTED_LISTS, root.revocations())
    unknown = verdict(tmp_path, press)
    if way == "in the list":
        put(tmp_path, ISSUERS, hall.certificate)
    unlisted = verdict(tmp_path, *sent)

    put(tmp_path, ISSUERS_LISTS, hall.revocations())

    assert unknown.startswith("untrusted")
    assert unlisted.startswith("crl_missing: There is no revocation list of CN=Hall CA")
    assert verdict(tmp_path, *sent) == "trusted"


@pytest.mark.parametrize("trusted", ["root", "hall"])
def test_a_revoked_authority_vouches_for_nobody(
    tmp_path: Path, root: Authority, hall: Authority, key: Any, trusted: str
) -> None:
    """Neither between nor at the end of the way."""
    put(tmp_path, TRUSTED if trusted == "root" else ISSUERS, root.certificate)
    put(tmp_path, TRUSTED if trusted == "hall" else ISSUERS, hall.certificate)
    put(tmp_path, TRUSTED_LISTS, root.revocations(hall.certificate))
    put(tmp_path, ISSUERS_LISTS, hall.revocations())

    assert verdict(tmp_path, hall.issue(key)).startswith("revoked")


def test_what_cannot_be_verified_is_told_with_the_reason(tmp_path: Path, root: Authority, key: Any) -> None:
    """Run out, signed by somebody else of the same name, or vouched for by who may not."""
    put(tmp_path, TRUSTED, root.certificate)
    put(tmp_path, TRUSTED_LISTS, root.revocations())
    outdated = root.issue(key, until=NOW - DAY)
    server = Authority(key, root.issue(key, "Works CA"))
    put(tmp_path, ISSUERS, server.certificate)

    assert verdict(tmp_path, outdated).startswith("chain")
    assert f"{NOW - DAY:%Y-%m-%d}" in verdict(tmp_path, outdated)
    assert verdict(tmp_path, Authority.root().issue(key)).startswith("chain")
    assert verdict(tmp_path, server.issue(key)).startswith("chain")


def test_a_file_of_no_use_stands_in_nobodys_way(tmp_path: Path, root: Authority, key: Any) -> None:
    """It is named to whoever is not trusted."""
    press = root.issue(key)
    put(tmp_path, TRUSTED, b"no certificate", "broken.der")
    told = verdict(tmp_path, press)
    put(tmp_path, TRUSTED, press)

    assert told.startswith("file")
    assert "broken.der" in told
    assert verdict(tmp_path, press) == "trusted"


def test_our_own_certificate_beside_the_list_is_not_in_it(tmp_path: Path, root: Authority, key: Any) -> None:
    """Nor is anything else that lies in the folder."""
    press = root.issue(key)
    put(tmp_path, "", press, "opcua.der")

    assert verdict(tmp_path, press).startswith("untrusted")


def test_a_word_is_kept_where_it_is_looked_for(tmp_path: Path, root: Authority, key: Any) -> None:
    """Trusted, renewed, refused: the last word counts, and the name of the file is one that tools understand."""
    old, new = root.issue(key, "Press/../1"), root.issue(key, "Press 2")
    list_ = TrustList(tmp_path)

    file = list_.trust(old)
    assert verdict(tmp_path, old) == "trusted"
    list_.trust(new, instead_of=fingerprint(old))
    assert verdict(tmp_path, new) == "trusted"
    assert verdict(tmp_path, old).startswith("changed")
    list_.refuse(new)
    assert verdict(tmp_path, new).startswith("untrusted")

    assert file.name.startswith("Press_.._1 [")
    assert [one.parent.parent.name for one in tmp_path.rglob("*.der")] == ["rejected"]


def test_a_chain_is_read_as_it_is_sent(root: Authority, hall: Authority, key: Any) -> None:
    """One certificate behind the other."""
    chain = [hall.issue(key), hall.certificate, root.certificate]

    assert read_chain(b"".join(one.public_bytes(Encoding.DER) for one in chain)) == chain
    assert read_chain(None) == []
    assert application_uri(chain[0]) == "urn:press"
    with pytest.raises(ValueError, match="parsing"):
        read_chain(b"\x30\x05garbage")
