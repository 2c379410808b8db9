from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asyncua.common.utils import ServiceError
from asyncua.crypto.cert_gen import (
    dump_private_key_as_pem,
    generate_private_key,
)
from asyncua.server.server import Server
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lineside.connect import MemorySink, SourceState, fingerprint, look_at_server, make_certificate
from lineside.connect.opcua_security import read_security
from lineside.connect.opcua_trust import read_certificate
from lineside.errors import ConfigurationError, Unreachable
from lineside.plant import Kind
from tests.connect.authority import Authority, put
from tests.connect.opcua_secured import Doorman, application, serving

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]

WANTED: dict[str, Kind] = {"ns=2;s=Load": "measure"}
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore:.*datachange_callback:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:.*datachange_callback:RuntimeWarning"),
]


@dataclass
class Press:
    """A server with all policies and logins, and the files to meet it."""

    url: str
    certificate: x509.Certificate
    own: tuple[Path, Path]
    user: tuple[Path, Path]
    server: Server
    doorman: Doorman

    def options(
        self, policy: str = "Basic256Sha256", mode: str = "SignAndEncrypt", **more: object
    ) -> dict[str, object]:
        """Options of a source that trusts this server."""
        security = ",".join([policy, mode, *map(str, self.own)])
        return {"publishing_ms": 50, "security": security, "trust": fingerprint(self.certificate), **more}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def press(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Press]:
    """One server for all tests: keys take a second each."""
    folder = tmp_path_factory.mktemp("pki")
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    key, certificate = application("Press", "urn:press")
    user_key, user = application("reader", "urn:reader")
    files = (folder / "user.der", folder / "user.pem")
    files[0].write_bytes(user.public_bytes(Encoding.DER))
    files[1].write_bytes(dump_private_key_as_pem(user_key))
    doorman = Doorman(user)
    async with serving(folder, key, certificate, doorman) as (server, url):
        yield Press(url, certificate, make_certificate(folder / "keys"), files, server, doorman)
    logging.getLogger("asyncua").setLevel(logging.NOTSET)


async def told(listening: Listening, url: str, options: dict[str, object]) -> str:
    """That values come, or what the source says of itself instead, in words with the cure."""
    async with listening(url, WANTED, options=options) as sink:
        await sink.until(lambda s: bool(s.observations) or any(one.state is SourceState.DEGRADED for one in s.told))
        if sink.observations:
            return "values"
        last = next(one for one in sink.told if one.state is SourceState.DEGRADED)
    return f"{last.key}: {last.sentence()} {last._replace(key=f'{last.key}.cure').sentence()}"


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
@pytest.mark.parametrize("policy", ["Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"])
async def test_every_policy_gives_values(listening: Listening, press: Press, policy: str, mode: str) -> None:
    """Signed, and encrypted."""
    assert await told(listening, press.url, press.options(policy, mode)) == "values"


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("login", ["anonymous", "password", "certificate"])
async def test_every_login_is_let_in(
    listening: Listening, press: Press, monkeypatch: pytest.MonkeyPatch, login: str, secure: bool
) -> None:
    """Nobody, a user with a password, a user with a certificate; with and without encryption."""
    monkeypatch.setenv("LINESIDE_OPCUA_PASSWORD", "right")
    logins: dict[str, dict[str, Any]] = {
        "anonymous": {},
        "password": {"user": "reader"},
        "certificate": {"user_cert": str(press.user[0]), "user_key": str(press.user[1])},
    }
    options = press.options(**logins[login]) if secure else {"publishing_ms": 50, **logins[login]}

    assert (await told(listening, press.url, options)) == "values"
    assert press.doorman.last == login


