from __future__ import annotations

import base64

import pytest

from lineside.trust.totp import address, digits_at, new_key, step_of

RFC_KEY = base64.b32encode(b"12345678901234567890").decode()
"""Of RFC 6238, appendix B."""


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_digits_are_those_of_the_standard(seconds: int, digits: str) -> None:
    """Every example of RFC 6238 with SHA-1."""
    assert digits_at(RFC_KEY, seconds // 30, 8) == digits


def test_digits_count_once_and_a_clock_may_be_off_by_half_a_minute() -> None:
    """The step before and after are taken, older ones and used ones are not."""
    now_us = 1_234_567_890 * 1_000_000
    step = 1_234_567_890 // 30

    assert [step_of(RFC_KEY, digits_at(RFC_KEY, step + off), now_us, 0) for off in (-2, -1, 0, 1, 2)] == [
        None,
        step - 1,
        step,
        step + 1,
        None,
    ]
    assert step_of(RFC_KEY, digits_at(RFC_KEY, step), now_us, step) is None


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２３４５６", "1234567"])
def test_what_are_no_digits_is_refused(typed: str) -> None:
    """Nonsense is wrong, not an error."""
    assert step_of(RFC_KEY, typed, 1_234_567_890 * 1_000_000, 0) is None


def test_an_app_reads_the_key() -> None:
    """The address names plant and account, whatever they are called."""
    key = new_key()

    assert len(base64.b32decode(key)) == 20
    assert address(key, "王", "Works 1") == f"otpauth://totp/Works%201%3A%E7%8E%8B?secret={key}&issuer=Works%201"
