"""Writes the reference tables of the manual from the product: keys of plant.toml, sources' options and commands.

They stand in the pages between two marks, so that whoever reads them as plain Markdown finds them too. A key, or its
translation, that is missing ends it with an error; with `--check` it only tells which pages are not up to date.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lineside.connect import Option, sources
from lineside.plant import Calendar, Edge, Line, Machine, Order, Plant, Product, Signal, Site, StateRule, UnitsRule
from lineside.plant.energy import Energy, Meter, OwnFactor
from lineside.plant.feed import Feed
from lineside.plant.model import Area, Keep, Override, Shift, SourceSettings
from lineside.plant.served import MTConnectAgent, SparkplugNode
from lineside.plant.sign_in import SignIn

HERE = Path(__file__).parent
BLOCK = re.compile(
    r"(<!-- reference ([\w-]+), written by make reference -->\n).*?(<!-- end of reference -->)", re.DOTALL
)
LANGUAGES = ("en", "zh")
TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("", Plant),
    ("[site]", Site),
    ("[calendar.*]", Calendar),
    ("[[calendar.*.shift]]", Shift),
    ("[[calendar.*.override]]", Override),
    ("[area.*]", Area),
    ("[line.*]", Line),
    ("[product.*]", Product),
    ("[source.*]", SourceSettings),
    ("[machine.*]", Machine),
    ("[machine.*.signals]", Signal),
    ("[[machine.*.states]]", StateRule),
    ("[machine.*.units]", UnitsRule),
    ("[energy]", Energy),
    ("[energy.factor.*]", OwnFactor),
    ("[meter.*]", Meter),
    ("[[order]]", Order),
    ("[keep]", Keep),
    ("[feed.*]", Feed),
    ("[mtconnect]", MTConnectAgent),
    ("[sparkplug]", SparkplugNode),
    ("[sign_in.*]", SignIn),
)
"""In the order a plant file is written; the star is the id a person chooses."""

OWN = {place.strip("[]").removesuffix(".*").rpartition(".")[2] for place, _ in TABLES}
"""Keys that the table they open describes."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the tables say in one language; the model's own descriptions are the English ones."""

    heads: list[str]
    top: str
    required: str
    joint: str
    kinds: dict[str, str]
    tables: dict[str, str]
    keys: dict[str, str]
    option_heads: list[str]
    options: dict[str, str]
    model_speaks: bool


def main(*, check: bool) -> int:
    """Put the tables into the pages, or name those that are behind; 1 when there are any."""
    behind = []
    for language in LANGUAGES:
        for page in sorted((HERE / language).glob("*.md")):
            text = page.read_text("utf-8")
            renewed = BLOCK.sub(lambda block: block[1] + _part(block[2], language) + block[3], text)  # noqa: B023
            if renewed != text:
                behind.append(page)
                if not check:
                    page.write_text(renewed, "utf-8")
    for page in behind if check else []:
        print(f"{page} is behind the product: make reference", file=sys.stderr)
    return int(check and bool(behind))


def _part(name: str, language: str) -> str:
    if name == "plant":
        text = plant_tables(language)
    elif name == "edge":
        text = edge_table(language)
    elif name == "commands":
        text = command_help()
    elif name.startswith("evidence-"):
        text = evidence(name.removeprefix("evidence-"), language)
    else:
        text = option_table(name.removeprefix("source-"), language)
    return f"\n{text}\n"


def _words(language: str) -> Words:
    return Words(**json.loads((HERE / language / "plant-file.json").read_text("utf-8")))


def option_table(source: str, language: str) -> str:
    """Return the options of one type of source, in this language."""
    words = _words(language)
    head = "| " + " | ".join(words.option_heads) + " |\n| --- | --- | --- | --- |\n"
    return head + "".join(_option(words, source, key, option) for key, option in sources()[source].OPTIONS.items())


def _option(words: Words, source: str, key: str, option: Option) -> str:
    text = words.options.get(f"{source} {key}", option.description if words.model_speaks else None)
    if text is None:
        message = f"no plant-file.json says what the option {key} of {source} is: {option.description}"
        raise ValueError(message)
    default = option.default
    if isinstance(default, bool):
        return f"| `{key}` | `true`, `false` | `{str(default).lower()}` | {text} |\n"
    if isinstance(default, str):
        return f"| `{key}` | {words.kinds['str']} | {f'`{default}`' if default else ''} | {text} |\n"
    return f"| `{key}` | {option.low:g}–{option.high:g} | `{default:g}` | {text} |\n"


def edge_table(language: str) -> str:
    """Return the keys of an edge's file above its sources, in this language."""
    words = _words(language)
    head = "| " + " | ".join(words.heads) + " |\n| --- | --- | --- | --- |\n"
    shown = [(name, field) for name, field in Edge.model_fields.items() if not field.alias]
    return head + "".join(_row(words, "edge.toml", key, field) + "\n" for key, field in shown)


