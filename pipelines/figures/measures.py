"""What is measured of each text: its reading grade, and which words of a vocabulary it has.

Only texts in English: the grade's formula and the vocabulary are of English.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import syllapy
from tqdm import tqdm

from crawler.errors import InputError
from pipelines.duck import columns, unnest

LANGUAGE = "en"
PHRASES = Path(__file__).parents[2] / "data" / "phrases.csv"
_AT_ONCE = 500
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+\s+|\n+")  # a line ends a sentence, too, as in reading_grade

# A site that several archives have a history of counts once, by the one that says most of it.
_STANDING = f"""
CREATE OR REPLACE TEMP TABLE standing AS
SELECT year, domain, policy_id, text_id, words, carried
FROM policies_by_year WHERE language = '{LANGUAGE}'
QUALIFY row_number() OVER (
    PARTITION BY domain, policy_id, year ORDER BY carried, captures DESC, archive
) = 1
"""
_LIVES = f"""
CREATE OR REPLACE TEMP TABLE lives AS
SELECT archive, domain, policy_id, min(first_seen) AS born, max(last_seen) AS seen
FROM policies WHERE language = '{LANGUAGE}' GROUP BY archive, domain, policy_id
QUALIFY row_number() OVER (PARTITION BY domain, policy_id ORDER BY seen - born DESC, archive) = 1
"""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a vocabulary looks for: a pattern that stands for a phrase of a topic."""

    topic: str
    phrase: str
    pattern: str


def measure(db: duckdb.DuckDBPyConnection, vocabulary: Path = PHRASES) -> list[Phrase]:
    """Make the temporary tables that the figures are made of; the corpus stays as it is.

    Returns the vocabulary.

    `standing`: the policy that stood at the end of each year. `lives`: how long each policy is
    known. `graded`: the Flesch-Kincaid grade of each text. `said`: the phrases that it has.
    `vocabulary` is a CSV file with the columns topic, phrase and pattern (RE2; case does not
    count); InputError if it cannot be used.
    """
    phrases = read_phrases(db, vocabulary)
    db.execute(_STANDING)
    db.execute(_LIVES)
    _read_texts(db, phrases)
    return phrases


def flesch_kincaid(text: str) -> float | None:
    """Return the school year in the United States that a text in English asks for; None if it has
    no words.

    Source: Kincaid et al., "Derivation of new readability formulas" (Naval Technical Training
    Command, report 8-75, 1975).
    """
    sentences = sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part))
    words = Counter(_WORD.findall(text.lower()))
    total = words.total()
    if not total:
        return None
    syllables = sum(count * _syllables(word) for word, count in words.items())
    return 0.39 * total / sentences + 11.8 * syllables / total - 15.59


@cache
def _syllables(word: str) -> int:
    return max(1, int(syllapy.count(word)))


def read_phrases(db: duckdb.DuckDBPyConnection, file: Path) -> list[Phrase]:
    """Return the phrases of a vocabulary; InputError if the file cannot be used."""
    try:
        rows = db.execute("SELECT topic, phrase, pattern FROM read_csv(?)", [str(file)]).fetchall()
    except duckdb.Error as error:
        raise InputError(f"{file}: {str(error).splitlines()[0]}") from None
    for _, phrase, pattern in rows:
        try:
            db.execute("SELECT regexp_matches('', ?, 'i')", [pattern])
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"{file}: {phrase}: {pattern}: {reason}") from None
    return [Phrase(*row) for row in rows]


def _read_texts(db: duckdb.DuckDBPyConnection, vocabulary: Sequence[Phrase]) -> None:
    """Fill `graded` and `said`, with one look at each text."""
    matches = "".join(", regexp_matches(plain, ?, 'i')" for _ in vocabulary)
    texts = db.execute(
        f"SELECT text_id, plain{matches} FROM texts WHERE text_id IN"
        f" (SELECT text_id FROM policies WHERE language = '{LANGUAGE}')",
        [phrase.pattern for phrase in vocabulary],
    )
    grades: list[tuple[str, float | None]] = []
    said: list[tuple[str, str, str]] = []
    with tqdm(desc="texts", unit="", disable=None) as bar:
        while batch := texts.fetchmany(_AT_ONCE):
            for key, text, *found in batch:
                grades.append((key, flesch_kincaid(text)))
                said += (
                    (key, p.topic, p.phrase)
                    for p, has in zip(vocabulary, found, strict=True)
                    if has
                )
            bar.update(len(batch))
    _keep(db, "graded", {"text_id": "VARCHAR", "grade": "DOUBLE"}, grades)
    _keep(db, "said", dict.fromkeys(("text_id", "topic", "phrase"), "VARCHAR"), said)


def _keep(
    db: duckdb.DuckDBPyConnection, table: str, types: dict[str, str], rows: list[tuple[Any, ...]]
) -> None:
    fields = ", ".join(f"{name} {type_}" for name, type_ in types.items())
    db.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({fields})")
    if rows:
        db.execute(f"INSERT INTO {table} {unnest([*types.values()])}", columns(rows))
