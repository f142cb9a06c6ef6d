"""A document as this tool and the reference corpus write it, with its table of captures. Pure."""

import csv
import io
import re
from dataclasses import replace
from urllib.parse import unquote

from crawler import cdx, settings, timestamps
from crawler.archives.base import WAYBACK_SNAPSHOTS
from crawler.archives.pywb import NAMED
from crawler.domains import parse_domain
from crawler.outcomes import Outcome
from crawler.records import Capture, Extracted
from crawler.urlkeys import urlkey
from pipelines.exports.git import CAPTURE_COLUMNS
from pipelines.imports.found import Imported, Seen
from pipelines.manifest import HEADER

LARGEST = 10_000_000  # bytes of a file
_LONGEST_HEADER = 10_000
ARCHIVES = {  # by what documents call them
    "the Wayback Machine": "wayback",
    "Arquivo.pt": "arquivo",
    "the UK Web Archive": "ukwa",
    "Common Crawl": "commoncrawl",
    "Open Terms Archive": "ota",
}
# how the addresses of snapshots begin, by archive; None: each capture says where it is
_SNAPSHOTS = {
    **dict.fromkeys(("wayback", "warc"), WAYBACK_SNAPSHOTS),
    **{name: replay for name, (_, replay) in NAMED.items()},
    **dict.fromkeys(("commoncrawl", "ota")),
}
_COLLECTION = re.compile(r"archive-it:(all|[1-9]\d{0,9})", re.ASCII)
# printable ASCII without spaces, quotes and angle brackets
_LEADS = re.compile(r"https?://[!#-&(-;=?-~]{1,4000}")
_SNAPSHOT = re.compile(r"https?://[!#-;=?-~]{1,4000}")  # what a page is called may have a '
_ADDRESS = re.compile(r"https?://[^/].{0,4000}", re.IGNORECASE)
_ARCHIVE = re.compile(r"[a-z-]{1,40}(:.{1,400})?|https?://.{1,400}")


def read_document(name: str, content: bytes, extractor: str, table: bytes | None) -> Imported:
    """Return the text of a document and its captures; ValueError says what is wrong.

    `table` is the CSV beside it, which has all captures known of the policy's texts; without one,
    the capture that the header names is the only one.
    """
    text = _decoded(content)
    match = HEADER.match(text, 0, _LONGEST_HEADER)
    if match is None:
        raise ValueError("does not begin with the header of a document")
    rest = text[match.end() :]
    if rest.startswith("\r\n"):
        rest = rest.replace("\r\n", "\n")
    extracted = Extracted(*_parts(rest), extractor)
    title = match["archive"]
    if not title.isprintable():
        raise ValueError("its archive's name is not printable")
    if table is not None:
        extracted, captures = _read_table(_decoded(table), extracted)
    else:
        captures = (_capture(match),)
    snapshots = _snapshots(captures[0].capture, match["snapshots"])
    return Imported(name, extracted, captures, title, snapshots)


def seen(archive: str, domain: str, timestamp: str, original: str, policy_url: str = "") -> Seen:
    """Return a capture of which nothing else is known; ValueError if it can be none."""
    if parse_domain(domain) != domain:
        raise ValueError(f"{domain!r} is not a domain name")
    timestamps.parse(timestamp)
    for address in (original, policy_url or original):
        if not (_ADDRESS.fullmatch(address) and address.isprintable()):
            raise ValueError(f"{address[:100]!r} is not an address")
    if not _ARCHIVE.fullmatch(archive) or not archive.isprintable():
        raise ValueError(f"{archive[:100]!r} is not an archive")
    key = urlkey(original)
    capture = Capture(archive, domain, policy_url, key, timestamp, original, "-", None, None, None)
    return Seen(capture, timestamp, original)


def _snapshots(capture: Capture, said: str) -> str | None:
    """Return how the addresses of an archive's snapshots begin; ValueError if they cannot.

    What the document says counts only for an archive that the crawl does not know by its name.
    """
    if capture.archive in _SNAPSHOTS:
        return _SNAPSHOTS[capture.archive]
    if collection := _COLLECTION.fullmatch(capture.archive):
        return f"{settings.ARCHIVE_IT_URL}/{collection[1]}/"
    if capture.location is not None or capture.archive.startswith("timemap:"):
        return None
    if not _LEADS.fullmatch(said):
        raise ValueError("does not lead to an address of the web")
    return said


