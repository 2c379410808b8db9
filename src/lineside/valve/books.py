"""What was published, read back and recorded; budgets of privacy that only run down."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lineside.errors import ConfigurationError, NotPermitted
from lineside.valve.judge import Published, Told, Verdict
from lineside.valve.records import BudgetRecord, SpendingRecord, ToldRecord
from lineside.valve.rules import Rules

MILLIONTHS = 1_000_000


def published(session: Session, rules: Rules, recipient: str) -> Published:
    """What was told before, as these rules see it: by whoever, or where they are not pooled to this recipient."""
    records = list(session.scalars(select(ToldRecord).order_by(ToldRecord.id)))
    number = records[-1].id if records else 0
    told = (
        Told(r.label, r.recipient, r.measure, r.from_us, r.until_us, _sets(r.where), r.contributions, r.mixed)
        for r in records
    )
    return Published(rules, recipient, told, number)


def record(session: Session, verdict: Verdict, *, release: str, told_us: int) -> Published:
    """Writes down what a verdict allows, before any of it leaves; gives what is published from then on.

    Do it in one session with whatever else says that the release went. Raises NotPermitted where something was recorded
    since the verdict was made: judge again, by what is published now.
    """
    last = session.scalar(select(func.max(ToldRecord.id))) or 0
    if last != verdict.published.number:
        raise NotPermitted("valve.overtaken", recipient=verdict.table.recipient)
    added = [
        ToldRecord(
            release=release,
            recipient=told.recipient,
            label=told.label,
            measure=told.measure,
            from_us=told.from_us,
            until_us=told.until_us,
            where={name: sorted(values) for name, values in told.where.items()},
            contributions=dict(told.values),
            mixed=told.mixed,
            told_us=told_us,
        )
        for told in verdict.told
    ]
    session.add_all(added)
    session.flush()
    now = verdict.published.draft()
    now.number = max((one.id for one in added), default=last)
    return now


def grant(session: Session, name: str, epsilon: float) -> None:
    """Opens a budget of privacy, or sets how much it holds in all. Raises ConfigurationError below what is spent."""
    total = int(Fraction(epsilon) * MILLIONTHS) if 0 < epsilon <= MILLIONTHS else -1
    budget = session.scalar(select(BudgetRecord).where(BudgetRecord.name == name))
    if total < (budget.spent if budget else 0):
        raise ConfigurationError("valve.budget_too_small", name=name, epsilon=epsilon)
    if budget is None:
        session.add(BudgetRecord(name=name, total=total))
    else:
        budget.total = total
    session.flush()


def spend(session: Session, name: str, epsilon: float, *, release: str, spent_us: int) -> None:
    """Takes epsilon from a budget, for a release whose noise is drawn only when this is on disk.

    One statement looks and takes, so that no two releases get the same. A release that fails afterwards has spent it.
    Raises NotPermitted where less is left, and leaves the budget as it was.
    """
    cost = ceil(Fraction(epsilon) * MILLIONTHS) if 0 < epsilon <= MILLIONTHS else 0
    taken = update(BudgetRecord).where(BudgetRecord.name == name, BudgetRecord.spent + cost <= BudgetRecord.total)
    found = (
        session.scalar(taken.values(spent=BudgetRecord.spent + cost).returning(BudgetRecord.id)) if cost > 0 else None
    )
    if found is None:
        left = f"{budget_left(session, name):g}"
        raise NotPermitted("valve.budget_spent", name=name, epsilon=f"{epsilon:g}", left=left)
    session.add(SpendingRecord(budget_id=found, release=release, epsilon=cost, spent_us=spent_us))
    session.flush()


def budget_left(session: Session, name: str) -> float:
    """The epsilon that is left of a budget; 0 where there is no such budget."""
    left = session.scalar(select(BudgetRecord.total - BudgetRecord.spent).where(BudgetRecord.name == name))
    return (left or 0) / MILLIONTHS


def _sets(where: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in where.items()}
