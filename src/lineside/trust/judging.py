"""From things, statements and labels to grades: pure, asked often, and made anew when something changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lineside.errors import ConfigurationError
from lineside.trust.grades import Because, Grade, Graded, Label, facts
from lineside.trust.things import Thing, branches_of

Mode = Literal["is", "least", "whole"]
MODES: tuple[Mode, ...] = ("is", "least", "whole")


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody said of a thing or branch; without grade and labels: what was said before is withdrawn.

    "is": each of its things has this grade, where nothing more specific says otherwise. "least": none of them has a
    lower one, whatever is said. "whole": a `share` of them or more over so many `days` or longer, taken together, has
    this grade at least.
    """

    branch: str
    mode: Mode
    grade: Grade | None
    labels: frozenset[str] = frozenset()
    reason: str = ""
    by: str = ""
    at_us: int = 0
    days: float = 0.0
    share: float = 0.5

    @property
    def withdrawn(self) -> bool:
        """Whether it says nothing any more."""
        return self.grade is None and not self.labels


class Judgement:
    """The grade of every thing, under the statements in force. A value: what changes makes a new one."""

    def __init__(self, things: Iterable[Thing], statements: Iterable[Statement], labels: Iterable[Label]) -> None:
        self.things = {thing.id: thing for thing in things}
        self.statements = {(one.branch, one.mode): one for one in statements if not one.withdrawn}
        self.labels = {label.id: label for label in labels}
        self._graded: dict[str, Graded] = {}
        self._members: dict[str, set[str]] | None = None
        for thing in self.things.values():
            self._judge(thing)

    def of(self, thing: str) -> Graded:
        """The grade and labels of a thing. Raises ConfigurationError for one that there is not: nobody may guess."""
        found = self._graded.get(thing)
        if found is None:
            raise ConfigurationError("grades.no_thing", thing=thing[:200])
        return found

    def labels_of(self, graded: Graded) -> tuple[Label, ...]:
        """Its labels, with what they imply. Raises KeyError for one that there is not."""
        return tuple(self.labels[one] for one in sorted(graded.labels))

    def together(self, things: Iterable[str], days: float = 0.0) -> Graded:
        """The grade of several things taken together over so many days: the highest, and what a whole implies.

        Nothing at all is general. Raises ConfigurationError as `of` does.
        """
        asked = dict.fromkeys(things)
        best, labels = Graded(Grade.GENERAL), frozenset[str]()
        for one in asked:
            found = self.of(one)
            labels |= found.labels
            if found.grade > best.grade:
                best = replace(found, because=(Because.of("grades.because.input", thing=one, grade=found.grade),))
        for said in self.statements.values():
            if said.mode != "whole" or said.grade is None or days < said.days or said.grade <= best.grade:
                continue
            members = self.members(said.branch)
            if members and len(asked.keys() & members) >= said.share * len(members):
                because = Because.of("grades.because.whole", branch=said.branch, grade=said.grade)
                best = Graded(said.grade, because=(because,))
        return replace(best, labels=labels, source=None, label_sources=None)

    def members(self, branch: str) -> set[str]:
        """The things of a branch."""
        return self.branches.get(branch, set())

    @property
    def branches(self) -> Mapping[str, set[str]]:
        """Every thing and branch there is, with its things."""
        if self._members is None:
            found: dict[str, set[str]] = {}
            for thing in self.things.values():
                for branch in branches_of(thing):
                    found.setdefault(branch, set()).add(thing.id)
            self._members = found
        return self._members

    def path(self, thing: str, label: str | None = None) -> tuple[str, ...]:
        """From a thing to the one its grade, or a label of it, comes from."""
        way, at = [thing], self.of(thing)
        while (source := at.source if label is None else (at.label_sources or {}).get(label)) is not None:
            way.append(source)
            at = self.of(source)
        return tuple(way)

    def said_of(self, thing: Thing) -> tuple[Statement, ...]:
        """The statements in force that touch a thing, the most specific first."""
        return tuple(
            one for branch in branches_of(thing) for mode in MODES if (one := self.statements.get((branch, mode)))
        )

    def decided_by(self, thing: Thing) -> Statement | None:
        """The statement that sets the grade of a thing: the most specific."""
        return next((one for one in self.said_of(thing) if one.mode == "is" and one.grade is not None), None)

    def overruled(self) -> list[tuple[Statement, str]]:
        """Statements whose grade a thing does not have, as something else raises it; of each the first such thing."""
        found: dict[str, tuple[Statement, str]] = {}
        for thing in self.things.values():
            one = self.decided_by(thing)
            if one is not None and one.branch not in found and self.of(thing.id).grade > (one.grade or 0):
                found[one.branch] = (one, thing.id)
        return list(found.values())

    def gone(self) -> list[Statement]:
        """Statements about what is not there any more: kept, and in force again when it comes back."""
        return [one for one in self.statements.values() if one.branch not in self.branches]

    def _judge(self, start: Thing) -> None:
        """Judges a thing and before it what it is made of, without recursion: chains may be long."""
        waiting = [start]
        while waiting:
            thing = waiting[-1]
            if thing.id in self._graded:
                waiting.pop()
                continue
            needed = [self.things[one] for one in thing.inputs if one in self.things and one not in self._graded]
            if needed:
                waiting.extend(needed)
                continue
            self._graded[thing.id] = self._one(thing)
            waiting.pop()

    def _one(self, thing: Thing) -> Graded:
        kind = facts().kinds[thing.kind]
        said = self.said_of(thing)
        grade, labels = kind.grade, set(kind.labels)
        because = Because.of(f"grades.because.default.{thing.kind}")
        source: str | None = None
        decided = next((one for one in said if one.mode == "is" and one.grade is not None), None)
        if decided is not None and decided.grade is not None:
            grade, because = decided.grade, _said("set", decided)
        for one in said:
            if one.mode != "whole":
                labels |= one.labels
            if one.mode == "least" and one.grade is not None and one.grade > grade:
                grade, because = one.grade, _said("least", one)
        if thing.least > grade:
            grade, because = thing.least, Because.of(f"grades.because.{thing.kind}", grade=thing.least)
        sources: dict[str, str] = {}
        for name in thing.inputs:
            found = self._graded.get(name)
            if found is None:
                continue
            if found.grade > grade:
                grade, source = found.grade, name
                because = Because.of("grades.because.input", thing=name, grade=grade)
            if new := found.labels - labels:
                labels |= new
                sources |= dict.fromkeys(new, name)
        for name in sorted(labels & self.labels.keys()):
            if (least := self.labels[name].least) > grade:
                grade, source = least, sources.get(name)
                because = Because.of("grades.because.label", label=self.labels[name].words or name, grade=least)
        return Graded(grade, frozenset(labels), (because,), source, sources)


def _said(how: str, one: Statement) -> Because:
    return Because.of(f"grades.because.{how}", branch=one.branch, grade=one.grade, by=one.by, reason=one.reason)


def changed(before: Judgement, after: Judgement, of: Callable[[Graded], object]) -> Mapping[str, tuple[Graded, Graded]]:
    """The things of both judgements of which something differs, with both grades."""
    pairs = ((one, before.of(one), after.of(one)) for one in after.things if one in before.things)
    return {one: (old, new) for one, old, new in pairs if of(old) != of(new)}