def _check_location(archive: str, location: str) -> None:
    """ValueError for what no crawl and no import writes as the place of a capture."""
    is_record = archive == "commoncrawl" and cdx.LOCATION.fullmatch(location)
    is_address = archive in ("commoncrawl", "ota") or archive.startswith("timemap:")
    if not is_record and not (is_address and _SNAPSHOT.fullmatch(location)):
        raise ValueError("a location where no capture can be")


def _capture(match: re.Match[str]) -> Seen:
    """Return the capture that a header names."""
    archive = ARCHIVES.get(match["archive"])
    if archive is None:
        raise ValueError(f"is from {match['archive'][:100]}, which is no archive known here")
    original = match["original"]
    if re.match(r"https?%3a", original, re.IGNORECASE):
        original = unquote(original)
    found = seen(archive, match["domain"], match["timestamp"], original)
    if archive in ("ota", "commoncrawl"):  # the address leads where nothing else does
        _check_location(archive, match["url"])
        where = replace(found.capture, location=match["url"])
        return replace(found, capture=where)
    return found


def _parts(rest: str) -> tuple[str, str]:
    """Return title and body of a document, exactly as they were put in."""
    if rest.startswith("\n\n# "):
        title, _, body = rest.removeprefix("\n\n# ").partition("\n\n")
        body = body.removesuffix("\n")
    else:
        title, body = "(untitled)", rest.strip("\n")
    if not body.strip():
        raise ValueError("holds no text")
    return title, body


def _read_table(text: str, extracted: Extracted) -> tuple[Extracted, tuple[Seen, ...]]:
    """Return the captures of a table that have this text, and the text with what it says of it."""
    rows = csv.DictReader(io.StringIO(text), strict=True)
    if missing := set(CAPTURE_COLUMNS) - set(rows.fieldnames or ()):
        raise ValueError(f"its table has no column {min(missing)}")
    text_id = extracted.text_id
    try:
        ours = [row for row in rows if row["text_id"] == text_id]
        captures = tuple(map(_row, ours))
        if not captures:
            raise ValueError("no capture with this text")
        if len({one.capture.archive for one in captures}) > 1:
            raise ValueError("captures of several archives")
        kept = float(ours[0]["kept"])
        if not 0 <= kept <= 1:
            raise ValueError(f"kept={kept}")
    except (csv.Error, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"its table: {error}") from None
    return replace(extracted, extractor=ours[0]["extractor"][:300], kept=kept), captures


def _row(row: dict[str, str]) -> Seen:
    """Return a row of a table; an empty cell is null. ValueError if it cannot be used."""
    cell = {name: row[name] or None for name in CAPTURE_COLUMNS}
    given = [row[n] for n in ("archive", "domain", "timestamp", "original", "policy_url")]
    if not given[-1]:
        raise ValueError("a capture without policy_url")
    capture = replace(
        seen(*given).capture,
        urlkey=row["urlkey"],
        mimetype=row["mimetype"],
        statuscode=_number(cell["statuscode"]),
        digest=cell["digest"],
        length=_number(cell["length"]),
        location=cell["location"],
    )
    if capture.location is not None:
        _check_location(capture.archive, capture.location)
    outcome = Outcome(row["outcome"])
    if outcome not in (Outcome.TEXT, Outcome.SAME_DIGEST):
        raise ValueError(f"a text with the outcome {outcome}")
    if outcome is Outcome.TEXT or cell["served_timestamp"]:
        seen(given[0], given[1], row["served_timestamp"], row["served_url"])
    return Seen(
        capture,
        cell["served_timestamp"],
        cell["served_url"],
        outcome,
        cell["detail"],
        cell["canonical_url"],
    )


def _number(cell: str | None) -> int | None:
    if cell is None:
        return None
    number = int(cell)
    if not 0 <= number < 2**31:
        raise ValueError(f"{number} is too large")
    return number


def _decoded(content: bytes) -> str:
    if len(content) > LARGEST:
        raise ValueError(f"is larger than {LARGEST:,} bytes")
    if b"\0" in content:
        raise ValueError("holds a NUL")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
