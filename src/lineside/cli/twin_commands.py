"""What the twin's commands take; what they do is imported when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from lineside.twin.answers import Study

_EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(path_type=Path)


@click.group()
def twin() -> None:
    """Simulate lines, and fit twins to their past."""


@twin.command("schema")
def twin_schema() -> None:
    """Print every key of a line model as a JSON Schema."""
    from lineside.cli.twin import print_schema

    print_schema()


@twin.command("run")
@click.argument("model", type=_FILE, metavar="MODEL.json")
@click.option("--horizon", type=float, required=True, metavar="TIME", help="How long each replication lasts.")
@click.option("--replications", type=click.IntRange(1), default=30, show_default=True, metavar="N", help="How many.")
@click.option("--warmup", type=float, metavar="TIME", help="Measure from here on; found by a pilot run when left out.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="S", help="Same seed, same luck.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "recursion", "events", "python"]),
    default="auto",
    show_default=True,
    help="Which engine; auto takes the fastest that knows the line.",
)
@click.option(
    "--log", type=_FILE, metavar="FILE", help="Write the first replication here as an event log (CSV), from time 0 on."
)
@click.option("--json", "as_json", is_flag=True, help="Print every measure with its 99 % interval as JSON.")
def twin_run(
    model: Path,
    horizon: float,
    replications: int,
    warmup: float | None,
    seed: int,
    engine: str,
    log: Path | None,
    as_json: bool,
) -> None:
    """Simulate the line of MODEL.json (lineside.line/1); no plant is needed."""
    from lineside.cli.twin import run_model

    sys.exit(
        run_model(
            model,
            horizon=horizon,
            replications=replications,
            warmup=warmup,
            seed=seed,
            engine=engine,
            log=log,
            as_json=as_json,
        )
    )


def _study_options(command: Callable[..., None]) -> Callable[..., None]:
    """What the twin's answers ask alike; the command gets a Study for it."""

    @wraps(command)
    def with_study(
        horizon: float, warmup: float | None, seed: int, confidence: float, engine: str, **others: Any
    ) -> None:
        from lineside.twin.answers import Study

        study = Study(
            horizon=horizon, warmup=warmup, seed=seed, confidence=confidence / 100, engine=cast("Any", engine)
        )
        command(study=study, **others)

    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON."),
        click.option(
            "--engine",
            type=click.Choice(["auto", "recursion", "events", "python"]),
            default="auto",
            help="Which engine.",
        ),
        click.option(
            "--confidence",
            type=click.FloatRange(50, 99.99),
            default=95.0,
            show_default=True,
            metavar="%",
            help="Of every interval.",
        ),
        click.option(
            "--seed", type=click.IntRange(0), default=1, show_default=True, metavar="S", help="Same seed, same luck."
        ),
        click.option("--warmup", type=float, metavar="TIME", help="Measure from here on; found when left out."),
        click.option("--horizon", type=float, required=True, metavar="TIME", help="How long each replication lasts."),
    ):
        with_study = option(with_study)
    return with_study


@twin.command("whatif")
@click.argument("model", type=_FILE, metavar="MODEL.json")
@click.argument("changes", type=_FILE, metavar="CHANGES.json")
@click.option("--replications", type=click.IntRange(2), default=100, show_default=True, metavar="N", help="How many.")
@_study_options
def twin_whatif(model: Path, changes: Path, replications: int, study: Study, as_json: bool) -> None:
    """Compare each change of CHANGES.json (lineside.changes/1) with the line as it is, under the same luck."""
    from lineside.cli.answers import answer_what_if

    sys.exit(answer_what_if(model, changes, study, replications, as_json=as_json))


_AIM = click.option(
    "--by",
    "aim",
    type=click.Choice(["throughput", "lead_time", "wip", "scrapped", "on_time"]),
    default="throughput",
    show_default=True,
    help="What lines are compared by.",
)
_ZONE = click.option(
    "--zone",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    metavar="%",
    help="Less than this share of today's value makes no difference to you.",
)


@twin.command("rank")
@click.argument("model", type=_FILE, metavar="MODEL.json")
@click.argument("changes", type=_FILE, required=False, metavar="[CHANGES.json]")
@_AIM
@_ZONE
@click.option(
    "--most", type=click.IntRange(10), default=2000, show_default=True, metavar="N", help="Replications of one line."
)
@_study_options
def twin_rank(model: Path, changes: Path | None, aim: str, zone: float, most: int, study: Study, as_json: bool) -> None:
    """Say which change of CHANGES.json to make first; left out, the usual ones of every station are tried.

    Ctrl-C ends it with what is known by then.
    """
    from lineside.cli.answers import answer_rank

    sys.exit(answer_rank(model, changes, study, aim, zone=zone / 100, most=most, as_json=as_json))


@twin.command("bottleneck")
@click.argument("model", type=_FILE, metavar="MODEL.json")
@click.option(
    "--cut",
    type=click.FloatRange(0, 100, min_open=True, max_open=True),
    default=5.0,
    show_default=True,
    metavar="%",
    help="By how much each station's cycle is cut in turn.",
)
@_study_options
def twin_bottleneck(model: Path, cut: float, study: Study, as_json: bool) -> None:
    """Say which station limits the throughput: by simulated cuts, beside active periods and the turning point."""
    from lineside.cli.answers import answer_bottleneck

    sys.exit(answer_bottleneck(model, study, cut=cut / 100, as_json=as_json))


