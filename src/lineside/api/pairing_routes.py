"""How an OPC UA source and its server know each other, and a person's word on it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from lineside.api.guard import identity_of, needs
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.connect import Pairing, application_uri, fingerprint, paired_options, thumbprint
from lineside.errors import ConfigurationError
from lineside.node import Node, now_us
from lineside.trust import Permission

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


class WordAsked(Struct, forbid_unknown_fields=True):
    """What a person says of the certificate whose SHA-256 fingerprint they compared."""

    fingerprint: str
    trusted: bool


@get("/api/sources/{source:str}/pairing", opt=needs(Permission.READ_SOURCES))
async def pairing_view(node: TheNode, request: Request[Any, Any, Any], source: FromPath[str]) -> dict[str, Any]:
    """What an OPC UA server shows, whether it is trusted, and what it must know of this node."""
    return await _pairing(node, request, source)


@post("/api/sources/{source:str}/pairing", opt=needs(Permission.TRUST_SOURCES), status_code=200)
async def pairing_decide(
    node: TheNode, request: Request[Any, Any, Any], source: FromPath[str], data: JSONBody[WordAsked]
) -> dict[str, Any]:
    """Trusts or refuses the certificate that the server shows, if it is the one with this fingerprint."""
    who = identity_of(request)
    await node.pairings.decide(source, data.fingerprint, who.name, trusted=data.trusted, by=who.who)
    return await _pairing(node, request, source)


@post("/api/sources/{source:str}/certificate", opt=needs(Permission.TRUST_SOURCES), status_code=200)
async def certificate_make(node: TheNode, request: Request[Any, Any, Any], source: FromPath[str]) -> dict[str, Any]:
    """Makes this node's own certificate, where it has none yet."""
    await asyncio.to_thread(node.pairings.make_own)
    return await _pairing(node, request, source)


@get("/api/sources/{source:str}/certificate", opt=needs(Permission.READ_SOURCES))
async def certificate_own(node: TheNode, source: FromPath[str]) -> Response[bytes]:
    """This node's own certificate in DER, which the server must trust; its key stays here."""
    from cryptography.hazmat.primitives.serialization import Encoding

    own = (await node.pairings.look(source)).own
    if own is None:
        raise ConfigurationError("node.pairing_no_own", source=source)
    headers = {"Content-Disposition": 'attachment; filename="lineside-opcua.der"'}
    return Response(own.public_bytes(Encoding.DER), media_type="application/pkix-cert", headers=headers)


async def _pairing(node: Node, request: Request[Any, Any, Any], source: str) -> dict[str, Any]:
    pairing, language = await node.pairings.look(source), language_of(request)
    shown = None if pairing.shown is None else pairing.shown.certificate
    last = await asyncio.to_thread(node.pairings.last, source)
    before = await asyncio.to_thread(node.pairings.last, source, trusted=True)
    expected = {*pairing.pinned, *([before.fingerprint.replace(":", "")] if before is not None else [])}
    return {
        "source": source,
        "secured": pairing.secured,
        "offers": [] if pairing.shown is None else list(pairing.shown.offers),
        "logins": [] if pairing.shown is None else list(pairing.shown.logins),
        "application": None if pairing.shown is None else pairing.shown.application,
        "shown": None if shown is None else _certificate(shown),
        "trusted": pairing.secured is not None and pairing.shown is not None and pairing.trouble is None,
        "decidable": pairing.decidable,
        "key": None if pairing.trouble is None else pairing.trouble.key,
        "reason": None if pairing.trouble is None else pairing.trouble.sentence(language),
        "cure": None if pairing.trouble is None else pairing.trouble.cure(language),
        "expected": sorted(":".join(one[at : at + 2] for at in range(0, 64, 2)) for one in expected),
        "last": last
        and {
            "trusted": last.trusted,
            "who": last.who,
            "time_ms": last.time_us // 1000,
            "fingerprint": last.fingerprint,
            "subject": last.subject,
        },
        "own": None if pairing.own is None else _certificate(pairing.own),
        "options": _options(node, pairing),
    }


def _options(node: Node, pairing: Pairing) -> str | None:
    """What the source lacks for an encrypted session, where the server offers one."""
    if pairing.secured is not None or pairing.shown is None or pairing.shown.best is None or pairing.own is None:
        return None
    return paired_options(pairing.shown.best, *node.pairings.own)


def _certificate(certificate: Certificate) -> dict[str, Any]:
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "self_signed": certificate.issuer == certificate.subject,
        "application": application_uri(certificate),
        "since_ms": round(since.timestamp() * 1000),
        "until_ms": round(until.timestamp() * 1000),
        "in_time": since.timestamp() <= now_us() / 1e6 <= until.timestamp(),
        "sha256": fingerprint(certificate),
        "sha1": thumbprint(certificate),
    }
