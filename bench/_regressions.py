"""The other ways to make an interval of a difference in differences, which the product was measured against."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from lineside.hub.pilots import Interval

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]


def design_of(value: Floats, treated: Flags, pre: int) -> tuple[Floats, list[Floats], list[Floats]]:
    """Return the outcome and the design of two-way fixed effects, a block a factory, its own mean taken out."""
    months = value.shape[1]
    outcomes, designs = [], []
    for row, own in zip(value, treated, strict=True):
        told = np.isfinite(row)
        after = np.arange(months) >= pre
        block = np.column_stack([(after & own).astype(float), np.eye(months)[:, 1:]])[told]
        outcomes.append(row[told] - row[told].mean())
        designs.append(block - block.mean(axis=0))
    return np.concatenate(outcomes), designs, outcomes


def clustered(value: Floats, treated: Flags, pre: int, alpha: float) -> dict[str, Interval]:
    """Return intervals of two-way fixed effects by least squares, CR1 and CR2."""
    outcome, blocks, _ = design_of(value, treated, pre)
    whole = np.vstack(blocks)
    bread = np.linalg.inv(whole.T @ whole)
    slope = bread @ whole.T @ outcome
    residual = outcome - whole @ slope
    members, rows = len(blocks), len(outcome)
    plain = residual @ residual / (rows - members - whole.shape[1]) * bread[0, 0]
    scores, adjusted, weights = [], [], []
    at = 0
    for block in blocks:
        own = residual[at : at + len(block)]
        at += len(block)
        scores.append(block.T @ own)
        inner, axes = np.linalg.eigh(np.eye(len(block)) - block @ bread @ block.T)
        root = axes * np.where(inner > 1e-9, np.abs(inner), np.inf) ** -0.5 @ axes.T
        weight = root @ block @ bread[:, 0]
        weights.append((block.T @ weight, float(weight @ weight)))
        adjusted.append(float(weight @ own))
    first = np.array(scores) @ bread[:, 0]
    error1 = np.sqrt(members / (members - 1) * (first**2).sum())
    error2 = np.sqrt(np.square(adjusted).sum())
    across = np.array([one for one, _ in weights])
    cross = -across @ bread @ across.T + np.diag([size for _, size in weights])
    freedom = np.trace(cross) ** 2 / (cross**2).sum()
    told = {"least squares": (np.sqrt(plain), rows), "CR1": (error1, members - 1), "CR2": (error2, freedom)}
    return {
        way: Interval(slope[0], slope[0] - stdtrit(df, 1 - alpha / 2) * se, slope[0] + stdtrit(df, 1 - alpha / 2) * se)
        for way, (se, df) in told.items()
    }


def wild(
    value: Floats, treated: Flags, pre: int, effect: float, random: np.random.Generator, draws: int = 399
) -> float:
    """Return p of the restricted wild cluster bootstrap-t that the effect is this one."""
    outcome, blocks, _ = design_of(value, treated, pre)
    whole = np.vstack(blocks)
    bread = np.linalg.inv(whole.T @ whole)
    cluster = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
    rest = whole[:, 1:]
    base = outcome - effect * whole[:, 0]
    fitted = rest @ np.linalg.lstsq(rest, base, rcond=None)[0]
    residual = base - fitted
    signs = random.choice([-1.0, 1.0], (draws, len(blocks)))
    drawn = np.vstack([base, fitted + residual * signs[:, cluster]]).T
    slope = bread @ whole.T @ drawn
    left = drawn - whole @ slope
    influence = (whole @ bread[:, 0])[:, None] * left
    sums = np.zeros((len(blocks), draws + 1))
    np.add.at(sums, cluster, influence)
    statistic = np.abs(slope[0]) / np.sqrt((sums**2).sum(axis=0))
    return float((1 + (statistic[1:] >= statistic[0] - 1e-12).sum()) / (draws + 1))
