"""Talks to a provider of OpenID Connect: its document, its keys, and what it gives for a code.

This and nothing else of the room opens connections, to the addresses that the plant file and the provider's own
document name; over TLS, but to this computer.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import msgspec

from lineside.errors import ConfigurationError, NotIdentified, Unreachable
from lineside.plant import SignIn, is_private
from lineside.trust.oidc.tokens import told_words

if TYPE_CHECKING:
    import httpx
    from joserfc.jwk import Key, KeySet

WAIT_S, LONGEST_S = 10.0, 20.0
LARGEST = 1_000_000
FRESH_S = 3_600.0
"""So long a provider's document and keys are believed without asking anew."""
AGAIN_S = 10.0
"""So long after they were fetched an unknown key makes nobody ask again."""
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint")
_NEEDED = _ENDPOINTS[:3]


@dataclass(slots=True)
class Provider:
    """One provider, as an edition of the plant file describes it; `folder` is where its files lie."""

    settings: SignIn
    folder: Path
    _document: dict[str, Any] = field(default_factory=dict)
    _read_s: float = 0.0
    _keys: KeySet | None = None
    _keys_s: float = 0.0

    async def document(self) -> Mapping[str, Any]:
        """What it says of itself. Raises Unreachable, ConfigurationError."""
        if self._document and monotonic() - self._read_s < FRESH_S:
            return self._document
        told = self.settings
        url = told.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found, _ = await self._ask("GET", url)
        if found.get("issuer") != told.issuer:
            where = {"provider": told.name, "issuer": told.issuer, "found": told_words(str(found.get("issuer")))}
            raise ConfigurationError("sign_in.other_issuer", **where)
        for name in _ENDPOINTS:
            address = found.get(name)
            if address is None and name not in _NEEDED:
                continue
            if not isinstance(address, str) or not is_private(address):
                raise ConfigurationError(
                    "sign_in.insecure", provider=told.name, what=name, url=told_words(str(address))
                )
        methods = found.get("code_challenge_methods_supported")
        if isinstance(methods, list) and "S256" not in methods:
            raise ConfigurationError("sign_in.no_pkce", provider=told.name)
        self._document, self._read_s = found, monotonic()
        return found

    async def keys(self, *, anew: bool = False) -> KeySet:
        """The keys it signs with; `anew` asks again, but not again and again. Raises Unreachable."""
        from joserfc.jwk import KeySet

        age_s = monotonic() - self._keys_s
        if self._keys is not None and age_s < (AGAIN_S if anew else FRESH_S):
            return self._keys
        url = (await self.document())["jwks_uri"]
        found, _ = await self._ask("GET", url)
        told = found.get("keys")
        usable = [key for one in (told if isinstance(told, list) else ()) if (key := _key(one)) is not None]
        if not usable:
            raise self._nonsense(url, "keys")
        self._keys = KeySet(usable)
        self._keys_s = monotonic()
        return self._keys

    async def redeem(self, code: str, verifier: str, redirect: str) -> tuple[dict[str, Any], float | None]:
        """What it gives for a code, and what its clock shows (seconds since 1970). Raises LinesideError."""
        document = await self.document()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        secret, basic = self.secret(), None
        if secret is None:
            form["client_id"] = self.settings.client_id
        else:
            ways = document.get("token_endpoint_auth_methods_supported")
            if not isinstance(ways, list) or "client_secret_basic" in ways:
                basic = (quote_plus(self.settings.client_id), quote_plus(secret))
            else:
                form |= {"client_id": self.settings.client_id, "client_secret": secret}
        return await self._ask("POST", document["token_endpoint"], form, basic=basic)

    async def about(self, access_token: str) -> dict[str, Any]:
        """What it tells of who has an access token; nothing where it has no place for that."""
        url = (await self.document()).get("userinfo_endpoint")
        if url is None:
            return {}
        return (await self._ask("GET", url, token=access_token))[0]

    def secret(self) -> str | None:
        """The client secret; none for a public client. Raises ConfigurationError where it is named and not there."""
        told = self.settings
        if told.secret_file is None:
            if told.secret_env is None:
                return None
            if not (found := os.environ.get(told.secret_env)):
                raise ConfigurationError("sign_in.secret_missing", provider=told.name, variable=told.secret_env)
            return found
        path = self.folder / told.secret_file
        try:
            mode, text = path.stat().st_mode, path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError("sign_in.secret_unreadable", provider=told.name, file=str(path)) from error
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            where = {"provider": told.name, "file": str(path), "mode": f"{stat.S_IMODE(mode):o}"}
            raise ConfigurationError("sign_in.secret_open", **where)
        return text

    def _trusted(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.settings.ca_file is not None:
            path = self.folder / self.settings.ca_file
            try:
                context.load_verify_locations(path)
            except OSError as error:  # of which ssl.SSLError is one
                where = {"provider": self.settings.name, "file": str(path), "reason": str(error)}
                raise ConfigurationError("sign_in.ca", **where) from error
        return context

    async def _ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        *,
        basic: tuple[str, str] | None = None,
        token: str | None = None,
    ) -> tuple[dict[str, Any], float | None]:
        """A JSON object, and the time in the answer's `Date`. Nothing that redirects is followed."""
        import httpx

        headers = {"Accept": "application/json"} | ({} if token is None else {"Authorization": f"Bearer {token}"})
        verify = await asyncio.to_thread(self._trusted) if url.startswith("https:") else False
        try:
            async with (
                asyncio.timeout(LONGEST_S),
                httpx.AsyncClient(verify=verify, timeout=WAIT_S, trust_env=False, proxy=self.settings.proxy) as client,
                client.stream(method, url, data=form, headers=headers, auth=basic) as answer,
            ):
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST:
                        raise self._nonsense(url, f"> {LARGEST} bytes")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            reason = told_words(str(error)) or type(error).__name__
            raise Unreachable("sign_in.unreachable", provider=self.settings.name, url=url, reason=reason) from error
        return self._read(url, answer, bytes(body)), _date_s(answer)

    def _read(self, url: str, answer: httpx.Response, body: bytes) -> dict[str, Any]:
        try:
            found = msgspec.json.decode(body)  # which refuses halves of letters and numbers that are none
        except (ValueError, RecursionError):
            found = None
        if answer.status_code in (400, 401) and isinstance(found, dict) and isinstance(found.get("error"), str):
            wrong = found["error"] in ("invalid_client", "unauthorized_client")
            reason = told_words(f"{found['error']} {found.get('error_description', '')}")
            if wrong:
                raise ConfigurationError("sign_in.client", provider=self.settings.name, reason=reason)
            raise NotIdentified("sign_in.denied", provider=self.settings.name, reason=reason)
        if answer.status_code != 200:
            raise self._nonsense(url, f"HTTP {answer.status_code}")
        if not isinstance(found, dict):
            raise self._nonsense(url, "JSON")
        return found

    def _nonsense(self, url: str, reason: str) -> Unreachable:
        return Unreachable("sign_in.answer", provider=self.settings.name, url=url, reason=reason)


def _key(told: Any) -> Key | None:
    """A key that signs, where it is one that is known here: a provider may publish others beside it."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry

    if not isinstance(told, dict) or told.get("use", "sig") != "sig" or told.get("kty") == "oct":
        return None
    try:
        return JWKRegistry.import_key(told)
    except (JoseError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        return None


def _date_s(answer: httpx.Response) -> float | None:
    try:
        return parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None
