"""Ladders: where an enterprise stands by recognitions, an indicator or its trade, and what stays not known."""

from __future__ import annotations

from lineside.rules import MATURITY, Firm, ladders


def stands(ladder: str, traits: tuple[str, ...] = (), code: str = "34", level: float | None = None) -> list[str]:
    """The rungs that are possible, after "known" where there is one alone for sure."""
    values = {} if level is None else {MATURITY: level}
    found = ladders()[ladder].of(Firm(traits, code, values))
    assert (found.rung is not None) == found.known
    return [*(["known"] if found.known else []), *(one.id for one in found.possible)]


def test_every_ladder_has_a_source_and_rungs_of_their_own() -> None:
    """Ids are not used twice, and both languages have a name."""
    rungs = [rung for one in ladders().values() for rung in one.rungs]

    assert len({one.id for one in rungs}) == len(rungs)
    assert all({"en", "zh"} <= one.names.keys() for one in rungs)
    assert all({"en", "zh"} <= one.names.keys() for one in ladders().values())
    assert all(one.edition.source and one.edition.since for one in ladders().values())


def test_a_recognition_that_nobody_named_is_not_known() -> None:
    """A level of maturity rules out what needs more; it never proves a recognition."""
    assert len(stands("cn-sme-ladder")) == 4
    assert stands("cn-smart-factory-2025", level=3.0) == [
        "smart-factory-basic",
        "smart-factory-advanced",
        "smart-factory-excellent",
    ]
    assert stands("cn-smart-factory-2025", ("先进级智能工厂",), level=1.0) == ["known", "smart-factory-advanced"]


def test_the_highest_rung_reached_counts() -> None:
    """By recognitions and by a value."""
    assert stands("cn-sme-ladder", ("specialised-sme", "LITTLE GIANT")) == ["known", "little-giant"]
    assert [stands("cn-maturity", level=one)[1] for one in (0.4, 1.0, 4.9)] == [
        "maturity-0",
        "maturity-1",
        "maturity-4",
    ]


def test_a_short_code_leaves_open_what_longer_ones_would_say() -> None:
    """Division 35 has trades that are high-tech and others; 39 is as a whole, and 34 is not at all."""
    assert stands("cn-high-tech-2017", code="C34") == ["known", "not-high-tech"]
    assert stands("cn-high-tech-2017", code="39") == ["known", "high-tech"]
    assert stands("cn-high-tech-2017", code="35") == ["not-high-tech", "high-tech"]
    assert stands("cn-high-tech-2017", code="3581") == ["known", "high-tech"]
    assert stands("cn-high-tech-2017", code="351") == ["known", "not-high-tech"]
