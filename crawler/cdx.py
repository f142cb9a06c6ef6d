"""Step 3: what an archive's index says, into captures. Pure: no requests are made here.

Queries and rows go through waybackpy; its own HTTP is not used, so that throttle and retries see
every request.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from waybackpy import WaybackMachineCDXServerAPI
from waybackpy.cdx_snapshot import CDXSnapshot
from waybackpy.cdx_utils import full_url

from crawler import timestamps
from crawler.errors import NotAnIndexReply
from crawler.records import Capture, IndexPage, MalformedRow, Target
from crawler.urlkeys import site_range

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
LOCATION = re.compile(r"([\w./=-]+) (\d{1,18}) ([1-9]\d{0,11})", re.ASCII)
_ROW_LIMIT = 2000


def query_url(
    endpoint: str, policy_url: str, since: str | None, until: str | None, extra: Mapping[str, str]
) -> str:
    """Return the address of an index query for an address, exactly if `extra` does not say more."""
    query = WaybackMachineCDXServerAPI(
        policy_url.replace("*", "%2A"),  # a star would ask for a prefix
        start_timestamp=since,
        end_timestamp=until,
        gzip="true",
    )
    payload: dict[str, str] = {}
    query.add_payload(payload)
    return full_url(endpoint, {**payload, **extra})


def of_site(domain: str) -> dict[str, str]:
    """Return what asks, beside the address of a site's home, for the range of `site_range`."""
    return {"matchType": "domain" if site_range(domain)[1].endswith("-") else "host"}


def rows_asked_for(url: str) -> int:
    """Return for how many rows at most an index query asks; 0 if it does not say.

    What an archive is asked for now may be more or less than it was then.
    """
    limit = parse_qs(urlsplit(url).query).get("limit", ["0"])[0]
    return int(limit) if limit.isdecimal() else 0


def read_json_page(body: bytes, target: Target) -> IndexPage:
    """Read a page in the Wayback Machine's JSON: a header row, rows, then `[]` and a resume key.

    Raises NotAnIndexReply for anything that is not a whole JSON array (an HTML notice, a page cut
    short, nothing at all), because half a page must never pass for the end of a list.
    """
    rows = _load(body)
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise NotAnIndexReply(f"not an array of rows: {body[:80]!r}")
    resume_key = None
    if len(rows) >= 2 and rows[-2] == [] and len(rows[-1]) == 1:
        resume_key = str(rows[-1][0])
        rows = rows[:-2]
    if not rows:
        return IndexPage([], [], resume_key)
    header = rows[0]
    if not set(FIELDS) <= set(map(str, header)):
        raise NotAnIndexReply(f"no header row: {str(header)[:80]}")
    named = (dict(zip(map(str, header), row, strict=False)) for row in rows[1:])
    return _page(named, target, resume_key)


def read_ndjson_page(
    body: bytes, target: Target, page_size: int, *, located: bool = False
) -> IndexPage:
    """Read a page in pywb's dialect: a JSON object a line, with other field names.

    Rows that pywb found by fuzzy matching belong to other addresses and are left out. A page of
    `page_size` rows, whatever they are worth, has a next one: its key is their last timestamp;
    with 0 all rows come in one page. With `located`, a row must say in which WARC file it is.
    Raises NotAnIndexReply as `read_json_page` does.
    """
    names = {"url": "original", "mime": "mimetype", "status": "statuscode"}
    rows = [_load(line) for line in body.splitlines() if line.strip()]
    if not all(isinstance(row, dict) for row in rows):
        raise NotAnIndexReply(f"not JSON objects: {body[:80]!r}")
    if rows and "urlkey" not in rows[0]:
        raise NotAnIndexReply(f"no index rows: {body[:80]!r}")
    named = (
        {names.get(name, name): value for name, value in row.items()}
        for row in rows
        if str(row.get("is_fuzzy", "")) not in ("1", "true", "True")
    )
    stamps = [str(row.get("timestamp")) for row in rows]
    resume_key = _last(stamps, body) if page_size and len(rows) >= page_size else None
    return _page(named, target, resume_key, located=located)


