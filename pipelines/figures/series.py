"""What a figure shows: lines of estimates over time. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from pipelines.figures.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Point:
    """An estimate for the time that begins at `at`.

    `carried`: of how many of its policies no capture of that time is known to have the text.
    """

    at: date
    estimate: Estimate
    carried: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """Lines by their names, in the order in which they are explained.

    `name` is that of its files, `unit` of its values; `said` says in sentences what is shown, of
    what, and how sure it is.
    """

    name: str
    title: str
    unit: str
    said: str
    lines: dict[str, list[Point]] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, date, float, float | None, float | None, int, int]]:
        """Yield the figure as rows: line, at, value, low, high, policies, carried."""
        for name, points in self.lines.items():
            for point in points:
                found = point.estimate
                ends = found.value, found.low, found.high
                yield name, point.at, *ends, found.policies, point.carried


COLUMNS = "line", "at", "value", "low", "high", "policies", "carried"
