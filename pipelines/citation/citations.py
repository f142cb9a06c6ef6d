"""Citations of archived documents for reference managers: BibTeX and CSL-JSON. Pure.

What is cited is a capture of a site's page: its author is the site, its date that of the capture.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from urllib.parse import quote

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field
from pylatexenc.latexencode import (
    RULE_DICT,
    UnicodeToLatexConversionRule,
    UnicodeToLatexEncoder,
)

from crawler import timestamps
from pipelines.citation.citing import moment
from pipelines.citation.sightings import Sighting
from pipelines.inert import printable

_BRACES = {ord("{"): r"\textbraceleft{}", ord("}"): r"\textbraceright{}"}
_LATEX = UnicodeToLatexEncoder(
    # BibTeX counts braces, escaped or not
    conversion_rules=[UnicodeToLatexConversionRule(RULE_DICT, _BRACES), "defaults"],
    unknown_char_policy="keep",
    unknown_char_warning=False,
)


def bibtex(domain: str, quoted: Iterable[tuple[Sighting, str]]) -> str:
    """Return an `@online` entry, as biblatex has them, for each capture and the words quoted, if
    any."""
    return write_string(
        Library([_entry(name, domain, *cited) for name, cited in _named(domain, quoted)])
    )


def csl(domain: str, quoted: Iterable[tuple[Sighting, str]]) -> str:
    """Return CSL-JSON: an item of type `webpage` for each capture and the words quoted."""
    items = [_item(name, domain, *cited) for name, cited in _named(domain, quoted)]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def _named(
    domain: str, quoted: Iterable[tuple[Sighting, str]]
) -> Iterator[tuple[str, tuple[Sighting, str]]]:
    """Yield a name for each: site and time, numbered where two are of one second."""
    known: dict[str, int] = {}
    for cited in quoted:
        name = f"{re.sub('[^a-z0-9]+', '-', domain)}-{cited[0].timestamp}"
        known[name] = known.get(name, 0) + 1
        yield (name if known[name] == 1 else f"{name}-{known[name]}"), cited


def _entry(name: str, domain: str, cited: Sighting, words: str) -> Entry:
    made = timestamps.parse(cited.timestamp).date()
    fields = {
        "author": f"{{{_latex(domain)}}}",
        "title": f"{{{_latex(printable(cited.title))}}}",
        "date": made.isoformat(),
        "year": str(made.year),  # for styles older than biblatex
        "url": quote(cited.snapshot_url, safe="%/:?#[]@!$&'()*+,;=~"),
        "note": _latex(_note(cited, words)),
    }
    if cited.fetched_at:
        fields["urldate"] = cited.fetched_at.date().isoformat()
    return Entry("online", name, [Field(key, value) for key, value in fields.items()])


def _item(name: str, domain: str, cited: Sighting, words: str) -> dict[str, Any]:
    item = {
        "id": name,
        "type": "webpage",
        "author": [{"literal": domain}],
        "title": printable(cited.title),
        "container-title": domain,
        "issued": _date(timestamps.parse(cited.timestamp).date()),
        "URL": cited.snapshot_url,
        "archive": cited.read_in.removeprefix("the "),
        "archive_location": cited.snapshot_url,
        "note": _note(cited, words),
    }
    if cited.language:
        item["language"] = cited.language
    if cited.fetched_at:
        item["accessed"] = _date(cited.fetched_at.date())
    return item


def _note(cited: Sighting, words: str) -> str:
    local = cited.read_in != cited.place
    where = f"as read in {cited.read_in}," if local else f"as archived by {cited.place}"
    imported = f"; text imported ({printable(cited.source)})" if cited.source else ""
    quotation = f"; quoted: “{printable(words)}”" if words else ""
    return f"{cited.original}, {where} at {moment(cited)}{imported}{quotation}"


def _date(day: date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}


def _latex(text: str) -> str:
    latex: str = _LATEX.unicode_to_latex(text)
    return latex
