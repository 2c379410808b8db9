"""The file by which a hub invites: who it is, where it answers, what it asks the factory to agree to."""

from __future__ import annotations

from urllib.parse import urlsplit

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import INVITATION, Envelope, Invitation, decoded
from lineside.trust import is_loopback, trusting


def invitation_of(text: bytes, now_ms: int) -> tuple[Invitation, Envelope]:
    """The invitation that a file is, signed by the key it names. Whose key that is, people compare.

    Raises UnusableData for what is none, ConfigurationError where its time is over or its address cannot be asked.
    """
    envelope = Envelope.parse(text.strip())
    found = decoded(envelope) if envelope.kind == INVITATION else None
    if not isinstance(found, Invitation) or not envelope.signed_by(bytes.fromhex(found.key)):
        raise UnusableData("member.no_invitation")
    if found.expires_ms <= now_ms:
        raise ConfigurationError("member.invitation_over", hub=found.name)
    if found.address:
        _check_address(found)
    return found, envelope


def _check_address(invitation: Invitation) -> None:
    try:
        address = urlsplit(invitation.address)
        host, _ = address.hostname or "", address.port
    except ValueError as error:
        raise ConfigurationError("member.address", address=invitation.address[:200]) from error
    safe = address.scheme == "https" or (address.scheme == "http" and is_loopback(host))
    if not safe or not host or address.username or address.query or address.fragment:
        raise ConfigurationError("member.address", address=invitation.address[:200])
    if invitation.authority:
        try:
            trusting(invitation.authority)
        except ValueError as error:
            raise UnusableData("member.authority", hub=invitation.name) from error
