"""The catalogue of a plant: every thing, its grade in force, and what another grading would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.node.things import things_of
from lineside.plant import Timeline
from lineside.trust import Graded, Gradings, Judgement, Statement, Who, changed

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Preview:
    """What statements would change: how many things of each kind rise, fall or get other labels, and what stays above.

    `above` names things that the statements set to less than they are, and why each is more.
    """

    raised: dict[str, int]
    lowered: dict[str, int]
    relabelled: dict[str, int]
    above: tuple[tuple[str, Graded], ...]


class Catalogue:
    """Asked by pages, commands and by every way out; answers from memory, made anew when plant or gradings change."""

    def __init__(
        self,
        history: History,
        gradings: Gradings,
        timeline: Callable[[], Timeline],
        entered: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._history, self.gradings, self._timeline, self._entered = history, gradings, timeline, entered
        self._made: tuple[tuple[object, ...], Judgement] | None = None

    @property
    def judgement(self) -> Judgement:
        """The grades in force."""
        entered = self._entered()
        key = (self._timeline(), self.gradings.version, self._history.series_known, entered)
        made = self._made
        if made is None or made[0][0] is not key[0] or made[0][1:] != key[1:]:
            things = things_of(self._timeline(), self._history.catalogue(), entered)
            made = (key, Judgement(things, self.gradings.statements, self.gradings.labels))
            self._made = made
        return made[1]

    def of(self, thing: str) -> Graded:
        """The grade, labels and reasons of a thing. Raises ConfigurationError for one there is not: fail closed."""
        return self.judgement.of(thing)

    def label_days(self, now: int) -> dict[str, int]:
        """How many days at most the values of series are kept by their labels, by key; the shortest counts.

        Only what was said a day ago: what is removed is gone, and a slip has a day to be noticed.
        """
        labels = {
            one.id: one.keep_days for one in self.gradings.labels if one.keep_days and one.said_us <= now - _DAY_US
        }
        if not labels:
            return {}
        said = [one for one in self.gradings.statements if one.at_us <= now - _DAY_US]
        judged = Judgement(self.judgement.things.values(), said, self.gradings.labels)
        found: dict[str, int] = {}
        for thing in judged.things.values():
            days = [labels[one] for one in judged.of(thing.id).labels if one in labels]
            if thing.kind == "signal" and days:
                found[thing.id.partition("/")[2]] = min(days)
        return found

    def preview(self, wanted: Sequence[Statement]) -> Preview:
        """What some statements would change. Raises ConfigurationError for one that cannot be kept."""
        kept = self.gradings.checked(wanted)
        before, after = self.judgement, self._with(kept)
        for _, error in self._errors(kept, after):
            raise error
        grades = changed(before, after, lambda one: one.grade)
        labels = changed(before, after, lambda one: one.labels)
        return Preview(
            _by_kind(one for one, (old, new) in grades.items() if new.grade > old.grade),
            _by_kind(one for one, (old, new) in grades.items() if new.grade < old.grade),
            _by_kind(labels),
            tuple((name, after.of(name)) for one in kept for name in _above(after, one)[1]),
        )

    def errors(self, wanted: Sequence[Statement]) -> list[tuple[Statement, ConfigurationError]]:
        """Those of some checked statements that cannot be kept together with the others, each with why."""
        return list(self._errors(wanted, self._with(wanted)))

    def keep(self, wanted: Sequence[Statement], who: Who) -> Preview:
        """Keeps statements, all or none; gives back what that changed. Raises ConfigurationError."""
        done = self.preview(wanted)
        self.gradings.keep(wanted, who)
        return done

    def _with(self, wanted: Sequence[Statement]) -> Judgement:
        now = self.judgement
        said = now.statements | {(one.branch, one.mode): one for one in wanted}
        return Judgement(now.things.values(), said.values(), self.gradings.labels)

    def _errors(self, wanted: Sequence[Statement], after: Judgement) -> Iterator[tuple[Statement, ConfigurationError]]:
        now = self.judgement
        for one in wanted:
            said = now.statements.get((one.branch, one.mode))
            if one.withdrawn:
                if said is None:
                    yield one, ConfigurationError("grades.empty")
            elif one.branch not in now.branches:
                yield one, ConfigurationError("grades.no_thing", thing=one.branch)
            else:
                decided, above = _above(after, one)
                if above and decided == len(above):
                    yield one, Contradiction(one, above[0], after.of(above[0]).because[0].sentence)


class Contradiction(ConfigurationError):
    """A grade that nothing would have, as something else makes all of it more."""

    def __init__(self, one: Statement, thing: str, because: Callable[[str], str]) -> None:
        super().__init__("grades.contradicts", branch=one.branch, grade=str(one.grade), because=because("en"), of=thing)
        self._because = because

    def sentence(self, language: str = "en") -> str:
        """What is wrong, with the reason in the reader's language."""
        self.fields["because"] = self._because(language)
        return super().sentence(language)


def _above(judgement: Judgement, one: Statement) -> tuple[int, list[str]]:
    """How many things a statement decides, and those that are more than it says."""
    if one.mode != "is" or one.grade is None:
        return 0, []
    decided = [
        thing for name in judgement.members(one.branch) if judgement.decided_by(thing := judgement.things[name]) == one
    ]
    return len(decided), sorted(thing.id for thing in decided if judgement.of(thing.id).grade > one.grade)


def _by_kind(things: Iterable[str]) -> dict[str, int]:
    return dict(Counter(one.partition("/")[0] for one in things))
