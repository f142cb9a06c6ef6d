"""Step 9: the tables of the corpus, with what every column means.

The names are a contract with users' SQL. The data dictionary is made from this module.
"""

from dataclasses import dataclass

from crawler.outcomes import Outcome
from crawler.records import DOUBTFUL

FORMAT = 7


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its SQL name and type, and what it means (units, nulls)."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view: its name, what a row is, its key, its columns."""

    name: str
    row: str
    key: str
    columns: tuple[Column, ...]


_POLICY = (
    Column(
        "archive",
        "VARCHAR",
        "The archive as `archive=` names it: `wayback`, `arquivo`, `ukwa`, `archive-it:1234`, "
        "`commoncrawl`, `timemap:ADDRESS` or the address of a pywb collection; `warc` for local "
        "files; `ota` for what was imported of Open Terms Archive.",
    ),
    Column(
        "domain", "VARCHAR", "The site, as the domain list names it (lower case, IDN in punycode)."
    ),
    Column("policy_url", "VARCHAR", "The policy's address in the domain list."),
)
_POLICY_ID = Column(
    "policy_id",
    "VARCHAR",
    "The policy, which may have moved: its first address; see `lineage`.",
)
_TEXT_ID = "SHA-256 (hex) of title, line feed, body, in UTF-8."

