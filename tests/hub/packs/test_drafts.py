"""Drafts: what is wrong about one is told all at once, and nobody publishes what they had a hand in."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from msgspec.structs import replace

from lineside.errors import ConfigurationError, NotPermitted
from lineside.exchange import (
    Chosen,
    Cost,
    Envelope,
    Pack,
    Parameter,
    decoded,
    filled,
    filled_changes,
    filled_toml,
    places,
)
from lineside.hub import Hub
from lineside.hub.packs import Draft, DraftRefused, draft_of
from tests.hub.conftest import Opens
from tests.hub.packs.drafts import ANALYST, DRAFT, EFFECT, PROVIDER, both, measured, published


def findings(hub: Hub, draft: Draft) -> set[str]:
    """What is wrong about a draft, with words in both languages."""
    with pytest.raises(DraftRefused) as refused:
        hub.packs.drafts.begin(draft)
    found = {one.key: one for one in refused.value.findings}
    assert all(one.sentence("zh") for one in found.values())
    assert all(one.cure("zh") for key, one in found.items() if key.startswith("packs."))
    return set(found)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"indicator": "happiness"}, "packs.unknown"),
        ({"sizes": ("huge",)}, "packs.unknown"),
        ({"industries": ("99",)}, "rules.no_division"),
        ({"cost": Cost(once_cny=(9.0, 1.0), days=1.0)}, "packs.from_to"),
        ({"cost": Cost(once_cny=(1.0, 9.0), days=1.0, members=9)}, "packs.cost_told"),
        ({"parameters": (*DRAFT.parameters, DRAFT.parameters[0])}, "packs.parameter_twice"),
        ({"parameters": DRAFT.parameters[:1]}, "packs.undeclared"),
        ({"plant": "", "changes": (), "settings": ()}, "packs.changes_nothing"),
        ({"plant": "[machine.{machine}"}, "packs.no_toml"),
        ({"changes": ({"name": "x", "scale": {"stations/{machine}": "{share}"}},)}, "answers.pointer"),
        ({"instruction": both("Nothing."), "plant": "", "changes": ()}, "packs.unused"),
        (
            {"parameters": (DRAFT.parameters[0], replace(DRAFT.parameters[1], default="much"))},
            "packs.not_its_kind",
        ),
        ({"parameters": (DRAFT.parameters[0], replace(DRAFT.parameters[1], least=0.9))}, "packs.bounds"),
    ],
)
def test_what_is_wrong_about_a_draft_is_told(hub: Hub, change: dict[str, Any], key: str) -> None:
    """Each kind of it, where it is."""
    assert key in findings(hub, replace(DRAFT, **change))
    assert hub.packs.drafts.listed() == []


def test_everything_that_is_wrong_is_told_at_once(hub: Hub) -> None:
    """So that nobody mends one thing after another."""
    bad = replace(
        DRAFT, indicator="happiness", plant="[", parameters=(Parameter(id="x", kind="text", words=both("x")),)
    )

    assert {"packs.unknown", "packs.no_toml", "packs.unused", "packs.undeclared"} <= findings(hub, bad)


def test_who_drafts_does_not_publish(hub: Hub) -> None:
    """Nor who revised it; another account does, once."""
    number = hub.packs.drafts.begin(DRAFT, by=PROVIDER).number
    hub.packs.drafts.revise(number, replace(DRAFT, licence="CC0"), by="account/9")

    for who in (PROVIDER, "account/9"):
        with pytest.raises(NotPermitted, match="a hand in"):
            hub.packs.publish(number, "It is mine.", by=who)
    with pytest.raises(ConfigurationError):
        hub.packs.publish(number, "  ", by=ANALYST)
    found = hub.packs.publish(number, "It is sound.", by=ANALYST)
    with pytest.raises(ConfigurationError, match="already"):
        hub.packs.publish(number, "Again.", by=ANALYST)

    assert found.pack.licence == "CC0"
    assert hub.packs.drafts.get(number).state == "published"


def test_a_pack_is_signed_and_its_hash_stands_in_the_ledger(opens: Opens, books: str) -> None:
    """After the hub was closed and opened it is the same, with its editions and what was withdrawn."""
    assert books
    hub = opens()
    first = published(hub)
    second = published(hub, replace(draft_of(first.pack), licence="CC0"))
    hub.packs.shelf.withdraw(first.sha256, "It was not safe.", by=ANALYST)
    hub = opens()

    kept = hub.packs.shelf.get(second.sha256)
    envelope = Envelope.parse(kept.envelope)
    assert envelope.signed_by(hub.voice.key)
    pack = decoded(envelope)
    assert isinstance(pack, Pack)
    assert (pack.edition, pack.replaces, pack.effects) == (2, first.sha256, ())
    assert kept.current
    old = hub.packs.shelf.get(first.sha256)
    assert (old.replaced_by, old.current) == (second.sha256, False)
    assert old.withdrawal is not None
    assert old.withdrawal.reasons == "It was not safe."
    with pytest.raises(ConfigurationError, match="already"):
        hub.packs.shelf.withdraw(first.sha256, "Again.")
    told = [one for one in _entries(hub) if str(one["kind"]).startswith("pack.")]
    assert [one["kind"] for one in told] == [
        "pack.drafted",
        "pack.published",
        "pack.drafted",
        "pack.published",
        "pack.withdrawn",
    ]
    assert [one["facts"]["sha256"] for one in told if one["kind"] == "pack.published"] == [first.sha256, second.sha256]


def _entries(hub: Hub) -> list[dict[str, Any]]:
    with hub.ledger.stored() as now:
        return [json.loads(content) for _, content, _ in now.entries()]


def test_a_plan_that_did_not_work_makes_no_effect(hub: Hub) -> None:
    """A pack without any effect is told as not measured, and no plan is taken on trust."""
    number = hub.packs.drafts.begin(DRAFT, by=PROVIDER).number

    with pytest.raises(ConfigurationError, match="No pilot that worked"):
        hub.packs.publish(number, "It is sound.", plans=["a" * 64], by=ANALYST)

    assert hub.packs.drafts.get(number).state == "open"


def test_what_a_pilot_found_is_part_of_what_is_signed(opens: Opens) -> None:
    """By the hash of its plan, and only for a pack that is to better the same indicator."""
    hub = opens()
    with pytest.raises(ConfigurationError, match="measured recovery_time"):
        measured(hub, replace(DRAFT, id="other", indicator="oee"))
    sha256 = measured(hub)
    hub = opens()

    assert hub.packs.shelf.get(sha256).pack.effects == (EFFECT,)
    assert hub.packs.shelf.measured([EFFECT.plan], "recovery_time") == []  # this hub keeps no such pilot


def test_places_are_filled_and_nothing_leaves_its_quotes() -> None:
    """A number stays a number, a text cannot end the string that it stands in, a pointer keeps its steps."""
    chosen: dict[str, Chosen] = {"machine": 'a"\n[evil]', "share": 0.5}

    assert tomllib.loads(filled_toml('x = "{machine}"\ny = {share}', chosen)) == {"x": 'a"\n[evil]', "y": 0.5}
    (change,) = filled_changes(({"scale": {"/stations/{machine}/work": "{share}"}},), {"machine": "a/b~", "share": 0.5})
    assert change == {"scale": {"/stations/a~1b~0/work": 0.5}}
    assert filled("At {machine}: {share}, {other}", {"machine": "press", "share": 2.0}) == "At press: 2, {other}"
    assert set(places({"{a}": ["{b} { kind = 1 }", both("{c}")]})) == {"a", "b", "c"}
