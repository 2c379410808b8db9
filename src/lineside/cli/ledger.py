"""Heads, exports, receipts and verdicts of a ledger, read from the folder beside the node that may run on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from lineside.cli.folders import books_of, held, require_house
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import language, words
from lineside.errors import LinesideError
from lineside.node import BOOKS, DATA, now_us
from lineside.trust import (
    KEY_FILE,
    Certificate,
    Export,
    Head,
    Held,
    Key,
    Ledger,
    Receipt,
    Stored,
    Verdict,
    as_file,
    exported_ledger,
    fingerprint,
    is_certificate,
    marked_head,
    parse_receipt,
    read_held,
    scan_ledger,
    stored_ledger,
    write_export,
)


def show_head(folder: Path, target: Path | None, *, as_json: bool) -> None:
    """Prints a head made now, and writes it with its marks."""
    with stored_ledger(folder / BOOKS) as now:
        head = _head(folder, now)
        if target is not None:
            write_export(target, [as_file(marked_head(head, now.at))])
    if as_json:
        click.echo(json.dumps(head.told()))
        return
    click.echo(words("ledger.head", size=head.size, key=fingerprint(head.key)))
    click.echo(head.root.hex())
    if target is not None:
        click.echo(words("ledger.written", file=target))


def _head(folder: Path, now: Stored) -> Head:
    key, size = Key.read(folder / DATA / KEY_FILE), now.size
    return Head.sign(key, now.log, size, now.root(size), now_us())


def export_ledger(folder: Path, target: Path) -> None:
    """Writes all entries as they stand at this moment."""
    with stored_ledger(folder / BOOKS) as now:
        head = _head(folder, now)
        write_export(target, exported_ledger(now, head))
    click.echo(words("ledger.head", size=head.size, key=fingerprint(head.key)))
    click.echo(words("ledger.written", file=target))


def verify_ledger(what: Path, files: Sequence[Path], *, as_json: bool) -> int:
    """Says whether a ledger is whole and agrees with what is held elsewhere; 1 when it does not."""
    if is_certificate(what):
        return _verify_certificate(what, as_json=as_json)
    held = [read_held(file) for file in files]
    verdict = _of_folder(what, held) if what.is_dir() else Export.open(what).verify(held)
    if as_json:
        click.echo(json.dumps(verdict.told(), ensure_ascii=False, indent=1))
        return 0 if verdict.whole else 1
    for found in verdict.wrong:
        _tell(found, "red")
    for found in verdict.notes:
        _tell(found, "yellow")
    if not verdict.whole:
        click.secho(words("ledger.broken", count=len(verdict.wrong), size=verdict.size), err=True, fg="red")
        return 1
    click.echo(words("ledger.whole", size=verdict.size, key=verdict.key, compared=verdict.compared))
    if not verdict.compared:
        click.secho(words("ledger.alone"), fg="yellow")
    return 0


def _verify_certificate(file: Path, *, as_json: bool) -> int:
    found = Certificate.read(file)
    if as_json:
        click.echo(json.dumps(found.told(), ensure_ascii=False, indent=1))
        return 0
    told = found.statement
    rows, time = sum(one["rows"] for one in told["things"]), datetime.fromtimestamp(told["time"] / 1e6, UTC)
    fields = {"things": len(told["things"]), "rows": f"{rows:,}", "time": f"{time:%Y-%m-%d %H:%M} UTC"}
    click.echo(words("erase.certificate", entry=found.entry, key=fingerprint(found.head.key), **fields))
    return 0


def _of_folder(folder: Path, held: Sequence[Held]) -> Verdict:
    with stored_ledger(folder / BOOKS) as now:
        own = [Head.parse(text, BOOKS) for *_, text in now.heads(receipts=False)]
        kept = [Receipt.parse(text, BOOKS) for *_, text in now.heads(receipts=True)]
        return scan_ledger(now.entries()).verdict(own, [*(Held(one.head, "receipt") for one in kept), *held])


def _tell(found: LinesideError, colour: str) -> None:
    click.secho(found.sentence(language()), err=True, fg=colour)
    click.echo(f"  {found.cure(language())}", err=True)


def countersign_head(file: Path, key_file: Path, target: Path | None) -> None:
    """Writes a receipt; makes the key where there is none."""
    head = read_held(file).head
    made = not key_file.exists()
    key = Key.make(key_file) if made else Key.read(key_file)
    if made:
        click.secho(words("ledger.new_key", file=key_file, key=fingerprint(key.public)), fg="yellow")
    into = file.with_name(f"{file.name}.receipt") if target is None else target
    write_export(into, [as_file(Receipt.sign(key, head, now_us()).told())])
    click.echo(words("ledger.countersigned", size=head.size, holder=fingerprint(key.public), file=into))


def keep_receipt(folder: Path, file: Path) -> None:
    """Keeps a receipt in the books, or gives it to the node that runs."""
    require_house(folder)
    receipt = parse_receipt(file)
    owned = opened_or_running(folder, held)
    if isinstance(owned, RemoteNode):
        owned.post("/api/ledger/receipts", receipt.told())
    else:
        with owned, books_of(folder) as books:
            Ledger(books, now_us).keep_receipt(receipt)
    click.echo(words("ledger.kept", holder=fingerprint(receipt.holder), size=receipt.head.size))


def change_key(folder: Path) -> None:
    """Makes a new key. Raises FolderInUse while a node runs."""
    require_house(folder)
    with held(folder), books_of(folder) as books:
        key = Ledger(books, now_us).change_key()
    click.echo(words("ledger.key_changed", key=key))
