"""A provider of OpenID Connect on a real socket, whose tokens PyJWT signs; a test says what it gets wrong."""

from __future__ import annotations

import base64
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Claims = dict[str, Any]


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key that signs."""
    return ec.generate_private_key(ec.SECP256R1())


class Provider:
    """Who signs in is `person`; every field may be changed while it runs."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.client_id, self.secret = "lineside", "s3cret+/ &"
        self.person: Claims = {"sub": "u-1", "preferred_username": "Anna", "groups": ["staff"], "amr": ["pwd", "otp"]}
        self.keys = {"k1": new_key()}
        self.signing: tuple[str, Any, str] = ("k1", self.keys["k1"], "ES256")
        """Which key the header names, which signs, and how."""
        self.document: Claims = {}
        """What its document says beside or instead."""
        self.change: Callable[[Claims], object] = lambda _: None
        """Last hand at the ID token."""
        self.about: Claims | None = None
        self.answers: Claims = {}
        """Added to what it says through the browser."""
        self.shift_s = 0.0
        """By which its clock is wrong."""
        self.token_answer: tuple[int, Claims] | None = None
        self.asked: list[str] = []
        self.codes: dict[str, Mapping[str, str]] = {}

    def now(self) -> float:
        """Its clock."""
        return time.time() + self.shift_s

    def described(self) -> Claims:
        """Its document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        } | self.document

    def key_set(self) -> Claims:
        """Its keys, those it does not sign with too."""
        known = [json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) for key in self.keys.values()]
        return {"keys": [{**one, "kid": kid, "use": "sig"} for kid, one in zip(self.keys, known, strict=True)]}

    def visit(self, address: str) -> dict[str, str]:
        """Signs the person in at the address a browser was sent to; what the browser takes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == self.client_id
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer} | self.answers

    def tokens(self, form: Mapping[str, str], basic: str) -> tuple[int, Claims]:
        """What it gives for a code, once."""
        if self.token_answer is not None:
            return self.token_answer
        known = base64.b64decode(basic.removeprefix("Basic ")).decode().split(":")
        if list(map(unquote_plus, known)) != [self.client_id, self.secret]:
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "the code is not known"}
        if asked["code_challenge"] != challenge.decode():
            return 400, {"error": "invalid_grant", "error_description": "the verifier does not fit"}
        return 200, {"id_token": self.id_token(asked["nonce"]), "access_token": "at", "token_type": "Bearer"}

    def id_token(self, nonce: str) -> str:
        """Who signed in."""
        now, access = int(self.now()), sha256(b"at").digest()[:16]
        claims = {"iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= {"at_hash": base64.urlsafe_b64encode(access).rstrip(b"=").decode(), **self.person}
        self.change(claims)
        kid, key, algorithm = self.signing
        return jwt.encode(claims, key, algorithm, headers={"kid": kid})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    provider: Provider

    def handle_error(self, *_: object) -> None:
        """Says nothing of who does not trust it."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The provider's own clock."""
        return formatdate(self.server.provider.now() if timestamp is None else timestamp, usegmt=True)

    def do_GET(self) -> None:
        """Its document, keys, page and what it tells of people."""
        provider, path = self.server.provider, urlsplit(self.path).path
        provider.asked.append(path)
        if path == "/authorize":
            address = parse_qs(urlsplit(self.path).query)["redirect_uri"][0]
            back = f"{address}?{urlencode(provider.visit(self.path))}".replace("&", "&amp;")
            self._send(200, f"<title>Works</title><a href='{back}'>I am Anna</a>".encode(), "text/html")
            return
        told = {
            "/.well-known/openid-configuration": provider.described(),
            "/keys": provider.key_set(),
            "/me": provider.about,
        }.get(path)
        self._send(404 if told is None else 200, json.dumps(told).encode())

    def do_POST(self) -> None:
        """What it gives for a code."""
        self.server.provider.asked.append(self.path)
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(text).items()}
        status, told = self.server.provider.tokens(form, self.headers.get("Authorization", ""))
        self._send(status, json.dumps(told).encode())

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def self_signed(folder: Path) -> Path:
    """A certificate for this computer with its key, in one file."""
    key, name = new_key(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Works")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    file = folder / "works.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM) + plain)
    return file


@contextmanager
def provider(certificate: Path | None = None) -> Iterator[Provider]:
    """A provider that runs; over TLS where it has a certificate."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.provider = Provider(server.server_address[1])
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.provider.issuer = server.provider.issuer.replace("http:", "https:")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.provider
        finally:
            server.shutdown()
            thread.join()
