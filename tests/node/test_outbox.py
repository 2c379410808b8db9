"""Files on schedule, from the history to the folder, past a real valve."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from lineside.errors import ConfigurationError
from lineside.measure import Kpi, Scope, kpi_rows
from lineside.node import BOOKS, Node
from lineside.node.outbox_table import Period, periods
from lineside.trust import Asked, Grade, Kind, Statement, Who, Withheld, stored_ledger
from lineside.valve import FileRecord, Release, Shaping, Terms, ToldRecord
from tests.node.february import DAY_US, MINUTE_US, at, copied

DOMINANCE = Shaping("dominance", "machine")
SHIFTS = Shaping("threshold", "shift")


class Works:
    """A node on a copy of these files, with a clock."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.node.valve.releases.latest_us = 0  # the node was made by today's clock
        self.clock(at(2, 1))

    def clock(self, us: int) -> None:
        """Sets it."""
        self.node.valve.releases.now = lambda: us

    def terms(self, every: Any, shaping: Shaping | None, *content: str, grade: Grade = Grade.GENERAL) -> Terms:
        """What is asked for."""
        return Terms(
            name="KPIs",
            purpose="talk",
            recipient="Acme",
            flow="file",
            address="acme",
            content=content or ("kpi/area/hall/*",),
            grade=grade,
            since_us=at(2, 1),
            until_us=at(2, 1) + 300 * DAY_US,
            every=every,
            shaping=shaping,
        )

    def release(self, every: Any, shaping: Shaping | None = None, *content: str, **more: Any) -> Release:
        """Asked for and allowed."""
        asked = self.node.valve.ask(self.terms(every, shaping, *content, **more), 0)
        if asked.terms.approvals == 1:
            self.node.valve.releases.allow(asked.id, asked.digest, 0)
        return self.node.valve.releases.get(asked.id)

    def tell(self, us: int) -> list[str]:
        """What becomes of all that is due at a moment."""
        self.clock(us)
        return [self.node.outbox.tell(one) for one in self.node.outbox.due()]

    def files(self) -> list[str]:
        """All that lies in the outbox."""
        return sorted(one.name for one in self.node.outbox.folder.rglob("*") if one.is_file())

    def became(self, release: Release) -> list[tuple[str, str, str | None]]:
        """Of each period, the newest first."""
        return [(one.period, one.state, one.key) for one in self.node.outbox.became(release)]

    def table(self, name: str) -> list[dict[str, str]]:
        """The rows of a CSV file."""
        with (self.node.outbox.folder / "acme" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def works(month: Path, tmp_path: Path) -> Iterator[Works]:
    """A node with that February."""
    with Node.open(copied(month, tmp_path)) as node:
        yield Works(node)


def test_periods_are_whole_production_days(works: Works) -> None:
    """Days, weeks from Monday and months, in the zone of the plant, also where the clocks change."""
    plant = works.node.plant
    days = list(periods("day", at(3, 28), at(3, 30), plant))
    weeks = list(periods("week", at(2, 1), at(2, 16), plant))

    assert [(one.name, one.until_us - one.from_us) for one in days] == [
        ("2026-03-28", DAY_US - 60 * MINUTE_US),
        ("2026-03-29", DAY_US),
    ]
    assert [one.name for one in weeks] == ["2026-W05", "2026-W06", "2026-W07"]
    assert list(periods("month", at(2, 2), at(3, 1), plant)) == [Period("2026-02", at(2, 1), at(3, 1))]


def test_a_file_tells_what_the_pages_show(works: Works) -> None:
    """Both tables are there with a manifest of their sums, release and ledger entry, once the day is over."""
    release = works.release("day", None, "kpi/line/l0/*", "kpi/area/hall/oee")
    assert works.tell(at(2, 2, 6, 9)) == []
    assert works.tell(at(2, 2, 6, 11)) == ["left"]
    assert works.tell(at(2, 2, 6, 12)) == []

    rows = works.table("kpi-2026-02-01-2.csv")
    folder = works.node.outbox.folder / "acme"
    manifest = json.loads((folder / "kpi-2026-02-01-2.manifest.json").read_text("utf-8"))
    scopes = [Scope("line", "l0"), Scope("area", "hall")]
    shown = {one.scope: one for one in kpi_rows(works.node.history, works.node.timeline, scopes, at(2, 1), at(2, 2))}

    assert (rows[0]["scope"], rows[0]["kpi"]) == ("area/hall", "oee")
    assert len(rows) == 5
    for one in rows:
        assert float(one["value"]) == pytest.approx(shown[one["scope"]].values[cast("Kpi", one["kpi"])], abs=1e-6)
        assert (one["coverage"], one["why"], one["from"]) == ("1", "", "2026-02-01T06:00:00+01:00")
    assert manifest["digest"] == release.digest
    for name, told in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == told["sha256"]
    with stored_ledger(works.node.folder / BOOKS) as ledger:
        (entry,) = ledger.page(Asked(kinds=[Kind.RELEASE_FILE.value]), 9)
    assert (entry["index"], entry["facts"]["period"]) == (manifest["ledger_entry"], "2026-02-01")
    last = works.node.valve.total(release)[1]
    assert last["table"].content == (folder / "kpi-2026-02-01-2.csv").read_bytes()


def test_what_was_missed_is_caught_up_once_each(works: Works) -> None:
    """After days without a node each day gets its file; a value that is not known says why."""
    release = works.release("day", None, "kpi/line/l0/oee")

    assert works.tell(at(2, 5, 7)) == ["left"] * 4
    assert works.tell(at(2, 5, 8)) == []
    assert len(works.files()) == 12
    assert works.tell(at(3, 4, 7))[-1] == "left"
    assert works.table("kpi-2026-03-03-2.csv")[0]["why"] != ""
    assert works.node.outbox.became(release)[0].period == "2026-03-03"


async def test_a_node_that_runs_writes_what_is_due(works: Works, until: Any) -> None:
    """By a job of its own, without anybody asking."""
    release = works.release("day", None, "kpi/line/l0/oee")
    works.clock(at(2, 3, 7))

    async with works.node.live():
        await until(lambda: [one[1] for one in works.became(release)] == ["left", "left"])

    assert len(works.files()) == 6


def test_the_preview_is_the_exact_bytes(works: Works) -> None:
    """Of the last period that is over; nothing is told, written or recorded by looking."""
    release = works.release("week", SHIFTS, "kpi/line/l0/*")
    works.clock(at(2, 9, 6, 20))
    before = [one.content for one in works.node.outbox.preview(release)]
    assert works.files() == []

    assert works.tell(at(2, 9, 6, 20))[-1] == "left"

    names = [one for one in works.files() if "W06" in one and "manifest" not in one]
    after = [(works.node.outbox.folder / "acme" / one).read_bytes() for one in names]
    assert before[:2] == after


def test_a_file_that_the_valve_holds_back_is_not_tried_again(works: Works) -> None:
    """It says why; the next period is told; nothing is half written or paid."""
    release = works.release("week", SHIFTS, "kpi/line/l0/*")
    works.clock(at(2, 9, 7))
    works.node.valve.releases.shut(0)

    assert works.tell(at(2, 9, 7)) == ["withheld", "withheld"]
    assert works.became(release)[0] == ("2026-W06", "withheld", "valve.shut")
    assert works.files() == []
    with works.node.books.reading() as rows:
        assert rows.query(ToldRecord).count() == 0
    works.node.valve.releases.open(0)
    assert works.tell(at(2, 9, 8)) == []
    assert works.tell(at(2, 16, 7)) == ["left"]


def test_a_folder_that_cannot_be_written_is_told(works: Works) -> None:
    """As on a full disk: nothing of the file is there, the release says what is wrong, the next period goes."""
    release = works.release("day", None, "kpi/line/l0/oee")
    works.node.outbox.folder.mkdir()
    blocked = works.node.outbox.folder / "acme"
    blocked.write_text("in the way", "utf-8")

    assert works.tell(at(2, 2, 7)) == ["failed"]
    assert works.became(release) == [("2026-02-01", "failed", "valve.file_unwritten")]
    assert works.files() == ["acme"]
    blocked.unlink()
    assert works.tell(at(2, 3, 7)) == ["left"]
    assert len(works.files()) == 3


def test_a_link_out_of_the_outbox_is_not_followed(works: Works, tmp_path: Path) -> None:
    """What is asked for is withheld, and nothing lies where the link leads."""
    release, elsewhere = works.release("day", None, "kpi/line/l0/oee"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    works.node.outbox.folder.mkdir()
    (works.node.outbox.folder / "acme").symlink_to(elsewhere)

    assert works.tell(at(2, 2, 7)) == ["withheld"]
    assert works.became(release)[0][2] == "valve.file_outside"
    assert list(elsewhere.iterdir()) == []


def test_an_attempt_that_broke_off_is_not_made_again(works: Works) -> None:
    """What was recorded and paid may have left: it is told as failed."""
    release = works.release("day", None, "kpi/line/l0/oee")
    with works.node.books.session() as rows:
        span = {"from_us": at(2, 1), "until_us": at(2, 2), "at_us": at(2, 2, 6, 11)}
        rows.add(FileRecord(release_id=release.id, period="2026-02-01", state="begun", key=None, fields=None, **span))

    assert works.tell(at(2, 2, 7)) == ["failed"]
    assert works.tell(at(2, 2, 8)) == []
    assert works.files() == []


def test_shifts_hide_each_other_in_the_figure_of_a_line(works: Works) -> None:
    """A week has fourteen, and is told as the pages show it; a day has two, and stays in."""
    works.release("week", SHIFTS, "kpi/line/l0/*", "kpi/machine/m0/oee")
    works.tell(at(2, 9, 7))
    *rows, same = works.table("kpi-2026-W06-2.csv")
    shown = kpi_rows(works.node.history, works.node.timeline, [Scope("line", "l0")], at(2, 2), at(2, 9))[0]

    assert {one["kpi"]: float(one["value"]) for one in rows} == pytest.approx(shown.values, abs=1e-6)
    assert {one["coverage"] for one in rows} == {"1"}
    assert (same["scope"], same["value"]) == ("machine/m0", next(o["value"] for o in rows if o["kpi"] == "oee"))
    day = works.release("day", SHIFTS, "kpi/line/l1/*")
    works.tell(at(2, 9, 8))
    assert {one["why"] for one in works.table(f"kpi-2026-02-08-{day.id}.csv")} == {
        "Withheld by the rules of the owner."
    }


def test_what_was_told_before_holds_back_the_difference(works: Works) -> None:
    """A week told, then its days: each day would leave the rest of the week, or has too few itself."""
    works.release("month", SHIFTS, "kpi/line/l0/availability")
    works.tell(at(3, 1, 7))
    other = works.release("week", replace(SHIFTS, contributors=14), "kpi/line/l0/availability")
    works.tell(at(3, 1, 8))

    values = {name: works.table(name)[0]["value"] for name in works.files() if name.endswith(f"-{other.id}.csv")}

    assert values["kpi-2026-W05-3.csv"] == ""
    assert values["kpi-2026-W06-3.csv"] != ""


def test_a_plant_tells_its_figures_by_one_unit(works: Works) -> None:
    """By machines after shifts nothing leaves: differences between both would not be seen."""
    works.release("week", SHIFTS, "kpi/line/l0/*")
    works.tell(at(2, 9, 7))
    other = works.release("week", DOMINANCE, "kpi/area/hall/*")

    works.tell(at(2, 9, 8))

    assert works.became(other)[0][1:] == ("withheld", "valve.other_unit")


def important(works: Works) -> None:
    """Grades all of the hall."""
    works.node.catalogue.keep([Statement("area/hall", "is", Grade.IMPORTANT)], Who("x", "why"))


def test_a_grade_falls_by_an_aggregate_over_time(works: Works) -> None:
    """Important KPIs leave by a release for general data, shaped over 28 days; the same bytes unshaped do not."""
    important(works)
    release = works.release("month", DOMINANCE)

    assert works.tell(at(3, 1, 7)) == ["left"]
    assert [one["why"] for one in works.table(f"kpi-2026-02-{release.id}.csv")] == [""] * 4
    bare = replace(works.node.outbox.preview(release)[0], done=None)
    with pytest.raises(Withheld) as held:
        works.node.valve.let_out(bare)
    assert held.value.key == "valve.not_shaped"


def test_a_grade_falls_by_noise(works: Works) -> None:
    """Of an epsilon of 1 in all that the release ever tells."""
    pytest.importorskip("opendp", reason="the extra `privacy` is not installed")
    important(works)
    release = works.release("month", Shaping("noise", "machine"))

    assert works.tell(at(3, 1, 7)) == ["left"]
    rows = works.table(f"kpi-2026-02-{release.id}.csv")
    assert {one["why"] for one in rows} <= {"", "The noise left nothing of it."}


def test_noise_of_several_releases_adds_up(works: Works) -> None:
    """What one release may cost counts for the grade of another; of one that is over only what it spent."""
    pytest.importorskip("opendp", reason="the extra `privacy` is not installed")
    important(works)
    first = works.release("month", Shaping("noise", "machine", budget=0.7))
    with pytest.raises(ConfigurationError) as raised:
        works.release("month", Shaping("noise", "machine", budget=0.4))
    assert raised.value.key == "valve.noise_together"
    assert works.tell(at(3, 1, 7)) == ["left"]
    spent = 0.7 - (works.node.outbox.left_of_budget(first) or 0.0)
    works.node.valve.releases.close(first.id, 0)

    second = works.release("month", Shaping("noise", "machine", budget=0.4))

    assert 0 < spent < 0.6
    assert works.node.valve.releases.noise_beside(second.id) == pytest.approx(spent, abs=1e-5)
    assert works.node.valve.releases.noise_beside() == pytest.approx(spent + 0.4, abs=1e-5)


def test_a_grade_that_does_not_fall_stays_in(works: Works) -> None:
    """Less time, less strict rules, fewer contributors or more epsilon than the rules ask for earn nothing."""
    important(works)
    asked: list[tuple[str, Shaping | None]] = [
        ("week", DOMINANCE),
        ("month", Shaping("threshold", "machine")),
        ("month", Shaping("dominance", "machine", contributors=4)),
        ("month", Shaping("dominance", "machine", largest=0.8)),
        ("month", Shaping("noise", "machine", budget=2.0)),
        ("month", None),
    ]
    for every, shaping in asked:
        with pytest.raises(ConfigurationError) as raised:
            works.release(every, shaping)
        assert raised.value.key == "valve.above", shaping


def test_files_that_left_long_ago_are_removed(works: Works) -> None:
    """So long after they were written as the plant file says, and the ledger says how many; later ones stay."""
    works.release("week", None, "kpi/area/hall/oee")
    works.tell(at(2, 9, 7))
    early = works.files()
    works.tell(at(2, 16, 7))
    late = [one for one in works.files() if one not in early]

    gone = works.node.outbox.tidy(at(2, 10, 0))

    assert (gone, works.files()) == (len(early), late)
    assert late
    assert works.node.outbox.tidy(at(2, 10, 0)) == 0
    with stored_ledger(works.node.folder / BOOKS) as now:
        assert now.page(Asked(kinds=["files.removed"]), 5)[0]["facts"] == {"files": len(early)}


def test_a_budget_runs_down_and_ends(works: Works) -> None:
    """Each file pays before its noise is drawn; when too little is left nothing leaves, and that is told."""
    pytest.importorskip("opendp", reason="the extra `privacy` is not installed")
    release = works.release("week", Shaping("noise", "machine", epsilon=0.2, budget=0.7), "kpi/area/hall/oee")
    outbox = works.node.outbox
    works.clock(at(2, 9, 7))
    assert [json.loads(one.content)["figures"][0]["value"] for one in outbox.preview(release)[1:2]] == [None]
    assert outbox.left_of_budget(release) == 0.7

    told = works.tell(at(3, 2, 7))

    assert told == ["left", "left", "left", "withheld", "withheld"]
    assert works.became(release)[0][2] == "valve.budget_spent"
    assert outbox.left_of_budget(release) == pytest.approx(0.1, abs=1e-4)


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"address": "../acme"}, "valve.no_folder"),
    ({"address": "a/b"}, "valve.no_folder"),
    ({"every": None}, "valve.no_schedule"),
    ({"content": ("signal/m0/mode",)}, "valve.not_in_files"),
    ({"content": ("kpi/line/l0/oee",)}, "valve.no_machines_in"),
    ({"shaping": SHIFTS}, "valve.no_shifts_in"),
    ({"shaping": Shaping("noise", "machine", epsilon=2.0, budget=1.0)}, "valve.no_budget"),
    ({"shaping": Shaping("threshold", "machine", contributors=1)}, "valve.too_few_contributors"),
    ({"shaping": Shaping("threshold", "order")}, "valve.no_shaping"),  # type: ignore[arg-type]
    ({"flow": "mtconnect"}, "valve.only_files"),
]


def test_what_makes_no_sense_is_refused(works: Works) -> None:
    """When it is asked for, with what would."""
    for changes, key in NONSENSE:
        with pytest.raises(ConfigurationError) as raised:
            works.node.valve.ask(replace(works.terms("week", DOMINANCE), **changes), 0)
        assert raised.value.key == key
        assert raised.value.cure()


def test_releases_without_files_keep_their_digest(works: Works) -> None:
    """What was allowed before there were files is allowed still."""
    told = works.terms(None, None).json()

    assert not {"every", "shaping"} & told.keys()
    assert Terms.read(works.terms("week", DOMINANCE).json()) == works.terms("week", DOMINANCE)
