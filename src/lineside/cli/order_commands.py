"""What the commands for orders take; what they do is imported when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

_EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(path_type=Path)
_KIND = click.option(
    "--kind",
    type=click.Choice(["orders", "products", "costs", "completions"]),
    default="orders",
    show_default=True,
    help="What the rows are.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def orders() -> None:
    """Exchange orders, products, costs and completions with an ERP."""


@orders.command("import")
@click.argument("folder", type=_EXISTING, metavar="DIR")
@click.argument("file", type=_FILE, metavar="FILE")
@_KIND
@click.option("--mapping", "named", metavar="NAME", help="Read by this saved mapping; else one that fits is found.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="This column tells this field.")
@click.option("--constant", "constants", multiple=True, metavar="FIELD=TEXT", help="This field is so in every row.")
@click.option("--save", metavar="NAME", help="Keep the mapping by this name for the next file of the same form.")
@click.option("--since", metavar="TIME", help="Judge facts by changed rows from TIME on; else from now.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken and what is wrong.")
@_JSON
def import_(folder: Path, file: Path, kind: Any, *, as_json: bool, **how: Any) -> None:
    """Take the rows of FILE (CSV, XLSX or B2MML) into DIR; rows that are wrong are named, the others taken.

    Columns are found by their names. A row that says nothing new changes nothing. A node that runs on DIR
    works with them at once. The exit status is 1 when a row was refused.
    """
    from lineside.cli.ordering import Wish, import_file

    sys.exit(import_file(folder, file, kind, Wish(**how), as_json=as_json))


@orders.command("read")
@click.argument("folder", type=_EXISTING, metavar="DIR")
@click.argument("name", metavar="FEED")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken and what is wrong.")
def read(folder: Path, name: str, *, dry_run: bool) -> None:
    """Read FEED, a view of a database in the plant file of DIR, once and from its beginning.

    The exit status is 1 when a row was refused.
    """
    from lineside.cli.ordering import read_feed

    sys.exit(read_feed(folder, name, dry_run=dry_run))


@orders.command("list")
@click.argument("folder", type=_EXISTING, metavar="DIR")
@_KIND
@click.option("--from", "start", metavar="TIME", help="Orders planned from here on; else of the last week and later.")
@click.option("--to", "end", metavar="TIME", help="Orders that start before this.")
@_JSON
def list_(folder: Path, **which: Any) -> None:
    """List what DIR knows, with what was made for each order."""
    from lineside.cli.ordering import list_records

    list_records(folder, **which)


@orders.command("export")
@click.argument("folder", type=_EXISTING, metavar="DIR")
@click.argument("file", type=_FILE, metavar="FILE")
@_KIND
@click.option("--from", "start", metavar="TIME", help="Orders planned from here on; else of the last week and later.")
@click.option("--to", "end", metavar="TIME", help="Orders that start before this.")
@click.option(
    "--version",
    type=click.Choice(["V0600", "V0700"]),
    default="V0600",
    show_default=True,
    help="Version of B2MML, where FILE ends in .xml.",
)
def export(folder: Path, file: Path, **which: Any) -> None:
    """Write the same to FILE (CSV, XLSX or XML, by its ending); a file that is there is replaced.

    XML is a performance of B2MML: what was made of each order.
    """
    from lineside.cli.ordering import export_records

    export_records(folder, file, **which)
