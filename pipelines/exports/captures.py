"""The captures that are known to have the text of a version, as SQL."""

# A policy's texts with one fingerprint are one text, and a text of which the language is unsure is
# of any. Where a text has returned, a capture is of the last version that began before it.
_CAPTURES = """
    SELECT captures.*, number, chosen
    FROM captures JOIN (SELECT text_id, fingerprint, language FROM texts) AS texts USING (text_id)
    LEFT JOIN lineage USING (archive, domain, policy_url)
    JOIN versions ON
        (versions.archive, versions.domain, versions.policy_id, versions.fingerprint) = (
            captures.archive, captures.domain, coalesce(lineage.policy_id, captures.policy_url),
            texts.fingerprint
        ) AND (texts.language IS NULL OR texts.language = versions.language)
    QUALIFY row_number() OVER (
        PARTITION BY capture_id
        ORDER BY versions.timestamp <= coalesce(served_timestamp, captures.timestamp) DESC,
            versions.timestamp DESC, number
    ) = 1"""


def captures_query() -> str:
    """Return a query of the captures of the versions chosen.

    It has the columns of `captures`, and `number`, that of the version.
    """
    return f"SELECT * EXCLUDE (chosen) FROM ({_CAPTURES}) WHERE chosen"
