"""Pictures of figures, for the screen and for print: lines differ by colour, dash and marker.

Colours: after Okabe and Ito, "Color Universal Design" (2008), and Tol, "Colour schemes" (SRON,
2021), which colour-blind readers can tell apart; the contrast to paper is 3 to 1 at least.
A hollow marker stands for a value without an interval, and n for the number of policies.
"""

import re
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime
from io import StringIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from pipelines.figures.lists import Law
from pipelines.figures.series import Figure, Point
from pipelines.versioning.history import History

if TYPE_CHECKING:
    from collections.abc import Iterator

INK = "#222222"
LOOKS = (
    ("#0072B2", "-", "o"),
    ("#D55E00", "--", "s"),
    ("#008055", "-.", "^"),
    ("#AA4499", ":", "D"),
    ("#332288", (0, (5, 1)), "v"),
    ("#882255", (0, (1, 1)), "P"),
)
MOST = len(LOOKS)  # lines that can be told apart
_STYLE: Any = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "font.size": 9.5,
    "legend.frameon": False,
    "svg.fonttype": "none",  # letters stay letters: searched, read aloud, small
    "text.parse_math": False,  # a dollar is a dollar
}
WIDTH, HEIGHT = 8.0, 3.2  # inches


def lines(figure: Figure, laws: Sequence[Law] = ()) -> Canvas:
    """Draw each line of a figure with its intervals; laws of that time are marked."""
    with _styled(figure.name):
        canvas = Canvas(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes = canvas.subplots()
        for look, (name, points) in zip(_looks(figure), figure.lines.items(), strict=True):
            _line(axes, points, look, name)
        _count(axes, next(iter(figure.lines.values())))
        axes.set_title(figure.title, pad=34)  # the names of laws stand between
        axes.set(ylabel=figure.unit, ylim=(0, _top(axes)))
        if len(figure.lines) > 1:
            named = [Line2D([], [], color=c, linestyle=d, marker=m) for c, d, m in _looks(figure)]
            axes.legend(named, list(figure.lines), loc="center left", bbox_to_anchor=(1, 0.5))
        days = [point.at for points in figure.lines.values() for point in points]
        _mark(axes, [law for law in laws if days and min(days) <= law.in_force <= max(days)])
    return canvas


def heat(figure: Figure) -> Canvas:
    """Draw each line of a figure as a row of cells, darker where the value is higher."""
    points = next(iter(figure.lines.values()))
    years = [f"{point.time}\nn={point.estimate.policies:,}" for point in points]
    values = [[point.estimate.value for point in line] for line in figure.lines.values()]
    with _styled(figure.name):
        canvas = Canvas(figsize=(WIDTH, 0.8 + 0.24 * len(values)), layout="constrained")
        axes = canvas.subplots()
        top = max(1.0, *(value for row in values for value in row))
        axes.pcolormesh(values, cmap="Blues", vmin=0, vmax=top, edgecolors="white", linewidth=0.5)
        for y, row in enumerate(values):
            for x, value in enumerate(row):
                if value >= 0.5:
                    ink = "white" if value > 0.6 * top else INK
                    place = x + 0.5, y + 0.5
                    axes.text(*place, f"{value:.0f}", color=ink, size=7, ha="center", va="center")
        every = 1 + len(years) // 12
        axes.set_xticks([x + 0.5 for x in range(0, len(years), every)], years[::every], size=8)
        axes.set_yticks([y + 0.5 for y in range(len(values))], list(figure.lines))
        axes.invert_yaxis()
        axes.tick_params(length=0)
        axes.set(title=f"{figure.title}, {figure.unit}")
    return canvas


def panels(figure: Figure, law: Law) -> Canvas:
    """Draw each line of a figure for itself, side by side, with the day of a law."""
    with _styled(figure.name):
        canvas = Canvas(figsize=(WIDTH, HEIGHT * 0.85), layout="constrained")
        row = canvas.subplots(1, len(figure.lines), squeeze=False)[0]
        for look, axes, (name, points) in zip(LOOKS, row, figure.lines.items(), strict=False):
            _line(axes, points, look, name)
            axes.set_title(name, pad=8)
            axes.set(ylim=(0, _top(axes)))
            _mark(axes, [law], named=False)
            days: list[Any] = [points[0].at, law.in_force, points[-1].at]
            axes.set_xticks(days, [f"{day:%b %Y}" for day in days])
        canvas.suptitle(figure.title, x=0.01, ha="left", size=11)
    return canvas


def svg(canvas: Canvas, name: str) -> str:
    """Return a picture as an SVG element, the same for the same figure; its ids begin with `name`,
    so that many can stand on one page."""
    stream = StringIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        canvas.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    return re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{name}-", text[text.index("<svg") :])


@contextmanager
def _styled(name: str) -> "Iterator[None]":
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        yield


def _looks(figure: Figure) -> list[tuple[str, Any, str]]:
    return [LOOKS[i % len(LOOKS)] for i in range(len(figure.lines))]


def _line(axes: Axes, points: Sequence[Point], look: tuple[str, Any, str], name: str) -> None:
    colour, dash, marker = look
    days: list[Any] = [point.at for point in points]
    values = [point.estimate.value for point in points]
    axes.plot(days, values, color=colour, linestyle=dash, linewidth=1.6)
    faces = ["white" if point.estimate.low is None else colour for point in points]
    axes.scatter(days, values, marker=marker, s=18, facecolors=faces, edgecolors=colour, zorder=3)
    sure = [(p.at, p.estimate.low, p.estimate.high) for p in points if p.estimate.low is not None]
    if sure:
        at, low, high = zip(*sure, strict=True)
        axes.vlines(at, low, high, color=colour, linewidth=1.1, alpha=0.55)


def _count(axes: Axes, points: Sequence[Point]) -> None:
    """Write under a line how many policies its points are of."""
    for point in points[:: 1 + len(points) // 26]:
        day: Any = point.at
        axes.annotate(
            f"{point.estimate.policies:,}", (day, 0.01), xycoords=("data", "axes fraction"),
            size=6, color=INK, ha="center", va="bottom", alpha=0.75,
        )  # fmt: skip
    axes.annotate("n", (0.0, 0.01), xycoords="axes fraction", size=6, color=INK, va="bottom")


def _mark(axes: Axes, laws: Sequence[Law], *, named: bool = True) -> None:
    """Draw a line on the day of each law, its name above."""
    for law in laws:
        day: Any = law.in_force
        axes.axvline(day, color=INK, linewidth=0.7, linestyle=(0, (2, 2)), zorder=0)
        if not named:
            continue
        axes.annotate(
            law.law.split(" (")[0], (day, 1.01), xycoords=("data", "axes fraction"),
            rotation=30, size=7, color=INK, ha="left", va="bottom",
        )  # fmt: skip


def _top(axes: Axes) -> float:
    """Return where the axis ends: above the highest marker."""
    return max(axes.get_ylim()[1] * 1.06, 1.0)


def timeline(history: History, captures: Sequence[tuple[datetime, str]]) -> Canvas:
    """Draw the versions of a policy to scale, and below them its captures by outcome.

    A solid line is a version from its first capture to its last; the dotted one between two is the
    bracket of the change: nobody knows when in it the text changed. `captures` have their time and
    outcome.
    """
    with _styled(history.name):
        canvas = Canvas(figsize=(WIDTH, HEIGHT * 1.2), layout="constrained")
        axes, ticks = canvas.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        for version in history.versions:
            span: Any = [version.first_seen, version.last_seen]
            axes.plot(span, [version.words] * 2, color=LOOKS[0][0], linewidth=3, marker="|")
        for old, new in pairwise(history.versions):
            bracket: Any = [old.last_seen, new.first_seen]
            axes.plot(bracket, [old.words, new.words], color=INK, linewidth=0.9, linestyle=":")
        axes.set(title=history.name, ylabel="words", ylim=(0, _top(axes)))
        outcomes = list(dict.fromkeys(outcome for _, outcome in sorted(captures)))
        for place, outcome in enumerate(outcomes):
            days: Any = [day for day, of in captures if of == outcome]
            colour, _, marker = LOOKS[place % len(LOOKS)]
            ticks.plot(days, [place] * len(days), marker, color=colour, markersize=4)
        ticks.set_yticks(range(len(outcomes)), outcomes)
        ticks.set(ylim=(len(outcomes) - 0.5, -0.5))
        ticks.grid(axis="y", linewidth=0.4)
    return canvas
