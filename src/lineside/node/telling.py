"""What jobs did, told in the ledger by who asked for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lineside.jobs import JobContext, Work
from lineside.trust import NODE, Fact, Kind, Ledger

BY = "by"
"""The parameter of a job that says who asked for it, as the ledger names them."""


def telling(
    work: Work, ledger: Ledger, kind: Kind, about: str, facts: Callable[[Mapping[str, Any]], Mapping[str, Fact] | None]
) -> Work:
    """The same work, after which an entry holds `facts` of its result; None for nothing that is to be told."""

    def run(context: JobContext, params: Mapping[str, Any]) -> Mapping[str, object]:
        result = work(context, params)
        told = facts(result)
        if told is not None:
            ledger.append(kind, who=str(params.get(BY, NODE)), about=about, **told)
        return result

    return run


def imported(result: Mapping[str, Any]) -> Mapping[str, Fact] | None:
    """Of an import: how many files, and how many values are new."""
    new = sum(int(file.get("stored", 0)) for file in result["files"])
    return {"files": len(result["files"]), "new": new} if new else None


def backed_up(result: Mapping[str, Any]) -> Mapping[str, Fact]:
    """Of a backup: how much it holds."""
    return {name: result[name] for name in ("files", "bytes", "values")}
