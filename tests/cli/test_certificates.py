"""TLS as a person meets it: an authority made, a node that serves others, a renewal that went wrong."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

from lineside.api import Seats
from lineside.cli.certificates import Credentials, brought, certificate_signs
from lineside.cli.remote import RemoteNode, running_node
from lineside.cli.serving import Served
from lineside.errors import ConfigurationError
from lineside.trust import trusting
from tests.certificates import DAY, NOW, write_certificate
from tests.cli.people import PEOPLE

Run = Callable[..., Result]
WITHIN_S = 60


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """A plant that needs no listening to."""
    folder = tmp_path / "works"
    folder.mkdir()
    (folder / "plant.toml").write_text(PEOPLE, "utf-8")
    return folder


def found(folder: Path) -> RemoteNode:
    """The node that runs on a folder, when it answers."""
    until = time.monotonic() + WITHIN_S
    while (node := running_node(folder)) is None:
        assert time.monotonic() < until
        time.sleep(0.1)
    return node


def test_an_authority_is_made_once_and_shown_again(run: Run, works: Path) -> None:
    """With its fingerprint and how each kind of device trusts it."""
    made = run("certificate", works, "node.example", "192.0.2.5")
    again = json.loads(run("certificate", works, "--json").stdout)
    covered = run("certificate", works, "192.0.2.5")

    assert again["fingerprint"] in made.output
    assert again["fingerprint"] in covered.output
    assert all(word in made.output for word in ("certutil", "update-ca-certificates", "Android", "iPhone", "macOS"))
    assert again["names"] == ["node.example", "192.0.2.5"]


def test_another_name_needs_another_authority(run: Run, works: Path) -> None:
    """As the first may not answer for it; nothing is replaced unless asked for."""
    none = run("certificate", works)
    run("certificate", works, "node.example")
    before = json.loads(run("certificate", works, "--json").stdout)
    refused = run("certificate", works, "other.example")
    kept = json.loads(run("certificate", works, "--json").stdout)
    anew = json.loads(run("certificate", works, "other.example", "--anew", "--json").stdout)

    assert (none.exit_code, "has no authority yet" in none.stderr) == (1, True)
    assert (refused.exit_code, "--anew" in refused.stderr) == (1, True)
    assert kept == before
    assert anew["fingerprint"] != before["fingerprint"]


def test_a_node_with_an_authority_serves_others_over_tls(run: Run, launch: Any, works: Path) -> None:
    """Devices that trust it and the commands of this computer reach it, by its names; the doctor says how long."""
    run("people", "add", works, "eva", "--role", "administrator")
    told = json.loads(run("certificate", works, "node.example", "--json").stdout)

    served = launch("run", works, "--host", "0.0.0.0", "--port", "0", "--no-browser", ready=False, closed=True)  # noqa: S104
    node = found(works)
    trust = trusting(Path(told["file"]).read_text("ascii"))
    me = httpx.get(f"{node.url}/api/me", verify=trust, trust_env=False, timeout=60)
    doctor = run("doctor", works)

    assert node.url.startswith("https://127.0.0.1:")
    assert "https://node.example:" in served.wait_for("Ctrl-C stops it.")
    assert me.status_code == 200
    assert "strict-transport-security" not in me.headers
    assert "holds 29 more days" in doctor.output
    assert "not encrypted: whoever" not in served.output


def test_a_certificate_that_ended_is_shown_all_the_same(run: Run, launch: Any, works: Path, tmp_path: Path) -> None:
    """The node must record at night; people and log are told, and the commands of this computer work."""
    certificate, key = write_certificate(tmp_path, since=NOW - 9 * DAY, until=NOW - 2 * DAY)
    arguments = ("--certificate", certificate, "--key", key, "--port", "0", "--no-browser")

    served = launch("run", works, *arguments, ready=False, closed=True)
    node = found(works)
    doctor = run("doctor", works)

    assert node.get("/api/plant")["folder"] == str(works)
    assert f"ended on {NOW - 2 * DAY:%Y-%m-%d}" in served.wait_for("Ctrl-C stops it.")
    assert (doctor.exit_code, "ended 2 days ago" in doctor.output) == (1, True)


def test_a_key_that_does_not_fit_stops_the_start(run: Run, works: Path, tmp_path: Path) -> None:
    """With both files named, before anything is opened."""
    certificate, _ = write_certificate(tmp_path)
    _, other = write_certificate(tmp_path, stem="other")

    refused = run("run", works, "--certificate", certificate, "--key", other, "--no-browser")

    assert refused.exit_code == 1
    assert f"The key in {other} is not that of the certificate in {certificate}." in refused.stderr
    assert not (works / "data" / "history.duckdb").exists()


@pytest.mark.parametrize("other", [{"unencrypted": True}, {"behind": "https://node.example"}])
def test_only_one_may_speak_tls(works: Path, tmp_path: Path, other: dict[str, Any]) -> None:
    """The node, a proxy, or nobody."""
    certificate, key = write_certificate(tmp_path)

    with pytest.raises(ConfigurationError, match="exclude one another"):
        Served(certificate=certificate, key=key, **other).with_credentials(works)


def test_browsers_are_bound_to_https_only_where_they_type_no_port(works: Path, tmp_path: Path) -> None:
    """And never to the node's own authority, which may be made anew."""
    certificate, key = write_certificate(tmp_path)
    own = Served(certificate=certificate, key=key).with_credentials(works)

    assert [name for name, _ in own.wire(Seats(5), 443)["headers"]] == ["Strict-Transport-Security"]
    assert own.wire(Seats(5), 8000)["headers"] == []


