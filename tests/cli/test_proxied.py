"""From where a request comes: as the connection says, and as a proxy says only where there is one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from lineside.api import Seats
from lineside.cli.serving import Served, configured

BEHIND = Served(behind="https://node.example")


async def where(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the address that a request is taken to come from."""
    del receive
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["client"][0].encode()})


@pytest.mark.parametrize(
    ("served", "peer", "told", "taken"),
    [
        (Served(), "127.0.0.1", "203.0.113.9", "127.0.0.1"),
        (Served(host="0.0.0.0", unencrypted=True), "192.0.2.7", "127.0.0.1", "192.0.2.7"),  # noqa: S104
        (BEHIND, "127.0.0.1", "203.0.113.9", "203.0.113.9"),
        (BEHIND, "127.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),
        (BEHIND, "192.0.2.7", "127.0.0.1", "192.0.2.7"),
    ],
)
async def test_nobody_says_they_come_from_elsewhere(
    monkeypatch: pytest.MonkeyPatch, served: Served, peer: str, told: str, taken: str
) -> None:
    """Not without a proxy, not past it, not by what somebody told the proxy, and not by the environment."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    config = configured(where, served, Seats(5), 8000)
    config.load()

    way = httpx.ASGITransport(app=config.loaded_app, client=(peer, 1234))
    async with httpx.AsyncClient(transport=way, base_url="http://node.example") as client:
        answer = await client.get("/", headers={"X-Forwarded-For": told})

    assert answer.text == taken
