"""What a pack writes into a plant file: filled so that a choice stays a value, merged so that nothing else changes."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.errors import ConfigurationError, UnusableData
from lineside.node.packs import difference, filled_template, merged, plainly_merged

PLANT = """\
# The works
[site]
id = "works" # its id

[machine.m1] # the mill
line = "l1"   # where it stands
source = "s"
[machine.m1.signals]
mode = { kind = "state" }  # from the PLC
[[machine.m1.states]]
state = "running"
when = { mode = "ACTIVE" }

[line.l1]
area = "hall"
"""


def merged_or_refused(text: str, addition: str) -> str | None:
    """The merged file; None where it is refused, as nothing is written in doubt."""
    try:
        return merged(text, addition)
    except ConfigurationError as error:
        if error.key != "solutions.by_hand":
            raise
        return None


def test_comments_and_order_stay() -> None:
    """What the pack does not name stands as before, and a value that changes keeps the comment behind it."""
    after = merged(PLANT, '[machine.m1]\nline = "l2"\n[machine.m1.units]\ntotal = "parts"\n')

    lines = after.splitlines()
    assert [one for one in PLANT.splitlines() if one not in lines] == ['line = "l1"   # where it stands']
    assert 'line = "l2"   # where it stands' in lines
    assert tomllib.loads(after)["machine"]["m1"]["units"] == {"total": "parts"}
    assert [one for one in lines if one[:1] == "["][:2] == ["[site]", "[machine.m1] # the mill"]


def test_lists_of_tables_grow_and_other_lists_are_replaced() -> None:
    """A state rule is added once, however often the pack is applied."""
    more = '[[machine.m1.states]]\nstate = "stopped"\nwhen = { mode = "READY" }\n[site]\ntags = [1]\n'

    once = merged(PLANT.replace("[site]", "[site]\ntags = [3, 4]"), more)

    assert [one["state"] for one in tomllib.loads(once)["machine"]["m1"]["states"]] == ["running", "stopped"]
    assert tomllib.loads(once)["site"]["tags"] == [1]
    assert merged(once, more) == once


def test_a_file_of_windows_keeps_its_ends_of_lines() -> None:
    """No line ends in another way than the others."""
    after = merged(PLANT.replace("\n", "\r\n"), '[area.hall]\nname = "Hall"\n')

    assert after.count("\n") == after.count("\r\n")
    assert tomllib.loads(after) == tomllib.loads(merged(PLANT, '[area.hall]\nname = "Hall"\n'))


@pytest.mark.parametrize(
    ("text", "addition"),
    [
        ("a.b = 1\nz = 2\n", "[a.new]\nx = 1\n"),
        ('[r1.r2]\nv = 1\n[r1.r2.a.b.c]\nv = 2\n[w]\ng = "g"\n[r1.r2.x]\nv = 4\n', '[r1.r2.a]\ntmp = "hi"\n'),
        ("a = {b.c = 1}\n", "[a.b]\nd = 2\n"),
    ],
)
def test_layouts_that_editors_spoil_are_never_spoilt(text: str, addition: str) -> None:
    """Each was once turned into another document by the editor: it is right, or it is refused."""
    after = merged_or_refused(text, addition)

    assert after is None or tomllib.loads(after) == plainly_merged(tomllib.loads(text), tomllib.loads(addition))


NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.one_of(
    st.integers(-9, 9), st.booleans(), st.text("xyz", max_size=3), st.lists(st.integers(0, 3), max_size=2)
)
DOCUMENTS = st.recursive(
    st.dictionaries(NAMES, VALUES, max_size=3),
    lambda inside: st.dictionaries(
        NAMES, st.one_of(VALUES, inside, st.lists(inside, min_size=1, max_size=2)), max_size=3
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_the_text_says_what_was_meant(told: dict[str, Any], addition: dict[str, Any]) -> None:
    """For whatever documents: what is written reads back as the merge of the two, and twice is once."""
    import tomlkit

    text, more = tomlkit.dumps(told), tomlkit.dumps(addition)
    after = merged_or_refused(text, more)
    meant = plainly_merged(tomllib.loads(text), tomllib.loads(more))
    assert after is None or tomllib.loads(after) == meant
    assert plainly_merged(meant, tomllib.loads(more)) == meant


def test_a_difference_is_what_a_person_reads() -> None:
    """Lines taken out and put in, and none where nothing changes."""
    diff = difference("a = 1\nb = 2\n", "a = 1\nb = 3\n", "plant.toml")

    assert [one for one in diff if one[:1] in "+-" and one[1:2] not in "+-"] == ["-b = 2", "+b = 3"]
    assert difference("a = 1\n", "a = 1\n", "plant.toml") == ()


# -- filling -----------------------------------------------------------------------------------------------


def test_values_take_the_place_of_their_names() -> None:
    """Whole numbers without a point; braces that name nothing stay, as those of an inline table."""
    template = '[machine.{m}]\nname = "{t}"\nplaces = {n}\nwhen = { mode = "A" }\nnote = "{other}"\n'

    told = tomllib.loads(filled_template(template, {"m": "press", "t": "Große Presse", "n": 4.0}))

    assert told == {
        "machine": {"press": {"name": "Große Presse", "places": 4, "when": {"mode": "A"}, "note": "{other}"}}
    }


def test_an_id_that_toml_wants_in_quotes_gets_them() -> None:
    """In the name of a table; else it would be two steps, or none."""
    told = tomllib.loads(filled_template('[machine.{m}.units]\ntotal = "n"\n', {"m": "铣床.1"}))

    assert told == {"machine": {"铣床.1": {"units": {"total": "n"}}}}


@pytest.mark.parametrize(
    ("template", "choices"),
    [
        ('name = "{t}"\n', {"t": 'x"\n[site]\nid = "y'}),
        ("{t} = 1\n", {"t": "a.b"}),
        ("[machine.x\n", {}),
        ("name = {t}\n", {"t": "true"}),
    ],
)
def test_a_choice_never_changes_the_shape(template: str, choices: dict[str, str]) -> None:
    """What would add a table or another key is refused, as is a template that is no TOML."""
    with pytest.raises(UnusableData) as refused:
        filled_template(template, choices)

    assert refused.value.key == "solutions.template"
