"""How a node and an OPC UA server know each other: what each shows, and whether the other is trusted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lineside.connect.opcua import OpcUaSource
from lineside.connect.opcua_security import Shown, look_at_server
from lineside.connect.opcua_trust import TrustList, fingerprint, read_certificate
from lineside.connect.wording import without_password
from lineside.errors import ConfigurationError, LinesideError, Unreachable
from lineside.plant import SourceSettings

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LOOK_S = 10.0
COMPARABLE = frozenset({"connect.opcua.untrusted", "connect.opcua.changed"})
"""Reasons to refuse a server that a person may overrule, having compared."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """A source and its server: what the server shows, and what stands between them."""

    secured: str | None
    """How the session is to be secured; None where the plant file does not say."""
    shown: Shown | None
    """None while the server does not answer."""
    trouble: LinesideError | None
    """Why no encrypted session can be opened."""
    pinned: frozenset[str]
    """Fingerprints that the plant file names."""
    own: Certificate | None
    list: TrustList | None

    @property
    def decidable(self) -> bool:
        """Whether a person who has compared may trust or refuse what is shown."""
        return self.list is not None and self.trouble is not None and self.trouble.key in COMPARABLE


async def look_at_pairing(settings: SourceSettings, own: Path) -> Pairing:
    """How a source and its server stand now; `own` is where our certificate lies if the plant file does not say.

    Raises ConfigurationError for what is no OPC UA source, or is described wrongly.
    """
    if settings.type != "opcua":
        raise ConfigurationError("connect.opcua.no_pairing", source=settings.id, type=settings.type)
    source = OpcUaSource(settings, {})
    security = source.security
    file = own if security is None else Path(security.certificate)
    certificate = read_certificate(file) if file.exists() else None
    shown, trouble = None, None
    secured = None if security is None else f"{security.policy}/{security.mode}"
    try:
        shown = await look_at_server(settings.url or "", LOOK_S, secured)
        if secured is not None:
            _judge(source, shown, secured)
    except LinesideError as error:
        where = {"source": settings.id, "url": without_password(settings.url or "")}
        trouble = type(error)(error.key, **{**where, **error.fields})
    folder = None if security is None else TrustList(file.parent)
    return Pairing(secured, shown, trouble, source.trust.prints, certificate, folder)


def _judge(source: OpcUaSource, shown: Shown, secured: str) -> None:
    if not shown.chain:
        raise Unreachable("connect.opcua.no_endpoint", wanted=secured, offered=", ".join(shown.offers) or "-")
    source.trust.judge(list(shown.chain), datetime.now(UTC))


def paired_options(best: str, own: Path, key: Path, server: Certificate | None = None) -> str:
    """What to write into a source to meet a server so; with its certificate, whom to trust."""
    options = {"security": ",".join([*best.split("/"), str(own), str(key)])}
    if server is not None:
        options["trust"] = fingerprint(server)
    told = ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in options.items())
    return f"options = {{ {told} }}"
