from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from lineside.errors import ConfigurationError
from lineside.exchange import Adoption, Profile, month_name
from lineside.hub import Hub
from lineside.hub.classification import LEARN, Edition, Kept, ToldGroup, ToldType, TypesRecord, path_words
from lineside.hub.classification.adopted import packs_of
from lineside.hub.hearing import Uttered
from lineside.hub.types import Effort, adjusted_rand
from lineside.hub.types.arrays import Ints
from lineside.jobs import JobState
from lineside.trust import Kind, Stored
from tests.hub.classification.parks import ADOPTERS, GAIN, MEMBERS, learn, learned_jobs, pack_of, park
from tests.hub.factories import Clock
from tests.hub.packs.drafts import DRAFT
from tests.hub.tiers.clusters import LAST, Cluster

Park = tuple[Hub, Cluster, Ints]
GROUP = 7


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Park]:
    """A hub that learned types once; tests look at it."""
    with park(tmp_path_factory.mktemp("park")) as made:
        assert learn(made[0]).state is JobState.DONE
        yield made


def newest(hub: Hub) -> Kept:
    """The last edition."""
    found = hub.classification.edition()
    assert found is not None
    return found


def groups_of(told: Edition) -> list[ToldType | ToldGroup]:
    """Types and classes of law."""
    return [*told.types, *told.classes]


def test_types_that_were_planted_are_learned_from_what_members_said(learned: Park) -> None:
    """From signed months to letters of members: the same groups, each found again."""
    hub, _, own = learned
    kept = newest(hub)

    names = sorted(set(kept.basis.types) - {""})
    of = np.array([names.index(one) if one else -1 for one in kept.basis.types])

    assert names == ["A", "B"]
    assert (of >= 0).mean() > 0.9
    assert adjusted_rand(of[of >= 0], own[of >= 0]) > 0.9
    assert all(one.stability > 0.85 and one.traits for one in kept.told.types)
    assert kept.told.month == month_name(LAST)


def test_what_is_told_is_of_groups_and_on_the_grid(learned: Park) -> None:
    """Every size is a whole number of groups; a quartile stands only where a group lies beyond it."""
    hub, _, _ = learned
    kept = newest(hub)
    counts = [one.size for one in groups_of(kept.told)]
    steps = [step for one in groups_of(kept.told) for path in one.paths for step in path.steps]

    assert MEMBERS - sum(one.size for one in kept.told.types) - kept.told.border - kept.told.lacking >= GROUP
    assert {one % GROUP for one in (*counts, kept.told.members, *(one.members for one in steps))} == {0}
    for one in kept.told.types:
        exact = kept.basis.types.count(one.name)
        assert one.size <= exact
        for trait in one.traits:
            step = hub.catalogue.of(trait.indicator).step
            told = [v for v in (trait.own.low, trait.own.middle, trait.own.high) if v is not None]
            assert told == sorted(told)
            assert [v / step for v in told] == pytest.approx([round(v / step) for v in told], abs=1e-6)


def test_a_pack_that_moved_a_group_is_on_its_path(learned: Park) -> None:
    """Of each type and each large class, with its measured effect and cost; seen together, as no pilot proved it."""
    hub, _, _ = learned
    told = newest(hub).told
    usual = [path for one in groups_of(told) for path in one.paths if path.target == "oee"]
    found = [step for path in usual for step in path.steps if step.what == pack_of(hub)]

    assert len(usual) == len(told.types) + len(told.classes)
    assert len(found) >= 4
    for step in found:
        assert step.gain == pytest.approx(GAIN, abs=0.03)
        assert (step.kind, step.proven, step.members % GROUP) == ("pack", False, 0)
        assert step.cost == pytest.approx(20_000, rel=0.05)
    words = path_words(usual[0], hub.classification.title, "en")
    assert DRAFT.title.en in words[0]
    assert "未经证明" in path_words(usual[0], hub.classification.title, "zh")[0]


def test_an_interval_is_told_only_where_a_group_lies_at_either_end(learned: Park) -> None:
    """Of the class with most adopters it is; of the types with half as many it is not, and that is said."""
    hub, _, _ = learned
    told = newest(hub).told
    paths = {one.id: one.paths[-1] for one in told.classes} | {one.name: one.paths[-1] for one in told.types}

    small, typed = paths["small"].steps[0], paths["A"].steps[0]

    assert small.interval is not None
    assert small.interval[0] <= small.gain <= small.interval[1]
    assert small.members >= 3 * GROUP
    assert typed.interval is None
    assert "too few for an interval" in path_words(paths["A"], hub.classification.title, "en")[0]


def test_a_month_is_learned_of_once_and_the_ledger_has_the_hash_of_what_is_told(learned: Park) -> None:
    """Again is refused: two editions of the same months could be subtracted."""
    hub, _, _ = learned

    with pytest.raises(ConfigurationError) as refused:
        hub.classification.learn(hub.jobs, "machine")
    hub.tell()

    assert refused.value.key == "classification.not_due"

    with hub.books.looking() as look:
        every = [json.loads(body) for _, body, _ in Stored(look).entries()]
    told = [one["facts"] for one in every if one.get("kind") == Kind.TYPES_LEARNED]
    with hub.books.reading() as rows:
        record = rows.scalars(select(TypesRecord)).one()
    assert [one["sha256"] for one in told] == [sha256(record.content).hexdigest()]
    assert told[0]["types"] == 2
    assert len(learned_jobs(hub)) == 1


