from __future__ import annotations

import pytest

from lineside.trust import is_loopback, is_own_origin


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_this_machine_is_loopback(host: str) -> None:
    """The name and every address by which a machine reaches itself."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.0", "::", "192.168.0.7", "10.0.0.1", "localhost.evil.example", "127.0.0.1.evil.example", "8.8.8.8"],  # noqa: S104 - shown to be refused
)
def test_nothing_else_is_loopback(host: str) -> None:
    """Neither all interfaces, nor a neighbour, nor a name that only begins like one."""
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, "127.0.0.1:8000"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://localhost:8000", "localhost:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("http://localhost", "localhost"),
    ],
)
def test_a_page_of_this_node_may_ask(origin: str | None, host: str) -> None:
    """A browser on the node's own page, or a program that is no browser, is let in."""
    assert is_own_origin(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", "127.0.0.1:8000"),
        ("http://127.0.0.1:9000", "127.0.0.1:8000"),
        ("http://localhost:8000", "127.0.0.1:8000"),
        ("http://127.0.0.1:8000.evil.example", "127.0.0.1:8000"),
        ("null", "127.0.0.1:8000"),
        ("", "127.0.0.1:8000"),
        ("http://evil.example", "evil.example"),
    ],
)
def test_a_page_of_another_place_may_not_ask(origin: str, host: str) -> None:
    """Another site, another port, another name, or a page without any place."""
    assert not is_own_origin(origin, host)


@pytest.mark.parametrize("host", ["rebound.example:8000", "192.168.0.7:8000", "", "[::1", "[x]:80"])
def test_a_host_that_is_not_loopback_is_refused_even_without_origin(host: str) -> None:
    """A name that merely resolves to this machine, or no host at all, gets nothing (DNS rebinding)."""
    assert not is_own_origin(None, host)


def test_an_origin_nobody_can_read_is_refused() -> None:
    """A malformed origin is an answer of no, not an error."""
    assert not is_own_origin("http://[::1", "127.0.0.1:8000")
