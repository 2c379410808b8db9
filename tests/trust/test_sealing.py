"""Sealed files: read by others as theirs are read here, and every change found before its bytes are given out."""

from __future__ import annotations

import base64
import io
import os

import pytest

from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.trust import OwnerKey, Sealing, opened

KEY = "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG"
PUBLIC = "age13aqvttdk3ujkyjh9kg2w5an6dmy5mq5a84a4uxk3hfhnugfc9p0sy5p2wh"
FOREIGN = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBsZDZkRjVvWVAwUXdWOEUyUkN3aVdaeS9RZk5GSEdMeHZkYlphVXFZeFYwCnZVSnpINHU3Zm1H"
    "R2tHVTkxMndpdjJoa2JtMUhiTWpXNGxJbFNvMmZOb0kKLT4gcyInY2g1LC1ncmVhc2UgSF1OIGgtSG8rSi4KYnk2dE9QRDNvK3dTYWRNKzU5ZWxXK1Vt"
    "Tk9uT0I3dlFVajNhMVFNL3ZNTkt6dHhxTjFJVXNOeFVTWmZtR1JQUgpTMkg4Lyt6ampERGhIdlpHUzFXbDdQeGpVeFh1YW1DTXJISE1UNlZsTHRsMFZZ"
    "Qll4VG9tT1I3cys4VFpPYXMwCgotLS0gT3BxN2ZYY0JEbkROYVYrUEpWR0owZjNXcjhXekpOQW04UkdSUER2ZDVjVQroRUYR9dWFYhRpkTenRzUKCCqa"
    "rryOp9hRp6YUokDEjVIgAmTeEnDd"
)
"""The word "lineside", made by another program (rage) for this key, with a stanza of no meaning, as is allowed."""
PIECE = 65_536


def sealed(data: bytes, key: OwnerKey) -> bytes:
    """A sealed file."""
    into = io.BytesIO()
    sealing = Sealing(into, key)
    sealing.write(data)
    sealing.finish()
    return into.getvalue()


def read(file: bytes, key: OwnerKey) -> bytes:
    """All of it."""
    return b"".join(opened(io.BytesIO(file), key, "x"))


def test_what_another_program_sealed_is_read() -> None:
    """The format is not ours alone, and neither is the way keys are written."""
    key = OwnerKey.parse(f"# of the owner\n\n{KEY.lower()}\n", "x")

    assert read(FOREIGN, key) == b"lineside"
    assert (key.recipient, key.identity) == (PUBLIC, KEY)
    assert OwnerKey.parse(PUBLIC, "x").public == key.public


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5])
def test_what_is_sealed_is_read_again(size: int) -> None:
    """At every size around that of a piece, and shows nothing of what it holds."""
    key, data = OwnerKey.new(), os.urandom(size)

    file = sealed(data, key)

    assert read(file, key) == data
    assert size < 16 or data[:16] not in file


def changes(file: bytes, other: bytes) -> dict[str, bytes]:
    """What somebody may do to a file of three pieces and a bit."""
    body = file.index(b"\n--- ") + 5 + 44 + 16
    block = PIECE + 16
    pieces = [file[at : at + block] for at in range(body, len(file), block)]
    foreign = [other[at : at + block] for at in range(body, len(other), block)]
    head = file[:body]
    return {
        "cut within a piece": file[:-3],
        "cut after a piece": head + pieces[0] + pieces[1],
        "last left out": head + b"".join(pieces[:-1]),
        "one left out": head + pieces[0] + b"".join(pieces[2:]),
        "exchanged": head + pieces[1] + pieces[0] + b"".join(pieces[2:]),
        "one twice": head + pieces[0] + b"".join(pieces),
        "of another file": head + pieces[0] + foreign[1] + b"".join(pieces[2:]),
        "something after": file + b"x",
        "a piece after": file + pieces[-1],
        "an empty piece after": file + bytes(16),
        "header alone": head,
        "half a header": file[:60],
    }


def test_every_change_is_found_and_nothing_after_it_given_out() -> None:
    """Cut, left out, exchanged, doubled, swapped with another file of the same key, added to."""
    key, data = OwnerKey.new(), os.urandom(3 * PIECE + 5)
    wrong = changes(sealed(data, key), sealed(os.urandom(3 * PIECE + 5), key))
    given = {}

    for name, file in wrong.items():
        got: list[bytes] = []
        with pytest.raises(LinesideError):
            got.extend(opened(io.BytesIO(file), key, "x"))
        given[name] = data.startswith(b"".join(got)) and len(b"".join(got)) < len(data)

    assert given == dict.fromkeys(wrong, True)


def test_every_flipped_byte_is_found() -> None:
    """Anywhere in a small file: in its header, its sum, its nonce, its piece."""
    key = OwnerKey.parse(KEY, "x")
    for at in range(len(FOREIGN)):
        file = bytearray(FOREIGN)
        file[at] ^= 1
        with pytest.raises(LinesideError):
            read(bytes(file), key)


def test_another_key_opens_nothing_and_is_named() -> None:
    """By its public part, with what would open it."""
    key = OwnerKey.new()

    with pytest.raises(ConfigurationError) as refused:
        read(sealed(b"x", key), OwnerKey.parse(KEY, "x"))
    with pytest.raises(ConfigurationError):
        read(sealed(b"x", key), OwnerKey(key.public))

    assert (refused.value.key, PUBLIC in str(refused.value)) == ("trust.seal.other_key", True)


def test_what_is_no_sealed_file_is_told() -> None:
    """A folder's file named by mistake, an empty one, and one that never ends its header."""
    key = OwnerKey.parse(KEY, "x")
    for file in (b"", b"PK\x03\x04 an archive", b"age-encryption.org/v1\n" + b"-> x\n\n" * 10_000):
        with pytest.raises(UnusableData):
            read(file, key)


@pytest.mark.parametrize(
    "text",
    ["", "hello", KEY[:-1], KEY[:-1] + "H", KEY.replace("C", "D", 1), PUBLIC[:-1], PUBLIC.upper()[:9] + PUBLIC[9:]],
)
def test_a_slip_in_a_key_is_found_and_the_key_not_shown(text: str) -> None:
    """As it is typed from paper."""
    with pytest.raises(ConfigurationError) as refused:
        OwnerKey.parse(text, "key.txt")

    assert refused.value.key == "trust.seal.key"
    assert len(text) < 6 or text not in str(refused.value)
