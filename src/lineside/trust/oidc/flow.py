"""One way to the provider and back, bound to the browser that began it.

The browser holds a cookie; `state`, `nonce` and the verifier of PKCE are derived from it with a key that this process
alone has. So nothing is kept of a sign-in that is begun, however many are, and one that comes back to another browser,
to another provider's address, twice or too late is refused. A restart of the node ends those on their way.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from lineside.errors import NotIdentified
from lineside.trust.secrets import same

SIGN_IN_S = 600
"""How long a sign-in may be on its way."""
_MOST_USED = 10_000


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in on its way: what the browser keeps, and what is made of it."""

    cookie: str
    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier (S256)."""
        return _text(sha256(self.verifier.encode()).digest())


@dataclass(slots=True)
class Flows:
    """Begins and ends them; `clock_s` is any clock that goes forward."""

    clock_s: Callable[[], float]
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _used: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def begin(self, provider: str) -> Flow:
        """A new one, to a provider."""
        return self._of(f"{provider}.{int(self.clock_s())}.{secrets.token_urlsafe(32)}")

    def end(self, provider: str, cookie: str, state: str) -> Flow:
        """The one that this answer ends, once. Raises NotIdentified."""
        flow, now = self._of(cookie[:500]), self.clock_s()
        if not (state.isascii() and same(flow.state, state)):
            raise NotIdentified("sign_in.begin_again", provider=provider, minutes=SIGN_IN_S // 60)
        begun_with, begun, _ = cookie.rsplit(".", 2)
        if now - int(begun) > SIGN_IN_S:
            raise NotIdentified("sign_in.begin_again", provider=provider, minutes=SIGN_IN_S // 60)
        if begun_with != provider:
            raise NotIdentified("sign_in.mixed_up", provider=provider, found=begun_with)
        while self._used and now - next(iter(self._used.values())) > SIGN_IN_S:
            self._used.popitem(last=False)
        if flow.state in self._used or len(self._used) >= _MOST_USED:
            raise NotIdentified("sign_in.replayed", provider=provider)
        self._used[flow.state] = now
        return flow

    def _of(self, cookie: str) -> Flow:
        made = (
            hmac.digest(self._key, f"{what} {cookie}".encode(), "sha256") for what in ("state", "nonce", "verifier")
        )
        return Flow(cookie, *map(_text, made))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
