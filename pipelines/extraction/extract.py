"""Step 6: a page into text. Runs in a worker process; needs nothing of Scrapy."""

import re
from collections.abc import Collection
from dataclasses import replace
from hashlib import blake2b
from typing import NamedTuple

from lxml.etree import _Element, tostring
from resiliparse.parse.encoding import detect_encoding
from selectolax.lexbor import LexborHTMLParser
from w3lib.encoding import html_body_declared_encoding, html_to_unicode, http_content_type_encoding

from crawler.records import Extracted
from pipelines.extraction import audit, dom
from pipelines.extraction.choose import choose
from pipelines.extraction.dialect import to_markdown
from pipelines.extraction.embedded import embedded_text
from pipelines.extraction.links import base_of, canonical_of
from pipelines.extraction.panels import open_panels
from pipelines.extraction.section import keep_policy
from pipelines.extraction.title import article_title, page_title

SHELL = 120  # words; a page that shows fewer may have its text in a script

_HIGH = bytes(range(128, 256))
_MOSTLY_HIGH = 0.4  # of the letters; in European languages with Latin letters few are

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ALLOWED = re.compile("[\t\n\r -\ufffd\U00010000-\U0010ffff]*")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));?", re.IGNORECASE)


class Page(NamedTuple):
    """What was made of a page; see `crawler.records.Reading`."""

    made: Extracted | None
    tree: str | None
    canonical: str | None


def extract(page: bytes, content_type: str | None, url: str) -> Extracted | None:
    """Return the main text of an HTML page as Markdown; None if there is none.

    `content_type` is the site's own header; `url`, the page's original address, resolves relative
    links. Raises errors.TooLarge.
    """
    return extract_new(page, content_type, url, frozenset()).made


def extract_new(page: bytes, content_type: str | None, url: str, known: Collection[str]) -> Page:
    """Extract a page as `extract` does, unless its text follows from a tree that is `known`."""
    html = decode(page, content_type)
    body, parsed = dom.build(html)
    title, base = page_title(parsed, body), base_of(parsed, url)
    canonical = canonical_of(parsed, base)
    hidden = embedded_text(parsed) if len(dom.raw_text(body).split(None, SHELL)) < SHELL else None
    if hidden is not None:
        body, tree, notes = hidden, None, {"embedded": 1}
    else:
        tree, notes = _identity(body, title, article_title(parsed, body), base), {}
        if tree in known:
            return Page(None, tree, canonical)
    made, of_source = _read(body, parsed, title, base, html, notes)
    return Page(made and replace(made, canonical=canonical), None if of_source else tree, canonical)


def _identity(body: _Element, *names: str) -> str:
    """Return what a text follows from: captures often differ in scripts and comments alone."""
    tree = re.sub(rb'<t- n="\d+"', b"<t-", tostring(body))
    parts = [tree, *(name.encode() for name in names)]
    return blake2b(b"\0".join(parts), digest_size=16).hexdigest()


def _read(
    body: _Element,
    parsed: LexborHTMLParser,
    title: str,
    base: str,
    html: str,
    notes: dict[str, int],
) -> tuple[Extracted | None, bool]:
    """Return the text, and whether it may depend on more than the page's tree."""
    notes["panels_opened"] = open_panels(body)
    notes["section"] = int(keep_policy(body, title))
    choice = choose(body, article_title(parsed, body), html)
    markdown = to_markdown(choice.tree, base)
    if not markdown.strip():
        return None, choice.of_source
    figures = audit.to_json(choice.audit, **{name: n for name, n in notes.items() if n})
    extractor = " + ".join(choice.extractors)
    made = Extracted(title, markdown, extractor, choice.audit.kept, figures)
    return made, choice.of_source


def decode(page: bytes, content_type: str | None) -> str:
    """Decode a page in the order that browsers use: BOM, HTTP header, meta, sniffing.

    But a header that says Latin-1, as servers do by default, does not outdo a meta that says UTF-8
    if the page is in it.
    What cannot be decoded becomes U+FFFD; characters that no store or XML can hold are taken out.
    """
    in_header = http_content_type_encoding(content_type)
    in_meta = html_body_declared_encoding(page) or ""
    if not in_header and in_meta.startswith("utf-16"):  # a page whose meta can be read is not in it
        content_type = "text/html; charset=utf-8"
    if in_header == "cp1252" and in_meta == "utf-8" and _is_utf_8(page):
        content_type = "text/html; charset=utf-8"
    _, html = html_to_unicode(content_type, page, auto_detect_fun=_sniff, default_encoding="cp1252")
    # a form feed is white space to browsers, and nothing that XML can hold
    html = _REFERENCE.sub(_without_forbidden, html).replace("\f", " ")
    return html if _ALLOWED.fullmatch(html) else _FORBIDDEN.sub("", html)  # twice as fast


def _sniff(page: bytes) -> str:
    """UTF-8 if it decodes; else, if most letters are none of ASCII, what a detector says; else what
    browsers take an undeclared page for."""
    if _is_utf_8(page):
        return "utf-8"
    text = re.sub(rb"<[^>]{0,2000}>", b" ", page[:100_000])
    high = len(text) - len(text.translate(None, _HIGH))
    if high < _MOSTLY_HIGH * len(re.findall(rb"[a-zA-Z\x80-\xff]", text)):
        return "cp1252"
    return str(detect_encoding(page[:100_000], html5_compatible=True) or "cp1252")


def _is_utf_8(page: bytes) -> bool:
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _without_forbidden(reference: re.Match[str]) -> str:
    """Take out a numeric reference to a character that XML cannot hold; lxml refuses its text."""
    digits = (reference[1] or reference[2]).lstrip("0")[:8]
    code = int(digits or "0", 16 if reference[1] else 10)
    if code == 0x0C:
        return " "
    return "" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else reference[0]
