"""Passwords: what is taken for one, and argon2id with OWASP's parameters.

OWASP's Password Storage Cheat Sheet names several settings of argon2id that guard equally well; this is the one with
19 MiB, two passes and one lane, which takes the least memory of those it recommends without a caveat.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from lineside.errors import ConfigurationError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 128
EVERYBODY_TRIES = (
    *("administrator", "manufacturing", "1234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "lineside", "password"),
    *("passwort", "operator", "engineer", "factory", "machine", "admin", "plant", "mima"),
)
"""Words of such a place, and rows of keys, longer ones first. The manual lists them (ASVS 6.1.2)."""
MARK_BYTES = 4
MEMORY_KIB, PASSES, LANES = 19_456, 2, 1


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def usable(password: str, name: str) -> str:
    """The password in one spelling of its letters. Raises ConfigurationError for one that is too easily guessed.

    What it shares with the account's name, which is in small letters, or with those words does not count. Rules about
    digits and signs make passwords worse (NIST SP 800-63B), so that length counts, and that it is in no list.
    """
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise ConfigurationError("trust.password_length", shortest=SHORTEST, longest=LONGEST)
    own = plain.casefold()
    for word in (name, *EVERYBODY_TRIES):
        own = own.replace(word, "")
    if len(set(plain.casefold())) < SHORTEST // 3 or len(own) < SHORTEST or _is_a_row(own):
        raise ConfigurationError("trust.password_easy")
    if is_leaked(plain) or is_leaked(own):
        raise ConfigurationError("trust.password_leaked")
    return plain


def _is_a_row(text: str) -> bool:
    """Whether it is the same few letters again and again, or letters in the order of the alphabet."""
    repeats = text in (text + text)[1:-1]
    return repeats or len({ord(after) - ord(before) for before, after in pairwise(text)}) == 1


def is_leaked(password: str) -> bool:
    """Whether a password is among the 10,000 of this length that leaks show most often; of others 2 in a million are.

    Kept of each is the beginning of its hash alone: `packaging/leaked_passwords.py` says how it is made and of what.
    """
    return mark(_normal(password).casefold()) in _leaked()


def mark(password: str) -> bytes:
    """What is kept of a leaked password."""
    return sha256(password.encode()).digest()[:MARK_BYTES]


@cache
def _leaked() -> frozenset[bytes]:
    marks = files("lineside.trust").joinpath("data/leaked_passwords.bin").read_bytes()
    return frozenset(marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES))


def hashed(password: str) -> str:
    """The hash of a password with its parameters and salt. Takes some 20 ms and 19 MiB."""
    return _hasher().hash(_normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one that is kept; as slow, and as sure to fail, where none is."""
    from argon2.exceptions import InvalidHashError, VerificationError

    known = kept or _nobody()
    try:
        _hasher().verify(known, (told := _normal(password))[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None and len(told) <= LONGEST


@cache
def _nobody() -> str:
    """A hash to compare with where there is none, so that who is not known takes the same time."""
    from lineside.trust.secrets import new_secret

    return hashed(new_secret())


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)
