from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lineside.connect import SourceSettings, source, sources
from lineside.errors import ConfigurationError

URLS = {
    "shdr": "tcp://127.0.0.1:7878",
    "mtconnect": "http://127.0.0.1:5000",
    "opcua": "opc.tcp://127.0.0.1:4840",
    "mqtt": "mqtts://127.0.0.1:8883",
    "sparkplug": "mqtt://127.0.0.1:1883",
    "modbus": "modbus://127.0.0.1:502",
}


def settings(type: str, url: str | None, options: Mapping[str, object]) -> SourceSettings:
    """Settings as a plant file gives them."""
    return SourceSettings.model_validate({"id": "mill", "type": type, "url": url, "options": options})


def refused(type: str, url: str | None, **options: Any) -> ConfigurationError:
    """What settings are refused for."""
    with pytest.raises(ConfigurationError) as raised:
        source(settings(type, url, options), {})
    return raised.value


def test_the_built_in_types_are_installed() -> None:
    """They register as anybody's would."""
    assert {*URLS, "push"} <= set(sources())


def test_every_type_says_what_it_promises() -> None:
    """A plant must know what is kept for it while the node is away."""
    promises = {name: type.PROMISE.value for name, type in sources().items()}

    assert (
        promises.items()
        >= {
            "mqtt": "acknowledged",
            "mtconnect": "replayable",
            "opcua": "best effort",
            "push": "acknowledged",
            "shdr": "best effort",
            "sparkplug": "best effort",
            "modbus": "best effort",
        }.items()
    )


def test_an_unknown_type_lists_those_that_are_installed() -> None:
    """The cure names every type there is."""
    error = refused("abacus", None)

    assert error.key == "connect.type_unknown"
    assert all(type in (error.cure() or "") for type in URLS)


@pytest.mark.parametrize("type", URLS)
def test_an_unknown_option_lists_those_that_are_known(type: str) -> None:
    """A slip in an option is never ignored."""
    error = refused(type, URLS[type], conect_s=3)

    assert error.key == "connect.option_unknown"
    assert "conect_s" in error.sentence()
    assert "connect_s" in (error.cure() or "")


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        ("shdr", "connect_s", 0),
        ("shdr", "connect_s", 301),
        ("shdr", "connect_s", "3"),
        ("shdr", "connect_s", True),
        ("shdr", "connect_s", float("nan")),
        ("shdr", "relative_time", 1),
        ("shdr", "relative_time", "yes"),
        ("mtconnect", "count", 0),
        ("mtconnect", "heartbeat_s", -1),
        ("opcua", "queue", 10_001),
        ("opcua", "user", 7),
    ],
)
def test_an_option_of_the_wrong_type_or_range_is_refused(type: str, name: str, value: object) -> None:
    """The error names source, option and value."""
    error = refused(type, URLS[type], **{name: value})

    assert error.key == "connect.option_value"
    assert (error.fields["source"], error.fields["name"]) == ("mill", name)


@pytest.mark.parametrize("type", URLS)
def test_every_default_is_a_value_of_its_option(type: str) -> None:
    """Writing a default down changes nothing."""
    options = {name: option.default for name, option in sources()[type].OPTIONS.items()}

    assert source(settings(type, URLS[type], options), {}).settings.options == options


@pytest.mark.parametrize(
    ("type", "url"),
    [
        ("shdr", None),
        ("shdr", ""),
        ("shdr", "http://127.0.0.1:7878"),
        ("shdr", "tcp://127.0.0.1:99999"),
        ("shdr", "tcp://:7878"),
        ("mtconnect", None),
        ("mtconnect", "127.0.0.1:5000"),
        ("mtconnect", "ftp://127.0.0.1"),
        ("mtconnect", "http://127.0.0.1:99999"),
        ("mtconnect", "http://[::1"),
        ("opcua", None),
        ("opcua", "http://127.0.0.1:4840"),
        ("opcua", "opc.tcp://127.0.0.1:99999"),
        ("opcua", "opc.tcp://127.0.0.1:port"),
        ("opcua", "opc.tcp://"),
        ("mqtt", None),
        ("mqtt", "http://127.0.0.1"),
        ("mqtt", "mqtt://"),
        ("mqtt", "mqtt://127.0.0.1:99999"),
        ("sparkplug", "tcp://127.0.0.1"),
        ("modbus", None),
        ("modbus", "tcp://127.0.0.1:502"),
        ("modbus", "modbus://"),
        ("modbus", "modbus://127.0.0.1:0"),
        ("modbus", "modbus://127.0.0.1:99999"),
        ("modbus", "modbus://127.0.0.1/1"),
    ],
)
def test_an_address_no_machine_can_have_is_refused_at_once(type: str, url: str | None) -> None:
    """Before anything is connected, with an example of how to write it."""
    error = refused(type, url)

    assert error.key == "connect.url"
    assert URLS[type].partition("127")[0] in (error.cure() or "")


@pytest.mark.parametrize(
    ("type", "url"),
    [
        ("shdr", "tpc://me:geheim@mill"),
        ("mtconnect", "ftp://me:geheim@mill"),
        ("opcua", "http://me:geheim@mill"),
        ("mqtt", "mqtt://me:geheim@mill:99999"),
    ],
)
def test_a_refused_address_does_not_show_its_password(type: str, url: str) -> None:
    """Errors are logged and shown to everybody."""
    error = refused(type, url)

    assert "geheim" not in f"{error}{error.cure()}{error.fields}"
