"""What a metric is, and what measuring it gives."""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.stage import Stage

PER_SECOND = "1/s"
GAS = "gas"
TINY = 10
"""Below it, two decimals are shown."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is measured.

    Attributes:
        name: Its name on the command line.
        unit: Its unit.
        run: Measures it once; the first line of its docstring says what exactly that is.
        at_least: The aim, where more is better; held against the median.
        at_most: The aim, where less is better; held against the median.
        once: Whether one run is enough, whatever number is asked for.
        long: Whether it takes minutes, so that it is measured only when it is asked for.
    """

    name: str
    unit: str
    run: Callable[[Stage], Awaitable[float]]
    at_least: int | None = None
    at_most: int | None = None
    once: bool = False
    long: bool = False

    @property
    def what(self) -> str:
        """What exactly is measured, in one line."""
        return (self.run.__doc__ or "").partition("\n")[0]

    async def measure(self, stage: Stage, runs: int) -> "Measured":
        """Return what ``runs`` runs give."""
        return Measured(self, [await self.run(stage) for _ in range(1 if self.once else runs)])


@dataclass(frozen=True, slots=True)
class Measured:
    """What several runs of a metric gave."""

    metric: Metric
    values: Sequence[float]

    @property
    def median(self) -> float:
        """The run in the middle: what a busy neighbour disturbs least."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """The aim, and whether it is met; empty where there is none."""
        metric = self.metric
        if metric.at_least is not None:
            met, aim = self.median >= metric.at_least, f">= {metric.at_least:,}"
        elif metric.at_most is not None:
            met, aim = self.median <= metric.at_most, f"<= {metric.at_most:,}"
        else:
            return ""
        return f"{aim} {'met' if met else 'MISSED'}"

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "metric": self.metric.name,
            "value": rounded(self.median),
            "unit": self.metric.unit,
            "runs": len(self.values),
            "min": rounded(min(self.values)),
            "max": rounded(max(self.values)),
        }


def rounded(value: float) -> float:
    """Return ``value`` without figures that mean nothing."""
    return round(value, 2) if value < TINY else round(value)
