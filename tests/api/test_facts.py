from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.node import Node, now_us

Client = AsyncTestClient[Litestar]
At = Callable[..., int]

HOUR = {"from": "2026-03-04T08:00", "to": "2026-03-04T09:00"}
DAY = {"from": "2026-03-04", "to": "2026-03-05"}


def unpack(body: bytes) -> tuple[list[float], list[float]]:
    """Times and values as the manual lays them out; there is nothing else in the answer."""
    (n,) = struct.unpack_from("<i", body)
    assert len(body) == 4 + 16 * n
    time, value = np.frombuffer(body, "<f8", 2 * n, offset=4).reshape(2, n)
    return time.tolist(), value.tolist()


async def ask(client: Client, path: str, **params: Any) -> Any:
    """The JSON of an answer that is fine."""
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_lanes_are_edges_and_codes_of_states(client: Client, at: At) -> None:
    """The states tile the window: no data, running, stopped, no data."""
    lanes = await ask(client, "/api/lanes", **{"from": "2026-03-04T07:00", "to": "2026-03-04T10:00"}, machine="press")

    press = lanes["machines"]["press"]
    assert press["t"] == [at(hour, minute) // 1000 for hour, minute in ((7, 0), (8, 0), (8, 45), (9, 0), (10, 0))]
    assert [lanes["states"][code] for code in press["s"]] == ["no_data", "running", "stopped", "no_data"]
    assert (lanes["from_ms"], lanes["to_ms"]) == (press["t"][0], press["t"][-1])


async def test_lanes_leave_the_future_out(client: Client) -> None:
    """What has not happened yet is not shown as a time without data; without names all machines are shown."""
    now = now_us() // 1000

    lanes = await ask(client, "/api/lanes", **{"from": str(now - 60_000), "to": str(now + 3_600_000)})

    assert now <= lanes["to_ms"] <= lanes["now_ms"]
    assert set(lanes["machines"]) == {"press", "bench"}


async def test_kpis_of_every_scope_in_the_time_there_is(client: Client) -> None:
    """Without a window the rows are of all that was heard, without a scope of the whole plant."""
    rows = (await ask(client, "/api/kpi"))["rows"]

    assert [row["scope"] for row in rows] == ["site/works", "area/hall", "line/cell", "machine/press", "machine/bench"]
    press = rows[3]
    assert (press["from"], press["to"]) == ("2026-03-04T08:00:00+01:00", "2026-03-04T09:00:00+01:00")
    assert press["availability"] == 0.75
    assert press["effectiveness"] == pytest.approx(900 * 2 / 2700, abs=1e-6)
    assert (press["quality"], press["oee"], press["produced"]) == (None, None, 900)
    assert [missing["code"] for missing in press["missing"]] == ["reject_count"]
    assert rows[2]["availability"] == rows[1]["availability"] == rows[0]["availability"] == 0.75


async def test_without_anything_heard_there_is_no_default_window(client: Client, node: Node) -> None:
    """A window cannot be guessed for a plant that never said anything."""
    text = (node.folder / "plant.toml").read_text("utf-8").replace("disk", "other")
    (node.folder / "plant.toml").write_text(text, "utf-8")
    node.editions.notice(now_us())

    answer = await client.get("/api/kpi")

    assert (answer.status_code, answer.json()["key"]) == (400, "measure.no_history")


async def test_kpis_by_shift(client: Client, put_values: Callable[..., None], node: Node, at: At) -> None:
    """One row a shift, named, with its production day, cut to the window."""
    put_values(node, "press/mode", (at(13), "ACTIVE"))
    node.history.hear("disk", at(13), at(15))

    rows = (await ask(client, "/api/kpi", **DAY, scope="machine/press", by="shift"))["rows"]

    assert [(row["shift"], row["production_day"]) for row in rows] == [("early", "2026-03-04"), ("late", "2026-03-04")]
    assert (rows[1]["from"], rows[1]["to"]) == ("2026-03-04T14:00:00+01:00", "2026-03-04T22:00:00+01:00")
    assert rows[1]["times_s"]["running"] == 3600


async def test_kpis_by_production_day(client: Client) -> None:
    """A production day begins when the plant file says, not at midnight; dates mean whole ones."""
    (row,) = (await ask(client, "/api/kpi", **DAY, scope="line/cell", by="day"))["rows"]

    assert row["production_day"] == "2026-03-04"
    assert (row["from"], row["to"]) == ("2026-03-04T06:00:00+01:00", "2026-03-05T06:00:00+01:00")
    assert (row["partial"], row["so_far"]) == (False, False)


async def test_a_production_day_that_is_cut_says_so(client: Client) -> None:
    """Cut by the window it is partial; the one that goes on is so far."""
    window = {"from": "2026-03-04T00:00", "to": "2026-03-05T06:00"}
    cut = (await ask(client, "/api/kpi", **window, scope="line/cell", by="day"))["rows"]
    ago = {"from": str(now_us() // 1000 - 3 * 86_400_000)}
    live = (await ask(client, "/api/kpi", **ago, to=str(now_us() // 1000), scope="line/cell", by="day"))["rows"]

    assert [(row["production_day"], row["partial"]) for row in cut] == [("2026-03-03", True), ("2026-03-04", False)]
    assert [(row["partial"], row["so_far"]) for row in live[-2:]] == [(False, False), (True, True)]


async def test_kpis_by_product(client: Client) -> None:
    """One row a product that was in force."""
    rows = (await ask(client, "/api/kpi", **HOUR, scope="machine/press", by="product"))["rows"]

    assert [(row["product"], row["produced"]) for row in rows] == [("bolt", 900)]


async def test_several_scopes_in_one_question(client: Client) -> None:
    """They come back in the order asked for."""
    rows = (await ask(client, "/api/kpi", **HOUR, scope=["line/cell", "machine/press"]))["rows"]

    assert [row["scope"] for row in rows] == ["line/cell", "machine/press"]


async def test_what_is_missing_is_said_in_the_language_asked_for(client: Client) -> None:
    """The same row, its words in Chinese."""
    rows = (await ask(client, "/api/kpi", **HOUR, scope="machine/press", lang="zh"))["rows"]

    assert not rows[0]["missing"][0]["what"].isascii()


async def test_a_number_opens_up(client: Client) -> None:
    """Formula, inputs, intervals, coverage, rule and edition of one KPI."""
    number = await ask(client, "/api/number", **HOUR, kpi="availability", scope="line/cell")

    assert (number["kpi"], number["value"], number["coverage"]) == ("availability", 0.75, 1.0)
    assert {i["id"]: i["value"] for i in number["inputs"]} == {"APT": 2700, "PBT": 3600}
    assert [(i["state"], i["seconds"]) for i in number["intervals"]] == [("running", 2700), ("stopped", 900)]
    assert "Press 1" in number["rule"]["text"]
    assert [edition["number"] for edition in number["editions"]] == [1]
    assert number["formula"]


async def test_an_opened_number_equals_its_row(client: Client) -> None:
    """There is one way to a number, whatever shows it."""
    row = (await ask(client, "/api/kpi", **HOUR, scope="machine/press"))["rows"][0]

    for kpi in ("availability", "effectiveness", "quality", "oee"):
        number = await ask(client, "/api/number", **HOUR, kpi=kpi, scope="machine/press")

        assert number["value"] == row[kpi]
        assert number["row"] == row


async def test_samples_are_times_and_values(
    client: Client, node: Node, put_values: Callable[..., None], at: At
) -> None:
    """Few samples come whole, little-endian, half open, with a NaN where the value was lost."""
    put_values(node, "press/load", (at(8), 10.0), (at(8, 1), None), (at(8, 2), 30.5), (at(9), 40.0))

    answer = await client.get("/api/samples", params={**HOUR, "series": "press/load"})

    time, value = unpack(answer.content)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert time == [at(8) / 1000, at(8, 1) / 1000, at(8, 2) / 1000]
    assert (value[0], math.isnan(value[1]), value[2]) == (10.0, True, 30.5)


async def test_thinned_samples_keep_peaks_and_gaps(
    client: Client, node: Node, put_values: Callable[..., None], at: At
) -> None:
    """However few points are asked for, the least, the greatest and the missing value stay."""
    rows: list[tuple[int, float | None]] = [(at(8) + i * 500_000, float(i % 7)) for i in range(7000)]
    rows[1234], rows[4321], rows[5555] = (rows[1234][0], 99.0), (rows[4321][0], -5.0), (rows[5555][0], None)
    put_values(node, "press/load", *rows)

    answer = await client.get("/api/samples", params={**HOUR, "series": "press/load", "points": 50})

    time, value = unpack(answer.content)
    stored = dict(zip((moment / 1000 for moment, _ in rows), (number for _, number in rows), strict=True))
    assert 50 <= len(time) <= 110
    assert time == sorted(time)
    assert [moment for moment, number in zip(time, value, strict=True) if number in (99.0, -5.0)] == [
        rows[1234][0] / 1000,
        rows[4321][0] / 1000,
    ]
    assert [moment for moment, number in zip(time, value, strict=True) if math.isnan(number)] == [rows[5555][0] / 1000]
    assert all(stored[m] == n for m, n in zip(time, value, strict=True) if not math.isnan(n))


async def test_no_samples_are_an_empty_answer(client: Client) -> None:
    """A signal that never said anything has no samples, which is no error."""
    answer = await client.get("/api/samples", params={**HOUR, "series": "press/load"})

    assert unpack(answer.content) == ([], [])


@pytest.mark.parametrize(
    "said", ["press/load'; DROP TABLE samples; --", 'press/load" OR "1"="1', "press/%", "press/load\\", "press/load\0"]
)
async def test_a_name_is_never_a_statement(
    client: Client, node: Node, put_values: Callable[..., None], at: At, said: str
) -> None:
    """What is asked for is compared with what there is, and all is there afterwards."""
    put_values(node, "press/load", (at(8), 10.0), (at(8, 1), 20.0))

    told = [await client.get(path, params={**HOUR, "series": said}) for path in ("/api/samples", "/api/texts")]
    kept = await client.get("/api/samples", params={**HOUR, "series": "press/load"})

    assert [answer.status_code for answer in told if answer.status_code >= 500] == []
    assert not any(b"ACTIVE" in answer.content for answer in told)
    assert not told[0].is_success or unpack(told[0].content) == ([], [])
    assert len(unpack(kept.content)[0]) == 2


async def test_texts_begin_with_the_one_in_force(client: Client, at: At) -> None:
    """The text that held when the window began comes first, under its own time."""
    texts = await ask(
        client, "/api/texts", **{"from": "2026-03-04T08:30", "to": "2026-03-04T09:00"}, series="press/mode"
    )

    assert texts == {"t": [at(8) // 1000, at(8, 45) // 1000], "v": ["ACTIVE", "READY"], "total": 2}


async def test_of_many_texts_the_newest_are_given(
    client: Client, node: Node, put_values: Callable[..., None], at: At
) -> None:
    """What is left out is counted, and a lost value is null."""
    put_values(node, "press/mode", (at(8, 50), "SETUP"), (at(8, 55), None))

    texts = await ask(client, "/api/texts", **HOUR, series="press/mode", limit=2)

    assert texts == {"t": [at(8, 50) // 1000, at(8, 55) // 1000], "v": ["SETUP", None], "total": 4}


async def test_a_tally_is_stored_when_it_is_answered(client: Client, node: Node, at: At) -> None:
    """Units at a local time of the plant."""
    answer = await client.post(
        "/api/tally", json={"machine": "bench", "good": 12, "rejected": 1, "time": "2026-03-04T08:15"}
    )

    good, scrap = (node.history.last(node.history.series(f"bench/{name}")) for name in ("good", "scrap"))
    assert answer.status_code == 201
    assert answer.json() == {
        "machine": "bench",
        "good": 12,
        "rejected": 1,
        "time_ms": at(8, 15) // 1000,
        "repeated": False,
    }
    assert good is not None
    assert scrap is not None
    assert [(good.time, good.number), (scrap.time, scrap.number)] == [(at(8, 15), 12.0), (at(8, 15), 1.0)]


async def test_a_tally_sent_again_says_that_it_was_there(client: Client) -> None:
    """Nobody believes that the same units were counted twice."""
    told = {"machine": "bench", "good": 12, "time": "2026-03-04T08:15"}

    answers = [(await client.post("/api/tally", json=told)).json()["repeated"] for _ in range(2)]

    assert answers == [False, True]


async def test_a_tally_without_a_time_is_of_now(client: Client) -> None:
    """Whoever counts need not look at a clock."""
    before = now_us() // 1000

    answer = await client.post("/api/tally", json={"machine": "bench", "good": 1})

    assert before <= answer.json()["time_ms"] <= now_us() // 1000


async def test_units_counted_by_hand_count(client: Client) -> None:
    """A tally is a fact like any other: it is in the rows of its machine."""
    await client.post("/api/tally", json={"machine": "bench", "good": 9, "rejected": 1, "time": "2026-03-04T08:15"})

    row = (await ask(client, "/api/kpi", **HOUR, scope="machine/bench"))["rows"][0]

    assert (row["good"], row["rejected"], row["produced"], row["quality"]) == (9, 1, 10, 0.9)


async def test_the_means_of_thinned_minutes_are_told(client: Client, node: Node) -> None:
    """A number that [keep] thinned out has its mean by the minute; one that is whole has none."""
    series = node.history.series("press/load", kind="measure")
    time = np.arange(2 * 86_400_000_000, 3 * 86_400_000_000, 2_000_000)
    node.history.append(
        pa.table(
            {
                "series": np.full(len(time), series, np.int32),
                "time": pa.array(time, pa.timestamp("us", "UTC")),
                "number": (time // 2_000_000 % 3).astype(float),
                "text": pa.nulls(len(time), pa.string()),
                "quality": np.zeros(len(time), np.int16),
            }
        ),
        bulk=True,
    )
    query = "/api/minutes?series=press/load&from=172800000&to=172920000"
    whole = (await client.get(query)).json()
    node.history.thin_out([series], 3 * 86_400_000_000, lambda: None)

    thin = (await client.get(query)).json()

    assert whole == {"t": [], "mean": [], "seconds": []}
    assert thin == {"t": [172_800_000, 172_860_000], "mean": [1.0, 1.0], "seconds": [60.0, 60.0]}