CAPTURES = Table(
    "captures",
    "A capture that an archive's index knows or an import brought, for one policy.",
    "`capture_id`; also (archive, domain, policy_url, timestamp, original, digest)",
    (
        Column("capture_id", "UUID", "Identity, made of the key's other form."),
        *_POLICY,
        Column("urlkey", "VARCHAR", "The sort-friendly address (SURT) under which it is indexed."),
        Column("timestamp", "VARCHAR", "When it was captured: 14 digits, UTC, as in the index."),
        Column("original", "VARCHAR", "The address that was captured, verbatim."),
        Column(
            "mimetype",
            "VARCHAR",
            "As in the index; `warc/revisit` for a page that had not changed; `-` if not known.",
        ),
        Column(
            "statuscode",
            "INTEGER",
            "HTTP status that the archive's crawler got; null where the index has none (revisits).",
        ),
        Column(
            "digest",
            "VARCHAR",
            "SHA-1 (base 32) of the stored body, as in the index; null if missing. Equal digests "
            "mean equal pages, but the bytes one receives need not have it.",
        ),
        Column("length", "BIGINT", "Bytes of the stored record, compressed; null if missing."),
        Column(
            "location",
            "VARCHAR",
            "Where the archive keeps the record, if the address does not tell: WARC file, byte "
            "offset and length (`commoncrawl`), or the memento's address (`timemap`); else null.",
        ),
        Column("outcome", "VARCHAR", "What became of it, one of the table `outcomes`."),
        Column("detail", "VARCHAR", "The cause or reason in words; null if there is none."),
        Column(
            "chosen_by",
            "VARCHAR",
            "The rule (`select`) by which a run has chosen it to be fetched; null if none has.",
        ),
        Column(
            "served_timestamp",
            "VARCHAR",
            "14 digits: the capture that the archive served for it, which may be another one; null "
            "if none was.",
        ),
        Column("served_url", "VARCHAR", "The address of the capture served; null if none was."),
        Column("text_id", "VARCHAR", "Its text in `texts`; null if it gave none."),
        Column(
            "canonical_url",
            "VARCHAR",
            "The address that the fetched page says it should be known by; null if it says none.",
        ),
        Column("fetched_at", "TIMESTAMP", "When it was fetched (UTC); null if it was not."),
        Column(
            "page_file",
            "VARCHAR",
            "The WARC file, in the folder beside this file (`policies.pages` for "
            "`policies.duckdb`), that keeps the page fetched; null if none is kept.",
        ),
        Column("page_offset", "BIGINT", "The byte at which the page's record starts in it."),
        Column(
            "listed_in",
            "VARCHAR",
            "The last run whose index listed it (`runs.run_id`); null if none has, as where it was "
            "imported.",
        ),
        Column(
            "source",
            "VARCHAR",
            "Where its text is from if it was imported, `import:NAME`; null if a crawl found it.",
        ),
    ),
)
TEXTS = Table(
    "texts",
    "A distinct text.",
    "`text_id`",
    (
        Column("text_id", "VARCHAR PRIMARY KEY", _TEXT_ID),
        Column("title", "VARCHAR", "The page's title; `(untitled)` if it has none."),
        Column("body", "VARCHAR USING COMPRESSION zstd", "The main text as Markdown."),
        Column("plain", "VARCHAR USING COMPRESSION zstd", "The main text without markup."),
        Column(
            "fingerprint",
            "VARCHAR",
            "Equal for texts whose words are the same, whatever their markup, links and noise.",
        ),
        Column("words", "INTEGER", r"Words of `plain` (runs of letters and digits, `\w+`)."),
        Column("extractor", "VARCHAR", "The extractors that made it, and their versions."),
        Column(
            "kept",
            "DOUBLE",
            "The share of the page's policy-like words that the text keeps, 0 to 1 (the audit); of "
            "the page that gave this text first.",
        ),
        Column(
            "doubtful",
            "BOOLEAN",
            f"Whether `kept` is below {DOUBTFUL}: look at the page before you rely on the text.",
        ),
        Column(
            "audit",
            "JSON",
            "More figures of the audit of that page, such as lists before and after.",
        ),
        Column("language", "VARCHAR", "ISO 639-1; null if the text is too short or unsure."),
        Column("language_confidence", "DOUBLE", "0 to 1."),
        Column(
            "stated_date",
            "DATE",
            "The date that the policy states of itself; null rather than a guess.",
        ),
        Column("stated_phrase", "VARCHAR", "The words that state it."),
        Column(
            "policy_score",
            "DOUBLE",
            "How likely it is a privacy policy, 0 to 1; null in a language that is not judged.",
        ),
    ),
)
LISTINGS = Table(
    "listings",
    "What was asked of an archive's index in a run: one policy, or a domain without an address.",
    "(run_id, archive, domain, policy_url)",
    (
        Column("run_id", "VARCHAR", "The run, in `runs`."),
        *_POLICY[:2],
        Column("policy_url", "VARCHAR", "The policy's address; null if the list gives none."),
        Column(
            "since", "VARCHAR", "14 digits: only captures from here on were asked for, or null."
        ),
        Column("until", "VARCHAR", "The same, for their end."),
        Column("status", "VARCHAR", "How the listing ended; see below."),
        Column("detail", "VARCHAR", "The cause in words; null if there is none."),
        Column("captures", "INTEGER", "Distinct captures that it listed."),
        Column("new", "INTEGER", "Those of them that were not known before."),
        Column("malformed", "INTEGER", "Rows that could not be used; see `malformed_rows`."),
        Column("listed_at", "TIMESTAMP", "When it ended (UTC); null while it goes on."),
    ),
)
REEXTRACTED = Table(
    "reextracted",
    "What `scrapy reextract` has made of a kept page so far; empty when it is not under way.",
    "`capture_id`",
    (
        Column("capture_id", "UUID PRIMARY KEY", "The capture, in `captures`."),
        Column("outcome", "VARCHAR", "Its new outcome."),
        Column("detail", "VARCHAR", "Its new detail."),
        Column("text_id", "VARCHAR", "Its new text, in `texts`."),
        Column("canonical_url", "VARCHAR", "Its new canonical address."),
        Column("extractor", "VARCHAR", "The extractor that made it, and its version."),
    ),
)
ADDRESSES = Table(
    "addresses",
    "A route by which an address of a site came to be known, of sites whose domain list gives no "
    "address, and of those of `scrapy discover`.",
    "(archive, domain, policy_url, route)",
    (
        *_POLICY[:2],
        Column("policy_url", "VARCHAR", "The address; null where none was found."),
        Column("kind", "VARCHAR", "What it is to the site; see above."),
        Column(
            "since",
            "VARCHAR",
            "14 digits: the first capture of it that is a page, as far as the index was asked; "
            "null if none is known.",
        ),
        Column("until", "VARCHAR", "The same of the last."),
        Column("score", "DOUBLE", "How much speaks for it, over all routes; 3 is a clear name."),
        Column(
            "says", "VARCHAR", "The title of its page, or why it was refused or nothing was found."
        ),
        Column("route", "VARCHAR", "How it came to be known; see above."),
        Column(
            "evidence",
            "VARCHAR",
            "JSON: of at most five captures that say so the `timestamp`, the address `found_at` "
            "(null: the index) and what it `says`.",
        ),
        Column("route_score", "DOUBLE", "What this route's best evidence is worth."),
        Column("requests", "INTEGER", "Requests that the whole site took."),
        Column(
            "whole",
            "BOOLEAN",
            "Whether the archive answered all that it was asked; if not, the next run asks again.",
        ),
        Column("run_id", "VARCHAR", "The run that found it."),
        Column("found_at", "TIMESTAMP", "When (UTC)."),
    ),
)
SEARCHES = Table(
    "searches",
    "Where the search for the versions of a policy stands (`select=versions`).",
    "(archive, domain, policy_url, since, until)",
    (
        *_POLICY,
        Column("since", "VARCHAR", "14 digits: the part searched; null for all of the history."),
        Column("until", "VARCHAR", "The same, for its end."),
        Column("run_id", "VARCHAR", "The last run that searched it."),
        Column("fetches", "INTEGER", "Captures fetched for it, failures included, in all runs."),
        Column(
            "changes",
            "INTEGER",
            "Changes found: in `changes` they are of the policy, which may have other addresses.",
        ),
        Column(
            "wide",
            "INTEGER",
            "Those whose bracket still holds captures: `budget`, `until_bracket`, or too many "
            "failures.",
        ),
        Column("variants", "INTEGER", "Groups of texts that alternate (by season, place, chance)."),
        Column("hits", "INTEGER", "Texts found between two captures of another text (A B A)."),
        Column(
            "missed",
            "DOUBLE",
            "Expected number of changes that hide between equal texts; what lies inside `wide` "
            "brackets is not counted.",
        ),
        Column(
            "passed_over",
            "INTEGER",
            "Captures before the first text and after the last (all, where there is no text) that "
            "were not asked for: those around them hold no policy, or the `budget` was spent.",
        ),
    ),
)
MALFORMED_ROWS = Table(
    "malformed_rows",
    "A row of an index that cannot be used, kept out of `captures`.",
    "(archive, domain, policy_url, row)",
    (
        *_POLICY,
        Column("row", "VARCHAR", "The row as JSON, at most 2,000 characters."),
        Column("reason", "VARCHAR", "What is wrong with it."),
    ),
)
RUNS = Table(
    "runs",
    "A run of the crawl; of `scrapy cluster crawl` the whole, and those of its shards.",
    "`run_id`",
    (
        Column(
            "run_id",
            "VARCHAR PRIMARY KEY",
            "Its start, UTC, with microseconds; of a shard with its number after it.",
        ),
        Column("started_at", "TIMESTAMP", "UTC."),
        Column("finished_at", "TIMESTAMP", "UTC; null if it was killed or still goes on."),
        Column("arguments", "JSON", "The spider's arguments as given."),
        Column(
            "counts",
            "JSON",
            "What it did: Scrapy's stats, such as requests and captures by outcome.",
        ),
        Column("versions", "JSON", "Versions of the tool, of Python and of the main libraries."),
    ),
)
OUTCOMES = Table(
    "outcomes",
    "A possible outcome of a capture: the closed list.",
    "`outcome`",
    (
        Column("outcome", "VARCHAR PRIMARY KEY", "As in `captures.outcome`."),
        Column("meaning", "VARCHAR", "In a sentence."),
    ),
)
ARCHIVES = Table(
    "archives",
    "An archive that a run has asked, or of which something was imported.",
    "`archive`",
    (
        _POLICY[0],
        Column("title", "VARCHAR", "What documents call it."),
        Column(
            "snapshots",
            "VARCHAR",
            "How the addresses of its captures begin, before timestamp and `id_/`; null where "
            "`captures.location` has them.",
        ),
    ),
)
READINGS = Table(
    "readings",
    "What a page was read as, so that a page equal to it but for scripts and comments is not read "
    "again.",
    "`tree`",
    (
        Column("tree", "VARCHAR", "A hash of what the text follows from: the page's visible tree."),
        Column("text_id", "VARCHAR", "Its text, in `texts`."),
    ),
)
MERGED = Table(
    "merged",
    "A shard of work done elsewhere that is in this corpus: written with its rows, so that none "
    "comes in twice.",
    "`shard`",
    (
        Column("shard", "VARCHAR PRIMARY KEY", "Its name: what it was made of, and by what."),
        Column("merged_at", "TIMESTAMP", "When it came in (UTC)."),
    ),
)
CORPUS = Table(
    "corpus",
    "One row: what this file is.",
    "none",
    (
        Column("format", "INTEGER", "Version of these tables."),
        Column("reader", "VARCHAR", "What made its texts: extractors with versions, and rules."),
    ),
)
POLICIES = Table(
    "policies",
    "A dated version (a view): a longest run of captures of one policy, in one language, with the "
    "same text.",
    "(archive, domain, policy_id, timestamp, snapshot_url)",
    (
        _POLICY[1],
        Column(
            "policy_url",
            "VARCHAR",
            "The address of the domain list that the capture was listed for; it may have led "
            "elsewhere.",
        ),
        Column(
            "timestamp",
            "VARCHAR",
            "14 digits, UTC: the first capture with this text. "
            "Two captures of one second (over http and https) can differ; `snapshot_url` tells.",
        ),
        Column("archived_on", "DATE", "The day of `timestamp`."),
        Column("snapshot_url", "VARCHAR", "That capture at its archive, original bytes."),
        Column("title", "VARCHAR", "The page's title."),
        Column("markdown", "VARCHAR", "The whole document: header, title, body."),
        Column("text", "VARCHAR", "The text without header, title and markup."),
        Column("words", "INTEGER", "Words of `text`."),
        Column("first_seen", "TIMESTAMP", "`timestamp`, parsed (UTC)."),
        Column("last_seen", "TIMESTAMP", "The last capture known with this text (UTC)."),
        Column(
            "captures",
            "INTEGER",
            "How many captures are known to have the text; those between them that were not "
            "fetched are not counted.",
        ),
        Column("text_id", "VARCHAR", _TEXT_ID),
        _POLICY[0],
        Column(
            "language",
            "VARCHAR",
            "ISO 639-1; where it is unsure that of most of the policy's texts; null if all are.",
        ),
        Column("stated_date", "DATE", "The date that the policy states of itself, or null."),
        Column(
            "changed_after",
            "TIMESTAMP",
            "The last capture known with the text before it (UTC): the version began after this, "
            "and not later than `changed_before`; null for the first version.",
        ),
        Column(
            "changed_before",
            "TIMESTAMP",
            "The first capture with this text, `first_seen`; null for the first version.",
        ),
        _POLICY_ID,
        Column("returned", "BOOLEAN", "Whether the text has stood before, with another between."),
        Column(
            "variant",
            "BOOLEAN",
            "Whether it is another turn of a text that alternates with the one before (by season, "
            "by place, by chance): no change of the policy.",
        ),
    ),
)
LINEAGE = Table(
    "lineage",
    "Which policy an address belongs to, for sites of which several addresses had texts.",
    "(archive, domain, policy_url)",
    (
        *_POLICY,
        Column("policy_id", "VARCHAR", "The policy: its first address."),
        Column("evidence", "VARCHAR", "Why it belongs there, see above; null for the first."),
        Column("beside", "VARCHAR", "The address that it was found to belong with."),
        Column(
            "until",
            "VARCHAR",
            "14 digits: when a later address of the policy began. After that, captures of this one "
            "with a text that it had before are no part of the history; null if it went on.",
        ),
    ),
)
VARIANTS = Table(
    "variants",
    "A text of a policy that takes turns with others of it (by season, by place, by chance).",
    "(archive, domain, policy_id, fingerprint)",
    (
        *_POLICY[:2],
        Column("policy_id", "VARCHAR", "The policy: its first address."),
        Column("fingerprint", "VARCHAR", "The text, as in `texts`."),
        Column("alternates", "VARCHAR", "The same for texts that take turns: their least one."),
    ),
)
TEXT_CLUSTERS = Table(
    "text_clusters",
    "A text among those that are nearly the same, of whatever site; made by `scrapy clusters`.",
    "`text_id`",
    (
        Column("cluster", "VARCHAR", "The cluster: the `text_id` of its first text."),
        Column("text_id", "VARCHAR PRIMARY KEY", "The text, in `texts`."),
        Column(
            "similarity",
            "DOUBLE",
            "Likeness to that first text, 0 to 1: Jaccard of word 5-grams, estimated by MinHash.",
        ),
    ),
)
TEXT_CHANGES = Table(
    "text_changes",
    "Two texts that followed one another, compared.",
    "(from_text_id, to_text_id)",
    (
        Column("from_text_id", "VARCHAR", "The earlier text."),
        Column("to_text_id", "VARCHAR", "The later text."),
        Column("words_added", "INTEGER", "Words that only the later has, in place."),
        Column("words_removed", "INTEGER", "Words that only the earlier has, in place."),
        Column("similarity", "DOUBLE", "0 to 1: Indel similarity of the word sequences."),
        Column("kind", "VARCHAR", "The kind of change; see above."),
    ),
)
CHANGES = Table(
    "changes",
    "A change of a policy (a view): one version and the next; the turns of variants are none.",
    "(archive, domain, policy_id, changed_before, to_text_id)",
    (
        *_POLICY[1:],
        Column("from_text_id", "VARCHAR", "The text before."),
        Column("to_text_id", "VARCHAR", "The text after."),
        Column("changed_after", "TIMESTAMP", "The last capture known with the old text (UTC)."),
        Column("changed_before", "TIMESTAMP", "The first with the new one (UTC)."),
        Column("days", "DOUBLE", "Width of this bracket."),
        *TEXT_CHANGES.columns[2:],
        Column("stated_date", "DATE", "The date that the new text states of itself, or null."),
        Column(
            "backdated",
            "BOOLEAN",
            "Whether the new text states a new date that lies more than a day before "
            "`changed_after`; null if it states none. A text that has returned is not back-dated.",
        ),
        Column(
            "silent",
            "BOOLEAN",
            "Whether the text changed in substance and the date it states did not move; null if "
            "one of the two states none.",
        ),
        _POLICY[0],
        _POLICY_ID,
        Column("language", "VARCHAR", "As in `policies`."),
        Column("returned", "BOOLEAN", "Whether the new text has stood before: a change undone."),
        Column(
            "unseen",
            "BIGINT",
            "Captures of the address inside the bracket that nobody has looked at: 0 where the "
            "bracket is final; else there may be several changes in it.",
        ),
    ),
)

