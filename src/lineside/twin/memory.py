"""Cells as they are laid out for compiled engines, and the laws among them."""

from __future__ import annotations

from collections.abc import Iterable

from lineside.twin import cells as cell
from lineside.twin.distributions import (
    BlockBootstrap,
    Constant,
    Empirical,
    Erlang,
    Exponential,
    Gamma,
    Law,
    Lognormal,
    Recorded,
    Triangular,
    Uniform,
    Weibull,
)
from lineside.twin.layout import (
    BOOTSTRAP,
    CONSTANT,
    EQUALLY,
    EXPONENTIAL,
    GAMMA,
    LOGNORMAL,
    NONE,
    RECORDED,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
    WEIGHTED,
)
from lineside.twin.streams import cumulative, lognormal_parameters


class Memory:
    """Cells as they are laid out, one record after the other."""

    def __init__(self) -> None:
        self.cells: list[int | float] = []
        self.laws: dict[tuple[Law | int, str], int] = {}
        self.tables: list[int] = []
        self.streams: dict[str, int] = {}
        self.stream_cells: list[int] = []

    def record(self, size: int, count: int = 1) -> int:
        """The address of new cells, all 0."""
        at = len(self.cells)
        self.cells += [0] * (size * count)
        return at

    def store(self, values: Iterable[float]) -> int:
        """The address of new cells that hold these values."""
        at = len(self.cells)
        self.cells += values
        return at

    def write(self, at: int, record: str, **values: float) -> None:
        """Fills cells of a record by their names; a name that ends in "stream" is one of a stream."""
        for name, value in values.items():
            place = at + getattr(cell, f"{record}_{name.upper()}")
            self.cells[place] = value
            self.stream_cells += [place] if name.endswith("stream") else []

    def law(self, law: Law | None, stream: str) -> int:
        """The address of a law drawn from a stream; each keeps a place of its own in recorded values."""
        if law is None:
            return NONE
        key = (id(law) if isinstance(law, BlockBootstrap | Recorded) else law, stream)
        if key not in self.laws:
            kind, values, a, b, c = _law_cells(law)
            table = self.store(values) if values else NONE
            self.laws[key] = self.store((kind, table, len(_values(law)), a, b, c, law.shift, 0, 0))
            self.tables += [self.laws[key]] if kind in (BOOTSTRAP, RECORDED) else []
        return self.laws[key]

    def stream(self, name: str) -> int:
        """The name of a stream, registered; its record is laid out at the end."""
        return self.streams.setdefault(name, len(self.streams))


def _values(law: Law) -> tuple[float, ...]:
    return law.values if isinstance(law, Empirical | BlockBootstrap | Recorded) else ()


def _law_cells(law: Law) -> tuple[int, tuple[float, ...], float, float, float]:  # noqa: PLR0911 - one line a kind of law
    """Kind, table and parameters of a law."""
    match law:
        case Constant():
            return CONSTANT, (), law.value, 0.0, 0.0
        case Exponential():
            return EXPONENTIAL, (), law.mean, 0.0, 0.0
        case Gamma() | Erlang():
            return GAMMA, (), float(law.shape), law.mean / law.shape, 0.0
        case Weibull():
            return WEIBULL, (), 1.0 / law.shape, law.scale, 0.0
        case Lognormal():
            return LOGNORMAL, (), *lognormal_parameters(law), 0.0
        case Triangular():
            return TRIANGULAR, (), law.low, law.mode, law.high
        case Uniform():
            return UNIFORM, (), law.low, law.high - law.low, 0.0
        case Empirical(weights=None):
            return EQUALLY, law.values, 0.0, 0.0, 0.0
        case Empirical():
            return WEIGHTED, (*law.values, *cumulative(law.weights or ())), 0.0, 0.0, 0.0
        case BlockBootstrap():
            return BOOTSTRAP, law.values, float(law.block), 0.0, 0.0
        case Recorded():
            return RECORDED, law.values, 0.0, 0.0, 0.0