def plant_tables(language: str) -> str:
    """Return one table for each table of the plant file, in this language."""
    words = _words(language)
    head = "| " + " | ".join(words.heads) + " |\n| --- | --- | --- | --- |"
    parts: list[str] = []
    for place, model in TABLES:
        shown = [(f.alias or n, f) for n, f in model.model_fields.items() if not f.exclude]
        rows = [_row(words, place, key, f) for key, f in shown if not (key in OWN and _is_table(f.annotation))]
        title = f"`{place}`" if place else words.top
        parts.append(f"### {title}\n\n{words.tables[place]}\n\n{head}\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _row(words: Words, place: str, key: str, field: FieldInfo) -> str:
    text = words.keys.get(f"{place} {key}".strip(), field.description if words.model_speaks else None)
    if text is None:
        message = f"no plant-file.json says what {place} {key} is: {field.description}"
        raise ValueError(message)
    left_out = words.required if field.is_required() else _default(field)
    return f"| `{key}` | {_kind(field.annotation, words)} | {left_out} | {text} |"


def _is_table(annotation: object) -> bool:
    parts: list[object] = [annotation, *get_args(annotation)]
    parts += [deep for part in parts for deep in get_args(part)]
    return any(isinstance(part, type) and issubclass(part, BaseModel) for part in parts)


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, frozenset):
        return '`"daily"`'
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value}`" if value and not isinstance(value, tuple) else ""


def _kind(annotation: object, words: Words) -> str:
    """Return the words for a type as a person writes it in TOML."""
    parts = [part for part in get_args(annotation) if part is not type(None)]
    origin = get_origin(annotation)
    if origin is Literal:
        return ", ".join(f'`"{part}"`' for part in parts)
    if origin is Annotated:
        return _kind(parts[0], words)
    if origin in (Union, UnionType):
        return words.joint.join(dict.fromkeys(_kind(part, words) for part in parts))
    name: str = getattr(origin or annotation, "__name__", "")
    return words.kinds[name]


def evidence(name: str, language: str) -> str:
    """Return what is said of each requirement of a list, or of all lists how many are met."""
    told = tomllib.loads((HERE / "evidence.toml").read_text("utf-8"))
    words = {key: value.get(language, "") for key, value in told["words"].items()}
    if name == "sum":
        kinds = ("met", "partly", "open", "owner", "none")
        heads = [*words["sums"], *(words[_status(kind)] for kind in kinds)]
        rows = []
        for key, title in told["words"]["lists"].items():
            held = [row["status"] for row in told[key] for _ in covered(row["ids"], told["levels"][key])]
            rows.append([title, str(len(held)), *(str(held.count(kind)) for kind in kinds)])
        return _table(heads, rows)
    side = LANGUAGES.index(language)
    rows = []
    for row in told[name]:
        left = f" {words['open']} {row['open'][side]}" if "open" in row else ""
        asked = f"**{row['ids']}** {row['title'][side]}: *{words[_status(row['status'])]}*"
        rows.append([asked, row["how"][side] + left, _proof(row.get("tests", ()))])
    return _table(words["heads"], rows)


def _proof(tests: Iterable[str]) -> str:
    """Return names of tests as the sentences that they are: a line can break within them."""
    found: dict[str, list[str]] = {}
    for file, name in (test.split("::") for test in tests):
        found.setdefault(file, []).append(name.removeprefix("test_").replace("_", " "))
    return "; ".join(f"`{file}`: {', '.join(names)}" for file, names in found.items())


def covered(ids: str, levels: dict[str, list[str]]) -> list[str]:
    """Return the requirements that a row is about: `6.2.1-6.2.3, 6.2.5`, in the order of their numbers."""
    every = sorted((one for level in levels.values() for one in level), key=_place)
    found = []
    for part in ids.split(", "):
        first, _, last = part.partition("-")
        found += every[every.index(first) : every.index(last or first) + 1]
    return found


def _place(one: str) -> tuple[str, list[int]]:
    return one.rstrip("0123456789."), [int(number) for number in re.findall(r"\d+", one)]


def _status(kind: str) -> str:
    return "open_" if kind == "open" else kind


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def command_help() -> str:
    """Return the help of every command as the terminal shows it."""
    parts: list[str] = []

    def add(command: click.Command, path: str, above: click.Context | None) -> None:
        context = click.Context(command, above, info_name=path.rpartition(" ")[2], terminal_width=100)
        if isinstance(command, click.Group):
            for name, below in sorted(command.commands.items()):
                add(below, f"{path} {name}", context)
        else:
            parts.append(f"### {path}\n\n```text\n{command.get_help(context)}\n```\n")

    if importlib.util.find_spec("lineside.cli.commands"):
        add(importlib.import_module("lineside.cli").main, "lineside", None)
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
