"""`GET /api/energy`: who may ask, and what a plant answers that says nothing of energy."""

from __future__ import annotations

from litestar import Litestar
from litestar.testing import AsyncTestClient

Client = AsyncTestClient[Litestar]


async def test_a_plant_without_energy_says_so(client: Client) -> None:
    """No number, and the reason in the reader's language."""
    asked = {"from": "2026-03-04", "to": "2026-03-05"}
    answer = await client.get("/api/energy", params=asked, headers={"accept-language": "zh"})

    told = answer.json()
    assert answer.status_code == 200
    assert told["declared"] is False
    assert (told["whole"]["kwh"], told["whole"]["carriers"], told["whole"]["meters"]) == (None, [], [])
    assert told["whole"]["why"] == "没有计量全厂的仪表"
    assert [day["day"] for day in told["days"]] == ["2026-03-04"]


async def test_years_of_days_are_refused(client: Client) -> None:
    """With how many there would be."""
    answer = await client.get("/api/energy", params={"from": "2020-01-01", "to": "2026-01-01"})

    assert answer.status_code == 400
    assert answer.json()["key"] == "measure.pieces"


async def test_a_plant_that_nothing_was_heard_of_has_a_day_without_numbers(client: Client) -> None:
    """Its page is no error: it says what is missing."""
    answer = await client.get("/api/energy")

    told = answer.json()
    assert answer.status_code == 200
    assert told["whole"]["kwh"] is None
    assert len(told["days"]) == 1
