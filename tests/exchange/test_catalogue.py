"""Editions of the catalogue: what one means by a value, and what the next one takes over."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.resources import files

import pytest

from lineside.errors import UnusableData
from lineside.exchange import catalogue, shown

FIRST = "2026-11"
IN_FORCE = {FIRST: "5e4446e2cf3fe56a96ef8f6c9944c25e4342a75487da877e21110a37395410ce"}
"""Editions that values were said by, and the SHA-256 of their text."""


def test_an_edition_that_was_in_force_never_changes() -> None:
    """What was said by it would mean something else."""
    folder = files("lineside.exchange").joinpath("data/indicators")
    for edition, digest in IN_FORCE.items():
        assert sha256(folder.joinpath(f"{edition}.toml").read_bytes()).hexdigest() == digest


def test_what_an_indicator_takes_over_is_the_same_there() -> None:
    """Unit, formula, bounds of what can be, coverage and meaning in both languages, since the edition that it names."""
    now = catalogue()
    for one in now.indicators.values():
        there = now.read(one.since)
        assert there is not None
        before = there.of(one.id)
        assert before.since == one.since
        for field in ("unit", "formula", "meanings", "better", "low", "high", "coverage", "compared"):
            assert getattr(before, field) == getattr(one, field), (one.id, field)


def test_editions_know_those_before_them_and_not_those_after() -> None:
    """So a value of a newer one is never misread."""
    first, now = catalogue(FIRST), catalogue()

    assert now.read(FIRST) == first
    assert first.read(now.edition.id) is None
    assert first.precedes(now.edition.id)
    assert not now.precedes(FIRST)
    assert not any(now.precedes(one) for one in ("1999-01", "2027-13", "next", ""))
    assert now.means("oee", FIRST)
    assert now.means("twin_in_use", now.edition.id)
    assert not now.means("twin_in_use", FIRST)
    assert not first.means("oee", now.edition.id)
    with pytest.raises(UnusableData) as raised:
        catalogue("1999-01")
    assert raised.value.key == "exchange.no_edition"


def test_evidence_is_worked_out_where_its_edition_means_the_same() -> None:
    """A document of the edition before is read as one of today; one of an edition to come is not guessed at."""
    told = {
        "catalogue": FIRST,
        "indicator": "connected_share",
        "month": "2026-10",
        "window_us": [0, 1],
        "value": 0.5,
        "from": {"machines": ["a", "b"], "connected": ["a"]},
    }

    assert shown(json.dumps(told)).again == 0.5
    nameless = {name: value for name, value in told.items() if name != "catalogue"}
    for document, why in ((told | {"catalogue": "2031-01"}, "evidence_edition"), (nameless, "no_evidence")):
        with pytest.raises(UnusableData) as raised:
            shown(json.dumps(document))
        assert raised.value.key == f"exchange.{why}"