@twin.command("buffers")
@click.argument("model", type=_FILE, metavar="MODEL.json")
@click.option("--places", type=click.IntRange(0), required=True, metavar="N", help="Places to allocate in all.")
@click.option("--buffer", "names", multiple=True, metavar="NAME", help="This buffer; may be repeated. Else all finite.")
@click.option(
    "--replications", type=click.IntRange(2), default=100, show_default=True, metavar="N", help="Of what is found."
)
@_study_options
def twin_buffers(
    model: Path, places: int, names: tuple[str, ...], replications: int, study: Study, as_json: bool
) -> None:
    """Say how to share N places out between the line's buffers."""
    from lineside.cli.answers import answer_buffers

    sys.exit(answer_buffers(model, places, study, names, replications, as_json=as_json))


@twin.command("shock")
@click.argument("model", type=_FILE, metavar="MODEL.json")
@click.argument("kind", type=click.Choice(["station", "source", "resource", "power"]))
@click.argument("name", default="", metavar="[NAME]")
@click.option("--at", "start", type=float, required=True, metavar="TIME", help="When it comes.")
@click.option("--for", "duration", type=float, required=True, metavar="TIME", help="How long it lasts.")
@click.option("--less", type=float, default=1.0, metavar="N", help="Of a resource: so many. Of power: this share.")
@click.option("--changes", type=_FILE, metavar="CHANGES.json", help="What might soften it; else the usual changes.")
@click.option(
    "--replications", type=click.IntRange(2), default=50, show_default=True, metavar="N", help="Of the course."
)
@_study_options
def twin_shock(
    model: Path,
    changes: Path | None,
    replications: int,
    study: Study,
    as_json: bool,
    **shock: Any,
) -> None:
    """Say what it costs when a station is lost, a source is late, or a resource or power is short for a time.

    How long recovery takes, and which change softens it most.
    """
    from lineside.cli.answers import answer_shock
    from lineside.twin.answers import Shock

    sys.exit(answer_shock(model, Shock(**shock), study, changes, replications, as_json=as_json))


_LINE = click.option("--line", metavar="LINE", help="A line of the plant in DIR.")
_LOG = click.option("--log", type=_FILE, metavar="FILE", help="An event log: CSV, Parquet, XES or OCEL 2.0.")
_COLUMN = click.option(
    "--column", "columns", multiple=True, metavar="ROLE=NAME", help="What a column of the log means; may be repeated."
)


@twin.command("fit")
@click.argument("folder", type=_EXISTING, required=False, metavar="[DIR]")
@_LINE
@_LOG
@_COLUMN
@click.option("--out", type=_FILE, metavar="TWIN.json", help="Write the twin (lineside.twin/1) here, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the twin as JSON.")
def twin_fit(
    folder: Path | None, line: str | None, log: Path | None, columns: tuple[str, ...], out: Path | None, as_json: bool
) -> None:
    """Fit a twin to a line of the plant in DIR, or to an event log without any plant."""
    from lineside.cli.fit import fit_line, fit_log

    if log is not None:
        fit_log(log, columns, out, as_json=as_json)
    else:
        fit_line(*_of_a_plant(folder, line), out, as_json=as_json, trial=False)


@twin.command("validate")
@click.argument("folder", type=_EXISTING, required=False, metavar="[DIR]")
@_LINE
@_LOG
@_COLUMN
@click.option("--change", type=_FILE, metavar="CHANGES.json", help="What was changed in the line (lineside.changes/1).")
@click.option("--since", metavar="TIME", help="When: local time, with an offset, or as the log writes it.")
@click.option("--json", "as_json", is_flag=True, help="Print the trial (lineside.trust/1) as JSON.")
def twin_validate(
    folder: Path | None,
    line: str | None,
    log: Path | None,
    columns: tuple[str, ...],
    change: Path | None,
    since: str | None,
    as_json: bool,
) -> None:
    """Fit a twin to the first two thirds of a past and try it on the rest, beside plain guesses.

    With --change and --since also on what a change of the line did: foretold from the time before it, held against
    the time after.
    """
    from lineside.cli.fit import fit_line, validate_log
    from lineside.cli.terminal import words

    if (change is None) != (since is None):
        raise click.UsageError(words("usage.change_since"))
    if log is not None:
        validate_log(log, columns, change, since or "", as_json=as_json)
    else:
        stated = None if change is None or since is None else (change, since)
        fit_line(*_of_a_plant(folder, line), None, stated, as_json=as_json, trial=True)


@twin.command("forecast")
@click.argument("folder", type=_EXISTING, metavar="DIR")
@click.option("--line", required=True, metavar="LINE", help="A line of the plant that has a twin.")
@click.option("--json", "as_json", is_flag=True, help="Print the forecast as JSON.")
def twin_forecast(folder: Path, line: str, as_json: bool) -> None:
    """Say what a line will have made by the end of the running shift, and which orders will be on time."""
    from lineside.cli.fit import forecast_line

    forecast_line(folder, line, as_json=as_json)


def _of_a_plant(folder: Path | None, line: str | None) -> tuple[Path, str]:
    if folder is None or line is None:
        from lineside.cli.terminal import words

        raise click.UsageError(words("usage.plant_or_log"))
    return folder, line
