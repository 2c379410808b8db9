"""What the commands about the ledger take; what they do is imported when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

_EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.argument("folder", type=_EXISTING, metavar="DIR")


@click.group()
def ledger() -> None:
    """What happened, and the proof that nobody changed it; works beside a node that runs, too."""


@ledger.command("head")
@_FOLDER
@click.option("--to", "target", type=_FILE, metavar="FILE", help="Write it to a new file, to be held elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def head(folder: Path, target: Path | None, as_json: bool) -> None:
    """Print the signed head of DIR's ledger, with the fingerprint of its key to compare."""
    from lineside.cli.ledger import show_head

    show_head(folder, target, as_json=as_json)


@ledger.command("export")
@_FOLDER
@click.argument("target", type=_FILE, metavar="FILE")
def export(folder: Path, target: Path) -> None:
    """Write all of DIR's ledger to FILE, a new file that can be verified anywhere."""
    from lineside.cli.ledger import export_ledger

    export_ledger(folder, target)


@ledger.command("verify")
@click.argument("what", type=click.Path(path_type=Path), metavar="FILE|DIR")
@click.option(
    "--head", "held", type=_FILE, multiple=True, metavar="HELD", help="A head, receipt or export held elsewhere."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(what: Path, held: tuple[Path, ...], as_json: bool) -> None:
    """Recompute an exported ledger, or that of a plant, and compare it with what is held elsewhere.

    No node is asked. The exit status is 1 when anything is not as it was.
    """
    from lineside.cli.ledger import verify_ledger

    sys.exit(verify_ledger(what, held, as_json=as_json))


@ledger.command("countersign")
@click.argument("held", type=_FILE, metavar="HEADFILE")
@click.option(
    "--key", "key_file", type=_FILE, required=True, metavar="KEYFILE", help="Your key; made when there is none."
)
@click.option("--to", "target", type=_FILE, metavar="FILE", help="The receipt; else HEADFILE with .receipt added.")
def countersign(held: Path, key_file: Path, target: Path | None) -> None:
    """Sign as an auditor or hub that you saw the head in HEADFILE, and write a receipt for the node."""
    from lineside.cli.ledger import countersign_head

    countersign_head(held, key_file, target)


@ledger.command("keep")
@_FOLDER
@click.argument("receipt", type=_FILE, metavar="RECEIPT")
def keep(folder: Path, receipt: Path) -> None:
    """Keep in DIR's ledger the RECEIPT of who countersigned one of its heads."""
    from lineside.cli.ledger import keep_receipt

    keep_receipt(folder, receipt)


@ledger.command("new-key")
@_FOLDER
def new_key(folder: Path) -> None:
    """Sign heads with a new key from now on, which the old one vouches for; no node may run on DIR."""
    from lineside.cli.ledger import change_key

    change_key(folder)