COVERAGE = Table(
    "coverage",
    "A year of a policy (a view), from the first with a capture to the last (if a listing broke "
    "off, to that of the listing), or one row without a year for a policy without captures.",
    "(archive, domain, policy_url, year)",
    (
        *_POLICY[1:],
        Column("year", "INTEGER", "Of the captures; null if there are none."),
        _POLICY[0],
        Column(
            "listing",
            "VARCHAR",
            "How the last listing ended that was asked for all of the year, as in `listings`; "
            "`partial` if none was; null if the policy has only been imported.",
        ),
        Column(
            "malformed",
            "BIGINT",
            "Rows of the policy's index, of whatever year, that could not be used; see "
            "`malformed_rows`.",
        ),
        Column("captures", "BIGINT", "Captures known."),
        Column("chosen", "BIGINT", "Those that were to be fetched."),
        Column("fetched", "BIGINT", "Those that were."),
        Column("texts", "BIGINT", "Those that have a text."),
        Column("doubtful", "BIGINT", "Those whose text is doubtful; see `texts.doubtful`."),
        *(Column(o.value, "BIGINT", f"Those with the outcome `{o}`.") for o in Outcome),
    ),
)

_STANDING = tuple(
    column
    for column in POLICIES.columns
    if column.name
    not in ("archived_on", "markdown", "stated_date", "changed_after", "changed_before")
    and column.name not in ("returned", "variant")
)
CURRENT_POLICIES = Table(
    "current_policies",
    "The last version known of a policy in a language (a view).",
    "(archive, domain, policy_id, language)",
    _STANDING,
)
POLICIES_BY_YEAR = Table(
    "policies_by_year",
    "The version of a policy, in a language, that stood at the end of a year (a view): of each "
    "year from the first capture with a text to the last.",
    "(archive, domain, policy_id, language, year)",
    (
        Column("year", "BIGINT", "UTC."),
        *_STANDING,
        Column(
            "carried",
            "BOOLEAN",
            "Whether no capture of the year is known to have the text: it stands because it was "
            "there before, and the next one is seen later.",
        ),
    ),
)
VIEWS = POLICIES, CHANGES, CURRENT_POLICIES, POLICIES_BY_YEAR, COVERAGE

TABLES = (
    CAPTURES,
    TEXTS,
    TEXT_CHANGES,
    LINEAGE,
    VARIANTS,
    TEXT_CLUSTERS,
    ADDRESSES,
    LISTINGS,
    SEARCHES,
    MALFORMED_ROWS,
    RUNS,
    REEXTRACTED,
    OUTCOMES,
    ARCHIVES,
    READINGS,
    MERGED,
    CORPUS,
)


def create_statement(table: Table) -> str:
    """Return the statement that makes a table."""
    return f"CREATE TABLE IF NOT EXISTS {table.name} ({definitions(table)})"


def definitions(table: Table) -> str:
    """Return the columns of a table with their types, as a statement that makes one has them."""
    return ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
