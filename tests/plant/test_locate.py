from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from lineside.plant.locate import KeyPath, line_of, lines_of_keys

TEXT = '''\
# a comment with [brackets] and "quotes"
top = 1

[site] # the site
id = "a # no comment"
"quoted key" = """
two
lines"""
dotted.name = [
  1,
  { deep = 2 }, # here
]

[[order]]
id = "one"
[[order]]
id = "two"
[order.more]
x = 1
'''

KEYS = st.text(st.sampled_from('ab1_-. "\\#=[]ä中\t'), min_size=1, max_size=6)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-9, 9),
    st.text(st.sampled_from("a\"'\\#[]{},=\n中"), max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


def as_toml(value: object) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(key)} = {as_toml(item)}" for key, item in value.items()) + "}"
    return str(value)


def paths(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every place inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key)
        yield from paths(item, (*path, key))


def test_every_form_of_key_has_its_line() -> None:
    """Tables, arrays of tables, dotted and quoted keys, members of lists and inline tables."""
    lines = lines_of_keys(TEXT)

    assert {path: lines[path] for path in paths(tomllib.loads(TEXT))} == {
        ("top",): 2,
        ("site",): 4,
        ("site", "id"): 5,
        ("site", "quoted key"): 6,
        ("site", "dotted"): 9,
        ("site", "dotted", "name"): 9,
        ("site", "dotted", "name", 0): 10,
        ("site", "dotted", "name", 1): 11,
        ("site", "dotted", "name", 1, "deep"): 11,
        ("order",): 14,
        ("order", 0): 14,
        ("order", 0, "id"): 15,
        ("order", 1): 16,
        ("order", 1, "id"): 17,
        ("order", 1, "more"): 18,
        ("order", 1, "more", "x"): 19,
    }


def test_a_path_that_is_not_written_has_the_line_of_its_parent() -> None:
    """A missing key is shown at its table, and what has no table at the top."""
    lines = lines_of_keys(TEXT)

    assert line_of(lines, ("site", "timezone")) == 4
    assert line_of(lines, ("nowhere", 0, "x")) == 1


@given(document=st.dictionaries(KEYS, VALUES, max_size=4))
def test_whatever_toml_reads_is_located(document: dict[str, object]) -> None:
    """Every key a parser finds in a text has a line: that on which it was written."""
    text = "".join(f"{as_toml(key)} = {as_toml(value)}\n# next\n" for key, value in document.items())
    read = tomllib.loads(text)

    lines = lines_of_keys(text)

    assert read == document
    assert {path: lines.get(path) for path in paths(read)} == {
        path: 1 + 2 * list(document).index(str(path[0])) for path in paths(read)
    }


@given(names=st.lists(KEYS, min_size=1, max_size=4, unique=True), many=st.booleans())
def test_headers_are_located(names: list[str], many: bool) -> None:
    """A table is where its header stands, however its name is written."""
    left, right = ("[[", "]]") if many else ("[", "]")
    text = "".join(f"\n{left}machine . {as_toml(name)}{right}\nx = 1\n" for name in names)
    tomllib.loads(text)

    lines = lines_of_keys(text)

    inside = (0,) if many else ()
    assert [lines[("machine", name, *inside, "x")] for name in names] == [3 + 3 * i for i in range(len(names))]
    assert [lines["machine", name] for name in names] == [2 + 3 * i for i in range(len(names))]
