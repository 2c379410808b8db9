from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from lineside.measure import Lack, Number, Row, iso, lack_json, number_json, row_json
from lineside.plant import Timeline
from lineside.texts import LANGUAGES
from lineside.texts.catalogue import catalogue

Make = Callable[..., Timeline]
Do = Callable[..., None]
Change = Callable[..., str]
Ask = Callable[..., list[Row]]
Open = Callable[..., Number]

HOUR = 3_600_000_000
MIDNIGHT = 20_000 * 24 * HOUR
SHIFT = (MIDNIGHT + 6 * HOUR, MIDNIGHT + 14 * HOUR)
BERLIN = ('"UTC"', '"Europe/Berlin"')

FIELDS: dict[str, dict[str, object]] = {
    "ideal_cycle": {"product": "lid"},
    "no_data_part": {"seconds": 5400},
    "unmapped": {"seconds": 5400},
    "effectiveness_above_one": {"percent": 125.0},
    "rejects_exceed": {"good": -4.0},
    "made_standing": {"units": 11},
    "outside_planned": {"seconds": 5400, "units": 3},
    "told_late": {"count": 2, "order": "A1"},
    "counter_dropout": {"before": 9.0, "after": 0.0},
    "counter_restart": {"before": 9.0, "after": 1.0},
    "counter_set_back": {"before": 9.0, "after": 8.0},
}
"""What each lack and suspect that has fields carries."""


@pytest.fixture
def shift(tell: Do, hear: Do) -> None:
    """Running from 06:00, down from 13:00; 900 parts of which 90 are scrap."""
    hear("press")
    tell("press/execution", (SHIFT[0], "ACTIVE"), (MIDNIGHT + 13 * HOUR, "FAULT"))
    tell("press/parts", (MIDNIGHT, 0.0), (MIDNIGHT + 7 * HOUR, 900.0))
    tell("press/scrap", (MIDNIGHT, 0.0), (MIDNIGHT + 8 * HOUR, 90.0))


@pytest.mark.usefixtures("shift")
def test_a_row_is_plain_data_under_the_agreed_keys(ask: Ask, timeline: Make, plant_text: str) -> None:
    """Whoever reads the API, the export or the command's JSON finds these keys, and nothing JSON cannot say."""
    plant = timeline(plant_text)
    (row,) = ask(plant, "machine/press", *SHIFT)

    told = json.loads(json.dumps(row_json(row, plant.newest), allow_nan=False))

    agreed = {
        "scope": "machine/press",
        "from": "2024-10-04T06:00:00+00:00",
        "to": "2024-10-04T14:00:00+00:00",
        "availability": round(23_400 / 27_000, 6),
        "effectiveness": round(18_000 / 23_400, 6),
        "quality": 0.9,
        "oee": round(18_000 * 0.9 / 27_000, 6),
        "planned_busy_s": 27_000,
        "times_s": {"running": 25_200, "down": 3_600},
        "good": 810,
        "rejected": 90,
        "coverage": 1,
        "missing": [],
    }
    assert {key: told[key] for key in agreed} == agreed


@pytest.mark.usefixtures("shift")
def test_a_missing_value_is_null_and_never_zero(ask: Ask, timeline: Make, plant_text: str, change: Change) -> None:
    """Without calendar and reject count the row says null, and names both with effect and cure."""
    text = change(plant_text, ('calendar = "early"\n', ""), ('rejected = "scrap"\n', ""))
    (row,) = ask(timeline(text), "machine/press", *SHIFT)

    told = row_json(row, timeline(text).newest)

    assert [told[key] for key in ("availability", "quality", "oee", "planned_busy_s", "good")] == [None] * 5
    assert [(m["code"], bool(m["effect"]), bool(m["cure"])) for m in told["missing"]] == [
        ("calendar", True, True),
        ("reject_count", True, True),
    ]


