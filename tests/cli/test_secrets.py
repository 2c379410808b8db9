"""A plant whose secrets are known runs, and nothing that leaves it or is kept of it shows one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

from lineside.cli.remote import RemoteNode, running_node
from lineside.trust import SECRETS_KEY
from lineside.trust.totp import digits_at
from tests.cli.people import PEOPLE

PASSWORD = "correct horse battery staple"
BROKER = "mqtt-password-7Hq2"
SOURCE = """\
[source.broker]
type = "mqtt"
url = "mqtt://127.0.0.1:9"
options = { user = "reader" }
[machine.pump]
line = "cell"
source = "broker"
[machine.pump.signals]
flow = { kind = "measure", address = "pump/flow" }
"""
WITHIN_S = 60
_CODE = r"(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}"


@pytest.fixture
def works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plant with a source that needs a password, and whose broker is away."""
    monkeypatch.setenv("LINESIDE_MQTT_PASSWORD", BROKER)
    folder = tmp_path / "works"
    folder.mkdir()
    (folder / "plant.toml").write_text(PEOPLE + SOURCE, "utf-8")
    return folder


def found(folder: Path) -> RemoteNode:
    """The node that runs on a folder, when it answers."""
    until = time.monotonic() + WITHIN_S
    while (node := running_node(folder)) is None:
        assert time.monotonic() < until
        time.sleep(0.1)
    return node


def secrets_of(run: Callable[..., Result], works: Path, url: str, answers: list[str]) -> dict[str, str]:
    """Makes an account with an app and a token, and uses and misuses them; what the node says is added to `answers`."""
    told = run("people", "add", works, "eva", "--role", "administrator").output
    code = re.findall(_CODE, told)[0]
    run("people", "add", works, "box", "--service", "--role", "reader")
    token = run("people", "token", works, "box", "--for", "x", "--role", "reader", "--days", "9").output.split()[-1]
    with httpx.Client(base_url=url, trust_env=False, headers={"Origin": url}, timeout=60) as eva:

        def post(path: str, **content: object) -> Any:
            answer = eva.post(path, json=content)
            answers.append(answer.text)
            return answer.json()

        post("/api/code", name="eva", code="WRNG-WRNG-WRNG-WRNG", password=PASSWORD)
        post("/api/code", name="eva", code=code, password=PASSWORD)
        post("/api/login", name="eva", password="wrong " + PASSWORD, digits="")
        post("/api/login", name="eva", password=PASSWORD, digits="")
        cookie = next(iter(eva.cookies.values()))
        key = re.findall(r"secret=([A-Z2-7]{32})", str(post("/api/me/app", password=PASSWORD)))[0]
        answers.pop()  # the one that hands it over
        proven = str(post("/api/me/app/prove", digits=digits_at(key, int(time.time()) // 30)))
        recovery = re.findall(_CODE, proven)[0]
        answers.pop()
        post("/api/login", name="eva", password=PASSWORD, digits="000000")
        paths = ("openapi.json", "people", "ledger", "ledger/export", "sources", "jobs")
        answers.extend(eva.get(f"/api/{path}").text for path in paths)
    answers.extend(
        httpx.get(f"{url}/api/{path}", headers={"Authorization": f"Bearer {proof}"}, trust_env=False, timeout=60).text
        for path in ("me", "people", "nothing")
        for proof in (token, token[:-1] + "x")
    )
    return {
        "password": PASSWORD,
        "code": code,
        "token": token,
        "cookie": cookie,
        "app": key,
        "recovery": recovery,
        "broker": BROKER,
        "own": (works / "data" / "node.secret").read_text("ascii").strip(),
        "vault": (works / "data" / SECRETS_KEY).read_text("ascii").strip(),
    }


def test_no_secret_is_in_logs_answers_backups_or_exports(
    run: Callable[..., Result], launch: Any, works: Path, tmp_path: Path
) -> None:
    """Nor in what is printed, the doctor's words, the ledger, the description of the API or the books."""
    served = launch("run", works, "--port", "0", "--no-browser", closed=True)
    found(works)
    answers: list[str] = []
    secrets = secrets_of(run, works, served.url, answers)

    answers.append(run("doctor", works).output)
    run("backup", works, tmp_path / "monday")
    run("ledger", "export", works, tmp_path / "ledger.jsonl")
    answers.append(run("people", "list", works).output)
    kept = [path for path in (tmp_path / "monday").rglob("*") if path.is_file()]
    kept += [tmp_path / "ledger.jsonl", *(works / "data").glob("node.log*"), *(works / "data").glob("books.*")]
    texts = {path.name: path.read_bytes() for path in kept}
    texts |= {f"answer {number}": text.encode() for number, text in enumerate(answers)}
    texts["printed"] = served.output.encode()

    shown = {
        (name, secret) for name, text in texts.items() for secret, value in secrets.items() if value.encode() in text
    }
    assert len(texts) > 20
    assert all(len(value) > 9 for value in secrets.values())
    assert shown == set()
    assert not (tmp_path / "monday" / "data" / SECRETS_KEY).exists()
