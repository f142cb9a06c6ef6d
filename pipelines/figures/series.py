"""What a figure shows: lines of estimates over time. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from pipelines.figures.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Point:
    """An estimate for a time, such as `2018`, drawn at `at`.

    `unsure`: of how many of its policies no capture of that time is known to have the text.
    """

    time: str
    at: date
    estimate: Estimate
    unsure: int = 0


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

    def rows(self) -> Iterator[tuple[str, str, date, float, float | None, float | None, int, int]]:
        """Yield the figure as rows, see COLUMNS."""
        for name, points in self.lines.items():
            for point in points:
                found = point.estimate
                ends = found.value, found.low, found.high
                yield name, point.time, point.at, *ends, found.policies, point.unsure


COLUMNS = "line", "time", "at", "value", "low", "high", "policies", "unsure"


def readable(text: str) -> str:
    """Return what of a text may stand in the name of a file; it need not tell it from others."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40]
