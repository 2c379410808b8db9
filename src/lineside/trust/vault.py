"""Secrets that the node itself needs, sealed in the books by a key in a file beside them.

Who copies the books alone, and every backup that is not encrypted, has none of them.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from lineside.errors import ConfigurationError

SECRETS_KEY = "secrets.key"
_MARK = "sealed:"
_BYTES = 32
_NONCE = 12


class Vault:
    """Seals and opens by the key in a file, which is made with the first secret."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @staticmethod
    def is_sealed(text: str) -> bool:
        """Whether a text is one that was sealed."""
        return text.startswith(_MARK)

    def seal(self, text: str, about: str) -> str:
        """A secret as it may stand in the books, for what it is `about` and nothing else. Raises ConfigurationError."""
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        nonce = os.urandom(_NONCE)
        sealed = ChaCha20Poly1305(self._key() or self._make()).encrypt(nonce, text.encode(), about.encode())
        return _MARK + base64.b64encode(nonce + sealed).decode()

    def open(self, text: str, about: str) -> str | None:
        """The secret; None where the key is not there, or was not the one."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        key = self._key()
        if key is None:
            return None
        try:
            data = base64.b64decode(text.removeprefix(_MARK), validate=True)
            return ChaCha20Poly1305(key).decrypt(data[:_NONCE], data[_NONCE:], about.encode()).decode()
        except (binascii.Error, ValueError, InvalidTag):
            return None

    def _key(self) -> bytes | None:
        try:
            key = bytes.fromhex(self._file.read_text("ascii"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError("trust.vault", file=str(self._file), reason=error.strerror) from error
        except ValueError as error:
            raise ConfigurationError("trust.vault", file=str(self._file), reason="hex?") from error
        if len(key) != _BYTES:
            raise ConfigurationError("trust.vault", file=str(self._file), reason=f"{len(key)} B")
        return key

    def _make(self) -> bytes:
        key = os.urandom(_BYTES)
        try:
            with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as into:
                into.write(key.hex() + "\n")
                into.flush()
                os.fsync(into.fileno())
        except OSError as error:
            raise ConfigurationError("trust.vault", file=str(self._file), reason=error.strerror) from error
        return key