@pytest.mark.usefixtures("shift")
def test_a_row_speaks_the_readers_language(ask: Ask, timeline: Make, plant_text: str, change: Change) -> None:
    """The same row in English and Chinese has the same codes and numbers and other words."""
    text = change(plant_text, ('calendar = "early"\n', ""))
    (row,) = ask(timeline(text), "machine/press", *SHIFT)

    english, chinese = (row_json(row, timeline(text).newest, language) for language in LANGUAGES)

    assert english["missing"][0]["what"] == "no shift calendar for Press"
    assert chinese["missing"][0]["what"] == "Press 没有班次日历"
    assert english | {"missing": []} == chinese | {"missing": []}


def codes() -> list[tuple[str, str]]:
    """Every lack and suspect the catalogue knows."""
    found = (re.fullmatch(r"measure\.(missing|suspect)\.(\w+)", key) for key in catalogue("en"))
    return [(match[1], match[2]) for match in found if match]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("family", "code"), codes())
def test_every_lack_tells_what_its_effect_and_its_cure(
    timeline: Make, plant_text: str, family: str, code: str, language: str
) -> None:
    """No lack or suspect is left without a sentence, an effect and a cure, filled in, in either language."""
    subject = "line/press" if code == "pace" else "machine/press"

    told = lack_json(
        Lack(code, subject, tuple(FIELDS.get(code, {}).items())), timeline(plant_text).newest, language, family
    )

    assert (told["code"], told["subject"]) == (code, subject)
    assert all(told[part] and "{" not in told[part] for part in ("what", "effect", "cure"))
    assert ("press" if code == "pace" else "Press") in told["what"]


@pytest.mark.parametrize(
    ("code", "words", "characters"),
    [
        ("calendar", "[calendar.…]", "[calendar.…]"),
        ("ideal_cycle", "ideal_cycle_s to [product.lid]", "[product.lid] 中添加 ideal_cycle_s"),
        ("reject_count", "[machine.press.units]", "[machine.press.units]"),
        ("counts", "[machine.press.units]", "[machine.press.units]"),
        ("product", "product on the line", "产线计划产品"),
        ("pace", 'pace = "…" to [line.press]', '[line.press] 中添加 pace = "…"'),
    ],
)
def test_the_cure_says_what_to_write_where(
    timeline: Make, plant_text: str, code: str, words: str, characters: str
) -> None:
    """Each missing input of OEE is cured by a line in the plant file, which the cure names in both languages."""
    lack = Lack(code, "line/press" if code == "pace" else "machine/press", tuple(FIELDS.get(code, {}).items()))

    english, chinese = (lack_json(lack, timeline(plant_text).newest, language)["cure"] for language in LANGUAGES)

    assert words in english
    assert characters in chinese


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_only_an_earlier_edition_lacks_is_cured_by_dating_the_newest(
    timeline: Make, plant_text: str, language: str
) -> None:
    """Adding what is there already would change nothing: the edition that judged then is named, and valid_from."""
    lack = Lack("calendar", "machine/press", (("edition", 2), ("until", "2026-11-26 21:00")))

    told = lack_json(lack, timeline(plant_text).newest, language)

    assert "2026-11-26 21:00" in told["what"]
    assert "valid_from" in told["cure"]
    assert "[calendar" not in told["cure"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(59, "59 s"), (60, "1 min"), (5_040, "1 h 24 min"), (7_200, "2 h"), (1_499_040, "416 h")]
)
def test_lengths_are_told_as_the_screens_tell_them(timeline: Make, plant_text: str, seconds: int, words: str) -> None:
    """Hours and minutes, and from a hundred hours on hours alone."""
    lack = Lack("unmapped", "machine/press", (("seconds", seconds),))

    assert lack_json(lack, timeline(plant_text).newest, "en")["what"] == f"{words} of Press match no state rule"