async def test_a_wrong_password_is_told_as_such(
    listening: Listening, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where to look."""
    monkeypatch.setenv("LINESIDE_OPCUA_PASSWORD", "wrong")

    said = await told(listening, press.url, press.options(user="reader"))

    assert said.startswith("connect.opcua.login")
    assert "wrong" not in said


async def test_a_server_nobody_trusts_yet_is_shown_and_not_met(listening: Listening, press: Press) -> None:
    """With the fingerprint to compare; no session is opened."""
    sessions = press.server.iserver.isession

    said = await told(listening, press.url, press.options(trust=""))

    assert said.startswith("connect.opcua.untrusted")
    assert fingerprint(press.certificate) in said
    assert press.server.iserver.isession is sessions


async def test_a_server_that_does_not_trust_us_is_told_as_such(
    listening: Listening, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With where to let it trust us, instead of a code."""

    async def distrust(certificate: object, application: object) -> None:
        del certificate, application
        raise ServiceError(0x801A0000)  # BadCertificateUntrusted

    monkeypatch.setattr(press.server.iserver, "certificate_validator", distrust)

    said = await told(listening, press.url, press.options())

    assert said.startswith("connect.opcua.distrusted")
    assert "urn:lineside:node" in said


async def test_another_certificate_is_refused(
    listening: Listening, press: Press, tmp_path: Path, free_port: int
) -> None:
    """Who answers at the same address with another certificate is told with both, and gets no session."""
    key, certificate = application("Press", "urn:press")
    async with serving(tmp_path, key, certificate, Doorman(certificate), free_port) as (_, url):
        said = await told(listening, url, press.options())

    assert said.startswith("connect.opcua.changed")
    assert fingerprint(certificate) in said
    assert fingerprint(press.certificate).replace(":", "") in said


async def test_a_server_that_shows_a_certificate_that_is_not_its_own_is_not_met(
    listening: Listening, press: Press, tmp_path: Path, free_port: int
) -> None:
    """The trusted certificate with another key: the channel cannot be made."""
    key, _ = application("Press", "urn:press")
    async with serving(tmp_path, key, press.certificate, Doorman(press.certificate), free_port) as (_, url):
        said = await told(listening, url, press.options() | {"connect_s": 2})

    assert said != "values"


@pytest.mark.parametrize("way", ["file", "folder", "fingerprint in small letters"])
async def test_trust_is_a_fingerprint_a_file_or_a_folder(
    listening: Listening, press: Press, tmp_path: Path, way: str
) -> None:
    """However a person keeps it."""
    file = tmp_path / "press.der"
    file.write_bytes(press.certificate.public_bytes(Encoding.DER))
    small = fingerprint(press.certificate).replace(":", " ").lower()
    trust = {"file": str(file), "folder": str(tmp_path)}.get(way, small)

    assert (await told(listening, press.url, press.options(trust=trust))) == "values"


async def test_what_a_server_does_not_offer_is_told_with_what_it_does(listening: Listening, press: Press) -> None:
    """Not as an error of the library."""
    said = await told(listening, press.url, press.options("Basic128Rsa15"))

    assert said.startswith("connect.opcua.no_endpoint")
    assert "Basic256Sha256/SignAndEncrypt" in said


@pytest.mark.parametrize("wrong", ["security", "trust", "user_cert"])
async def test_files_of_no_use_are_named(listening: Listening, press: Press, tmp_path: Path, wrong: str) -> None:
    """Not called a machine that cannot be reached."""
    (tmp_path / "no.der").write_bytes(b"no certificate")
    file = str(tmp_path / "no.der")
    value = f"Basic256Sha256,Sign,{file},{press.own[1]}" if wrong == "security" else file

    said = await told(listening, press.url, press.options(**{wrong: value}))

    assert said.startswith("connect.opcua.file")
    assert "no.der" in said


@pytest.mark.parametrize("text", ["Basic256Sha256", "Basic1,Sign,a,b", "Basic256Sha256,Seal,a,b", "None,Sign,a,b"])
async def test_security_that_means_nothing_is_a_mistake_in_the_plant_file(text: str) -> None:
    """With the policies and modes there are."""
    with pytest.raises(ConfigurationError, match=text.partition(",")[0]) as refused:
        read_security("press", text)

    assert "Aes256Sha256RsaPss" in str(refused.value.cure())


async def test_who_an_authority_vouches_for_is_met_while_its_list_says_so(
    listening: Listening, tmp_path: Path, free_port: int
) -> None:
    """A server behind two authorities, the list missing, there, and with the server in it; and each time the cure."""
    root = Authority.root()
    hall = root.below("Hall CA")
    key = generate_private_key()
    certificate = hall.issue(key)
    keys = tmp_path / "keys"
    own = make_certificate(keys)
    put(keys, "trusted/certs", root.certificate)
    put(keys, "trusted/crl", root.revocations())
    put(keys, "issuers/certs", hall.certificate)
    security = f"Basic256Sha256,SignAndEncrypt,{own[0]},{own[1]}"
    options = {"publishing_ms": 50, "security": security}
    async with serving(tmp_path, key, certificate, Doorman(certificate), free_port) as (_, url):
        missing = await told(listening, url, options)
        file = put(keys, "issuers/crl", hall.revocations())
        listed = await told(listening, url, options)
        file.write_bytes(hall.revocations(certificate))
        revoked = await told(listening, url, options)

    assert missing.startswith("connect.opcua.crl_missing")
    assert str(keys / "trusted" / "crl") in missing
    assert listed == "values"
    assert revoked.startswith("connect.opcua.revoked")
    assert fingerprint(certificate) in revoked


async def test_a_server_shows_itself_to_anybody(press: Press) -> None:
    """Certificate, policies, logins, its name; who is no server is told."""
    shown = await look_at_server(press.url)

    assert shown.certificate == press.certificate
    assert {"None", "Basic256Sha256/SignAndEncrypt"} <= set(shown.offers)
    assert {"Anonymous", "UserName", "Certificate"} <= set(shown.logins)
    with pytest.raises(Unreachable):
        await look_at_server("opc.tcp://127.0.0.1:1")
    with pytest.raises(ConfigurationError):
        await look_at_server("http://127.0.0.1:1")


async def test_our_own_certificate_is_made_once_and_its_key_is_ours_alone(tmp_path: Path) -> None:
    """It holds the application URI that servers look for."""
    certificate, key = make_certificate(tmp_path / "keys")
    before = certificate.read_bytes(), key.read_bytes()

    assert make_certificate(tmp_path / "keys") == (certificate, key)
    assert (certificate.read_bytes(), key.read_bytes()) == before
    assert key.stat().st_mode & 0o077 == 0
    names = read_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["urn:lineside:node"]
