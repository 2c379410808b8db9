"""Makes a node and an OPC UA server known to each other: shows the server's certificate, and makes the node's own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from lineside.cli.folders import require_plant
from lineside.cli.terminal import words
from lineside.connect import KEYS, fingerprint, look_at_server, make_certificate, paired_options, without_password
from lineside.errors import Unreachable


def pair(url: str, folder: Path) -> None:
    """Prints what the server shows, and the options to write when a person has compared its fingerprint.

    Raises Unreachable for a server that does not answer or offers no encryption.
    """
    require_plant(folder)
    shown = asyncio.run(look_at_server(url))
    certificate, best = shown.certificate, shown.best
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
    click.echo(paired_options(best, own, key, certificate))
