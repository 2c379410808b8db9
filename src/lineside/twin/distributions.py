"""Distributions of a line model: what the file may say, and their exact mean."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Law(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    shift: NonNegative = Field(0.0, description="Added to every value: the least time it can take.")


class Constant(_Law):
    """Always the same."""

    type: Literal["constant"] = "constant"
    value: NonNegative


class Exponential(_Law):
    """Memoryless."""

    type: Literal["exponential"]
    mean: Positive = Field(description="Mean above the shift.")


class Gamma(_Law):
    """Gamma; the shape need not be whole."""

    type: Literal["gamma"]
    shape: Positive
    mean: Positive = Field(description="Mean above the shift.")


class Erlang(_Law):
    """Sum of `shape` equal exponential stages."""

    type: Literal["erlang"]
    shape: Annotated[int, Field(ge=1, le=1000)]
    mean: Positive = Field(description="Mean above the shift, of all stages together.")


class Weibull(_Law):
    """Weibull: a shape above 1 wears out, one below 1 fails early."""

    type: Literal["weibull"]
    shape: Annotated[float, Field(ge=0.1, le=100)]
    scale: Positive


class Lognormal(_Law):
    """Lognormal, by the mean and standard deviation of the values themselves."""

    type: Literal["lognormal"]
    mean: Positive = Field(description="Mean above the shift.")
    sd: NonNegative


class Triangular(_Law):
    """Triangular between `low` and `high` with its peak at `mode`."""

    type: Literal["triangular"]
    low: NonNegative
    mode: NonNegative
    high: NonNegative

    @model_validator(mode="after")
    def _ordered(self) -> Triangular:
        if not self.low <= self.mode <= self.high:
            raise ValueError("low <= mode <= high must hold")
        return self


class Uniform(_Law):
    """Uniform between `low` and `high`."""

    type: Literal["uniform"]
    low: NonNegative
    high: NonNegative

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.low > self.high:
            raise ValueError("low <= high must hold")
        return self


class Empirical(_Law):
    """One of the values, each as likely as the others or by `weights`."""

    type: Literal["empirical"]
    values: Annotated[tuple[NonNegative, ...], Field(min_length=1)]
    weights: tuple[NonNegative, ...] | None = Field(None, description="As many as values.")

    @model_validator(mode="after")
    def _weighed(self) -> Empirical:
        if self.weights is not None and (len(self.weights) != len(self.values) or sum(self.weights) <= 0):
            raise ValueError("as many weights as values, not all zero")
        return self


class BlockBootstrap(_Law):
    """Runs of `block` values as recorded, each begun at random: keeps what one value says of the next."""

    type: Literal["block_bootstrap"]
    values: Annotated[tuple[NonNegative, ...], Field(min_length=1)]
    block: Annotated[int, Field(ge=1)]


class Recorded(_Law):
    """The values in their order, in each replication from the first; after the last from the first again."""

    type: Literal["recorded"]
    values: Annotated[tuple[NonNegative, ...], Field(min_length=1)]


Law: TypeAlias = (
    Constant
    | Exponential
    | Gamma
    | Erlang
    | Weibull
    | Lognormal
    | Triangular
    | Uniform
    | Empirical
    | BlockBootstrap
    | Recorded
)


def as_law(value: Any) -> Any:
    """A bare number is a constant."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"type": "constant", "value": value}
    return value


def mean_of(law: Law) -> float:
    """The exact mean of a distribution, its shift included."""
    match law:
        case Constant():
            return law.shift + law.value
        case Exponential() | Gamma() | Erlang() | Lognormal():
            return law.shift + law.mean
        case Weibull():
            return law.shift + law.scale * math.gamma(1 + 1 / law.shape)
        case Triangular():
            return law.shift + (law.low + law.mode + law.high) / 3
        case Uniform():
            return law.shift + (law.low + law.high) / 2
        case Empirical():
            weights = law.weights or (1.0,) * len(law.values)
            return law.shift + sum(v * w for v, w in zip(law.values, weights, strict=True)) / sum(weights)
        case BlockBootstrap() | Recorded():
            return law.shift + sum(law.values) / len(law.values)
