"""Before and after a law: the same policies, quarter by quarter. Needs `measures.measure` first.

The panel is balanced: the policies known from before its first quarter to after its last. At each
moment the text is taken that was seen last; where a bracket lies around the moment, the new text
may have stood already.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.figures.estimates import Estimate, median, share
from pipelines.figures.lists import Law
from pipelines.figures.measures import LANGUAGE
from pipelines.figures.series import Figure, Point, readable

QUARTERS = 4
_PANEL = f"""
CREATE OR REPLACE TEMP TABLE panel AS
WITH moments AS (
    SELECT q, $day::TIMESTAMP + INTERVAL (3 * q) MONTH AS moment
    FROM range(-$quarters, $quarters + 1) AS quarters(q)
), balanced AS (
    SELECT * FROM lives
    WHERE born <= (SELECT min(moment) FROM moments) AND seen >= (SELECT max(moment) FROM moments)
), versions AS (
    SELECT archive, domain, policy_id, first_seen, last_seen, words, text_id
    FROM policies WHERE language = '{LANGUAGE}'
)
SELECT q, moment, cell.domain, cell.policy_id, words, grade, moment > last_seen AS unsure,
    text_id IN (SELECT text_id FROM said WHERE topic = $topic) AS says
FROM (FROM moments CROSS JOIN balanced) AS cell ASOF JOIN versions
    ON cell.archive = versions.archive AND cell.domain = versions.domain
    AND cell.policy_id = versions.policy_id AND cell.moment >= versions.first_seen
JOIN graded USING (text_id)
"""


@dataclass(frozen=True, slots=True)
class Event:
    """What a balanced panel says of a law.

    `words`, `grade`: the median of the policies' changes from the first moment to the last.
    `unsure`: the percentage of these moments that lie in the bracket of a change.
    """

    law: Law
    policies: int
    words: Estimate
    grade: Estimate | None
    unsure: float
    figure: Figure


def study(db: duckdb.DuckDBPyConnection, law: Law, quarters: int = QUARTERS) -> Event | None:
    """Return what became of policies around a law, from as many quarters before as after it.

    None if no policy is known for all of that time.
    """
    given = {"day": law.in_force, "quarters": quarters, "topic": law.topic}
    db.execute(_PANEL, given)
    rows = db.execute(
        "SELECT moment::DATE, list(words), list(grade) FILTER (grade IS NOT NULL),"
        " count(*) FILTER (says), count(*), count(*) FILTER (unsure)"
        " FROM panel GROUP BY q, moment ORDER BY q"
    ).fetchall()
    if not rows:
        return None
    lines: dict[str, list[Point]] = {"words": [], "reading grade": []}
    for day, words, grades, says, of, unsure in rows:
        lines["words"].append(Point(str(day), day, median(words), unsure))
        if grades:
            lines["reading grade"].append(Point(str(day), day, median(grades), unsure))
        if law.topic:
            line = lines.setdefault(f"% with a phrase of {law.topic}", [])
            line.append(Point(str(day), day, share(says, of), unsure))
    policies, unsure = rows[0][4], 100 * (rows[0][5] + rows[-1][5]) / (2 * rows[0][4])
    figure = Figure(
        name=f"law_{law.in_force}_{readable(law.law)}_{readable(law.place)}",
        title=f"Around {law.law} ({law.place}, {law.in_force})",
        unit="",
        said=_said(policies, quarters, rows),
        lines={name: points for name, points in lines.items() if points},
    )
    return Event(law, policies, *_changes(db, quarters), unsure, figure)


def _said(policies: int, quarters: int, rows: list[tuple[Any, ...]]) -> str:
    of = "The one policy" if policies == 1 else f"The same {policies:,} policies"
    unsure = 100 * sum(row[5] for row in rows) / sum(row[4] for row in rows)
    return (
        f"{of} in English at each quarter, known from {quarters} quarters before the law to"
        f" {quarters} after it. Medians (exact) and shares (Wilson) with their 95 % intervals;"
        " a median of fewer than six has none. The text taken is the one that was seen last: of"
        f" {unsure:.0f} % of the moments it is not known whether the next one stood already. What"
        " comes after a law need not come from it."
    )


def _changes(db: duckdb.DuckDBPyConnection, quarters: int) -> tuple[Estimate, Estimate | None]:
    """Return the median changes of words and of the grade, policy by policy, over the panel."""
    rows = db.execute(
        """SELECT later.words - earlier.words, later.grade - earlier.grade
        FROM panel AS earlier JOIN panel AS later USING (domain, policy_id)
        WHERE earlier.q = -$quarters AND later.q = $quarters""",
        {"quarters": quarters},
    ).fetchall()
    grades = [grade for _, grade in rows if grade is not None]
    return median([words for words, _ in rows]), median(grades) if grades else None