def read_text_page(body: bytes, target: Target, page_size: int) -> IndexPage:
    """Read a page of an older Wayback Machine: FIELDS, separated by spaces, a row a line.

    Pages follow one another as in `read_ndjson_page`. Raises NotAnIndexReply as `read_json_page`
    does; but a page of no rows is empty, so the caller must know an empty reply to be one.
    """
    lines = body.decode("utf-8", "surrogateescape").split("\n")
    rows = [line.strip("\r").split(" ") for line in lines if line.strip()]
    stamps = [row[1] for row in rows if len(row) > 1 and re.fullmatch("[0-9]{4,18}", row[1])]
    if rows and not stamps:
        raise NotAnIndexReply(f"no index rows: {body[:80]!r}")
    if rows and len(rows[-1]) < len(FIELDS) and not body.endswith(b"\n"):
        raise NotAnIndexReply(f"cut short: {body[-80:]!r}")
    resume_key = _last(stamps, body) if len(rows) >= page_size else None
    named = (
        dict(zip(FIELDS, row, strict=True)) if len(row) == len(FIELDS) else {"": " ".join(row)}
        for row in rows
    )
    return _page(named, target, resume_key)


def _last(stamps: Iterable[str], body: bytes) -> str:
    """Return the last timestamp of a full page, at which the next one starts."""
    last = max(filter(re.compile(r"[0-9]{14}").fullmatch, stamps), default=None)
    if last is None:
        raise NotAnIndexReply(f"a full page without a timestamp: {body[:80]!r}")
    return last


def _load(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAnIndexReply(f"not JSON ({error}): {text[:80]!r}") from None


def _page(
    rows: Iterable[Mapping[str, Any]],
    target: Target,
    resume_key: str | None,
    *,
    located: bool = False,
) -> IndexPage:
    captures: dict[Any, Capture] = {}
    malformed: list[MalformedRow] = []
    for row in rows:
        try:
            capture = capture_of(row, target, located=located)
        except ValueError as error:
            text = json.dumps(list(row.values()))[:_ROW_LIMIT]
            malformed.append(MalformedRow(text, str(error)[:200]))
        else:
            captures.setdefault(capture.capture_id, capture)
    return IndexPage(list(captures.values()), malformed, resume_key)


def capture_of(row: Mapping[str, Any], target: Target, *, located: bool = False) -> Capture:
    """Make a capture of one row; ValueError says why it is malformed."""
    properties = dict(_cells(row))
    timestamps.parse(properties["timestamp"])
    snapshot = CDXSnapshot(properties)
    if not re.match(r"https?://[^/\s]", snapshot.original, re.IGNORECASE):
        raise ValueError("original is not an http address")
    if target.policy_url is None:
        raise ValueError("row without a policy address")
    return Capture(
        archive=target.archive,
        domain=target.domain,
        policy_url=target.policy_url,
        urlkey=snapshot.urlkey,
        timestamp=snapshot.timestamp,
        original=snapshot.original,
        mimetype=snapshot.mimetype,
        statuscode=_number(snapshot.statuscode, digits=3),
        digest=None if snapshot.digest == "-" else snapshot.digest.removeprefix("sha1:"),
        length=_number(snapshot.length, digits=18),
        location=_location(row) if located else None,
    )


def _location(row: Mapping[str, Any]) -> str:
    """Return where a row says its record is: WARC file, offset, length; ValueError if nowhere."""
    place = " ".join(str(row.get(name)) for name in ("filename", "offset", "length"))
    if not LOCATION.fullmatch(place):
        raise ValueError("the row does not say where the record is")
    return place


def _cells(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in FIELDS:
        cell = row.get(name)
        text = "-" if cell is None or cell == "" else str(cell)
        text.encode()  # a lone surrogate is a ValueError, too
        if text == "-" and name in ("urlkey", "timestamp", "original"):
            raise ValueError(f"no {name}")
        yield name, text


def _number(text: str, digits: int) -> int | None:
    if text == "-":
        return None
    if not re.fullmatch(rf"\d{{1,{digits}}}", text, re.ASCII):
        raise ValueError(f"not a number: {text[:40]!r}")
    return int(text)