def test_a_member_sees_its_own_type_and_why(learned: Park) -> None:
    """Its letter, how sure it is, its classes with their paths; who joined later was not there."""
    hub, cluster, _ = learned
    kept = newest(hub)

    own = hub.classification.of(1)

    assert own.typed is not None
    assert own.typed.type is not None
    assert own.typed.type.name == kept.basis.types[0]
    assert {(one.by, one.id) for one in own.groups} == {("size", "medium"), ("industry", "35")}
    (place,) = cluster.join([Profile(name="Late", industry="35", region="north")])
    late = hub.classification.of(cluster.factories[place].number).typed
    assert late is not None
    assert (late.type, late.why) == (None, None)


def test_an_objection_that_was_upheld_takes_a_member_out_of_its_type(learned: Park) -> None:
    """It counts as of none of that letter; one that was rejected changes nothing."""
    hub, _, _ = learned
    kept = newest(hub)
    for number, upheld in ((3, True), (4, False)):
        letter = kept.basis.types[number - 1]
        subject: dict[str, str | int] = {"type": letter, "edition": kept.number}
        raised = hub.objections.raise_one(number, "class", subject, "We have had sensors for years.")
        hub.objections.decide(raised.id, "Seen on site.", upheld=upheld)

    out, stays = hub.classification.of(3), hub.classification.of(4)

    assert out.typed is not None
    assert stays.typed is not None
    assert (out.typed.type, out.typed.withdrawn, len(out.objections)) == (None, True, 1)
    assert (stays.typed.type is not None, stays.typed.withdrawn) == (True, False)


def test_the_next_month_is_learned_by_itself_and_types_keep_their_letters(tmp_path: Path) -> None:
    """Once, when it is ripe; a type whose members stay is called the same."""
    clock = Clock()
    with park(tmp_path, clock=clock) as (hub, cluster, _):
        learn(hub)
        first = newest(hub)
        clock.forward(days=31)
        values = {"availability": 0.7, "quality": 0.95}
        cluster.speak(lambda *which: values[which[2]], [LAST + 1], list(values))

        hub.tell()
        (job, *_) = learned_jobs(hub)
        assert hub.jobs.wait(job.id, 120).state is JobState.DONE
        hub.tell()

        assert [month for _, month in hub.classification.editions()] == [month_name(LAST + 1), month_name(LAST)]
        second = newest(hub)
        same = [a == b for a, b in zip(first.basis.types, second.basis.types, strict=True) if a and b]
        assert len(same) > MEMBERS // 2
        assert np.mean(same) > 0.95
        assert first.number + 1 == second.number
        assert hub.classification.edition(first.number).told == first.told  # type: ignore[union-attr]
        with pytest.raises(ConfigurationError) as refused:
            hub.classification.edition(99)
        assert refused.value.key == "classification.no_edition"


def test_learning_that_is_not_wanted_any_more_ends_and_leaves_nothing(tmp_path: Path) -> None:
    """While it learns it looks whether it is still wanted; the month can be learned of again."""
    with park(tmp_path) as (hub, _, _):
        hub.classification.learning.effort = Effort(10_000, 10_000)
        job = hub.classification.learn(hub.jobs, "machine")
        while hub.jobs.get(job.id).done == 0:
            hub.jobs.wait(job.id, 0.05)

        hub.jobs.cancel(job.id)

        assert hub.jobs.wait(job.id, 60).state is JobState.CANCELLED
        assert hub.classification.editions() == []
        assert hub.classification.learning.due() == month_name(LAST)


def test_a_hub_of_few_learns_nothing(hub: Hub, clock: Clock, tmp_path: Path) -> None:
    """With fewer members than a median may be told of no edition is written."""
    cluster = Cluster(hub, clock, tmp_path)
    cluster.join([Profile(name=f"W{at}", industry="34", region="north") for at in range(5)])
    cluster.speak(lambda *_: 0.5, [LAST - 1], ["availability"])

    job = learn(hub)

    assert (job.state, job.kind, dict(job.result or {})) == (JobState.DONE, LEARN, {"edition": 0, "types": 0})
    assert hub.classification.edition() is None


def test_generated_members_count_in_a_demonstration_alone(tmp_path: Path) -> None:
    """Where they do, every part of the edition says so."""
    with park(tmp_path, generated=True) as (hub, _, _):
        learn(hub)
        told = newest(hub).told

    assert told.generated == 1.0
    assert {one.generated for one in groups_of(told)} == {1.0}


def test_a_pack_that_was_given_up_early_is_no_adoption() -> None:
    """Later it was one: it had time to act. A cost that was told again takes the place of the first."""

    def said(member: int, month: str, *, ended: bool = False, cost: float | None = None) -> Uttered[Adoption]:
        told = Adoption(
            hub="0" * 32,
            member=member,
            number=1,
            previous="a" * 64,
            made_ms=1,
            pack="c" * 64,
            month=month,
            ended=ended,
            cost_cny=cost,
        )
        return Uttered(told, "b" * 64, 1, 1)

    found = packs_of(
        [
            said(1, "2026-01", cost=5.0),
            said(2, "2026-01"),
            said(3, "2026-01"),
            said(1, "2026-02", cost=7.0),
            said(2, "2026-03", ended=True),
            said(3, "2026-09", ended=True),
        ],
        frozenset({"c" * 64}),
    )

    assert [(one.member, one.month) for one in found.adoptions] == [(1, 2026 * 12), (3, 2026 * 12)]
    assert found.costs == {(1, "c" * 64): 7.0}
    assert len(ADOPTERS) == 36
