"""What the commands about people take; what they do is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path

import click

_EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
_FOLDER = click.argument("folder", type=_EXISTING, metavar="DIR")
_NAME = click.argument("name", metavar="NAME")
_ROLES = click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="ROLE[@SCOPE]",
    help="As operator, or operator@line/cell for a part of the site; may be repeated.",
)


@click.group()
def people() -> None:
    """Who may use the node of a plant; works on one that runs, too."""


@people.command("list")
@_FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_(folder: Path, as_json: bool) -> None:
    """List the accounts of DIR with their roles and tokens."""
    from lineside.cli.people import list_people

    list_people(folder, as_json=as_json)


@people.command("add")
@_FOLDER
@_NAME
@_ROLES
@click.option("--service", is_flag=True, help="A program: it has tokens and no password.")
def add(folder: Path, name: str, roles: tuple[str, ...], service: bool) -> None:
    """Make an account NAME and print its one-time code, with which its password is set."""
    from lineside.cli.people import add_account

    add_account(folder, name, roles, service=service)


@people.command("roles")
@_FOLDER
@_NAME
@_ROLES
def roles(folder: Path, name: str, roles: tuple[str, ...]) -> None:
    """Give NAME these roles instead of those it has."""
    from lineside.cli.people import give_roles

    give_roles(folder, name, roles)


@people.command("disable")
@_FOLDER
@_NAME
@click.option("--undo", is_flag=True, help="Let it in again.")
def disable(folder: Path, name: str, undo: bool) -> None:
    """Shut NAME out, with its tokens and wherever it is logged in."""
    from lineside.cli.people import disable_account

    disable_account(folder, name, disabled=not undo)


@people.command("forget")
@_FOLDER
@_NAME
def forget(folder: Path, name: str) -> None:
    """Take the name of NAME, who is shut out, from everything that DIR keeps; what they did stays, by a number."""
    from lineside.cli.people import forget_account

    forget_account(folder, name)


@people.command("reset")
@_FOLDER
@_NAME
def reset(folder: Path, name: str) -> None:
    """Take password and authenticator app from NAME, and print a one-time code for a new password."""
    from lineside.cli.people import reset_account

    reset_account(folder, name)


@people.command("second-factor")
@_FOLDER
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="Of who has this role; may be repeated.")
@click.option("--everybody", is_flag=True, help="Of every person.")
@click.option("--nobody", is_flag=True, help="Of nobody any more.")
def second_factor(folder: Path, roles: tuple[str, ...], everybody: bool, nobody: bool) -> None:
    """Demand a second factor of these people and no others; without an option say of whom it is demanded."""
    from lineside.cli.people import demand_second, show_second
    from lineside.cli.terminal import words

    if sum(map(bool, (roles, everybody, nobody))) > 1:
        raise click.UsageError(words("usage.whose_factor"))
    if roles or everybody or nobody:
        demand_second(folder, roles, everybody=everybody)
    show_second(folder)


@people.command("token")
@_FOLDER
@_NAME
@click.option("--for", "label", metavar="WORDS", help="What it is for.")
@click.option(
    "--role", metavar="ROLE[@SCOPE]", help="What it may do at most: collector, monitor, reader or any other role."
)
@click.option("--days", type=click.IntRange(1), default=365, show_default=True, metavar="N", help="Valid so long.")
@click.option("--revoke", type=int, metavar="ID", help="Instead take this token back.")
def token(folder: Path, name: str, label: str | None, role: str | None, days: int, revoke: int | None) -> None:
    """Make a token of NAME for a program, and print it this once."""
    from lineside.cli.people import make_token, revoke_token

    if revoke is not None:
        revoke_token(folder, name, revoke)
    elif role is None or label is None:
        raise click.UsageError("Give --for WORDS and --role ROLE.")
    else:
        make_token(folder, name, label, role, days)