def test_a_machine_is_called_by_its_name_and_cured_by_its_id(timeline: Make, plant_text: str) -> None:
    """People read names, the plant file has ids; a machine it no longer has keeps its id."""
    plant = timeline(plant_text).newest

    told = lack_json(Lack("ideal_cycle", "machine/press", (("product", "lid"),)), plant, "en")
    gone = lack_json(Lack("counts", "machine/lathe"), plant, "en")

    assert told["what"] == f"no ideal cycle time for {plant.products['lid'].name} on Press"
    assert told["cure"] == "Add ideal_cycle_s to [product.lid]."
    assert gone["what"] == "no unit counters for lathe"


@pytest.mark.usefixtures("shift")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kpi", ["availability", "effectiveness", "quality", "oee"])
def test_an_opened_number_is_plain_data_with_everything_a_doubter_asks(
    open_kpi: Open, timeline: Make, plant_text: str, change: Change, kpi: str, language: str
) -> None:
    """Formula, inputs with names and origin, intervals, what was excluded and why, rule, coverage and editions."""
    plant = timeline(change(plant_text, BERLIN), (SHIFT[0] + HOUR, change(plant_text, BERLIN)))
    number = open_kpi(plant, "line/press", kpi, SHIFT[0] - 2 * HOUR, SHIFT[1])

    told = json.loads(json.dumps(number_json(number, plant.newest, plant, language), allow_nan=False))

    assert (told["kpi"], told["standard"], told["formula"]) == (kpi, "ISO 22400-2", number.formula)
    assert told["value"] == told["row"][kpi] == told["members"][0]["value"]
    assert all(i["name"] and i["origin"] for i in told["inputs"])
    assert told["intervals_total"] == len(told["intervals"])
    assert [(e["seconds"], e["reason"]) for e in told["excluded"]] == [(1800, "break"), (7200, "no_shift")]
    assert told["excluded_s"] == 9000
    assert told["intervals"][0]["start"] == "2024-10-04T06:00:00+02:00"
    assert (told["rule"]["code"], "Press" in told["rule"]["text"]) == ("pace_station", True)
    assert [(e["number"], e["sha256"], e["valid_from"]) for e in told["editions"]] == [
        (1, "sha-1", None),
        (2, "sha-2", "2024-10-04T09:00:00+02:00"),
    ]


@pytest.mark.usefixtures("shift")
def test_an_area_tells_its_members_with_their_weights(open_kpi: Open, timeline: Make, plant_text: str) -> None:
    """Whoever doubts a mean sees what was averaged and how much each weighed."""
    plant = timeline(plant_text)

    told = number_json(open_kpi(plant, "area/hall", "oee", *SHIFT), plant.newest, plant)

    assert told["members"] == [{"scope": "line/press", "name": "press", "weight": 27_000, "value": 0.6}]
    assert told["rule"]["code"] == "weighted_mean"


def test_a_long_list_of_intervals_is_cut_and_its_length_told(
    tell: Do, hear: Do, open_kpi: Open, timeline: Make, plant_text: str
) -> None:
    """Of a window with thousands of changes the first 2 000 intervals are shown, and how many there are."""
    hear("press")
    tell("press/execution", *((SHIFT[0] + i * 1_000_000, "FAULT" if i % 2 else "ACTIVE") for i in range(2500)))
    plant = timeline(plant_text)

    told = number_json(open_kpi(plant, "machine/press", "oee", *SHIFT), plant.newest, plant)

    assert (len(told["intervals"]), told["intervals_total"]) == (2000, 2502)


def test_moments_are_told_in_the_plants_zone(timeline: Make, plant_text: str, change: Change) -> None:
    """ISO 8601 with the offset of the plant, in summer and winter."""
    zone = timeline(change(plant_text, BERLIN)).newest.site.zone

    assert iso(MIDNIGHT, zone) == "2024-10-04T02:00:00+02:00"
    assert iso(MIDNIGHT + 60 * 24 * HOUR, zone) == "2024-12-03T01:00:00+01:00"
