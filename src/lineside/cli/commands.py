"""What every command takes. What it does is imported when it is asked for, so that `--help` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from lineside import __version__
from lineside.cli.energy_commands import energy
from lineside.cli.grade_commands import grades
from lineside.cli.hub_commands import hub
from lineside.cli.keeping_commands import backup, key, restore
from lineside.cli.ledger_commands import ledger
from lineside.cli.member_commands import member
from lineside.cli.order_commands import orders
from lineside.cli.pack_commands import pack
from lineside.cli.people_commands import people
from lineside.cli.serving_options import serving_options
from lineside.cli.twin_commands import twin
from lineside.cli.valve_commands import valve
from lineside.errors import LinesideError

_EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(path_type=Path)
_PORT = click.IntRange(0, 65535)
_INTERRUPTED = "Query interrupted"
"""What DuckDB makes of ctrl-C, or of a request to end, while it works."""


class _Commands(click.Group):
    """Shows errors as one sentence and one cure, and the commands in the order in which they are declared."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> click.Context:
        try:
            return super().make_context(info_name, args, *rest, **extra)
        except click.UsageError as error:
            raise _mistyped(error) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _mistyped(error) from error
        except LinesideError as error:
            from lineside.cli.terminal import tell_error

            tell_error(error)
            sys.exit(1)
        except RuntimeError as error:
            if str(error) != _INTERRUPTED:
                raise
            raise KeyboardInterrupt from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)


def _mistyped(error: click.UsageError) -> click.UsageError:
    from lineside.cli.usage import Mistyped

    return Mistyped(error.format_message(), error.ctx)


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="lineside")
def main() -> None:
    """The smart factory, at the side of your line."""


@main.command()
@click.argument("folder", type=_NEW, required=False, metavar="[DIR]")
@click.option("--port", type=_PORT, help="Serve here; when left out, 8000 or the next free port.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--cluster", is_flag=True, help="A hub with generated members and two demo plants instead, in ./cluster.")
@click.option(
    "--members", type=click.IntRange(20, 2000), metavar="N", help="Of a cluster: so many generated; else 300."
)
@click.option(
    "--months", type=click.IntRange(1, 3), metavar="N", help="Of a cluster: whole months behind plants; else 2."
)
@click.option("--part", type=click.IntRange(1, 2), hidden=True)
def demo(
    folder: Path | None,
    port: int | None,
    no_browser: bool,
    cluster: bool,
    members: int | None,
    months: int | None,
    part: int | None,
) -> None:
    """Run the demo plant in DIR (./demo), set up with two weeks of history when it is new."""
    if part is not None and folder is not None:
        from lineside.cli.cluster_plants import run_part

        run_part(folder, part, months or 1, port)
    elif cluster:
        from lineside.cli.cluster import run_cluster

        run_cluster(folder or Path("cluster"), port, members=members, months=months, browser=not no_browser)
    else:
        from lineside.cli.demo import run_demo
        from lineside.cli.terminal import words

        if members is not None or months is not None:
            raise click.UsageError(words("usage.of_cluster"))
        run_demo(folder or Path("demo"), port, browser=not no_browser)


@main.command()
@click.argument("folder", type=_NEW, metavar="DIR")
@click.option("--from", "recording", type=_FILE, metavar="FILE", help="Make the signals those of this recording.")
@click.option("--machine", default="machine-1", show_default=True, metavar="ID", help="Id of the first machine.")
@click.option("--timezone", metavar="NAME", help="IANA name; this computer's when left out.")
@click.option("--time-column", metavar="NAME", help="The recording's column of times, where its name does not tell.")
def new(folder: Path, recording: Path | None, machine: str, timezone: str | None, time_column: str | None) -> None:
    """Write a first plant.toml into DIR."""
    from lineside.cli.plants import new_plant

    new_plant(folder, recording, machine, timezone, time_column)


