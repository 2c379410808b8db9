"""Files that only the holder of a key can read, in the format age: other programs read them, too.

The format is age-encryption.org/v1 of C2SP. A file is sealed to a public key, so who makes backups every night holds
nothing that opens one. Pieces of 64 KiB are sealed by ChaCha20-Poly1305 under their number and whether they are the
last: none can be changed, left out, put elsewhere or come from another file without being found, and no byte is given
out before it is.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Self

from lineside.errors import ConfigurationError, UnusableData

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

_INTRO = b"age-encryption.org/v1\n"
_X25519 = b"age-encryption.org/v1/X25519"
_PIECE = 65_536
_TAG = 16
_LINE = 1000
_STANZAS = 100
_PUBLIC, _SECRET = "age", "AGE-SECRET-KEY-"
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


@dataclass(frozen=True, slots=True)
class OwnerKey:
    """A public key to which files are sealed, and the secret one that opens them where it is known."""

    public: bytes
    secret: bytes | None = None

    @classmethod
    def new(cls) -> Self:
        """A new one."""
        return cls._of(os.urandom(32))

    @classmethod
    def parse(cls, text: str, file: str) -> Self:
        """What a key file holds: its first line that is no comment. Raises ConfigurationError, which never shows it."""
        line = next((one.strip() for one in text.splitlines() if one.strip() and not one.startswith("#")), "")
        secret = line.upper().startswith(_SECRET)
        try:
            name, data = _from_bech32(line)
        except ValueError:
            raise ConfigurationError("trust.seal.key", file=file) from None
        if len(data) != 32 or name != (_SECRET if secret else _PUBLIC).lower():
            raise ConfigurationError("trust.seal.key", file=file)
        return cls._of(data) if secret else cls(data)

    @classmethod
    def _of(cls, secret: bytes) -> Self:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        return cls(X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw(), secret)

    @property
    def recipient(self) -> str:
        """The public key as it is written: `age1...`."""
        return _to_bech32(_PUBLIC, self.public)

    @property
    def identity(self) -> str:
        """The secret key as it is written. Raises ValueError where it is not known."""
        if self.secret is None:
            raise ValueError
        return _to_bech32(_SECRET.lower(), self.secret).upper()


class Sealing(io.RawIOBase):
    """Writes a sealed file into another; it is whole when this is closed."""

    def __init__(self, into: BinaryIO, key: OwnerKey) -> None:
        self._into, self._rest, self._number = into, bytearray(), 0
        file_key, nonce = os.urandom(16), os.urandom(16)
        header = _INTRO + _stanza(file_key, key.public) + b"---"
        into.write(header + b" " + _b64(_mac(file_key, header)) + b"\n" + nonce)
        self._cipher = _payload(file_key, nonce)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        """Takes all of it."""
        self._rest += data
        while len(self._rest) > _PIECE:  # one is kept back, as the last is sealed as such
            self._put(bytes(self._rest[:_PIECE]), last=False)
            del self._rest[:_PIECE]
        return len(data)

    def finish(self) -> None:
        """Writes the last piece. Without it the file is none."""
        self._put(bytes(self._rest), last=True)
        self._rest.clear()

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._into.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, None))
        self._number += 1


def opened(sealed: BinaryIO, key: OwnerKey, file: str, *, partly: bool = False) -> Iterator[bytes]:
    """The pieces of a sealed file, each given out when it is known to be genuine.

    Raises ConfigurationError for a key that does not open it, and UnusableData for what is damaged or no sealed file;
    `partly` gives zeros for a damaged piece instead, in its place, and ends where the file was cut.
    """
    from cryptography.exceptions import InvalidTag

    file_key = _open_header(sealed, key, file)
    nonce = sealed.read(16)
    if len(nonce) != 16:
        raise UnusableData("trust.seal.damaged", file=file, at=0)
    cipher = _payload(file_key, nonce)
    piece, number = sealed.read(_PIECE + _TAG), 0
    while True:
        after = sealed.read(_PIECE + _TAG)
        try:
            clear = cipher.decrypt(_nonce(number, last=not after), piece, None)
        except InvalidTag:
            if not partly:
                raise UnusableData("trust.seal.damaged", file=file, at=number * _PIECE) from None
            clear = _if_not_last(cipher, number, piece)
        if number and not clear and not partly:  # nothing ends an empty file only
            raise UnusableData("trust.seal.damaged", file=file, at=number * _PIECE)
        yield clear
        if not after:
            return
        piece, number = after, number + 1


def _if_not_last(cipher: ChaCha20Poly1305, number: int, piece: bytes) -> bytes:
    """A piece behind which the file was cut, else as many zeros as it would hold."""
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(_nonce(number, last=False), piece, None)
    except InvalidTag:
        return bytes(max(len(piece) - _TAG, 0))


def _open_header(sealed: BinaryIO, key: OwnerKey, file: str) -> bytes:
    """The key of a file, by the secret key of its owner."""
    header = sealed.read(len(_INTRO))
    if header != _INTRO:
        raise UnusableData("trust.seal.none", file=file)
    found = None
    for _ in range(_STANZAS):
        line = sealed.readline(_LINE)
        if line.startswith(b"--- "):
            break
        header += line
        if not line.startswith(b"-> ") or not line.endswith(b"\n"):
            raise UnusableData("trust.seal.damaged", file=file, at=0)
        body = b""
        while True:
            part = sealed.readline(_LINE)
            header += part
            body += part.rstrip(b"\n")
            if len(part) < 65:
                break
        words = line.split()
        if found is None and words[1:2] == [b"X25519"] and len(words) == 3:
            found = _unwrap(words[2], body, key)
    else:
        raise UnusableData("trust.seal.damaged", file=file, at=0)
    if found is None:
        raise ConfigurationError("trust.seal.other_key", file=file, key=key.recipient)
    if not hmac.compare_digest(line, b"--- " + _b64(_mac(found, header + b"---")) + b"\n"):
        raise UnusableData("trust.seal.damaged", file=file, at=0)
    return found


def _stanza(file_key: bytes, public: bytes) -> bytes:
    """The file's key, for the holder of the secret key alone."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    once = X25519PrivateKey.generate()
    share = once.public_key().public_bytes_raw()
    wrap = _hkdf(once.exchange(X25519PublicKey.from_public_bytes(public)), share + public, _X25519)
    return b"-> X25519 " + _b64(share) + b"\n" + _b64(ChaCha20Poly1305(wrap).encrypt(bytes(12), file_key, None)) + b"\n"


