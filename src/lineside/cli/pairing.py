"""Makes a node and an OPC UA server known to each other: shows the server's certificate, and makes the node's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import click

from lineside.cli.plants import require_plant
from lineside.cli.terminal import words
from lineside.connect import fingerprint, look_at_server, make_certificate, without_password
from lineside.errors import Unreachable

KEYS = "keys"
BEST = (
    "Aes256Sha256RsaPss/SignAndEncrypt",
    "Aes128Sha256RsaOaep/SignAndEncrypt",
    "Basic256Sha256/SignAndEncrypt",
    "Aes256Sha256RsaPss/Sign",
    "Aes128Sha256RsaOaep/Sign",
    "Basic256Sha256/Sign",
)


def pair(url: str, folder: Path) -> None:
    """Prints what the server shows, and the options to write when a person has compared its fingerprint.

    Raises Unreachable for a server that does not answer or offers no encryption.
    """
    require_plant(folder)
    shown = asyncio.run(look_at_server(url))
    certificate = shown.certificate
    best = _best(shown.offers)
    if certificate is None or best is None:
        raise Unreachable("cli.pair.open", url=without_password(url), offered=", ".join(shown.offers) or "-")
    click.echo(words("pair.server", url=without_password(url), application=shown.application))
    click.echo(words("pair.certificate", subject=certificate.subject.rfc4514_string()))
    click.echo(words("pair.valid", until=certificate.not_valid_after_utc.date().isoformat()))
    click.secho(words("pair.fingerprint", fingerprint=fingerprint(certificate)), bold=True)
    click.echo(words("pair.offers", offers=", ".join(shown.offers), logins=", ".join(shown.logins) or "-"))
    own, key = make_certificate(folder.resolve() / KEYS)
    click.echo(words("pair.own", file=own))
    click.echo(words("pair.next"))
    security = ",".join([*best.split("/"), str(own), str(key)])
    options = {"security": security, "trust": fingerprint(certificate)}
    told = ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in options.items())
    click.echo(f"options = {{ {told} }}")


def _best(offers: Sequence[str]) -> str | None:
    return next((offer for offer in BEST if offer in offers), None)
