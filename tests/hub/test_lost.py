"""Killed at any moment, and restored from an older backup: nothing that was receipted is lost, nothing stands twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineside.exchange import Answer, Envelope, Receipt, decoded, month_name
from lineside.hub import Hub
from lineside.node import back_up, restore
from lineside.trust import Asked, scan_ledger
from tests.hub.conftest import Opens
from tests.hub.factories import Clock, Factory
from tests.hub.sending import FIRST, MONTHS, known, statements

ROOT = Path(__file__).parents[2]
SENDERS = 4


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("answers", [1, 30, 77])
def test_what_was_receipted_is_there_after_a_kill(opens: Opens, tmp_path: Path, clock: Clock, answers: int) -> None:
    """Four members send; the process is killed after some answers. Then each sends all again and has its receipts."""
    with opens() as hub:
        for member in range(1, SENDERS + 1):
            factory = Factory.make(tmp_path, clock, f"m{member}").joined(hub, f"m{member}")
            (tmp_path / f"m{member}.enrolment").write_bytes(factory.sent[0].json())

    given = killed_after(answers, tmp_path)

    hub = opens()
    taken = [{**one["facts"], "member": one["about"], "entry": one["index"]} for one in entries(hub)]
    assert given
    for answer in given:
        receipt = opened(answer)
        mine = {"number": receipt.number, "sha256": receipt.statement, "member": f"member/{receipt.member}"}
        assert mine | {"entry": receipt.entry} in taken
    finish(hub, tmp_path, {one.sha256: one.reply for one in given})


def killed_after(answers: int, folder: Path) -> list[Answer]:
    """The answers that came out of a process that was killed after so many of them, whole."""
    command = [sys.executable, "-m", "tests.hub.sending", str(folder), str(SENDERS)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(answers)]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
    lines += [line for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    return [Answer.parse(line) for line in lines]


def finish(hub: Hub, folder: Path, given: dict[str, bytes | None]) -> None:
    """Each member says everything from its beginning: repeats get what they got, and all stands there once."""
    for member in range(1, SENDERS + 1):
        head = Envelope.parse((folder / f"m{member}.enrolment").read_bytes())
        factory = known(folder, hub, member, head)
        said = list(statements(factory))
        for answer, envelope in zip(factory.send(hub, *said), said, strict=True):
            assert answer.reply == given.get(envelope.sha256, answer.reply)
        assert sorted(factory.receipts) == list(range(1, MONTHS + 1))
        assert all(hub.figures.said(member, FIRST + at)["oee"] == 0.6 for at in range(MONTHS))
    hashes = [one["facts"]["sha256"] for one in entries(hub)]
    assert len(hashes) == len(set(hashes)) == SENDERS * MONTHS
    with hub.ledger.stored() as now:
        assert scan_ledger(now.entries()).verdict([], []).wrong == []


def entries(hub: Hub) -> list[dict[str, Any]]:
    """Of the ledger, those of statements."""
    with hub.ledger.stored() as now:
        return now.page(Asked(kinds=["statement.taken"]), 10_000)


def opened(answer: Answer) -> Receipt:
    """The receipt in an answer."""
    assert answer.envelope is not None
    found = decoded(answer.envelope)
    assert isinstance(found, Receipt)
    return found


def test_a_hub_that_was_restored_learns_again_what_it_lost(
    opens: Opens, folder: Path, tmp_path: Path, clock: Clock
) -> None:
    """It says which number it expects; members that kept what they said send from there, and get receipts again."""
    hub = opens()
    factories = [Factory.make(tmp_path, clock, f"m{at}").joined(hub, f"m{at}") for at in range(3)]
    for at, factory in enumerate(factories):
        factory.send(hub, *[factory.say(factory.submission(month_name(FIRST + month))) for month in range(at)])
    hub.close()
    back_up(folder, tmp_path / "backup")
    hub = opens()
    for factory in factories:
        factory.send(hub, *[factory.say(factory.submission(month_name(FIRST + month))) for month in range(10, 15)])
    hub.close()
    restore(tmp_path / "backup", tmp_path / "again")

    with Hub(tmp_path / "again", now_us=clock) as again:
        assert again.id == factories[0].hub
        for at, factory in enumerate(factories):
            factory.receipts.clear()
            next_one = factory.say(factory.submission(month_name(FIRST + 20)))
            (answer,) = again.receive(next_one.json())
            assert answer.problem is not None
            assert (answer.problem.key, answer.problem.fields["expected"]) == ("hub.gap", at + 1)
            factory.send(again, *factory.sent[at + 1 :])
            assert sorted(factory.receipts) == list(range(at + 1, at + 7))
            assert all(again.figures.said(factory.number, FIRST + month) for month in (*range(10, 15), 20))
        hashes = [one["facts"]["sha256"] for one in entries(again)]
        assert len(hashes) == len(set(hashes)) == 3 * 6 + 1 + 2
        with again.ledger.stored() as now:
            assert [one["kind"] for one in now.page(Asked(kinds=["backup.restored"]), 9)] == ["backup.restored"]
