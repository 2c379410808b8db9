"""Envelopes: what is signed, by whom, and what is refused."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from lineside.errors import UnusableData
from lineside.exchange import MOST_BYTES, Envelope, pae
from lineside.trust import Key

KIND = "http://example.com/HelloWorld"


def a_key(folder: Path, name: str = "one") -> Key:
    """A new key."""
    return Key.make(folder / f"{name}.key")


def test_what_is_signed_is_what_the_protocol_says() -> None:
    """The example of the DSSE protocol: its type and payload give these bytes."""
    assert pae(KIND, b"hello world") == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_an_envelope_comes_back_as_it_was_sent(tmp_path: Path) -> None:
    """Payload, type and signatures survive the way, and the signature still holds."""
    key = a_key(tmp_path)
    sent = Envelope.sign(KIND, b"hello world", key)

    came = Envelope.parse(sent.json())

    assert came == sent
    assert came.signed_by(key.public)


def test_a_foreign_program_may_choose_the_other_alphabet(tmp_path: Path) -> None:
    """DSSE allows base64 for URLs as well, and fields that nobody asked for."""
    sent = json.loads(Envelope.sign(KIND, b"\xfb\xff\xfe", a_key(tmp_path)).json())
    sent["payload"] = base64.urlsafe_b64encode(b"\xfb\xff\xfe").decode()
    sent["more"] = {"of": "something"}

    assert Envelope.parse(json.dumps(sent).encode()).payload == b"\xfb\xff\xfe"


@pytest.mark.parametrize("changed", ["payload", "payloadType"])
def test_whoever_changes_a_byte_has_no_signature(tmp_path: Path, changed: str) -> None:
    """The payload cannot be changed, nor passed off as something of another kind."""
    key = a_key(tmp_path)
    told = json.loads(Envelope.sign(KIND, b"hello world", key).json())
    told[changed] = base64.b64encode(b"hello World").decode() if changed == "payload" else KIND + "s"

    assert not Envelope.parse(json.dumps(told).encode()).signed_by(key.public)


def test_two_keys_may_sign_and_a_third_did_not(tmp_path: Path) -> None:
    """A new key is shown by the old one and by itself."""
    old, new, other = (a_key(tmp_path, name) for name in ("old", "new", "other"))

    both = Envelope.parse(Envelope.sign(KIND, b"x", old, new).json())

    assert (both.signed_by(old.public), both.signed_by(new.public), both.signed_by(other.public)) == (True, True, False)


def test_the_hint_of_the_key_is_not_believed(tmp_path: Path) -> None:
    """Who writes another's fingerprint beside a signature of their own is not taken for them."""
    mine, theirs = a_key(tmp_path, "mine"), a_key(tmp_path, "theirs")
    told = json.loads(Envelope.sign(KIND, b"x", mine).json())
    told["signatures"][0]["keyid"] = json.loads(Envelope.sign(KIND, b"x", theirs).json())["signatures"][0]["keyid"]

    assert not Envelope.parse(json.dumps(told).encode()).signed_by(theirs.public)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"payload": "aGk=", "payloadType": "x", "signatures": []}',
        b'{"payload": "aGk", "payloadType": "x", "signatures": [{"sig": "aGk="}]}',
        b'{"payload": "a\xff", "payloadType": "x", "signatures": [{"sig": "aGk="}]}',
        b'{"payload": "aGk=", "payloadType": "x", "signatures": [' + b'{"sig": "aGk="},' * 4 + b'{"sig": "aGk="}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_envelope_is_refused_with_a_cure(text: bytes) -> None:
    """Nothing, other JSON, cut base64, no signature or too many: one clear error."""
    with pytest.raises(UnusableData) as refused:
        Envelope.parse(text)

    assert refused.value.key == "exchange.no_envelope"
    assert refused.value.cure()


def test_a_cut_envelope_is_refused(tmp_path: Path) -> None:
    """However much of it arrived."""
    whole = Envelope.sign(KIND, b"hello world", a_key(tmp_path)).json()

    for end in range(len(whole)):
        with pytest.raises(UnusableData):
            Envelope.parse(whole[:end])


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    """A payload has a bound, and what is far beyond is not even decoded."""
    key = a_key(tmp_path)
    large = Envelope.sign(KIND, b"x" * (MOST_BYTES + 1), key).json()

    for text in (large, b" " * (2 * MOST_BYTES + 1)):
        with pytest.raises(UnusableData) as refused:
            Envelope.parse(text)
        assert refused.value.key == "exchange.too_large"
