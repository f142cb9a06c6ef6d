"""Step 9: the DuckDB file. One writer, one transaction a write; blocking, so call it in a thread.

Nothing of an archived page becomes part of a statement: all values are parameters.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from crawler.errors import InputError
from crawler.memory import give_back
from crawler.outcomes import Listing, Outcome
from crawler.records import (
    Capture,
    Document,
    Extracted,
    IndexPage,
    KnownCapture,
    ListingEnd,
    Loss,
    Target,
    Text,
)
from crawler.selection.brackets import Report
from pipelines.storage import schema
from pipelines.storage.corpus import check_format
from pipelines.storage.duck import columns, now, transaction, unnest
from pipelines.storage.publication import Publication
from pipelines.storage.same_page import adopt, share_texts
from pipelines.versioning.coverage import coverage_view
from pipelines.versioning.standing import BY_YEAR_VIEW, CURRENT_VIEW, READING_GRADE
from pipelines.versioning.versions import CHANGES_VIEW, policies_view

logger = logging.getLogger(__name__)

_CAPTURE_COLUMNS = [column.name for column in schema.CAPTURES.columns]
_RESULT = (
    "capture_id",
    "outcome",
    "detail",
    "text_id",
    "canonical_url",
    "served_timestamp",
    "served_url",
    "page_file",
    "page_offset",
)
_NOTHING = (None,) * len(_RESULT[3:])
CAPTURE = (
    "archive, domain, policy_url, urlkey, timestamp, original, mimetype, statuscode, digest,"
    " length, location"
)
_THIS_LISTING = (
    " WHERE run_id = ? AND archive = ? AND domain = ? AND policy_url IS NOT DISTINCT FROM ?"
)
_READINGS = """
    SELECT tree, text_id FROM readings SEMI JOIN (
        SELECT text_id FROM captures WHERE (archive, domain, policy_url) = (?, ?, ?)
    ) USING (text_id)"""
_NEW_READINGS = """
    INSERT INTO readings SELECT tree, first(text_id) FROM ({given}) AS given(tree, text_id)
    ANTI JOIN readings USING (tree) GROUP BY tree"""
_A_TEXT = """
    SELECT title, body, extractor, kept, audit, plain, fingerprint, words, language,
        language_confidence, stated_date, stated_phrase, policy_score
    FROM texts WHERE text_id = ?"""
_TEXTS_AT_ONCE = 50  # of a statement: DuckDB copies its values
_NOT_TELLING = (Outcome.EXTRACT_FAILED, Outcome.EXTRACT_TIMEOUT, Outcome.TOO_LARGE)
TELLING = tuple(
    str(o) for o in Outcome if o is Outcome.TEXT or (o.of_page and o not in _NOT_TELLING)
)
ROW_TYPES = {c.name: c.type.split()[0] for c in schema.CAPTURES.columns}


_Row = tuple[Any, ...]  # the columns of `_RESULT`
Span = tuple[str | None, str | None]  # the first and the last second, 14 digits; None: no bound
WHOLE: Span = (None, None)


class Store:
    """The corpus file, open for writing. InputError if it cannot be opened as one."""

    def __init__(
        self, path: str | Path, run_id: str | None = None, publish_seconds: float = 60
    ) -> None:
        self.run_id = run_id or new_run_id()
        self.path = Path(path)
        self.publication = Publication(self.path, publish_seconds)
        try:
            self._prepare()
        except BaseException:
            self.publication.discard()
            raise

    @property
    def db(self) -> duckdb.DuckDBPyConnection:
        """The connection to the file that is written."""
        return self.publication.db

    def close(self) -> None:
        """Make what is written the corpus, and let go of it."""
        self.publication.finish()

    def take_reader(self, reader: str) -> None:
        """Note what makes this file's texts; InputError if something else has made some.

        A difference that is ours must never look like a change of a policy.
        """
        (found, texts), *_ = self.db.execute(
            "SELECT reader, EXISTS (FROM texts) FROM corpus"
        ).fetchall()
        if texts and found != reader:
            raise InputError(
                f"DUCKDB_PATH={self.path}: its texts were made by {found}, and this is {reader}; "
                "run `scrapy reextract` first, or write another file"
            )
        self._write("UPDATE corpus SET reader = ?", [reader])

    def begin_run(self, arguments: dict[str, str], versions: dict[str, str]) -> None:
        """Record that a run starts."""
        # a file's name may hold what is no Unicode
        given = json.dumps(arguments, ensure_ascii=False).encode(errors="replace").decode()
        row = [self.run_id, now(), given, json.dumps(versions)]
        self._write(
            "INSERT INTO runs (run_id, started_at, arguments, versions) VALUES (?, ?, ?, ?)", row
        )

    def note_archives(self, archives: Iterable[tuple[str, str, str | None]]) -> None:
        """Record the archives that are asked: name, title, how their snapshots' addresses begin."""
        with transaction(self.db):
            for archive in archives:
                self.db.execute("DELETE FROM archives WHERE archive = ?", [archive[0]])
                self.db.execute("INSERT INTO archives VALUES (?, ?, ?)", list(archive))

    def end_run(self, counts: dict[str, Any]) -> None:
        """Record that the run ended, and what it did."""
        self._write(
            "UPDATE runs SET finished_at = ?, counts = ? WHERE run_id = ?",
            [now(), json.dumps(counts), self.run_id],
        )

    def begin_listing(self, target: Target, span: Span = WHOLE) -> None:
        """Record that a policy's captures are being listed, or those of a span of time."""
        self._write(
            "INSERT INTO listings VALUES (?, ?, ?, ?, ?, ?, ?, NULL, 0, 0, 0, NULL)",
            [self.run_id, *_policy(target), *span, Listing.UNFINISHED],
        )

    def end_listing(self, end: ListingEnd) -> None:
        """Record how the listing of a policy's captures ended."""
        if end.target.policy_url is None:
            self.begin_listing(end.target)
        self._write(
            "UPDATE listings SET status = ?, detail = ?, listed_at = ?" + _THIS_LISTING,
            [end.status, end.detail, now(), *self._listing_key(end.target)],
        )

    def end_search(self, target: Target, part: Span, report: Report) -> None:
        """Record where the search for a policy's versions stands; `part` is since and until."""
        wide = sum(bracket.inside > 0 for bracket in report.brackets)
        figures = report.fetches, len(report.brackets), wide, len(report.variants), report.hits
        key = [*_policy(target), *part]
        values = [*key, self.run_id, *figures, report.missed, report.passed_over]
        with transaction(self.db):
            self.db.execute(
                "DELETE FROM searches WHERE (archive, domain, policy_url) = (?, ?, ?)"
                " AND since IS NOT DISTINCT FROM ? AND until IS NOT DISTINCT FROM ?",
                key,
            )
            self.db.execute(f"INSERT INTO searches VALUES ({', '.join('?' * len(values))})", values)

    def add_page(self, target: Target, page: IndexPage) -> int:
        """Add the captures of an index page; those known already stay as they are.

        Returns how many are new.
        """
        with transaction(self.db):
            new, listed = self._add_captures(target, page)
            malformed = [(*_policy(target), row.row, row.reason) for row in page.malformed]
            if malformed:
                self.db.execute(
                    "INSERT INTO malformed_rows SELECT DISTINCT * FROM"
                    f" ({unnest(['VARCHAR'] * 5)}) AS given(archive, domain, policy_url, row, why)"
                    " WHERE NOT EXISTS (FROM malformed_rows AS known WHERE"
                    " (known.archive, known.domain, known.policy_url, known.row) ="
                    " (given.archive, given.domain, given.policy_url, given.row))",
                    columns(malformed),
                )
            self.db.execute(
                "UPDATE listings SET captures = captures + ?, new = new + ?,"
                " malformed = malformed + ?" + _THIS_LISTING,
                [listed, new, len(malformed), *self._listing_key(target)],
            )
        return new

    def known_with(
        self,
        waiting: Sequence[Document | Loss],
        target: Target,
        lately: timedelta,
        span: Span | None = None,
    ) -> list[KnownCapture]:
        """As `known`, as if results of the policy that wait to be recorded were.

        They are, without their words, and taken back: many small commits would cost far more.
        """
        self.db.execute("BEGIN")
        try:
            self._add_results(*_taken_apart(map(_without_words, waiting)))
            return self.known(target, lately, span)
        finally:
            self.db.execute("ROLLBACK")

    def known(
        self, target: Target, lately: timedelta, span: Span | None = None
    ) -> list[KnownCapture]:
        """Return a policy's captures that this run's listing has, in time order.

        With `span`, because that listing is not whole, all those of a time that any run has listed.
        What was fetched within `lately` was fetched lately.
        """
        rows = self.db.execute(
            f"SELECT {CAPTURE}, outcome, fingerprint,"
            " coalesce(served_timestamp, timestamp) = timestamp"
            " AND coalesce(served_url, original) = original, chosen_by,"
            " coalesce(fetched_at > ?, false), language"
            " FROM captures LEFT JOIN texts USING (text_id)"
            " WHERE archive = ? AND domain = ? AND policy_url = ? AND CASE WHEN ? THEN"
            "  listed_in = ? ELSE listed_in IS NOT NULL"
            "  AND timestamp BETWEEN coalesce(?, '') AND coalesce(?, '9') END"
            " ORDER BY timestamp, original, digest",
            [
                now() - lately,
                *_policy(target),
                *(span is None, self.run_id, *(span or WHOLE)),
            ],
        ).fetchall()
        return [KnownCapture(Capture(*row[:11]), Outcome(row[11]), *row[12:]) for row in rows]

    def decide(
        self,
        decided: Iterable[tuple[Capture, Outcome, str | None]],
        fetch: Iterable[Capture],
        rule: str,
    ) -> None:
        """Record what a rule chose: captures to be fetched, and those that need no request.

        What is known of a capture stays until the fetch has given something better.
        """
        given = list(decided)
        rows = [(c.capture_id, outcome, detail, *_NOTHING) for c, outcome, detail in given]
        ids = [str(c.capture_id) for c in fetch]
        with transaction(self.db):
            self._set_outcomes(rows, fetched_at=None)
            self.db.execute(
                "UPDATE captures SET chosen_by = ?,"
                " outcome = if(outcome IN ('not_selected', 'same_digest') AND text_id IS NULL,"
                "  'pending', outcome),"
                " detail = if(outcome IN ('not_selected', 'same_digest') AND text_id IS NULL,"
                "  NULL, detail)"
                " WHERE capture_id IN (SELECT unnest(?::UUID[]))",
                [rule, ids],
            )
            share_texts(self.db, [c.capture_id for c, o, _ in given if o is Outcome.SAME_DIGEST])

    def record(self, results: Iterable[Document | Loss]) -> None:
        """Record fetched captures with their outcomes and texts, in one transaction.

        A capture that has a text keeps it unless the new outcome says what the page is. A text that
        the caller does not hold is let go of as soon as DuckDB has it.
        """
        rows, readings, texts = _taken_apart(results)
        with transaction(self.db, len(texts)):
            self._add_results(rows, readings, texts)
            give_back()  # before DuckDB takes much more for a moment

    def _add_results(
        self, rows: list[_Row], readings: list[tuple[str, str]], texts: dict[str, Text]
    ) -> None:
        self.add_texts(texts.pop(text_id) for text_id in list(texts))
        if readings:
            types = [column.type for column in schema.READINGS.columns]
            self.db.execute(_NEW_READINGS.format(given=unnest(types)), columns(readings))
        self._set_outcomes(rows, fetched_at=now())
        share_texts(self.db, [row[0] for row in rows])

    def _prepare(self) -> None:
        """Make the tables, or check that the file holds ours."""
        names = self.db.execute("SHOW TABLES").fetchall()
        if names:
            check_format(self.db, self.path)
        with transaction(self.db):
            for table in schema.TABLES:
                self.db.execute(schema.create_statement(table))
            self.db.execute(policies_view())
            self.db.execute(CHANGES_VIEW)
            for statement in (coverage_view(), CURRENT_VIEW, BY_YEAR_VIEW, READING_GRADE):
                self.db.execute(statement)
            self.db.execute("DELETE FROM outcomes")
            self.db.executemany(
                "INSERT INTO outcomes VALUES (?, ?)", [(o.value, o.meaning) for o in Outcome]
            )
            if not names:
                self.db.execute("INSERT INTO corpus VALUES (?, NULL)", [schema.FORMAT])
            self._ask_again_for_what_is_broken()

    def _ask_again_for_what_is_broken(self) -> None:
        """Let results be fetched again that DuckDB did not bring back whole.

        Seen with DuckDB 2.0.0: after kill -9, rows whose numbers came back from the write-ahead log
        and whose strings did not.
        """
        nothing = ", ".join(f"{name} = NULL" for name in (*_RESULT[2:], "fetched_at", "source"))
        broken = self.db.execute(
            f"UPDATE captures SET outcome = 'pending', {nothing} WHERE"
            " (page_file IS NULL) <> (page_offset IS NULL)"
            " OR (outcome = 'text' AND (text_id IS NULL OR served_timestamp IS NULL"
            "  OR served_url IS NULL OR NOT EXISTS"
            "   (FROM texts WHERE texts.text_id = captures.text_id))) RETURNING capture_id"
        ).fetchall()
        if broken:
            logger.warning("%d results came back broken; they are asked for again", len(broken))
            self.db.execute("DELETE FROM merged WHERE starts_with(shard, 'warc-')")

    def _add_captures(self, target: Target, page: IndexPage) -> tuple[int, int]:
        """Add captures of a policy; return how many are new, how many this run had not listed.

        They are looked for among the policy's: an index of all would grow in memory.
        """
        captures = {str(c.capture_id): c for c in page.captures}
        if not captures:
            return 0, 0
        ids = list(captures)
        of_policy = "(archive, domain, policy_url) = (?, ?, ?)"
        policy = _policy(target)
        known = dict(
            self.db.execute(
                f"SELECT capture_id::VARCHAR, listed_in FROM captures WHERE {of_policy}"
                " AND capture_id IN (SELECT unnest(?::UUID[]))",
                [*policy, ids],
            ).fetchall()
        )
        if before := [i for i, run_id in known.items() if run_id != self.run_id]:
            self.db.execute(
                f"UPDATE captures SET listed_in = ? WHERE {of_policy}"
                " AND capture_id IN (SELECT unnest(?::UUID[]))",
                [self.run_id, *policy, before],
            )
        new = [capture for i, capture in captures.items() if i not in known]
        if new:
            values: dict[str, list[Any]] = {
                name: [getattr(c, name, None) for c in new] for name in _CAPTURE_COLUMNS
            }
            values |= {
                "capture_id": [str(c.capture_id) for c in new],
                "listed_in": [self.run_id] * len(new),
                "outcome": [Outcome.PENDING] * len(new),
            }
            types = [ROW_TYPES[name] for name in _CAPTURE_COLUMNS]
            self.db.execute(
                f"INSERT INTO captures {unnest(types)}", [values[name] for name in _CAPTURE_COLUMNS]
            )
        return len(new) - adopt(self.db, ids), len(new) + len(before)

    def add_texts(self, texts: Iterable[Text]) -> None:
        """Add texts that are not there yet; call it in a transaction."""
        given = iter(texts)
        types = [column.type.split()[0] for column in schema.TEXTS.columns]
        while part := [text_row(text) for text in islice(given, _TEXTS_AT_ONCE)]:
            self.db.execute(
                f"INSERT INTO texts {unnest(types)} ON CONFLICT DO NOTHING", columns(part)
            )

    def readings(self, capture: Capture) -> dict[str, str]:
        """Return the trees of pages of a capture's policy that were read, each with its text."""
        return dict(self.db.execute(_READINGS, _policy(capture.target)).fetchall())

    def text(self, text_id: str) -> Text | None:
        """Return a text; what spoke for and against it is not kept."""
        rows = self.db.execute(_A_TEXT, [text_id]).fetchall()
        if not rows:
            return None
        made, said = Extracted(*rows[0][:5]), rows[0][5:]
        values: list[Any] = [text_id, made, *said, ()]
        return Text(*values)

    def _set_outcomes(self, rows: Sequence[_Row], fetched_at: datetime | None) -> None:
        """Set the columns of `_RESULT` of each capture."""
        if not rows:
            return
        names = _RESULT[1:]
        self.db.execute(
            f"UPDATE captures SET {', '.join(f'{name} = given.{name}' for name in names)},"
            f" fetched_at = ? FROM ({unnest([ROW_TYPES[name] for name in _RESULT])})"
            f" AS given({', '.join(_RESULT)})"
            " WHERE captures.capture_id = given.capture_id"
            f" AND NOT (captures.text_id IS NOT NULL AND given.outcome NOT IN {TELLING})",
            [fetched_at, *columns([(str(row[0]), *row[1:]) for row in rows])],
        )

    def _listing_key(self, target: Target) -> list[str | None]:
        return [self.run_id, *_policy(target)]

    def _write(self, statement: str, values: Sequence[Any]) -> None:
        with transaction(self.db):
            self.db.execute(statement, values)


