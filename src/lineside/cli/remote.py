"""Talks to the node that runs on a folder, over loopback: reads and imports go through it while it owns the files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from lineside.cli.terminal import language
from lineside.errors import LinesideError, Unreachable
from lineside.node import DATA

_ADDRESS = "node.json"
_WITHIN_S = 600.0
_PROBE_S = 5.0


class RemoteNode:
    """A node that answers at a loopback address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(
        self, path: str, query: Mapping[str, str | Sequence[str]] | None = None, *, within_s: float = _WITHIN_S
    ) -> Any:
        """The answer to a question; raises what the node says is wrong, and Unreachable when it is gone."""
        return self._ask("GET", path, within_s, params=query)

    def post(self, path: str, content: Mapping[str, Any]) -> Any:
        """The answer to a request; raises what the node says is wrong."""
        return self._ask("POST", path, _WITHIN_S, json=content)

    def delete(self, path: str) -> Any:
        """The same for taking something back."""
        return self._ask("DELETE", path, _WITHIN_S)

    def _ask(self, method: str, path: str, within_s: float, **content: Any) -> Any:
        headers = {"Accept-Language": language()}
        try:
            return _answer(
                httpx.request(method, self.url + path, timeout=within_s, trust_env=False, headers=headers, **content)
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable("cli.remote_gone", url=self.url) from error


def _answer(response: httpx.Response) -> Any:
    try:
        content = response.json()
    except ValueError:
        raise Unreachable("cli.remote_gone", url=str(response.url)) from None
    if response.is_error:
        raise LinesideError(
            content.get("key", "cli.remote_refused"), **content.get("fields", {"detail": content.get("detail")})
        )
    return content


def running_node(folder: Path) -> RemoteNode | None:
    """The node that runs on `folder`, or None when none answers."""
    try:
        told = json.loads((folder / DATA / _ADDRESS).read_text("utf-8"))
        node = RemoteNode(str(told["url"]))
        owner = node.get("/api/plant", within_s=_PROBE_S)["folder"]
    except (OSError, ValueError, KeyError, TypeError, LinesideError):
        return None
    return node if owner == str(folder.resolve()) else None


def announce(folder: Path, url: str) -> None:
    """Writes where the node of `folder` answers."""
    (folder / DATA / _ADDRESS).write_text(json.dumps({"url": url, "process": os.getpid()}) + "\n", "utf-8")


def withdraw(folder: Path) -> None:
    """Takes the address back."""
    with suppress(OSError):
        (folder / DATA / _ADDRESS).unlink(missing_ok=True)
