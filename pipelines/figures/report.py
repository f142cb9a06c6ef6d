"""A corpus in figures on one page, with the numbers of each as CSV. Reads the corpus."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from markupsafe import Markup
from matplotlib.figure import Figure as Canvas

from crawler import __version__
from pipelines.figures import coverage, events, plots, trends
from pipelines.figures.events import Event
from pipelines.figures.lists import Law, Phrase
from pipelines.figures.measures import LANGUAGE, measure
from pipelines.figures.series import COLUMNS, Figure
from pipelines.figures.updates import updates
from pipelines.templating import template

_FACTS = f"""
SELECT count(DISTINCT domain) AS sites, count(DISTINCT (domain, policy_id)) AS policies,
    count(*) AS versions, min(first_seen)::DATE AS since, max(last_seen)::DATE AS until,
    count(DISTINCT (domain, policy_id)) FILTER (language = '{LANGUAGE}') AS english,
    list_sort(list(DISTINCT CASE policies.archive WHEN 'warc' THEN 'local WARC files'
        ELSE known.title END)) AS archives
FROM policies LEFT JOIN (SELECT archive, title FROM archives) AS known
    ON known.archive = policies.archive
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure and its picture, an SVG element."""

    figure: Figure
    svg: Markup


def write(
    db: duckdb.DuckDBPyConnection, folder: Path, phrases: Sequence[Phrase], laws: Sequence[Law]
) -> int:
    """Write `index.html`, and of each figure an SVG and a CSV file; return how many figures."""
    measure(db, phrases)
    studied = [event for law in laws if (event := events.study(db, law)) is not None]
    pictures = [
        _picture(figure, plots.lines(figure, laws))
        for figure in _trends(db, phrases)
        if any(figure.lines.values())
    ]
    heats = [_picture(f, plots.heat(f)) for f in _phrases(db, phrases) if any(f.lines.values())]
    around = [_picture(event.figure, plots.panels(event.figure, event.law)) for event in studied]
    for picture in (*pictures, *heats, *around):
        _write_files(picture, folder)
    (folder / "index.html").write_text(
        _page(db, pictures, heats, list(zip(studied, around, strict=True)), laws),
        encoding="utf-8",
    )
    return len(pictures) + len(heats) + len(around)


def _trends(db: duckdb.DuckDBPyConnection, phrases: Sequence[Phrase]) -> list[Figure]:
    """Return the trends; each topic of the vocabulary is a line."""
    names = list(dict.fromkeys(phrase.topic for phrase in phrases))
    title = "Policies with a phrase of a topic"
    shares = trends.topics(db, "topics", title, names)
    figures = [trends.length(db), trends.reading_grade(db), updates(db)]
    return figures + [shares] * (len(names) <= plots.MOST)  # more cannot be told apart


def _phrases(db: duckdb.DuckDBPyConnection, phrases: Sequence[Phrase]) -> list[Figure]:
    topics = dict.fromkeys(phrase.topic for phrase in phrases)
    return [trends.phrases(db, phrases, topic) for topic in topics]


def _picture(figure: Figure, canvas: Canvas) -> Picture:
    return Picture(figure, Markup(plots.svg(canvas, figure.name)))


def _write_files(picture: Picture, folder: Path) -> None:
    """Write a figure's picture and its numbers."""
    name = picture.figure.name
    with (folder / f"{name}.svg").open("x", encoding="utf-8") as stream:
        stream.write(picture.svg)
    with (folder / f"{name}.csv").open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(picture.figure.rows())


def _page(
    db: duckdb.DuckDBPyConnection,
    pictures: Sequence[Picture],
    heats: Sequence[Picture],
    around: Sequence[tuple[Event, Picture]],
    calendar: Sequence[Law],
) -> str:
    found = db.execute(_FACTS)
    names = [name for name, *_ in found.description]
    facts = dict(zip(names, found.fetchall()[0], strict=True))
    studied = [event.law for event, _ in around]
    return template("report.html").render(
        facts=facts,
        version=__version__,
        pictures=pictures,
        heats=heats,
        around=around,
        columns=COLUMNS,
        unstudied=[law for law in calendar if law not in studied],
        years=coverage.years(db),
        without=coverage.without_captures(db),
        outcomes=coverage.outcomes(db),
    )
