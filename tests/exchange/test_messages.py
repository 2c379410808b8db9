"""What travels in envelopes, and the catalogue by which it is meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import (
    INVITATION,
    STATEMENT,
    Envelope,
    Submission,
    Value,
    catalogue,
    decoded,
    encoded,
    month_name,
    month_number,
    signer,
)
from lineside.rules import Confidence
from lineside.trust import Key, key_given_over
from lineside.trust.ledger.heads import key_signature

SUBMISSION = Submission(
    hub="0" * 32,
    member=7,
    number=1,
    previous="1" * 64,
    made_ms=1_790_000_000_000,
    month="2026-10",
    catalogue="2026-11",
    values=(
        Value(indicator="oee", value=0.61, coverage=0.97, evidence="2" * 64),
        Value(indicator="lead_time", absent="no_orders"),
        Value(indicator="energy_per_unit", value=1.5, origin="entered"),
    ),
)


def sealed(told: object, kind: str = STATEMENT) -> Envelope:
    """An envelope of a payload; its signature matters nothing here."""
    return Envelope(kind, json.dumps(told).encode(), (("", b""),))


def plain() -> dict[str, Any]:
    """The submission as JSON."""
    found: dict[str, Any] = json.loads(encoded(SUBMISSION))
    return found


def test_a_submission_comes_back_as_it_was_said() -> None:
    """With what is measured, what is absent and why, and what was entered by hand."""
    assert decoded(sealed(plain())) == SUBMISSION


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", 0),
        ("number", 2**53),
        ("number", 1.5),
        ("previous", "1" * 63),
        ("month", "2026-13"),
        ("month", "2026-1"),
        ("values", []),
        ("values", [{"indicator": "oee", "value": 0.5}] * 201),
        ("values", [{"indicator": "oee", "value": "0.5"}]),
        ("values", [{"indicator": "oee", "coverage": 1.01}]),
        ("values", [{"indicator": "oee", "absent": "the dog ate it"}]),
        ("values", [{"indicator": "oee", "origin": "guessed"}]),
        ("say", "something"),
        ("more", 1),
    ],
)
def test_what_does_not_fit_is_refused_and_told(name: str, value: object) -> None:
    """A hub takes no statement that it would have to interpret; the error says where it does not fit."""
    with pytest.raises(UnusableData) as refused:
        decoded(sealed(plain() | {name: value}))

    assert refused.value.key == "exchange.no_record"
    assert refused.value.cure()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_value_is_a_finite_number(number: str) -> None:
    """What no number is does not come in by the back door of JSON."""
    text = json.dumps(plain()).replace("0.61", number)

    with pytest.raises(UnusableData):
        decoded(Envelope(STATEMENT, text.encode(), (("", b""),)))


def test_one_kind_is_not_taken_for_another() -> None:
    """A submission in an envelope for invitations is none, and neither is what nobody knows."""
    with pytest.raises(UnusableData):
        decoded(sealed(plain(), INVITATION))
    with pytest.raises(UnusableData) as refused:
        decoded(sealed(plain(), "text/plain"))
    assert refused.value.key == "exchange.no_kind"


@given(some.integers(1000 * 12, 2999 * 12 + 11))
def test_months_count_as_the_calendar_does(number: int) -> None:
    """Each number is a month and back; the next month is one more."""
    assert month_number(month_name(number)) == number


def test_a_month_is_named_as_the_standard_does() -> None:
    """October 2026, and nothing that is no month."""
    assert month_number("2026-10") == 2026 * 12 + 9
    for wrong in ("2026-00", "2026-13", "26-10", "2026-10-01", ""):
        with pytest.raises(UnusableData):
            month_number(wrong)


def test_every_indicator_says_what_it_means_and_how_sure_that_is() -> None:
    """Names and meanings in both languages, bounds that a value can lie in, a grid finer than they are wide."""
    for one in catalogue().indicators.values():
        assert one.names.keys() == one.meanings.keys() == {"en", "zh"}
        assert one.low < one.high
        assert 0 < one.step < one.high - one.low
        assert 0 <= one.coverage <= 1
        assert one.source
        assert one.confidence in set(Confidence)


def test_the_six_of_the_first_hour_are_computed() -> None:
    """Availability, OEE, lead time, first pass yield, connected share and recovery time need nobody to enter them."""
    six = ("availability", "oee", "lead_time", "first_pass_yield", "connected_share", "recovery_time")

    assert all(catalogue().of(one).computed for one in six)


def test_an_unknown_indicator_is_named() -> None:
    """With those that there are."""
    with pytest.raises(ConfigurationError, match="luck"):
        catalogue().of("luck")


def test_a_hub_is_known_by_the_keys_that_followed(tmp_path: Path) -> None:
    """Whoever knows the first key follows the word of each; a key that nobody gave over is not believed."""
    hub = "0" * 32
    first, second, third, other = (Key.make(tmp_path / name) for name in "abcd")
    chain = [
        (second.public.hex(), key_signature(first, hub, second.public)),
        (third.public.hex(), key_signature(second, hub, third.public)),
    ]
    answer = Envelope.sign(STATEMENT, b"{}", third)

    assert key_given_over(first.public, hub, second.public, chain[0][1])
    assert signer(answer, hub, first.public, chain) == third.public
    assert signer(answer, hub, second.public, chain) == third.public
    for known, word in ((first, chain[1:]), (other, chain), (first, [])):
        with pytest.raises(UnusableData) as refused:
            signer(answer, hub, known.public, word)
        assert refused.value.key == "exchange.other_signer"
