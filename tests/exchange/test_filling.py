"""A pack's texts with choices in them: the hub that checks a pack and the node that uses it write the same."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from lineside.exchange import filled, filled_changes, filled_toml

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS)
def test_a_number_that_is_written_reads_back_the_same(number: float) -> None:
    """To its last digit, in the plant file as in a change of the line model."""
    assert float(filled("{n}", {"n": number})) == number
    assert tomllib.loads(filled_toml("n = {n}", {"n": number}))["n"] == number
    assert filled_changes([{"set": {"/work": "{n}"}}], {"n": number}) == [{"set": {"/work": number}}]


@given(st.text(st.characters(codec="utf-8")))
def test_a_text_in_quotes_stays_one(text: str) -> None:
    """No text leaves the quotes in which a template has it."""
    assert tomllib.loads(filled_toml('name = "{t}"\nnext = 1\n', {"t": text})) == {"name": text, "next": 1}


def test_changes_of_the_line_model_are_filled() -> None:
    """A place alone becomes the number; in a pointer an id stays one step."""
    changes = [
        {"name": "More {n}", "set": {"/stations/{s}/buffer/capacity": "{n}"}, "scale": {"/stations/{s}/work": 0.5}}
    ]

    told = filled_changes(changes, {"s": "a/b~c", "n": 3.0})

    assert told == [
        {
            "name": "More 3",
            "set": {"/stations/a~1b~0c/buffer/capacity": 3},
            "scale": {"/stations/a~1b~0c/work": 0.5},
        }
    ]
    assert isinstance(told[0]["set"]["/stations/a~1b~0c/buffer/capacity"], int)
    assert filled("{n} of {s}, {x}", {"s": "mill", "n": 2.5}) == "2.5 of mill, {x}"
