"""Tabu search for job shops, flexible or not, whose makespan counts.

A schedule is the sequence on each machine; its makespan is the longest path through jobs and machines. A move takes
an operation of a critical block to the block's other end or an end into its inside (the neighbourhood N7 of Zhang et
al., 2007, with the feasibility test of Balas and Vazacopoulos, 1998), or to a place on another machine
(as Gonzalez, Vela and Varela, 2015). Moves are judged by the estimate of the path through what they move; what was
undone is tabu for a while.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lineside.twin.draws import entry, optimised
from lineside.twin.schedule.annealing import below
from lineside.twin.schedule.shop import Ints, Shop

NONE = -1


(
    BEFORE,
    AFTER,
    RELEASE,
    CHOICE,
    WORK,
    MACHINE,
    LEFT,
    RIGHT,
    FIRST,
    HEAD,
    TAIL,
    TOPO,
    WAITS,
    PATH,
    RUN_HEAD,
    RUN_TAIL,
) = range(16)
"""The rows of a net, which is one array as compiled code hands it on in no time. By operation: those before and after
it in its job, its release, option, work and machine, those to the left and right on the machine; by machine: its
first operation; then the longest paths to and from each operation, and space for the calculations."""


class Net(NamedTuple):
    """The sequences on the machines, and what is tabu."""

    rows: Any
    tabu: Ints
    """Until which turn one operation may not go before another; before times n plus after."""
    away: Ints
    """Until which turn an operation may not come back to an option."""


def net_of(shop: Shop) -> Net:
    """Room for one schedule of a classical shop after the other."""
    n, machines = len(shop.job), len(shop.calendar)
    same = shop.job[1:] == shop.job[:-1]
    rows = np.zeros((16, max(n, machines)), np.int64)
    rows[BEFORE, :n] = np.where(np.append(False, same), np.arange(n) - 1, NONE)
    rows[AFTER, :n] = np.where(np.append(same, False), np.arange(n) + 1, NONE)
    rows[RELEASE, :n] = np.where(rows[BEFORE, :n] == NONE, shop.release[shop.job], 0)
    return Net(rows, np.zeros(n * n, np.int64), np.zeros(len(shop.machine), np.int64))


@optimised
def _lay(shop: Shop, net: Any, order: Ints, choice: Ints) -> None:
    """Puts the operations on their machines in the sequence of an order."""
    net[CHOICE, : len(choice)] = choice
    net[FIRST] = NONE
    last = np.full(len(shop.calendar), NONE)
    for v in order:
        m = shop.machine[choice[v]]
        net[MACHINE, v], net[WORK, v] = m, shop.duration[choice[v]]
        net[LEFT, v], net[RIGHT, v] = last[m], NONE
        if last[m] == NONE:
            net[FIRST, m] = v
        else:
            net[RIGHT, last[m]] = v
        last[m] = v


@optimised
def _measure(net: Any, n: int) -> int:
    """Longest paths to and from every operation; the makespan, or -1 when the sequences contradict each other."""
    found, makespan = 0, 0
    for v in range(n):
        net[WAITS, v] = (net[BEFORE, v] != NONE) + (net[LEFT, v] != NONE)
        net[HEAD, v] = net[RELEASE, v]
        if net[WAITS, v] == 0:
            net[TOPO, found] = v
            found += 1
    k = 0
    while k < found:
        v = net[TOPO, k]
        k += 1
        done = net[HEAD, v] + net[WORK, v]
        makespan = max(makespan, done)
        w = net[AFTER, v]
        if w != NONE:
            net[HEAD, w] = max(net[HEAD, w], done)
            net[WAITS, w] -= 1
            if net[WAITS, w] == 0:
                net[TOPO, found] = w
                found += 1
        w = net[RIGHT, v]
        if w != NONE:
            net[HEAD, w] = max(net[HEAD, w], done)
            net[WAITS, w] -= 1
            if net[WAITS, w] == 0:
                net[TOPO, found] = w
                found += 1
    if found < n:
        return -1
    for k in range(n - 1, -1, -1):
        v = net[TOPO, k]
        net[TAIL, v] = max(_from(net, net[AFTER, v]), _from(net, net[RIGHT, v]))
    return makespan


@optimised
def _to(net: Any, v: int) -> int:
    """The longest path to the end of an operation; 0 for none."""
    return net[HEAD, v] + net[WORK, v] if v != NONE else 0


@optimised
def _from(net: Any, v: int) -> int:
    """The longest path from the start of an operation; 0 for none."""
    return net[TAIL, v] + net[WORK, v] if v != NONE else 0


@optimised
def _walk(net: Any, n: int, makespan: int, luck: Ints) -> int:
    """Writes one critical path into `path`, from its end to its start; its length."""
    count, v = 0, NONE
    for w in range(n):
        if net[HEAD, w] + net[WORK, w] == makespan:
            count += 1
            if below(luck, count) == 0:
                v = w
    length = 0
    while v != NONE:
        net[PATH, length] = v
        length += 1
        job, machine = net[BEFORE, v], net[LEFT, v]
        by_job = job != NONE and _to(net, job) == net[HEAD, v]
        by_machine = machine != NONE and _to(net, machine) == net[HEAD, v]
        if by_job and by_machine:
            v = job if below(luck, 2) else machine
        else:
            v = job if by_job else machine if by_machine else NONE
    return length


@optimised
def _rightward(net: Any, tabu: Ints, n: int, u: int, v: int, turn: int) -> tuple[int, bool]:
    """The estimate of moving u right behind v on its machine, and whether it is tabu; -1 when it would contradict."""
    after = net[AFTER, u]
    if after != NONE and (after == v or _from(net, after) > _from(net, v)):
        return -1, False
    done, k, w, forbidden = _to(net, net[LEFT, u]), 0, net[RIGHT, u], False
    while True:
        if w == after:
            return -1, False
        forbidden |= tabu[w * n + u] > turn
        head = max(_to(net, net[BEFORE, w]), done, net[RELEASE, w])
        net[RUN_HEAD, k] = head
        done = head + net[WORK, w]
        k += 1
        if w == v:
            break
        w = net[RIGHT, w]
    head = max(_to(net, net[BEFORE, u]), done, net[RELEASE, u])
    tail = max(_from(net, after), _from(net, net[RIGHT, v])) + net[WORK, u]
    longest = head + tail
    while w != u:
        k -= 1
        tail = max(_from(net, net[AFTER, w]), tail) + net[WORK, w]
        longest = max(longest, net[RUN_HEAD, k] + tail)
        w = net[LEFT, w]
    return longest, forbidden


@optimised
def _leftward(net: Any, tabu: Ints, n: int, u: int, v: int, turn: int) -> tuple[int, bool]:
    """The estimate of moving v right before u on its machine, and whether it is tabu; -1 when it would contradict."""
    before = net[BEFORE, v]
    if before != NONE and (before == u or _to(net, before) > _to(net, u)):
        return -1, False
    tail, k, w, forbidden = _from(net, net[RIGHT, v]), 0, net[LEFT, v], False
    while True:
        if w == before:
            return -1, False
        forbidden |= tabu[v * n + w] > turn
        tail = max(_from(net, net[AFTER, w]), tail) + net[WORK, w]
        net[RUN_TAIL, k] = tail
        k += 1
        if w == u:
            break
        w = net[LEFT, w]
    done = max(_to(net, before), _to(net, net[LEFT, u]), net[RELEASE, v]) + net[WORK, v]
    longest = done + max(_from(net, net[AFTER, v]), tail)
    while w != v:
        k -= 1
        head = max(_to(net, net[BEFORE, w]), done, net[RELEASE, w])
        longest = max(longest, head + net[RUN_TAIL, k])
        done = head + net[WORK, w]
        w = net[RIGHT, w]
    return longest, forbidden


@optimised
def _unlink(net: Any, v: int) -> None:
    left, right = net[LEFT, v], net[RIGHT, v]
    if left == NONE:
        net[FIRST, net[MACHINE, v]] = right
    else:
        net[RIGHT, left] = right
    if right != NONE:
        net[LEFT, right] = left


@optimised
def _link(net: Any, v: int, left: int, machine: int) -> None:
    """Puts an operation behind another of a machine, or first."""
    right = net[FIRST, machine] if left == NONE else net[RIGHT, left]
    net[LEFT, v], net[RIGHT, v] = left, right
    if left == NONE:
        net[FIRST, machine] = v
    else:
        net[RIGHT, left] = v
    if right != NONE:
        net[LEFT, right] = v


@optimised
def _take_best(best: Ints, kind: int, u: int, v: int, option: int, estimate: int, rank: int, luck: Ints) -> None:
    """Keeps the best of all moves seen; one that is not tabu (of rank 0) goes before one that is.

    Of kind 0 it moves u behind v, of 1 v before u, of 2 u behind v with another option.
    """
    if rank > best[5] or (rank == best[5] and estimate > best[4]):
        return
    if rank == best[5] and estimate == best[4]:
        best[6] += 1
        if below(luck, best[6]) != 0:
            return
    else:
        best[6] = 1
    best[0], best[1], best[2], best[3], best[4], best[5] = kind, u, v, option, estimate, rank


@optimised
def _block_moves(net: Any, tabu: Ints, n: int, length: int, turn: int, record: int, luck: Ints, best: Ints) -> None:
    """Looks at the moves within the blocks of the critical path."""
    k = length - 1
    while k > 0:
        end = k
        machine = net[MACHINE, net[PATH, k]]
        while end > 0 and net[MACHINE, net[PATH, end - 1]] == machine:
            end -= 1
        first, last = net[PATH, k], net[PATH, end]
        for i in range(end + 1, k + 1):
            u = net[PATH, i]
            estimate, forbidden = _rightward(net, tabu, n, u, last, turn)
            if estimate >= 0:
                _take_best(best, 0, u, last, 0, estimate, int(forbidden and estimate >= record), luck)
            w = net[PATH, i - 1]
            if w != last or k - end > 1:
                estimate, forbidden = _leftward(net, tabu, n, first, w, turn)
                if estimate >= 0:
                    _take_best(best, 1, first, w, 0, estimate, int(forbidden and estimate >= record), luck)
            if i < k and i > end:
                estimate, forbidden = _rightward(net, tabu, n, first, u, turn)
                if estimate >= 0:
                    _take_best(best, 0, first, u, 0, estimate, int(forbidden and estimate >= record), luck)
                estimate, forbidden = _leftward(net, tabu, n, u, last, turn)
                if estimate >= 0:
                    _take_best(best, 1, u, last, 0, estimate, int(forbidden and estimate >= record), luck)
        k = end - 1


@optimised
def _other_machines(
    shop: Shop, net: Any, away: Ints, length: int, turn: int, record: int, luck: Ints, best: Ints
) -> None:
    """Looks at the moves of critical operations to other machines."""
    for i in range(length):
        u = net[PATH, i]
        before, after = net[BEFORE, u], net[AFTER, u]
        ready = max(_to(net, before), net[RELEASE, u])
        rest = _from(net, after)
        latest = _to(net, after) if after != NONE else 2**62
        for option in range(shop.option_at[u], shop.option_at[u + 1]):
            if option == net[CHOICE, u]:
                continue
            forbidden = away[option] > turn
            left, right = NONE, net[FIRST, shop.machine[option]]
            earliest = net[HEAD, before] if before != NONE else NONE
            while right != NONE and _to(net, right) <= earliest:
                left, right = right, net[RIGHT, right]
            while left == NONE or net[HEAD, left] < latest:
                estimate = max(ready, _to(net, left)) + shop.duration[option] + max(rest, _from(net, right))
                _take_best(best, 2, u, left, option, estimate, int(forbidden and estimate >= record), luck)
                if right == NONE:
                    break
                left, right = right, net[RIGHT, right]


@optimised
def _apply(shop: Shop, net: Any, tabu: Ints, away: Ints, move: Ints, until: int) -> None:
    """Makes a move, and forbids for a while what would undo it."""
    n, u, v = len(shop.job), move[1], move[2]
    if move[0] == 2:
        option = move[3]
        away[net[CHOICE, u]] = until
        _unlink(net, u)
        net[CHOICE, u], net[MACHINE, u], net[WORK, u] = option, shop.machine[option], shop.duration[option]
        _link(net, u, v, net[MACHINE, u])
        return
    w = net[RIGHT, u] if move[0] == 0 else u
    while w != v:
        tabu[(u * n + w) if move[0] == 0 else (w * n + v)] = until
        w = net[RIGHT, w]
    if move[0] == 0:
        tabu[u * n + v] = until
        _unlink(net, u)
        _link(net, u, v, net[MACHINE, u])
    else:
        _unlink(net, v)
        _link(net, v, net[LEFT, u], net[MACHINE, v])


@entry
def tabu_search(shop: Shop, memory: Net, order: Ints, choice: Ints, luck: Ints, turns: int, target: int) -> int:
    """Searches from an order for so many turns, or until the makespan is `target`.

    Leaves the choice of the best in `choice` and its starts in the row HEAD; gives its makespan.
    """
    net, tabu, away = memory.rows, memory.tabu, memory.away
    n, jobs, machines = len(shop.job), shop.job[-1] + 1, len(shop.calendar)
    _lay(shop, net, order, choice)
    tabu[:] = 0
    away[:] = 0
    now = _measure(net, n)
    record = now
    heads = net[HEAD].copy()
    least = 10 + jobs // machines
    spread = max(int(least * (0.4 if jobs <= 2 * machines else 0.5)), 1)
    flexible = len(shop.machine) > n
    best = np.zeros(7, np.int64)
    for turn in range(1, turns + 1):
        if record <= target:
            break
        length = _walk(net, n, now, luck)
        best[4], best[5], best[6] = 2**62, 2, 0
        _block_moves(net, tabu, n, length, turn, record, luck, best)
        if flexible:
            _other_machines(shop, net, away, length, turn, record, luck, best)
        if best[6] == 0:
            break
        _apply(shop, net, tabu, away, best, turn + least + below(luck, spread + 1))
        now = _measure(net, n)
        if now < 0:
            break
        if now < record:
            record = now
            heads[:] = net[HEAD]
            choice[:] = net[CHOICE, :n]
    net[HEAD] = heads
    return record
