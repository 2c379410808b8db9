"""What no answer, frame or line of the log may hold: says what is wrong with one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import lineside
from lineside.api.security import SECURITY

TRACES = {
    "a stack trace": r"Traceback \(most recent|File \"[^\"]+\", line \d+",
    "a path of the file system": r"site-packages|\.py\b|/(?:home|root|usr|work|tmp|var)/[\w.]",
    "SQL": r"\b(?:SELECT\b.{1,300}\bFROM|INSERT INTO|DELETE FROM|(?:Binder|Parser|Catalog|Conversion|Constraint) Error"
    r"|UNIQUE constraint|no such (?:table|column))\b",
    "a name of the code": r"\blineside\.(?:api|books|cli|connect|errors|history|jobs)\b"
    r"|\blineside\.(?:measure|node|orders|plant|publish|texts|trust|twin|valve)\b"
    r"|\b(?:litestar|msgspec|duckdb|sqlalchemy|uvicorn|pyarrow|pydantic|h11)\.\w+"
    r"|\b[A-Z][A-Za-z]+(?:Error|Exception)\b|<[\w.]+ object at|\b0x[0-9a-f]{8,}",
}
_FOUND = {what: re.compile(pattern) for what, pattern in TRACES.items()}
_OTHER_FORMS = ("/write", "/api/v2/write", "/mtconnect")
"""Who asks here speaks another protocol, with errors of its own."""
_IN_WORDS = 503, 507


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Judge:
    """Knows what was hidden: `secrets` of the plant, and the `folder` where it lives."""

    secrets: frozenset[str]
    folder: Path

    def of_text(self, text: str) -> list[str]:
        """What a text says that nobody may read."""
        found = [f"a secret, {one[:3]}..." for one in self.secrets if one in text]
        places = (str(self.folder), str(Path(lineside.__file__).parent))
        return found + [f"the folder {place}" for place in places if place in text]

    def of_log(self, text: str) -> list[str]:
        """What a log says that it should not; a trace of the code is a fault of ours."""
        return self.of_text(text.replace(str(self.folder), "")) + _named(text, ("a stack trace",))

    def of_answer(self, answer: Answer, method: str, path: str) -> list[str]:
        """What is wrong with an answer."""
        text = answer.body.decode("utf-8", "replace")
        found = self.of_text(text + str(answer.headers))
        if answer.status >= 500 and answer.status not in _IN_WORDS:
            found.append(f"status {answer.status}")
        found += [f"no {name}" for name in SECURITY if name.lower() not in answer.headers and answer.status != 101]
        if answer.status >= 400:
            found += _named(text.replace("MTConnectError", ""), TRACES)
            if method != "HEAD" and not path.startswith(_OTHER_FORMS):
                found += _no_problem(answer, text)
        return found


def _named(text: str, kinds: Iterable[str]) -> list[str]:
    return [f"{kind}: {match[0][:80]}" for kind in kinds if (match := _FOUND[kind].search(text))]


def _no_problem(answer: Answer, text: str) -> list[str]:
    form = answer.headers.get("content-type", "")
    if form != "application/problem+json":
        return [f"an error as {form or 'nothing'}"]
    try:
        told = json.loads(text)
    except ValueError:
        return ["an error that is no JSON"]
    return [
        f"an error without {part}"
        for part in ("key", "detail", "cure")
        if not (told.get(part) or (part == "cure" and told.get("findings")))
    ]