def renewed(folder: Path, credentials: Credentials, **wrong: Any) -> bool:
    """Puts another certificate into the place of the first; whether it is shown."""
    write_certificate(folder, **wrong)
    return credentials.look()


def test_a_bad_renewal_leaves_the_old_one_serving(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is told once, not every minute; the next good one is taken."""
    certificate, key = write_certificate(tmp_path, ["node.example"])
    credentials = brought(certificate, key, ("node.example",))
    first = credentials.shown.fingerprint

    bad = [
        renewed(tmp_path, credentials, names=["other.example"]),
        credentials.look(),
        renewed(tmp_path, credentials, names=["node.example"], until=NOW - DAY / 24),
        renewed(tmp_path, credentials, names=["node.example"], since=NOW + 9 * DAY),
    ]
    certificate.write_text("half a fi", "ascii")
    bad.append(credentials.look())
    key.unlink()
    bad.append(credentials.look())
    kept = credentials.shown.fingerprint
    good = renewed(tmp_path, credentials, names=["node.example"])

    assert (bad, kept, good) == ([False] * 6, first, True)
    assert credentials.shown.fingerprint != first
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warned) == 4


def test_an_end_that_comes_near_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Once a day, from two weeks before on."""
    credentials = brought(*write_certificate(tmp_path, until=NOW + 10 * DAY), ())

    for _ in range(3):
        credentials.look()

    assert [record.getMessage()[-7:] for record in caplog.records if "ends in" in record.getMessage()]
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("since", "until", "verdict"),
    [
        (NOW - DAY, NOW + 20 * DAY, "well"),
        (NOW - DAY, NOW + 3 * DAY, "note"),
        (NOW - 9 * DAY, NOW - DAY, "wrong"),
        (NOW + DAY, NOW + 9 * DAY, "wrong"),
    ],
)
def test_the_doctor_judges_the_certificate_that_is_shown(tmp_path: Path, since: Any, until: Any, verdict: str) -> None:
    """Also one whose time has not come, as the clock may be wrong."""
    certificate, _ = write_certificate(tmp_path, since=since, until=until)

    (sign,) = certificate_signs(tmp_path, certificate.read_text("ascii"))

    assert sign.verdict == verdict