@main.command()
@click.argument("url", required=False, metavar="[URL]")
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of the source, as user=reader."
)
@click.option("--pack", metavar="NAME", help="Take every machine for one of this pack; else they are recognised.")
@click.option(
    "--watch", type=click.FloatRange(0, 3600), default=10.0, show_default=True, metavar="S", help="Watch so long."
)
@click.option("--plant", type=_EXISTING, metavar="DIR", help="Propose what to add to this plant, not a whole file.")
@click.option("--line", metavar="ID", help="The plant's line in which the machines stand, where it has several.")
@click.option("--csv", "table", type=_FILE, metavar="FILE", help="Write a table to edit instead.")
@click.option("--from-csv", "edited", type=_FILE, metavar="FILE", help="Look nowhere: take an edited table.")
@click.option("--json", "as_json", is_flag=True, help="Print the proposal as JSON.")
def discover(
    url: str | None,
    options: tuple[str, ...],
    pack: str | None,
    watch: float,
    table: Path | None,
    edited: Path | None,
    as_json: bool,
    **where: Any,
) -> None:
    """Look around at URL and propose machines, signals, states and counters, as text of a plant file.

    URL begins with opc.tcp://, http:// (an MTConnect agent), shdr://, mqtt://, mqtts:// or modbus://.
    """
    from lineside.cli.discovering import look_around, read_options, take_table
    from lineside.cli.terminal import words

    if (url is None) == (edited is None):
        raise click.UsageError(words("usage.url_or_csv"))
    if edited is not None:
        take_table(edited, **where)
    else:
        asked = read_options(options)
        look_around(str(url), asked, pack, watch, table=table, as_json=as_json, **where)


@main.command()
@click.argument("url", metavar="URL")
@click.argument("folder", type=_EXISTING, metavar="DIR")
def pair(url: str, folder: Path) -> None:
    """Show whom the OPC UA server at URL claims to be, and make the certificate with which DIR's node meets it."""
    from lineside.cli.pairing import pair

    pair(url, folder)


@main.command("packs")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def packs_(as_json: bool) -> None:
    """List what is known of common kinds of machines, and from where."""
    from lineside.cli.discovering import list_packs

    list_packs(as_json=as_json)


@main.command()
@click.argument("folder", type=_EXISTING, metavar="DIR")
def check(folder: Path) -> None:
    """Read DIR/plant.toml and name every mistake with its line and cure."""
    from lineside.cli.plants import check_plant

    check_plant(folder)


