from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice, permutations, product

import numpy as np
import pytest

from lineside.twin.schedule import Problem, parse_problem
from lineside.twin.schedule.bounds import preemptive, simple_bound
from lineside.twin.schedule.decoding import IMPOSSIBLE, floor_of, schedule
from lineside.twin.schedule.exact import model_of, read, solver
from lineside.twin.schedule.formats import problem_of_text
from lineside.twin.schedule.planning import plan_of
from lineside.twin.schedule.running import Run
from lineside.twin.schedule.search import Found, merged, random_order, search
from lineside.twin.schedule.shop import Shop, horizon_of, is_classical, shop_of
from lineside.twin.schedule.solving import solve
from lineside.twin.schedule.verify import violations
from tests.twin.schedules import FLEXIBLE, FT06, problem, random_problem


def orders(shop: Shop) -> Iterator[Found]:
    """Return every order and choice of a small problem."""
    n = len(shop.job)
    befores = [set(shop.before[shop.before_at[v] : shop.before_at[v + 1]].tolist()) for v in range(n)]
    options = [range(int(shop.option_at[v]), int(shop.option_at[v + 1])) for v in range(n)]
    for order in permutations(range(n)):
        if all(befores[v] <= set(order[:i]) for i, v in enumerate(order)):
            for choice in product(*options):
                yield Found(0, np.array(order), np.array(choice))


def best_of_all(shop: Shop) -> int:
    """Return the least cost over all orders."""
    floor = floor_of(shop)
    return min(int(schedule(shop, floor, found.order, found.choice)) for found in orders(shop))


@pytest.mark.parametrize("seed", range(24))
def test_the_model_and_all_orders_agree(seed: int) -> None:
    """On small problems of every kind CP-SAT's model is as good as the best of all orders, no better and no worse."""
    shop, _ = shop_of(random_problem(seed))
    cp = solver()
    exact = model_of(shop, horizon_of(random_problem(seed)), None)
    asked = cp.CpSolver()
    asked.parameters.num_workers = 1

    status = asked.solve(exact.model)

    assert status == cp.OPTIMAL
    assert round(asked.objective_value) == best_of_all(shop)
    found = read(exact, asked.value, asked.boolean_value)
    assert schedule(shop, floor_of(shop), found.order, found.choice) == best_of_all(shop)


@pytest.mark.parametrize("seed", range(40))
def test_every_order_is_a_schedule_that_the_checker_allows(seed: int) -> None:
    """Whatever order is tried, its schedule keeps calendars, set-ups, resources and sequences."""
    given = random_problem(seed, jobs=6)
    shop, naming = shop_of(given)
    rng = np.random.default_rng(seed)
    found = merged(random_order(shop, rng), random_order(shop, rng), rng)

    plan = plan_of(given, shop, naming, found, bound=0, seed=1, history=())

    assert [finding.sentence() for finding in violations(given, plan)] == []


def test_a_known_job_shop_is_solved_to_the_proven_optimum() -> None:
    """The 6 x 6 instance of Fisher and Thompson has 55, and the plan says that it is proven."""
    plan = solve(parse_problem(problem_of_text(FT06, "ft06")), seconds=20)

    assert (plan.makespan, plan.bound, plan.optimal) == (55, 55, True)
    assert plan.history[-1].cost == 55


@pytest.mark.parametrize("seed", range(100, 103))
def test_a_general_problem_is_solved_to_the_proven_optimum(seed: int) -> None:
    """Calendars, set-ups, operators and due dates together: what is called optimal is the best of all orders."""
    given = random_problem(seed)

    plan = solve(given, seconds=20)

    assert plan.optimal
    assert plan.cost == best_of_all(shop_of(given)[0])


def test_the_search_finds_the_best_of_a_flexible_shop() -> None:
    """Tabu search alone reaches what the model proves, on a shop whose operations choose their machines."""
    given = parse_problem(problem_of_text(FLEXIBLE, "flexible"))
    shop, _ = shop_of(given)
    assert is_classical(shop)
    cp, exact = solver(), model_of(shop, horizon_of(given), None)
    asked = cp.CpSolver()
    asked.solve(exact.model)
    best = round(asked.objective_value)

    assert min(found.cost for found in islice(search(shop, 1, best), 5)) == best


def test_the_same_seed_searches_the_same_way() -> None:
    """Two searches of one seed go through the same schedules."""
    shop, _ = shop_of(random_problem(7, jobs=6))
    one, other = search(shop, 3, -1), search(shop, 3, -1)

    assert [next(one).cost for _ in range(3)] == [next(other).cost for _ in range(3)]


def test_the_seconds_of_a_search_begin_with_its_first_schedule() -> None:
    """What is compiled before, at a computer's first search, takes nothing of the time that was asked for."""
    given = random_problem(7, jobs=6)
    shop, _ = shop_of(given)
    run = Run(shop, horizon_of(given), 0.01, 1, lambda _: None)
    time.sleep(0.02)
    before = run.left()

    run.offer(next(search(shop, 1, -1)))
    time.sleep(0.02)

    assert before == 0.01
    assert run.left() < 0


def test_a_search_that_is_stopped_gives_the_best_so_far() -> None:
    """Cancelled at once, it still gives a checked plan and does not call it optimal without proof."""
    given = random_problem(11, jobs=30)

    plan = solve(given, seconds=60, stopped=lambda: True)

    assert plan.seconds < 30
    assert plan.bound <= plan.cost


def test_setups_and_calendar_by_hand() -> None:
    """Two products on one machine of 8 hours a day: work waits overnight, the set-up goes on next morning."""
    given = problem(
        machines={"saw": {"calendar": "day", "setups": [{"from": "A", "to": "B", "time": 2}], "made": "A"}},
        calendars={"day": {"on": [[0, 8]], "period": 24}},
        jobs={
            "a": {"product": "A", "operations": [{"on": {"saw": 7}}]},
            "b": {"product": "B", "operations": [{"on": {"saw": 7}}]},
        },
    )

    plan = solve(given, seconds=10)

    # a 0-7, set-up 7-8 and 24-25, b 25-32; the other way round: set-up 0-2, b 2-8 and 24-25, a 25-32.
    assert plan.optimal
    assert plan.makespan == 32
    assert {o.job: (o.start, o.end, o.setup) for o in plan.operations}["b"] in {(25, 32, 2), (2, 25, 2)}


def test_a_calendar_that_ends_too_soon_is_told() -> None:
    """Work that fits by its sum and not in fact leads to an error that names the calendars, not to a plan."""
    given: Problem = problem(
        machines={"saw": {"calendar": "once"}},
        calendars={"once": {"on": [[0, 5], [10, 15]]}},
        jobs={"a": {"operations": [{"on": {"saw": 3}, "interruptible": False}] * 3}},
    )
    shop, _ = shop_of(given)
    assert best_of_all(shop) == IMPOSSIBLE

    with pytest.raises(Exception, match="No schedule exists"):
        solve(given, seconds=10)


@pytest.mark.parametrize("seed", range(24, 40))
def test_the_simple_bound_is_below_every_schedule(seed: int) -> None:
    """Known without any search, and never above the best of all orders."""
    shop, _ = shop_of(random_problem(seed))

    assert simple_bound(shop) <= best_of_all(shop)


def test_one_machine_that_may_interrupt_is_as_early_as_by_hand() -> None:
    """A short work with a long tail comes while a long one runs: it goes first, and the other waits."""
    assert preemptive([0, 2], [10, 1], [0, 9]) == 12
    assert preemptive([0, 2], [10, 1], [3, 9]) == 14
