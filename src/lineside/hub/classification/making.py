"""An edition made of what was learned: what all members are told of types and of the paths of types and classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from lineside.exchange import Catalogue
from lineside.hub.classification.holding import Holding, Sets
from lineside.hub.classification.population import BYS, By, Population
from lineside.hub.classification.protecting import (
    at_least,
    contributors,
    omitted,
    share,
    told_counts,
    told_step,
    told_trait,
)
from lineside.hub.classification.statement import Basis, Edition, ToldGroup, ToldPath, ToldStep, ToldType
from lineside.hub.compare import Secrecy
from lineside.hub.types import Character, Group, Learned, Packs, Step, Why, characters, path
from lineside.hub.types.arrays import Flags

USUAL = "oee"
"""What a path of a class is for."""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """All that an edition is made of."""

    month: str
    people: Population
    found: Learned
    letters: tuple[str, ...]
    """Of the types, by number."""
    packs: Packs
    secrecy: Secrecy
    catalogue: Catalogue
    holding: Holding
    last: Edition | None
    """What is told now."""

    @property
    def even(self) -> frozenset[str]:
        """The indicators whose grid is even."""
        return frozenset(one.id for one in self.catalogue.indicators.values() if not one.ratio)


def made(world: World) -> Edition:
    """The statement; of a type or step that may not be told anew, what was told of it before."""
    found, people, secrecy = world.found, world.people, world.secrecy
    told = characters(found, secrecy.least)
    none = [int((found.why == why).sum()) for why in (Why.BORDER, Why.LACKING, Why.NONE_FOUND)]
    *sizes, border, lacking, _ = told_counts([*(one.size for one in told), *none], secrecy.group)
    return Edition(
        month=world.month,
        catalogue=world.catalogue.edition.id,
        group=secrecy.group,
        members=at_least(len(people.members), secrecy),
        border=border,
        lacking=lacking,
        chance=float(f"{found.p:.2g}"),
        generated=share(people.generated, np.ones(len(people.members), bool)),
        types=tuple(_type(world, one, size) for one, size in zip(told, sizes, strict=True)),
        classes=tuple(one for by in BYS for one in _classes(world, by)),
        left_out=omitted(found),
    )


def basis(world: World) -> Basis:
    """Who is of which type, and which members the figures are of that were told anew."""
    found = world.found
    return Basis(
        members=tuple(found.profiles.members.tolist()),
        types=tuple(world.letters[one] if one >= 0 else "" for one in found.type.tolist()),
        why=tuple(found.why.tolist()),
        sure=tuple(None if np.isnan(one) else round(one, 3) for one in found.sure.tolist()),
        sets=world.holding.told,
    )


def _classes(world: World, by: By) -> list[ToldGroup]:
    """The classes of one scheme that have a group of members, with their paths."""
    people = world.people
    parts = people.classes(by)
    of_none = len(people.members) - sum(int(marked.sum()) for _, marked in parts)
    sizes = told_counts([*(int(marked.sum()) for _, marked in parts), of_none], world.secrecy.group)
    before = {} if world.last is None else {one.id: one.paths for one in world.last.classes if one.by == by}
    return [
        ToldGroup(
            by=by,
            id=name,
            size=size,
            generated=share(people.generated, marked),
            paths=_paths(world, marked, f"{by}/{name}", before.get(name, ()), USUAL),
        )
        for (name, marked), size in zip(parts, sizes[:-1], strict=True)
        if size
    ]


def _type(world: World, told: Character, size: int) -> ToldType:
    letter, own = world.letters[told.number], world.found.type == told.number
    before = next((one for one in world.last.types if one.name == letter), None) if world.last is not None else None
    paths = _paths(world, own, f"type/{letter}", before.paths if before else (), *_weak(told, world), USUAL)
    if not world.holding.admits(_figures(world, told, letter)):
        held = before or ToldType(
            name=letter, size=0, stability=0.0, generated=share(world.people.generated, own), since=None
        )
        return replace(held, paths=paths)
    two = world.found.number == 2
    return ToldType(
        name=letter,
        size=size,
        stability=round(told.stability, 2),
        generated=share(world.people.generated, own),
        since=world.month,
        traits=tuple(told_trait(world.found, told.number, one, world.secrecy, quartiles=two) for one in told.traits),
        paths=paths,
    )


def _figures(world: World, told: Character, letter: str) -> Sets:
    """The members that what is told of a type is of: all of it, and those that told each trait, of it and of others."""
    every = world.found.profiles.members
    sets = {f"type/members/{letter}": every[world.found.type == told.number]}
    for trait in told.traits:
        own, others = contributors(world.found, told.number, trait)
        name = f"{trait.feature.kind}/{trait.feature.indicator}"
        sets |= {f"{name}/own/{letter}": every[own], f"{name}/others/{letter}": every[others]}
    return {name: tuple(members.tolist()) for name, members in sets.items()}


def _weak(told: Character, world: World) -> tuple[str, ...]:
    """The indicators in whose level a type lies on the worse side, the farthest first."""
    worse = [
        one.feature.indicator
        for one in told.traits
        if one.feature.kind == "level" and one.high != (world.catalogue.of(one.feature.indicator).better == "higher")
    ]
    return tuple(worse)


def _paths(world: World, marked: Flags, name: str, before: Sequence[ToldPath], *targets: str) -> tuple[ToldPath, ...]:
    """What moved each of these in a group of members, `before` being what is told of it now."""
    people, found = world.people, []
    for target in targets:
        values = people.moving(target, world.even)
        if target in values:
            group = Group({key: one[marked] for key, one in values.items()}, people.members[marked], people.first)
            steps = path(group, target, world.packs, world.secrecy.least).steps
            known = {(one.kind, one.what): one for old in before if old.target == target for one in old.steps}
            told = [_step(world, one, f"step/{name}/{target}", known.get((one.kind, one.what))) for one in steps]
            found.append(ToldPath(target=target, steps=tuple(one for one in told if one is not None)))
    return tuple(found)


def _step(world: World, step: Step, name: str, before: ToldStep | None) -> ToldStep | None:
    """A step as it is told: anew, as before, or not yet."""
    sets = {f"{name}/{step.kind}/{step.what}": step.takers}
    if step.cost is not None:
        sets[f"{name}/cost/{step.what}"] = step.payers
    return told_step(step, world.secrecy) if world.holding.admits(sets) else before
