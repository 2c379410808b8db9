from __future__ import annotations

import msgspec
import pytest

from lineside.exchange import Profile
from lineside.hub.classification import Classed, classes_of, why_words
from lineside.rules import Confidence
from lineside.texts import LANGUAGES

SCHEME = "cn-industry-2017"
PROFILE = Profile(name="Valve works", industry="C3443", region="north", employees=120, revenue_cny=40e6)


def by_scheme(profile: Profile, level: float | None = None, scheme: str = SCHEME) -> dict[str, Classed]:
    """What a member is, by the names of the schemes."""
    return {one.scheme: one for one in classes_of(profile, scheme, level)}


def test_a_member_is_classed_by_what_it_told() -> None:
    """Size, industry by two schemes; each with its edition and how sure that is."""
    found = by_scheme(PROFILE)

    assert found[f"size/{SCHEME}"].id == "small"
    assert found[f"size/{SCHEME}"].used == ("employees", "revenue_cny")
    assert (found["industry/gb"].id, found["industry/isic"].id) == ("C34", "C28")
    assert found["industry/isic"].confidence is Confidence.OWN
    assert found["ladder/cn-high-tech-2017"].id == "not-high-tech"
    assert all(one.edition.source and one.edition.document for one in found.values())


def test_a_member_is_classed_by_the_sizes_of_china_and_of_the_eu() -> None:
    """Each by the figures that it asks for, the hub's own scheme first; what is missing for the other is said."""
    firm = msgspec.structs.replace(PROFILE, employees=260, turnover_eur=60e6, balance_eur=50e6)

    sizes = {one.scheme: one.id for one in classes_of(firm, "eu-2003", None) if one.scheme.startswith("size/")}

    assert list(sizes.items()) == [("size/eu-2003", "large"), ("size/cn-industry-2017", "small")]
    assert by_scheme(PROFILE)["size/eu-2003"].missing == ("turnover_eur", "balance_eur")


@pytest.mark.parametrize(
    ("changed", "level", "scheme", "words"),
    [
        ({"revenue_cny": None}, None, f"size/{SCHEME}", ("its revenue", "Small or Micro")),
        ({}, None, "ladder/cn-sme-ladder", ("does not mean that there is none", "add it")),
        ({}, 2.0, "ladder/cn-smart-factory-2025", ("leaves: Basic smart factory or Advanced", "")),
        ({}, 1.0, "ladder/cn-smart-factory-2025", ("leaves none of them", "")),
        ({}, None, "ladder/cn-maturity", ("within a year", "Maturity level")),
        ({"industry": "35"}, None, "ladder/cn-high-tech-2017", ("too short", "could be")),
    ],
)
def test_what_is_not_known_says_what_is_missing(
    changed: dict[str, object], level: float | None, scheme: str, words: tuple[str, str]
) -> None:
    """And what it could be, where some is ruled out; never a class that nothing shows."""
    one = by_scheme(msgspec.structs.replace(PROFILE, **changed), level)[scheme]

    assert one.id is None
    assert one.missing
    assert all(part in why_words(one, "C3443", "en") for part in words)
    assert "{" not in why_words(one, "C3443", "zh")


@pytest.mark.parametrize("trait", ["little-giant", "Little giant", "专精特新小巨人企业"])
def test_a_recognition_counts_by_any_of_its_names(trait: str) -> None:
    """The highest one that is named; the words say that nobody saw the certificate."""
    profile = msgspec.structs.replace(PROFILE, traits=("job shop", "innovative-sme", trait))

    one = by_scheme(profile)["ladder/cn-sme-ladder"]

    assert one.id == "little-giant"
    assert "not seen the certificate" in why_words(one, "C3443", "en")


def test_every_class_explains_itself_in_both_languages() -> None:
    """With nothing left to fill in."""
    for level in (None, 0.0, 3.4, 5.0):
        for one in classes_of(PROFILE, "eu-2003", level):
            for language in LANGUAGES:
                told = why_words(one, "C3443", language)
                assert told
                assert "{" not in told
    assert by_scheme(PROFILE, 3.4)["ladder/cn-maturity"].id == "maturity-3"
