"""Hands parcels on to the node: one request at a time, no faster than agreed, and says what the node has done."""

from __future__ import annotations

import asyncio
import re
import ssl
from http import HTTPStatus
from time import monotonic
from typing import Any, Self

import httpx

from lineside.errors import ConfigurationError, LinesideError, Unreachable
from lineside.trust import fingerprint_of, trusting

CONNECT_S = 5.0
ANSWER_S = 20.0
LATEST_RETRY_S = 300.0
HEADERS = {"Content-Encoding": "gzip", "Content-Type": "application/x-ndjson"}


class Later(Unreachable):
    """The node is there and cannot take anything just now; ask again after `seconds`."""

    def __init__(self, node: str, seconds: float, reason: str) -> None:
        super().__init__("edge.later", node=node, seconds=f"{seconds:g}", reason=reason)
        self.seconds = seconds


class Node:
    """The node an edge works for. `async with` it; every call raises LinesideError that says why it did not work."""

    def __init__(self, url: str, values_per_s: float, token: str | None = None, trust: str | None = None) -> None:
        self.url = url
        self._rate = values_per_s
        self._turn = asyncio.Lock()
        self._proof = {} if token is None else {"Authorization": f"Bearer {token}"}
        secure = url.startswith("https:")
        by_print = trust is not None and "BEGIN" not in trust
        self._print = trust if secure and by_print else None
        self._client = _client(self._proof, _context(None if by_print else trust) if secure else None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def wanted(self, source: str) -> dict[str, str]:
        """The addresses that a source of the node wants, with their kinds."""
        content = self._content(source, await self._ask("GET", source))
        wanted = content.get("wanted")
        if not isinstance(wanted, dict):
            raise Unreachable("edge.not_a_node", node=self.url)
        return wanted

    async def give(self, source: str, body: bytes, rows: int) -> LinesideError | None:
        """Gives back when the node has stored a body; what it would not take of it, as an error, else None."""
        async with self._turn:
            began = monotonic()
            answer = await self._ask("POST", source, params={"edge": "true"}, content=body, headers=HEADERS)
            refusal = self._judged(source, answer, rows)
            await asyncio.sleep(rows / self._rate - (monotonic() - began))
        return refusal

    def _judged(self, source: str, answer: httpx.Response, rows: int) -> LinesideError | None:
        try:
            taken = self._content(source, answer).get("rows")
        except _Refused as refused:
            if refused.why == "connect.push.rows_refused":
                return LinesideError("edge.refused_rows", source=source, count=refused.count, reason=refused.first)
            if refused.why == "api.body_large":
                return LinesideError("edge.refused_rows", source=source, count=rows, reason=refused.detail)
            raise
        if taken != rows:
            raise Unreachable("edge.not_a_node", node=self.url)
        return None

    async def _ask(self, method: str, source: str, **content: Any) -> httpx.Response:
        try:
            if self._print is not None:
                await self._recognise(self._print)
            return await self._client.request(method, f"{self.url}/api/push/{source}", **content)
        except httpx.TimeoutException as error:
            raise Unreachable("edge.no_answer", node=self.url) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            if "CERTIFICATE_VERIFY_FAILED" in reason:
                why = reason.rpartition("verify failed: ")[2].partition(" (")[0]
                raise Unreachable("edge.untrusted", node=self.url, reason=why) from error
            raise Unreachable("edge.no_node", node=self.url, reason=reason) from error

    async def _recognise(self, fingerprint: str) -> None:
        """Asks the node for its authority, which is believed for its fingerprint alone, and from then on trusts that.

        The token is not sent on this way. Raises Unreachable for another authority.
        """
        async with _client({}, _unsure()) as stranger:
            answer = await stranger.get(f"{self.url}/api/authority")
        try:
            found = fingerprint_of(answer.text)
        except ValueError:
            raise Unreachable("edge.no_authority", node=self.url) from None
        if found.replace(":", "") != re.sub(r"[\s:]", "", fingerprint).upper():
            raise Unreachable("edge.other_authority", node=self.url, found=found, expected=fingerprint)
        await self._client.aclose()
        self._client, self._print = _client(self._proof, trusting(answer.text)), None

    def _content(self, source: str, answer: httpx.Response) -> dict[str, Any]:
        """What the node answers. Raises Later and _Refused when it refuses, Unreachable when it is no node."""
        if answer.status_code in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
            wait = answer.headers.get("retry-after", "")
            seconds = min(float(wait), LATEST_RETRY_S) if wait.isdecimal() else 10.0
            raise Later(self.url, seconds, _detail(answer))
        content = _json(answer)
        if answer.status_code == HTTPStatus.OK:
            return content
        if "key" not in content:
            raise Unreachable("edge.not_a_node", node=self.url)
        raise _Refused(self.url, source, content)


def _client(headers: dict[str, str], verify: ssl.SSLContext | None) -> httpx.AsyncClient:
    timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
    return httpx.AsyncClient(timeout=timeout, trust_env=False, headers=headers, verify=verify or _unsure())


def _context(pem: str | None) -> ssl.SSLContext:
    """What a certificate answers for, or what the system trusts. Raises ConfigurationError for what is none."""
    if pem is None:
        return ssl.create_default_context()
    try:
        return trusting(pem)
    except ValueError as error:
        raise ConfigurationError("edge.trust", trust="trust", reason=str(error)) from error


def _unsure() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _Refused(LinesideError):
    """The node refuses; `why` is the key of its own error."""

    def __init__(self, node: str, source: str, content: dict[str, Any]) -> None:
        fields = content.get("fields", {})
        self.why = content["key"]
        self.detail = str(content.get("detail", ""))
        self.count = int(fields.get("count", 0))
        self.first = next((finding["sentence"] for finding in content.get("findings", ())), "")
        if self.why == "api.push_nowhere":
            super().__init__("edge.no_source", node=node, source=source, known=fields.get("known", "-"))
        elif self.why.startswith("trust."):
            super().__init__("edge.not_let_in", node=node, source=source, reason=self.detail)
        else:
            super().__init__("edge.refused", node=node, source=source, reason=self.detail)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _detail(answer: httpx.Response) -> str:
    return str(_json(answer).get("detail") or answer.reason_phrase)
