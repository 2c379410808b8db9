"""A view of an ERP's database that is read for what the plant is told: orders, products, costs, completions."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lineside.plant.table import Named, Seconds
from lineside.plant.wording import Misworded

_NAME = re.compile(r"\w+(?:\.\w+){0,2}")
_SKIPPED = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|\$(\w*)\$.*?\$\1\$", re.DOTALL
)
"""Comments, texts and quoted names: what stands in them is no statement."""
_SELECT = re.compile(r"[\s(]*(?:select|with)\b", re.IGNORECASE)
_SCHEME = re.compile(r"[\w+.-]+://")
_PASSWORD = re.compile(r"^[^:]+://[^:/@]*:[^@]*@|[?&][^=&]*passw[^=&]*=", re.IGNORECASE)
"""Behind the user as SQLAlchemy reads it, or among the parameters."""
_WRITES = re.compile(r"\b(?:insert|update|delete|merge|into)\b", re.IGNORECASE)


def is_name(select: str) -> bool:
    """Whether it is the name of a table or view, with its schema or not."""
    return _NAME.fullmatch(select) is not None


def parse_select(raw: object) -> str:
    """The name of a table or view, or one SELECT that writes nothing, without its semicolon."""
    text = str(raw).strip().rstrip(";").rstrip()
    if is_name(text):
        return text
    bare = _SKIPPED.sub(lambda found: " " if found[0].startswith(("--", "/*")) else "''", text)
    if not _SELECT.match(bare) or ";" in bare or _WRITES.search(bare):
        raise Misworded("plant.feed_select", value=text[:200])
    return text


def parse_database(raw: object) -> str:
    """The address of a database. A password in it would be kept with every edition of the file, so it has none."""
    text = str(raw).strip()
    if not _SCHEME.match(text):
        raise Misworded("plant.feed_url")
    if _PASSWORD.search(text):
        raise Misworded("plant.feed_password")
    return text


class Feed(Named):
    """A table, view or SELECT of a database, read again and again."""

    kind: Literal["orders", "products", "costs", "completions"] = Field("orders", description="What its rows tell.")
    url: Annotated[str, BeforeValidator(parse_database)] = Field(
        description='The database as SQLAlchemy has it, without a password: "postgresql://reader@erp/prod".'
    )
    select: Annotated[str, BeforeValidator(parse_select)] = Field(
        description="A table, a view or one SELECT. Nothing is ever written."
    )
    mapping: str | None = Field(
        None, description="Name of a saved mapping; when left out one that fits, or one by the names of the columns."
    )
    since: str | None = Field(
        None,
        description="A column that only grows, such as a time of change: only rows from its last value on are read,"
        " and all of them once a day.",
    )
    every_s: Seconds = Field(300.0, description="How often it is read.")
    most: Annotated[int, Field(gt=0, le=200_000)] = Field(20_000, description="How many rows one reading may bring.")
    timeout_s: Seconds = Field(30.0, description="How long the database may take to answer.")
    password_env: str = Field("LINESIDE_SQL_PASSWORD", description="Environment variable that holds the password.")
    password_file: str | None = Field(
        None, description="File that holds it instead, in the plant's folder or elsewhere, which nobody else may read."
    )
