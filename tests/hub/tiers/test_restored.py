"""An attack by an older backup: what a hub told before it was restored, held against what it tells afterwards.

The public and members keep what they were told; the hub does not know it any more.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from lineside.hub import Hub
from lineside.hub.compare import PanelRecord
from lineside.hub.tiers import observatory
from lineside.node import back_up_hub, restore
from tests.hub.conftest import Opens
from tests.hub.factories import Clock
from tests.hub.tiers.clusters import LAST, Cluster, of, profiles, values

PUBLIC = '\n[observatory]\nindicators = ["oee"]\nepsilon = 8.0\nbudget = 60.0\n'
MEMBERS = 40


def test_nothing_is_told_a_second_time_after_a_restore(
    folder: Path, opens: Opens, clock: Clock, tmp_path: Path
) -> None:
    """No noise is drawn twice, for an average, and no month is told of other members; what was spent stays spent.

    Later months are told, by members who are put together anew.
    """
    pytest.importorskip("opendp")
    file = folder / "hub.toml"
    file.write_text(file.read_text("utf-8") + PUBLIC, "utf-8")
    clock.forward(days=1)
    made, rng = Cluster(opens(), clock, tmp_path), np.random.default_rng(5)
    made.join(profiles(rng, MEMBERS))
    table = values(rng, MEMBERS, 7, missing=0)
    made.speak(of(table), range(LAST - 3, LAST + 1), ["oee"])
    made.tell()
    made.hub.close()
    back_up_hub(folder, tmp_path / "backup")

    made.hub = opens()
    clock.forward(days=65)
    made.speak(of(table[:, 4:]), [LAST + 1, LAST + 2], ["oee"])
    made.tell()
    told = observatory(made.hub.tiers, None, "en")
    made.hub.close()
    restore(tmp_path / "backup", tmp_path / "again")

    with Hub(tmp_path / "again", now_us=clock) as made.hub:
        lost = [one.json() for factory in made.factories for one in factory.sent[-2:]]
        assert [one.problem for one in made.hub.receive(b"\n".join(lost))] == [None] * len(lost)
        made.join(profiles(rng, 7))
        made.tell()
        again, months = observatory(made.hub.tiers, None, "en"), made.hub.tiers.months("oee")
        clock.forward(days=31)
        made.speak(of(table[:, 6:]), [LAST + 3], ["oee"], places=range(MEMBERS))
        made.tell()
        later = made.hub.tiers.months("oee")
        with made.hub.books.reading() as rows:
            begun = list(rows.scalars(select(PanelRecord.from_month).order_by(PanelRecord.id)))

    assert (told["period"], bool(told["figures"])) == ("2026-Q4", True)
    assert [one for one in again["figures"] if one["value"] is not None and again["period"] == "2026-Q4"] == []
    assert again["budget"]["spent"] == told["budget"]["spent"]
    assert months[-1] == "2026-10"
    assert later[len(months) :] == ["2027-01"]
    assert begun == ["2026-07", "2027-01"]
