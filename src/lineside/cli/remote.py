"""Talks to the node or hub that runs on a folder, over loopback: what is asked goes to it while it owns the files."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lineside.books import OWNER
from lineside.cli.folders import is_hub
from lineside.cli.terminal import language, words
from lineside.errors import FolderInUse, LinesideError, Unreachable
from lineside.node import DATA, HISTORY
from lineside.trust import trusting

if TYPE_CHECKING:
    import httpx

_T = TypeVar("_T")
_ADDRESS = "node.json"
_PATIENCE_S = 60
_SECRET = "node.secret"  # noqa: S105 - the name of a file
_WITHIN_S = 600.0
_PROBE_S = 5.0


class RemoteNode:
    """A node or hub that answers at an address of this computer, and takes the secret of its folder for a proof.

    Over https it is the one that holds the key of `certificate`, whatever names and dates that has.
    """

    def __init__(self, url: str, secret: str | None = None, certificate: str | None = None) -> None:
        self.url = url
        self.certificate = certificate
        self._verify = True if certificate is None else trusting(certificate, alone=True)
        self._proof = {} if secret is None else {"Authorization": f"Bearer {secret}"}

    def get(
        self, path: str, query: Mapping[str, str | Sequence[str]] | None = None, *, within_s: float = _WITHIN_S
    ) -> Any:
        """The answer to a question; raises what the node says is wrong, and Unreachable when it is gone."""
        return self._ask("GET", path, within_s, params=query)

    def post(self, path: str, content: Mapping[str, Any]) -> Any:
        """The answer to a request; raises what the node says is wrong."""
        return self._ask("POST", path, _WITHIN_S, json=content)

    def send(self, path: str, lines: bytes) -> bytes:
        """The lines that answer lines; raises what the hub says is wrong."""
        return self._request("POST", path, _WITHIN_S, content=lines).content

    def put(self, path: str, content: Mapping[str, Any]) -> Any:
        """The same for what is set."""
        return self._ask("PUT", path, _WITHIN_S, json=content)

    def delete(self, path: str) -> Any:
        """The same for taking something back."""
        return self._ask("DELETE", path, _WITHIN_S)

    def _ask(self, method: str, path: str, within_s: float, **content: Any) -> Any:
        response = self._request(method, path, within_s, **content)
        try:
            return response.json()
        except ValueError:
            raise Unreachable("cli.remote_gone", url=str(response.url)) from None

    def _request(self, method: str, path: str, within_s: float, **content: Any) -> httpx.Response:
        import httpx

        headers = {"Accept-Language": language(), **self._proof}
        try:
            return _answered(
                httpx.request(
                    method,
                    self.url + path,
                    timeout=within_s,
                    trust_env=False,
                    headers=headers,
                    verify=self._verify,
                    **content,
                )
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable("cli.remote_gone", url=self.url) from error


def _answered(response: httpx.Response) -> httpx.Response:
    """The response where all is well; raises what is wrong, as the node says it."""
    if not response.is_error:
        return response
    try:
        told = response.json()
    except ValueError:
        raise Unreachable("cli.remote_gone", url=str(response.url)) from None
    raise LinesideError(told.get("key", "cli.remote_refused"), **told.get("fields", {"detail": told.get("detail")}))


def opened_or_running(folder: Path, take: Callable[[Path], _T]) -> _T | RemoteNode:
    """What `take` makes of a folder that nobody has open; of one that a node has open, that node.

    A process that has it and does not answer may be a node that is just starting, or a command that soon ends: it is
    waited for, after a word to whoever looks on. Raises FolderInUse when a minute was not enough.
    """
    until, told = time.monotonic() + _PATIENCE_S, False
    while True:
        try:
            return take(folder)
        except FolderInUse as error:
            if (node := running_node(folder)) is not None:
                return node
            if time.monotonic() > until:
                raise
            if not told:
                click.echo(words("remote.waiting", folder=folder, **_owner(folder, error)), err=True)
            told = True
            time.sleep(1)


def _owner(folder: Path, error: FolderInUse) -> dict[str, object]:
    """The process that has a folder, and since when."""
    file = folder / OWNER if is_hub(folder) else (folder / HISTORY).with_suffix(".owner")
    try:
        since = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    except OSError:
        return {"process": error.fields["process"], "since": "?"}
    return {"process": error.fields["process"], "since": f"{since:%Y-%m-%d %H:%M:%S}"}


def running_node(folder: Path) -> RemoteNode | None:
    """The node or hub that runs on `folder`, or None when none answers."""
    try:
        told = json.loads((folder / DATA / _ADDRESS).read_text("utf-8"))
        node = RemoteNode(str(told["url"]), _secret(folder), told.get("certificate"))
        owner = node.get("/api/house", within_s=_PROBE_S)["folder"]
    except (OSError, ValueError, KeyError, TypeError, LinesideError):
        return None
    return node if owner == str(folder.resolve()) else None


def _secret(folder: Path) -> str | None:
    """What shows the node that this command may read its folder; None where it may not."""
    try:
        return (folder / DATA / _SECRET).read_text("utf-8").strip()
    except OSError:
        return None


def announce(folder: Path, url: str, secret: str | None = None, certificate: str | None = None) -> None:
    """Writes where the node of `folder` answers, and a secret that only the owner of the folder may read."""
    if secret is not None:
        path = folder / DATA / _SECRET
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secret)
    told = {"url": url, "process": os.getpid()} | ({} if certificate is None else {"certificate": certificate})
    (folder / DATA / _ADDRESS).write_text(json.dumps(told) + "\n", "utf-8")


def withdraw(folder: Path) -> None:
    """Takes the address and the secret back."""
    for name in (_ADDRESS, _SECRET):
        with suppress(OSError):
            (folder / DATA / name).unlink(missing_ok=True)
