from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_example_of_the_manual_says_what_the_manual_says(language: str) -> None:
    """The code of the page prints the lines that stand below it."""
    page = (DOCS / language / "disclosure.md").read_text("utf-8")
    code, printed = (re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL) for kind in ("python", "text"))
    said = io.StringIO()

    with redirect_stdout(said):
        exec(code[0], {})  # noqa: S102 - the page's own example

    assert said.getvalue() == printed[0]