def _unwrap(share_text: bytes, body: bytes, key: OwnerKey) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        share, wrapped = _unb64(share_text), _unb64(body)
        if key.secret is None or len(wrapped) != 32:
            return None
        secret = X25519PrivateKey.from_private_bytes(key.secret)
        shared = secret.exchange(X25519PublicKey.from_public_bytes(share))
        return ChaCha20Poly1305(_hkdf(shared, share + key.public, _X25519)).decrypt(bytes(12), wrapped, None)
    except (ValueError, InvalidTag):
        return None


def _payload(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_hkdf(file_key, b"", b"header"), header, "sha256")


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _b64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unb64(text: bytes) -> bytes:
    data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    if _b64(data) != text:
        raise binascii.Error
    return data


def _sum(values: list[int]) -> int:
    """The checksum of Bech32, BIP 173."""
    total = 1
    for value in values:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            total ^= generator if top >> bit & 1 else 0
    return total


def _spread(name: str) -> list[int]:
    return [ord(letter) >> 5 for letter in name] + [0] + [ord(letter) & 31 for letter in name]


def _to_bech32(name: str, data: bytes) -> str:
    bits = int.from_bytes(data, "big") << 4  # 256 bits in 52 letters of 5
    values = [bits >> shift & 31 for shift in range(255, -1, -5)]
    check = _sum([*_spread(name), *values, *[0] * 6]) ^ 1
    values += [check >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{name}1{''.join(_LETTERS[value] for value in values)}"


def _from_bech32(text: str) -> tuple[str, bytes]:
    """The name and the data. Raises ValueError for a slip of the pen."""
    if text not in (text.lower(), text.upper()):
        raise ValueError
    name, _, letters = text.lower().rpartition("1")
    values = [_LETTERS.index(letter) for letter in letters]
    if len(values) != 58 or _sum([*_spread(name), *values]) != 1:
        raise ValueError
    bits = 0
    for value in values[:52]:
        bits = bits << 5 | value
    if bits & 15:
        raise ValueError
    return name, (bits >> 4).to_bytes(32, "big")
