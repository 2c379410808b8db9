"""Judges one machine in any domain of time: sums its times and counts and says what they lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from lineside.measure.facts import EditionFacts, MachineFacts, Units
from lineside.measure.intervals import seconds_by_state, within
from lineside.measure.kpi import Cycle, Judged, Lack
from lineside.plant import Span, State, clip, intersect, moment, seconds, subtract


def judge(facts: MachineFacts, domain: Sequence[Span]) -> Judged:
    """The machine's times and counts inside `domain` (disjoint, ordered spans within the window of `facts`).

    Units are judged on the same time as production time: inside planned busy time where something is planned.
    """
    sums = _Sums(facts)
    for part in facts.parts:
        inside = clip(domain, part.start, part.until)
        if inside:
            sums.add(part, inside)
    return sums.judged()


class _Sums:
    def __init__(self, facts: MachineFacts) -> None:
        self.machine = facts.machine
        self.newest = facts.newest
        self.times: Counter[State] = Counter()
        self.planned_times: Counter[State] = Counter()
        self.planned_s: float | None = 0.0
        self.totals: dict[str, float | None] = {"produced": 0.0, "good": 0.0, "rejected": 0.0}
        self.ideal_s: float | None = 0.0
        self.lacks: dict[Lack, None] = {}
        self.suspects: dict[Lack, None] = {}
        self.cycles: dict[tuple[str, float], Cycle] = {}
        self.removed_s = 0.0
        self.absent: EditionFacts | None = None
        self.present = False

    def add(self, part: EditionFacts, inside: tuple[Span, ...]) -> None:
        self.times.update(seconds_by_state(part.states, inside))
        if part.planned.spans is None:
            self.planned_s = None
            self._lack_in(part, "calendar")
            base = inside
        else:
            base = intersect(inside, part.planned.near(inside[0][0], inside[-1][1]))
            self.planned_times.update(seconds_by_state(part.states, base))
            if self.planned_s is not None:
                self.planned_s += seconds(base)
            self._tell_outside(part, subtract(inside, base))
            self._tell_late(part, inside)
        self.removed_s += seconds_by_state(part.states, intersect(base, part.removed)).get(State.NO_DATA, 0.0)
        if part.machine is None:
            self.absent = part
            return
        self.present = True
        if not part.machine.states:
            by_hand = part.edition.plant.counted_by_hand(part.machine)
            self._lack_in(part, "states_by_hand" if by_hand else "state_rules")
        for fall in part.falls:
            if any(a <= fall.time < b for a, b in inside):
                self._suspect(f"counter_{fall.taken_as}", before=fall.before, after=fall.after)
        self._add_units(part, base)

    def _add_units(self, part: EditionFacts, base: tuple[Span, ...]) -> None:
        if part.machine is None or part.machine.units is None or not part.units:
            self._lack_in(part, "counts")
            self.totals = dict.fromkeys(self.totals)
            self._add_ideal(part, base, None)
            return
        by_role = {role: _by_product(units, base, len(part.products)) for role, units in part.units.items()}
        total, good, rejected = (by_role.get(role) for role in ("total", "good", "rejected"))
        if total is None and good is not None and rejected is not None:
            total = good + rejected
        if total is not None and rejected is not None and good is None:
            good = total - rejected
        if total is not None and good is not None and rejected is None:
            rejected = total - good
        if total is None:
            self._lack_in(part, "total_count")
        elif good is None:
            self._lack_in(part, "reject_count")
        for name, amounts in (("produced", total), ("good", good), ("rejected", rejected)):
            self._add(name, amounts)
        if good is not None and good.sum() < 0:
            self._suspect("rejects_exceed", good=float(good.sum()))
        self._add_ideal(part, base, total)

    def _add_ideal(self, part: EditionFacts, base: tuple[Span, ...], total: np.ndarray | None) -> None:
        """Adds PRI x PQ of each product made, or names the products in force where nobody counted."""
        if total is None:
            self.ideal_s = None
            made = {product: 0.0 for start, end, product in part.product_spans if clip(base, start, end)}
        else:
            amounts = zip([*part.products, None], total.tolist(), strict=True)
            made = {product: amount for product, amount in amounts if amount}
        for product, amount in made.items():
            cycle = None if product is None else part.edition.plant.ideal_cycle_s(product, self.machine)
            if product is None:
                self._lack_in(part, "product")
            elif cycle is None:
                self._lack_in(part, "ideal_cycle", product=product)
            else:
                name, told = part.edition.plant.products[product].name, part.edition.plant.cycle_told(product)
                self.cycles.setdefault((product, cycle), Cycle(name, cycle, part.edition.number, told))
            self.ideal_s = None if cycle is None or self.ideal_s is None else self.ideal_s + cycle * amount

    def _tell_outside(self, part: EditionFacts, outside: tuple[Span, ...]) -> None:
        ran = seconds_by_state(part.states, outside).get(State.RUNNING, 0.0)
        counters = [part.units["total"]] if "total" in part.units else list(part.units.values())
        made = sum(float(_by_product(units, outside, len(part.products)).sum()) for units in counters)
        if round(ran) or round(made):
            self._suspect("outside_planned", seconds=round(ran), units=round(made))

    def _tell_late(self, part: EditionFacts, inside: tuple[Span, ...]) -> None:
        """Names orders that came when the time they plan had begun: the number is not what it was before."""
        if part.machine is None:
            return
        spans = part.edition.plant.spans_of(part.machine)
        late = {
            s.order: None for s in spans if s.told is not None and s.start < s.told and clip(inside, s.start, s.end)
        }
        if late:
            self._suspect("told_late", count=len(late), order=next(iter(late)))

    def _add(self, name: str, amounts: np.ndarray | None) -> None:
        so_far = self.totals[name]
        self.totals[name] = None if amounts is None or so_far is None else so_far + float(amounts.sum())

    def _lack_in(self, part: EditionFacts, code: str, **fields: object) -> None:
        """What an edition of the plant file lacks; with the edition, where only a newer one has it."""
        if part.superseded is not None and self._has_now(code, fields.get("product")):
            until = moment(part.superseded, part.edition.plant.site.zone)
            fields |= {"edition": part.edition.number, "until": f"{until:%Y-%m-%d %H:%M}"}
        self._lack(code, **fields)

    def _has_now(self, code: str, product: object) -> bool:
        """Whether the newest edition has what an earlier one lacks."""
        plant, machine = self.newest, self.newest.machines.get(self.machine)
        if machine is None:
            return False
        units = machine.units
        match code:
            case "calendar":
                return plant.calendar_of(machine) is not None or plant.ordered_from(machine) is not None
            case "state_rules" | "states_by_hand":
                return bool(machine.states)
            case "counts" | "total_count" | "reject_count":
                named = [] if units is None else [units.total, units.good, units.rejected]
                return len(named) - named.count(None) > (code != "counts")
            case "product":
                told = units is not None and units.product is not None
                return told or bool(plant.lines[machine.line].product) or plant.ordered_from(machine) is not None
            case "ideal_cycle":
                return plant.ideal_cycle_s(str(product), machine.id) is not None
        return True

    def _lack(self, code: str, **fields: object) -> None:
        self.lacks[Lack(code, f"machine/{self.machine}", tuple(fields.items()))] = None

    def _suspect(self, code: str, **fields: object) -> None:
        self.suspects[Lack(code, f"machine/{self.machine}", tuple(fields.items()))] = None

    def judged(self) -> Judged:
        judged = self._judged()
        busy = judged.planned_busy_s
        unmapped = round(judged.planned_times.get(State.UNMAPPED, 0.0))
        silent = round((judged.times if busy is None else judged.planned_times).get(State.NO_DATA, 0.0))
        if busy is not None and busy <= 0:
            if self.absent is not None and not self.present:
                self._lack_in(self.absent, "no_machine")
            else:
                self._lack("nothing_planned")
        else:
            self._lack_data(silent, round(self.removed_s), wholly=judged.coverage == 0)
        if unmapped:
            self._lack("unmapped", seconds=unmapped)
        if judged.availability == 0 and judged.produced:
            self._lack("made_standing", units=round(judged.produced))
        elif judged.availability == 0:
            self._lack("never_ran")
        if judged.produced == 0 and judged.good is not None and judged.coverage:
            self._lack("nothing_made")
        if judged.effectiveness is not None and judged.effectiveness > 1:
            self._suspect("effectiveness_above_one", percent=round(judged.effectiveness * 100, 1))
        return self._judged()

    def _lack_data(self, silent: int, removed: int, *, wholly: bool) -> None:
        if removed:
            self._lack("removed", seconds=removed)
        if wholly and not removed:
            self._lack("no_data")
        elif silent > removed:
            self._lack("no_data_part", seconds=silent - removed)

    def _judged(self) -> Judged:
        return Judged(
            dict(self.times),
            self.planned_s,
            dict(self.planned_times),
            self.totals["produced"],
            self.totals["good"],
            self.totals["rejected"],
            self.ideal_s,
            tuple(self.lacks),
            tuple(self.suspects),
            tuple(self.cycles.values()),
        )


def _by_product(units: Units, spans: tuple[Span, ...], products: int) -> np.ndarray:
    """Units counted inside `spans`, by product; the last entry is of unknown product."""
    if not spans:
        return np.zeros(products + 1)
    bounds = np.array(spans, dtype=np.int64)
    first, last = np.searchsorted(units.time, (bounds[0, 0], bounds[-1, 1]))
    inside = within(bounds, units.time[first:last])
    product, amount = units.product[first:last][inside], units.amount[first:last][inside]
    return np.bincount(np.where(product < 0, products, product), weights=amount, minlength=products + 1)