def new_run_id() -> str:
    """Return an identity for a run: the time now."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def text_row(text: Text) -> tuple[Any, ...]:
    """Return a text as a row of `texts`."""
    made = text.extracted
    return (
        text.text_id,
        made.title,
        made.body,
        text.plain,
        text.fingerprint,
        text.words,
        made.extractor,
        made.kept,
        made.doubtful,
        made.audit,
        text.language,
        text.language_confidence,
        text.stated_date,
        text.stated_phrase,
        text.policy_score,
    )


def _policy(target: Target) -> list[str | None]:
    return [target.archive, target.domain, target.policy_url]


def _taken_apart(
    results: Iterable[Document | Loss],
) -> tuple[list[_Row], list[tuple[str, str]], dict[str, Text]]:
    """Return what results say of captures, of trees and, by their ids, the texts."""
    rows, readings, texts = [], [], {}
    for result in results:
        page = (result.kept.file, result.kept.offset) if result.kept else (None, None)
        served = result.served_timestamp, result.served_url
        rows.append((result.capture.capture_id, *verdict_of(result), *served, *page))
        if isinstance(result, Document):
            texts[result.text.text_id] = result.text
            if result.tree:
                readings.append((result.tree, result.text.text_id))
    return rows, readings, texts


def _without_words(result: Document | Loss) -> Document | Loss:
    if isinstance(result, Loss):
        return result
    text = result.text
    made = replace(text.extracted, body="")
    return replace(result, text=replace(text, extracted=made, plain=""))


def verdict_of(result: Document | Loss) -> tuple[Outcome, str | None, str | None, str | None]:
    """Return outcome, detail, text's id and canonical address of a result."""
    if isinstance(result, Document):
        return Outcome.TEXT, None, result.text.text_id, result.text.extracted.canonical
    return result.outcome, result.detail, None, None
