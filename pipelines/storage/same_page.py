"""Captures of the same page: one takes the text of another, and needs no request.

Told by the digest or, of imports that know none, by address and second.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import duckdb

from pipelines.storage.duck import columns

_SHARE_TEXTS = """
    WITH touched AS (
        SELECT DISTINCT archive, domain, policy_url, digest FROM captures
        WHERE capture_id IN (SELECT unnest(?::UUID[])) AND digest IS NOT NULL
    ), near AS (
        SELECT * FROM captures SEMI JOIN touched USING (archive, domain, policy_url)
    ), page AS (
        SELECT archive, domain, policy_url, digest,
            arg_min(text_id, (timestamp, original)) AS text_id
        FROM near SEMI JOIN touched USING (archive, domain, policy_url, digest)
        WHERE outcome = 'text' AND served_timestamp = timestamp AND served_url = original
            AND NOT EXISTS (FROM near AS twin WHERE
                (twin.archive, twin.domain, twin.policy_url, twin.timestamp, twin.original) =
                (near.archive, near.domain, near.policy_url, near.timestamp, near.original)
                AND twin.digest IS DISTINCT FROM near.digest)
        GROUP BY archive, domain, policy_url, digest
    )
    UPDATE captures SET text_id = page.text_id FROM page
    WHERE captures.outcome = 'same_digest' AND captures.text_id IS NULL
        AND (captures.archive, captures.domain, captures.policy_url, captures.digest) =
        (page.archive, page.domain, page.policy_url, page.digest)"""
_TEXTLESS = "FROM captures WHERE outcome = 'same_digest' AND text_id IS NULL LIMIT 1"
# each imported capture has one heir, that with its very address if there is one, and each heir
# takes one; another text of another address stays
_TWINS = """
    FROM (SELECT heir.capture_id AS heir_id, twin.capture_id AS twin_id,
        heir.original <> twin.original AS moved, twin.original AS original
    FROM captures AS heir JOIN captures AS twin USING (archive, domain, timestamp, urlkey)
    WHERE heir.capture_id IN (SELECT unnest(?::UUID[])) AND heir.digest IS NOT NULL
        AND twin.digest IS NULL AND twin.source IS NOT NULL AND twin.listed_in IS NULL
        AND (heir.original = twin.original OR coalesce(heir.text_id, twin.text_id) = twin.text_id)
    QUALIFY row_number() OVER (
        PARTITION BY twin.capture_id
        ORDER BY moved, heir.original, heir.digest
    ) = 1)
    SELECT heir_id, twin_id
    QUALIFY row_number() OVER (PARTITION BY heir_id ORDER BY moved, original, twin_id) = 1"""
_ADOPT = """
    UPDATE captures SET outcome = twin.outcome, detail = twin.detail, text_id = twin.text_id,
        served_timestamp = captures.timestamp, served_url = captures.original,
        source = twin.source
    FROM (SELECT unnest(?::UUID[]) AS heir, unnest(?::UUID[]) AS twin) AS pairs
    JOIN captures AS twin ON twin.capture_id = pairs.twin
    WHERE captures.capture_id = pairs.heir AND captures.text_id IS NULL"""


def share_texts(db: duckdb.DuckDBPyConnection, captures: Iterable[UUID]) -> None:
    """Give captures of the same digest the text of the one that was fetched.

    Only a text that came from the very capture asked for: a redirect's or a neighbour's text
    says nothing about other captures with its digest. Nor does that of a capture which the
    index lists with several digests: only one of them was served. Call it in a transaction.
    """
    ids = [str(capture_id) for capture_id in captures]
    if ids and db.execute(_TEXTLESS).fetchall():  # a scan; the other joins
        db.execute(_SHARE_TEXTS, [ids])


def adopt(db: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> int:
    """Give captures with a digest what was imported of them without; return how many.

    An import without an index knows only address and second. Call it in a transaction.
    """
    imported = "SELECT count(*) FROM (FROM captures WHERE source IS NOT NULL LIMIT 1)"
    if not db.execute(imported).fetchall()[0][0]:
        return 0
    pairs = db.execute(_TWINS, [ids]).fetchall()
    if pairs:
        heirs, twins = columns(pairs)
        db.execute(_ADOPT, [heirs, twins])
        db.execute("DELETE FROM captures WHERE capture_id IN (SELECT unnest(?::UUID[]))", [twins])
    return len(pairs)
