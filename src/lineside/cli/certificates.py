"""The certificate that a node shows while it runs, and what people are told of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from lineside.cli.folders import require_house
from lineside.cli.signs import Sign, Verdict
from lineside.cli.terminal import language, words
from lineside.errors import ConfigurationError, LinesideError
from lineside.node import DATA
from lineside.trust import AUTHORITY, Authority, Shown, read_shown, validity_of

SOON_DAYS = 14
_LATE_DAYS = 7
"""The node's own authority has renewed it long before."""
_SYSTEMS = ("windows", "macos", "linux", "firefox", "android", "ios")
_log = logging.getLogger(__name__)


class Credentials:
    """What is shown now; looked at again and again, as certificates end, and what comes instead may be of no use."""

    def __init__(self, read: Callable[[], Shown]) -> None:
        self._read = read
        self._told: object = None
        self.shown = read()
        self._warn(self.shown.wrong(datetime.now(UTC)))

    def look(self) -> bool:
        """Whether another certificate is shown from now on; the one before stays where the new one is of no use."""
        now = datetime.now(UTC)
        try:
            found = self._read()
            if found.fingerprint == self.shown.fingerprint:
                wrong = found.wrong(now)
                if wrong is None and found.left(now).days < SOON_DAYS and found.file.name != "node.pem":
                    wrong = ConfigurationError("tls.soon", file=str(found.file), days=found.left(now).days)
                self._warn(wrong)
                return False
            if (wrong := found.wrong(now)) is not None:
                raise wrong
        except LinesideError as error:
            self._warn(error)
            return False
        self.shown, self._told = found, None
        _log.info("a new certificate is shown, valid until %s", found.until)
        return True

    def _warn(self, error: LinesideError | None) -> None:
        """Says once what is wrong, and again when something else is."""
        told = None if error is None else (error.key, {**error.fields, "now": ""})
        if error is not None and told != self._told:
            _log.warning("%s %s", error, error.cure())
        self._told = told


def brought(certificate: Path, key: Path, names: tuple[str, ...]) -> Credentials:
    """Those of the node's owner. Raises ConfigurationError for files of no use, or of another computer."""

    def read() -> Shown:
        shown = read_shown(certificate, key)
        shown.require(names)
        return shown

    return Credentials(read)


def authority_of(folder: Path) -> Authority:
    """That of a plant's node or of a hub, made or not."""
    return Authority(folder / DATA / AUTHORITY)


def made(authority: Authority, names: tuple[str, ...]) -> Credentials:
    """Those of the node's own authority. Raises ConfigurationError for what it cannot answer for."""

    def read() -> Shown:
        shown = authority.shown(datetime.now(UTC))
        shown.require(names)
        return shown

    return Credentials(read)


def certificate_signs(folder: Path, shown: str | None) -> Iterator[Sign]:
    """How long the certificate holds that a node shows, or would show: that of its own authority."""
    file = authority_of(folder).node
    try:
        if shown is None:
            if not file.exists():
                return
            shown = read_shown(file, file).pem
        since, until = validity_of(shown)
    except LinesideError as error:
        yield Sign("wrong", error.sentence(language()), error.cure(language()))
        return
    now = datetime.now(UTC)
    if now < since:
        moment = f"{since:%Y-%m-%d %H:%M}"
        yield Sign("wrong", words("doctor.certificate_early", since=moment), words("doctor.certificate_early.cure"))
        return
    days = (until - now).days
    ended = words("doctor.certificate_ended", days=(now - until).days)
    text = words("doctor.certificate", days=days) if days >= 0 else ended
    verdict: Verdict = "wrong" if days < 0 else "note" if days < _LATE_DAYS else "well"
    yield Sign(verdict, text, words("doctor.certificate.cure"))


def certify(folder: Path, names: tuple[str, ...], *, anew: bool, as_json: bool) -> None:
    """Makes a plant's authority where there is none, or another one if asked, and says how to trust it."""
    require_house(folder)
    authority = authority_of(folder)
    now = datetime.now(UTC)
    if authority.exists and not anew:
        authority.shown(now).require(names)
    elif not names:
        raise ConfigurationError("tls.no_authority", folder=str(folder))
    else:
        authority.make(names, now)
    shown = authority.shown(now)
    told = {
        "file": str(authority.file),
        "names": list(authority.names),
        "fingerprint": authority.fingerprint,
        "until": shown.until.isoformat(timespec="seconds"),
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(words("certificate.authority", file=authority.file, names=", ".join(authority.names)))
    click.secho(words("certificate.fingerprint", fingerprint=authority.fingerprint), bold=True)
    click.echo(words("certificate.until", until=f"{shown.until:%Y-%m-%d}"))
    click.echo(words("certificate.trust"))
    for system in _SYSTEMS:
        click.echo(f"  {words(f'certificate.{system}', file=authority.file)}")
    click.echo(words("certificate.next", folder=folder))
