from __future__ import annotations

import pytest

from lineside.plant import local_zone


@pytest.mark.parametrize("name", ["Asia/Shanghai", ":Asia/Shanghai"])
def test_the_zone_of_the_environment_is_believed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """TZ names the zone, with or without the colon POSIX allows."""
    monkeypatch.setenv("TZ", name)

    assert local_zone().key == "Asia/Shanghai"


@pytest.mark.parametrize("name", ["", "Nowhere/Else", "CET-1CEST,M3.5.0,M10.5.0/3", "/"])
def test_a_zone_nobody_knows_is_passed_over(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A name that says nothing leaves the question to the system."""
    monkeypatch.delenv("TZ", raising=False)
    system = local_zone()
    monkeypatch.setenv("TZ", name)

    assert local_zone() == system
