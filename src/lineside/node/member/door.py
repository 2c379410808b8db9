"""The one place where a member's words leave the node, over HTTPS or for a file, each of them past the outlet."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from lineside.errors import ConfigurationError, Unreachable
from lineside.exchange import Answer, Envelope, Invitation
from lineside.trust import Outlet, Parcel, trusting
from lineside.valve import HUB

if TYPE_CHECKING:
    import httpx

FORM = "application/json"
PATH = "/api/exchange"
_WITHIN_S = 30.0
_MOST_ANSWER = 64_000_000
_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL


@dataclass(frozen=True, slots=True)
class Letter:
    """One envelope for a hub, the things it tells of, and what it is among others."""

    envelope: Envelope
    things: frozenset[str]
    what: str
    days: float = 0.0
    """How long a time it tells of."""
    beside: tuple[Envelope, ...] = ()
    """What the hub signed of it before, for a hub that has lost it since."""

    @property
    def shown(self) -> bytes:
        """What the hub signed, as it goes with the letter: one envelope a line."""
        return b"".join(one.json() + b"\n" for one in self.beside)


def parcel_of(hub: str, letter: Letter) -> Parcel:
    """A letter as the outlet sees it: the very bytes that are signed, which the envelope wraps."""
    return Parcel(HUB, hub, letter.things, letter.envelope.payload, FORM, letter.what, letter.days)


class Door:
    """To one hub."""

    def __init__(self, outlet: Outlet, invitation: Invitation) -> None:
        self._outlet, self._invitation = outlet, invitation

    def send(self, letter: Letter, leaving: Callable[[], object] = lambda: None) -> Answer:
        """What the hub answers to a letter; `leaving` is done once it may leave, before any of it does.

        Raises Withheld, or Unreachable where the hub gives no answer to it.
        """
        import httpx

        address = self._invitation.address
        if not address:
            raise ConfigurationError("member.no_address", hub=self._invitation.name)
        _let_out(self._outlet, self._invitation.hub, letter)
        leaving()
        try:
            with httpx.Client(verify=self._verify(), timeout=_WITHIN_S, trust_env=False) as client:
                form = {"Content-Type": "application/jsonl", "Accept": "application/jsonl"}
                body = letter.envelope.json() + b"\n" + letter.shown
                with client.stream("POST", address.rstrip("/") + PATH, content=body, headers=form) as response:
                    return _answer(response, letter.envelope.sha256, address)
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise _unreachable(address, error) from error

    def written(self, letters: Sequence[Letter]) -> bytes:
        """The text of a file by which somebody carries letters. Raises Withheld: then none of them may leave."""
        for letter in letters:
            _let_out(self._outlet, self._invitation.hub, letter)
        return b"".join(letter.envelope.json() + b"\n" + letter.shown for letter in letters)

    def _verify(self) -> ssl.SSLContext:
        authority = self._invitation.authority
        return trusting(authority) if authority else ssl.create_default_context()


def _unreachable(address: str, error: BaseException) -> Unreachable:
    """Why a hub gives no answer, told apart by who has to do something."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code == _EXPIRED:
            return Unreachable("member.expired", address=address)
        if isinstance(cause, socket.gaierror):
            return Unreachable("member.no_name", address=address)
        cause = cause.__cause__ or cause.__context__
    return Unreachable("member.unreachable", address=address, reason=str(error) or repr(error))


def _let_out(outlet: Outlet, hub: str, letter: Letter) -> None:
    outlet.let_out(parcel_of(hub, letter))


def _answer(response: httpx.Response, sha256: str, address: str) -> Answer:
    """The answer to the envelope of this hash."""
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > _MOST_ANSWER:
            raise Unreachable("member.unreachable", address=address, reason="too much")
    if response.status_code != HTTPStatus.OK:
        raise Unreachable("member.status", address=address, status=response.status_code)
    for answer in answers_of(bytes(content)):
        if answer.sha256 == sha256:
            return answer
    raise Unreachable("member.no_answer", address=address)


def answers_of(text: bytes) -> Iterator[Answer]:
    """The answers in a text, one a line; lines that are none are passed over."""
    for line in text.splitlines():
        try:
            yield Answer.parse(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