@main.command("import")
@click.argument("folder", type=_EXISTING, metavar="DIR")
@click.argument("files", type=_FILE, nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--source", metavar="ID", help="The source or machine the files belong to, where their names do not tell."
)
@click.option("--time-column", metavar="NAME", help="The column of times, where its name does not tell.")
@click.option("--day-first/--month-first", default=None, help="How to read 3/4/2026, where the file does not tell.")
@click.option("--sheet", metavar="NAME", help="Which sheet of a workbook is read; the first when left out.")
@click.option("--preview", is_flag=True, help="Only tell what would be read, and what is wrong in which row.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
def import_(
    folder: Path,
    files: tuple[Path, ...],
    source: str | None,
    time_column: str | None,
    day_first: bool | None,
    sheet: str | None,
    preview: bool,
    as_json: bool,
) -> None:
    """Read recordings and tables (SHDR, CSV, XLSX, Parquet; gzipped too) into DIR's history.

    A file imported twice changes nothing. A node that runs on DIR does the import itself.
    """
    from lineside.cli.importing import import_recordings

    params = {"source": source, "time_column": time_column, "day_first": day_first, "sheet": sheet}
    if preview:
        from lineside.cli.previewing import preview_files

        sys.exit(preview_files(folder, files, params, as_json=as_json))
    sys.exit(import_recordings(folder, files, params, as_json=as_json))


@main.command()
@click.argument("folder", type=_EXISTING, metavar="DIR")
@serving_options
def run(
    folder: Path,
    port: int | None,
    no_browser: bool,
    opened: bool,
    host: str,
    names: tuple[str, ...],
    behind: str | None,
    unencrypted: bool,
    **files: Any,
) -> None:
    """Run the node of DIR: read its machines, keep, measure and show.

    Its first start prints a one-time code with which the first administrator is made.
    """
    from lineside.cli.running import run_plant
    from lineside.cli.serving import Served

    served = Served(open=opened, host=host, names=names, behind=behind, unencrypted=unencrypted, **files)
    run_plant(folder, port, served, browser=not no_browser)


@main.command()
@click.argument("folder", type=_EXISTING, metavar="DIR")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--anew", is_flag=True, help="Make another authority, which every device has to trust anew.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def certificate(folder: Path, names: tuple[str, ...], anew: bool, as_json: bool) -> None:
    """Make an authority that answers for DIR's node under NAMEs and addresses, and say how devices trust it.

    With it the node serves others over TLS, and renews its certificate itself.
    """
    from lineside.cli.certificates import certify

    certify(folder, names, anew=anew, as_json=as_json)


@main.command()
@click.argument("folder", type=_EXISTING, metavar="DIR")
@click.option("--check", is_flag=True, help="Only read DIR/edge.toml, name every mistake, and ask the node.")
def edge(folder: Path, check: bool) -> None:
    """Read the machines of DIR/edge.toml for a node elsewhere, and keep what they say while it is away."""
    from lineside.cli.edge import check_edge, run_edge

    (check_edge if check else run_edge)(folder)


@main.command()
@click.argument("folder", type=_EXISTING, metavar="DIR")
@click.option("--machine", multiple=True, metavar="ID", help="This machine; may be repeated.")
@click.option("--line", multiple=True, metavar="ID", help="This line; may be repeated.")
@click.option("--area", multiple=True, metavar="ID", help="This area; may be repeated.")
@click.option("--site", is_flag=True, help="The whole site.")
@click.option("--from", "start", metavar="TIME", help="Start, 2026-11-24T06:00 or 2026-11-24; else 31 days earlier.")
@click.option("--to", "end", metavar="TIME", help="End, not included; else the last data.")
@click.option(
    "--by", type=click.Choice(["shift", "day", "product"]), help="One row a shift, production day or product."
)
@click.option("--json", "as_json", is_flag=True, help="Print the rows as a JSON array.")
def oee(
    folder: Path,
    start: str | None,
    end: str | None,
    by: str | None,
    as_json: bool,
    site: bool,
    **named: tuple[str, ...],
) -> None:
    """Show availability, effectiveness, quality and OEE of DIR, and what they lack."""
    from lineside.cli.oee import show_oee

    scopes = [f"{level}/{name}" for level, names in named.items() for name in names] + ["site"] * site
    show_oee(folder, scopes, start, end, by, as_json=as_json)


for _command in (energy, backup, restore, key):
    main.add_command(_command)


@main.command()
@click.argument("folder", type=_EXISTING, metavar="DIR")
@click.argument("things", nargs=-1, required=True, metavar="THING...")
@click.option("--reason", required=True, metavar="WORDS", help="Why, for whoever asks later.")
@click.option("--before", metavar="TIME", help="Only what is older, as 2026-07-01.")
@click.option("--certificate", "target", type=_FILE, metavar="FILE", help="Erase, and write the certificate there.")
def erase(folder: Path, things: tuple[str, ...], reason: str, before: str | None, target: Path | None) -> None:
    """Erase THING of DIR for good: signal/press/recipe, line/cell, label/contract-7. No node may run on DIR.

    Without --certificate it only says what that would be, and the exit status is 2.
    """
    from lineside.cli.erasing import erase_things

    sys.exit(erase_things(folder, things, reason, before, target))


@main.command()
@click.argument("folder", type=_EXISTING, required=False, metavar="[DIR]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(folder: Path | None, as_json: bool) -> None:
    """Check this computer, and the plant in DIR with its files and sources; say what to mend.

    The exit status is 1 when something is wrong; notes alone are 0.
    """
    from lineside.cli.doctor import examine

    sys.exit(examine(folder, as_json=as_json))


@main.command()
@click.argument("problem", type=_FILE, required=False, metavar="[PROBLEM]")
@click.option(
    "--seconds",
    type=click.FloatRange(0.1),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Search so long at most; Ctrl-C ends it with the best so far.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="S", help="Same seed, same luck.")
@click.option(
    "--replications",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    metavar="N",
    help="Runs of the plan where the problem says how times vary; 0 for none.",
)
@click.option(
    "--twin",
    "twin_file",
    type=_FILE,
    metavar="TWIN.json",
    help="A fitted twin (lineside.twin/1): machines that bear its stations' names vary and fail as it measured.",
)
@click.option("--schema", "as_schema", is_flag=True, help="Print every key of a problem as a JSON Schema instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON (lineside.plan/1).")
def schedule(
    problem: Path | None,
    seconds: float,
    seed: int,
    replications: int,
    twin_file: Path | None,
    as_schema: bool,
    as_json: bool,
) -> None:
    """Plan the jobs of PROBLEM on its machines; no plant is needed.

    PROBLEM is JSON (lineside.schedule/1), or a job shop or flexible job shop as the literature writes them.
    """
    from lineside.cli.schedule import print_schema, show_schedule

    if as_schema:
        print_schema()
        return
    if problem is None:
        raise click.UsageError("Missing argument 'PROBLEM'.")
    sys.exit(show_schedule(problem, twin_file, seconds=seconds, seed=seed, replications=replications, as_json=as_json))


for _command in (hub, ledger, orders, people, grades, twin, valve, member, pack):
    main.add_command(_command)
