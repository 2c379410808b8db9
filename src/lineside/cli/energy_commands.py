"""What the command for energy takes."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option("--from", "start", metavar="TIME", help="Start, 2026-11-24T06:00 or 2026-11-24; else 31 days earlier.")
@click.option("--to", "end", metavar="TIME", help="End, not included; else the last data.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def energy(folder: Path, start: str | None, end: str | None, as_json: bool) -> None:
    """Show energy by carrier and carbon of DIR by production day, and both for each good unit."""
    from lineside.cli.energy import show_energy

    show_energy(folder, start, end, as_json=as_json)
